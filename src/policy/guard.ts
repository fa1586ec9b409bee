import { flag, knownMembers, members, oneLine, oneOf, padded, Refusal, refuse, wholeNumber } from "./refusal";
import type { Line } from "./render";
import type { ServiceName } from "./services";
import type { TlsVersion } from "./tls";

export const guardMembers = ["onlyIfQuietForDays", "whenRefused", "despiteEvidence"] as const;
export const floorGuardMembers = ["onlyIfUnusedForDays", "whenRefused", "despiteEvidence"] as const;

/** What a run does where evidence refuses a guarded change. */
export const WhenRefused = {
  /** It fails, and changes nothing. */
  Fail: "fail",
  /** It succeeds, changes nothing, and lists the change in the output `pending`. */
  Hold: "hold",
} as const;
export type WhenRefused = (typeof WhenRefused)[keyof typeof WhenRefused];

/** Whether a service or a TLS block asks for a guard. */
export function isGuarded(asked: unknown, guards: readonly string[]): boolean {
  return typeof asked === "object" && asked !== null && guards.some((name) => Reflect.get(asked, name) !== undefined);
}

/** The lines of a service that is closed only if evidence shows that nobody uses it. */
export function guardLines(name: ServiceName, asked: unknown): Line[] {
  const path = `services.${name.key}`;
  knownMembers(path, asked, ["enabled", ...guardMembers]);
  const given = Object.fromEntries(members(path, asked));
  const days = guardDays(path, given, "onlyIfQuietForDays");
  if (flag(`${path}.enabled`, given.enabled, true)) {
    throw new Refusal(`${path}.onlyIfQuietForDays`, "guards the closing of a service; give enabled: false as well");
  }
  if (name.port === undefined) {
    throw new Refusal(
      `${path}.onlyIfQuietForDays`,
      "needs a port that is known; name the service by it, such as 465/inet",
    );
  }
  return [
    { keyword: "guard", rest: `quiet ${name.port} ${days}` },
    { keyword: "service", rest: `${name.key} disable` },
    ...outcomeLines(path, given),
  ];
}

/** The lines that guard a block's floor; undefined where it has no guard. */
export function floorGuardLines(block: string, floor: TlsVersion, asked: unknown): Line[] | undefined {
  if (!isGuarded(asked, floorGuardMembers)) return undefined;
  const path = `tls.${block}`;
  const given = Object.fromEntries(members(path, asked));
  const days = guardDays(path, given, "onlyIfUnusedForDays");
  if (floor === "TLSv1") {
    throw new Refusal(`${path}.onlyIfUnusedForDays`, "guards the raising of a floor; give one above TLSv1 as well");
  }
  return [{ keyword: "guard", rest: `unused ${block} ${days}` }, ...outcomeLines(path, given)];
}

function guardDays(path: string, given: Record<string, unknown>, name: string): number {
  if (given[name] === undefined) {
    const odd = given.whenRefused === undefined ? "despiteEvidence" : "whenRefused";
    throw new Refusal(`${path}.${odd}`, `is for a guarded change; give ${name} as well`);
  }
  return wholeNumber(`${path}.${name}`, given[name], 1, 3650);
}

function outcomeLines(path: string, given: Record<string, unknown>): Line[] {
  const lines: Line[] = [];
  if (oneOf(`${path}.whenRefused`, given.whenRefused ?? WhenRefused.Fail, WhenRefused) === WhenRefused.Hold) {
    lines.push({ keyword: "refused", rest: WhenRefused.Hold });
  }
  if (given.despiteEvidence !== undefined) {
    lines.push({ keyword: "despite", rest: reason(`${path}.despiteEvidence`, given.despiteEvidence) });
  }
  return lines;
}

function reason(argument: string, value: unknown): string {
  const text = oneLine(argument, value);
  if (text === "" || padded(text)) refuse(argument, text, "say why, without outer blanks");
  return text;
}

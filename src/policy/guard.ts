import { flag, knownMembers, members, oneLine, oneOf, Refusal, refuse, wholeNumber } from "./refusal";
import type { Line } from "./render";
import type { ServiceName } from "./services";

export const guardMembers = ["onlyIfQuietForDays", "whenRefused", "despiteEvidence"] as const;

const outcomes = { Fail: "fail", Hold: "hold" } as const;

/** The lines of a service that is closed only if evidence shows that nobody uses it. */
export function guardLines(name: ServiceName, asked: unknown): Line[] {
  const path = `services.${name.key}`;
  knownMembers(path, asked, ["enabled", ...guardMembers]);
  const given = Object.fromEntries(members(path, asked));
  if (given.onlyIfQuietForDays === undefined) {
    const odd = given.whenRefused === undefined ? "despiteEvidence" : "whenRefused";
    throw new Refusal(`${path}.${odd}`, "is for a guarded change; give onlyIfQuietForDays as well");
  }
  const days = wholeNumber(`${path}.onlyIfQuietForDays`, given.onlyIfQuietForDays, 1, 3650);
  if (flag(`${path}.enabled`, given.enabled, true)) {
    throw new Refusal(`${path}.onlyIfQuietForDays`, "guards the closing of a service; give enabled: false as well");
  }
  if (name.port === undefined) {
    throw new Refusal(
      `${path}.onlyIfQuietForDays`,
      "needs a port that is known; name the service by it, such as 465/inet",
    );
  }
  const lines: Line[] = [
    { keyword: "guard", rest: `quiet ${name.port} ${days}` },
    { keyword: "service", rest: `${name.key} disable` },
  ];
  if (oneOf(`${path}.whenRefused`, given.whenRefused ?? outcomes.Fail, outcomes) === outcomes.Hold) {
    lines.push({ keyword: "refused", rest: outcomes.Hold });
  }
  if (given.despiteEvidence !== undefined) {
    lines.push({ keyword: "despite", rest: reason(`${path}.despiteEvidence`, given.despiteEvidence) });
  }
  return lines;
}

function reason(argument: string, value: unknown): string {
  const text = oneLine(argument, value);
  if (text === "" || text !== text.trim()) refuse(argument, text, "say why, without outer blanks");
  return text;
}

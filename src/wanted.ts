import * as pulumi from "@pulumi/pulumi";
import { naming } from "./errors";
import { checked, checkedInTheOpen, refuseOutputsWithin } from "./inputs";
import { formerOwner, ownerLines, ownerName } from "./owner";
import { guardLines, guardMembers, isGuarded } from "./policy/guard";
import { refuseManagedOptions, refuseManagedSettings } from "./policy/managed";
import { flag, knownMembers, list, members, oneLine, oneOf, Refusal, refuse, wholeNumber } from "./policy/refusal";
import type { Line } from "./policy/render";
import * as services from "./policy/services";
import * as settings from "./policy/settings";
import { floorLines, normalizeTls, type TlsBlock, tlsLines } from "./policy/tls";
import { Activation, argumentNames, OnDestroy, Overrides, type PostfixHardeningArgs } from "./postfixHardeningArgs";

const most = 1_000_000_000;

/** What a component wants of its host: every argument checked, every default filled in. */
export interface Wanted {
  owner: string;
  /** The policy's lines; those with a value that is not known yet come as outputs. */
  lines: pulumi.Input<Line>[];
  /** Lines of the secrets file, none where there are no secret settings. */
  secrets: pulumi.Input<string>[];
  repair: number;
  /** Changes that evidence must allow first, each a policy of its own. */
  guarded: Guarded[];
}

/** A guarded change: the service's key or the TLS block, and the lines of its policy. */
export interface Guarded {
  key: string;
  lines: Line[];
}

/** Checks all arguments but the connection, without touching any host. */
export function normalizeArgs(
  label: string,
  type: string,
  name: string,
  args: PostfixHardeningArgs,
  aliases: unknown,
): Wanted {
  return naming(label, () => {
    refuseWrongShape(args);
    const blocks = normalizeTls(args.tls);
    const repair = wholeNumber("repair", args.repair ?? 0, 0, most);
    const owners = ownerLines(type, name, aliases, list("formerly", args.formerly, formerOwner));
    const modes = modeLines(args, repair);
    return {
      owner: ownerName(type, name),
      repair,
      guarded: [...guardedServices(args.services), ...guardedFloors(blocks, modes)].map(({ key, lines }) => ({
        key,
        lines: [...guardOwners(owners, key), ...modes, ...lines],
      })),
      lines: [
        ...owners,
        ...modes,
        ...tlsLines(blocks),
        ...evidenceLines(args),
        ...settingsLines(label, args, blocks),
        ...servicesLines(label, args.services, blocks),
      ],
      secrets: secretsInput(label, args),
    };
  });
}

/**
 * Only values of settings and options may be outputs: the rest decides what a policy says, and a reviewer must see
 * it.
 */
function refuseWrongShape(args: PostfixHardeningArgs): void {
  knownMembers("", args, argumentNames);
  const { connection: _, settings: open, secretSettings: secret, services: byKey, ...plain } = args;
  for (const [name, value] of Object.entries(plain)) refuseOutputsWithin(name, value);
  for (const [name, value] of Object.entries({ settings: open, secretSettings: secret, services: byKey })) {
    if (pulumi.Output.isInstance(value))
      throw new Refusal(name, "is an output; use a plain object, whose values may be outputs");
  }
}

function modeLines(args: PostfixHardeningArgs, repair: number): Line[] {
  const lines: Line[] = [
    { keyword: "activate", rest: activationText(args) },
    { keyword: "destroy", rest: oneOf("onDestroy", args.onDestroy ?? OnDestroy.Keep, OnDestroy) },
  ];
  if (args.configDirectory !== undefined)
    lines.push({ keyword: "config", rest: directory("configDirectory", args.configDirectory) });
  for (const word of list("sharedWith", args.sharedWith, sharedWord)) lines.push({ keyword: "shared", rest: word });
  if (flag("allowWeaker", args.allowWeaker, false)) lines.push({ keyword: "allow", rest: "weaker" });
  if (oneOf("overrides", args.overrides ?? Overrides.Report, Overrides) === Overrides.Fix) {
    lines.push({ keyword: "override", rest: Overrides.Fix });
  }
  if (repair > 0) lines.push({ keyword: "repair", rest: String(repair) });
  return lines;
}

function activationText({ activation = Activation.Reload, drainSeconds }: PostfixHardeningArgs): string {
  const kind = oneOf("activation", activation, Activation);
  const seconds = wholeNumber("drainSeconds", drainSeconds ?? 60, 0, 3600);
  if (kind === Activation.Drain) return `${kind} ${seconds}`;
  if (drainSeconds !== undefined) {
    refuse("drainSeconds", drainSeconds, `it goes with activation drain alone, and activation is ${kind}`);
  }
  return kind;
}

function directory(argument: string, value: unknown): string {
  const path = oneLine(argument, value);
  if (!/^(\/[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*)+$/.test(path)) {
    refuse(argument, path, "use an absolute path of letters, digits and _ . @ + -, without a slash at the end");
  }
  return path;
}

function sharedWord(argument: string, value: unknown): string {
  const word = oneLine(argument, value);
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(word)) refuse(argument, word, "use a word of a header, such as ansible");
  return word;
}

function settingsLines(label: string, args: PostfixHardeningArgs, blocks: readonly TlsBlock[]): pulumi.Input<Line>[] {
  const places = {
    settings: settings.settingNames("settings", args.settings),
    unsetSettings: settings.unsetNames("unsetSettings", args.unsetSettings),
    secretSettings: settings.settingNames("secretSettings", args.secretSettings),
  };
  settings.refuseRepeated({ ...places, tlsEvidence: asksForEvidence(args) ? tlsLogging : [] });
  refuseManagedSettings(blocks, places);
  const values = args.settings ?? {};
  return [
    ...places.settings.map((name) =>
      checkedInTheOpen(label, `settings.${name}`, values[name], (value) => settings.settingLine(name, value)),
    ),
    ...settings.unsetLines(places.unsetSettings),
    ...settings.secretLines(places.secretSettings, revision(args)),
  ];
}

const tlsLogging = ["smtpd_tls_loglevel", "smtp_tls_loglevel", "lmtp_tls_loglevel"];

function asksForEvidence(args: PostfixHardeningArgs): boolean {
  return flag("tlsEvidence", args.tlsEvidence, false);
}

/** Postfix's lines of handshakes, and the timer that reads them. */
function evidenceLines(args: PostfixHardeningArgs): Line[] {
  if (!asksForEvidence(args)) return [];
  return [{ keyword: "evidence", rest: "tls" }, ...tlsLogging.map((name) => settings.settingLine(name, "1"))];
}

function revision(args: PostfixHardeningArgs): number {
  return wholeNumber("secretRevision", args.secretRevision ?? 1, 1, most);
}

function secretsInput(label: string, args: PostfixHardeningArgs): pulumi.Input<string>[] {
  const values = args.secretSettings ?? {};
  const number = revision(args);
  return settings
    .settingNames("secretSettings", args.secretSettings)
    .sort()
    .map((name) => checked(label, values[name], (value) => settings.secretLine(name, number, value)));
}

function servicesLines(
  label: string,
  asked: PostfixHardeningArgs["services"],
  blocks: readonly TlsBlock[],
): pulumi.Input<Line>[] {
  if (asked === undefined) return [];
  const named = members("services", asked).map(([key, service]) => ({ name: services.serviceName(key), service }));
  services.refuseSamePlace(named.map(({ name }) => name));
  return named
    .filter(({ service }) => !isGuarded(service, guardMembers))
    .flatMap(({ name, service }) => serviceLines(label, name, service, blocks));
}

function guardedServices(asked: PostfixHardeningArgs["services"]): Guarded[] {
  return Object.entries(asked ?? {})
    .filter(([, service]) => isGuarded(service, guardMembers))
    .map(([key, service]) => ({ key, lines: guardLines(services.serviceName(key), service) }));
}

function guardedFloors(blocks: readonly TlsBlock[], modes: readonly Line[]): Guarded[] {
  return blocks.flatMap((block) => {
    if (block.guard === undefined) return [];
    if (modes.some(({ keyword }) => keyword === "allow"))
      throw new Refusal(`tls.${block.block}.onlyIfUnusedForDays`, "does not go with allowWeaker; use one of the two");
    return [{ key: block.block, lines: [...block.guard, ...floorLines(block)] }];
  });
}

/** Guards and what they guard have owners of their own on the host, so that one that is refused holds nothing else up. */
function guardOwners(owners: readonly Line[], key: string): Line[] {
  return owners.map(({ keyword, rest }) => ({ keyword, rest: `${rest}-guarded-${key}` }));
}

function serviceLines(
  label: string,
  name: services.ServiceName,
  asked: unknown,
  blocks: readonly TlsBlock[],
): pulumi.Input<Line>[] {
  const path = `services.${name.key}`;
  const { options, ...plain } = Object.fromEntries(members(path, asked));
  knownMembers(path, asked, ["enabled", "options", "unsetOptions", "entry", ...guardMembers]);
  refuseOutputsWithin(path, plain);
  const { enabled, entry, unsetOptions } = plain;
  const values = options === undefined ? [] : members(`${path}.options`, options);
  const optionNames = values.map(([option]) => settings.parameter(`${path}.options.${option}`, option));
  const dropped = settings.unsetNames(`${path}.unsetOptions`, unsetOptions);
  services.refuseRepeatedOption(name, optionNames, dropped);
  refuseManagedOptions(blocks, name, { [`${path}.options`]: optionNames, [`${path}.unsetOptions`]: dropped });
  if (entry !== undefined) knownMembers(`${path}.entry`, entry, services.entryMemberNames);
  return [
    ...services.stateLines(name, enabled, entry, optionNames.length + dropped.length),
    ...services.dropLines(name, dropped),
    ...values.map(([option, value]) =>
      checkedInTheOpen(label, `${path}.options.${option}`, value, (known) => services.optionLine(name, option, known)),
    ),
  ];
}

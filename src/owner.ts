import * as pulumi from "@pulumi/pulumi";
import { MailhostError } from "./errors";
import { shortHash } from "./hash";
import { perRun } from "./perRun";
import { oneLine, Refusal, refuse, shown } from "./policy/refusal";
import type { Line } from "./policy/render";
import { qualifiedType } from "./qualifiedType";

/**
 * The name by which a host remembers who asked for what: `ORG/PROJECT/STACK/TYPE/NAME`. A name may hold slashes, the
 * rest may not.
 */
export function ownerName(type: string, name: string): string {
  return oneLine("the owner", [organization(), pulumi.getProject(), pulumi.getStack(), type, name].join("/"));
}

/** A program's own unit tests run without one unless `setMocks` was told; then it is that of a backend that has none. */
function organization(): string {
  try {
    return pulumi.getOrganization();
  } catch {
    return "organization";
  }
}

/** Stands for an owner in names of files on a host. */
export function ownerHash(owner: string): string {
  return shortHash(owner, 16);
}

const ownersOfRun = perRun(() => new Map<string, unknown>());

/**
 * Below parents of two types two components may have one name. On one host they would be one owner, and each would take back
 * what the other wants; so there they are refused.
 */
export function claimOwner(component: pulumi.Resource, owner: string, address: pulumi.Input<string>): void {
  const owners = ownersOfRun();
  const own = qualifiedType(component);
  const claim = (host: string): void => {
    const [, , , type, ...name] = owner.split("/");
    const problem = `${type?.split(":").at(-1)} ${JSON.stringify(name.join("/"))} is here twice, below two parents, and on the host they would be one; give one of them another name`;
    const first = owners.get(`${host} ${owner}`) ?? own;
    if (first !== own) throw new MailhostError(host, "", problem);
    owners.set(`${host} ${owner}`, own);
  };
  if (typeof address === "string") claim(address);
  else pulumi.output(address).apply(claim);
}

/** The owner, and the names that it had before, whose entries on the host it takes over. */
export function ownerLines(type: string, name: string, aliases: unknown, formerly: readonly string[]): Line[] {
  const owner = ownerName(type, name);
  const formers = [...aliasOwners(type, name, aliases), ...formerly].filter((former) => former !== owner);
  return [{ keyword: "owner", rest: owner }, ...formers.map((rest): Line => ({ keyword: "former", rest }))];
}

/**
 * Renamed from outside the program (`pulumi stack rename`, a backend with another organization) a component is another owner,
 * and what it changed on the host would for ever be that of the former one. `before` and `now` are policies as they were sent,
 * the component's own or that of a change beside it, whose owner has the component's name and more.
 */
export function refuseForgottenOwner(label: string, component: string, before: unknown, now: unknown): void {
  const [former] = ownersIn(before, "owner");
  const [owner, ...formers] = ownersIn(now, "owner|former");
  if (former === undefined || owner === undefined || [owner, ...formers].includes(former)) return;
  const more = owner.slice(component.length);
  const forgotten = former.endsWith(more) ? former.slice(0, former.length - more.length) : former;
  throw new MailhostError(
    label,
    "formerly",
    `is without ${JSON.stringify(forgotten)}, as this component was called at its last update; add it, and what was changed on the host stays its own`,
  );
}

function ownersIn(policy: unknown, keywords: string): string[] {
  if (typeof policy !== "string" || !policy.startsWith("policy ")) return [];
  return [...policy.matchAll(new RegExp(`^(?:${keywords}) +(.+)$`, "gm"))].flatMap(([, owner]) => owner ?? []);
}

export function formerOwner(argument: string, value: unknown): string {
  const owner = oneLine(argument, value);
  if (!/^[^/]+\/[^/]+\/[^/]+\/[^/]+\/.+$/.test(owner) || owner !== owner.trim()) {
    refuse(argument, owner, "use ORGANIZATION/PROJECT/STACK/TYPE/NAME");
  }
  return owner;
}

/** Owners that Pulumi's aliases stand for. One made of outputs cannot be read here, and `formerly` is for it. */
function aliasOwners(type: string, name: string, aliases: unknown): string[] {
  if (!Array.isArray(aliases)) return [];
  return aliases.flatMap((alias) => {
    const parts = typeof alias === "string" ? urnParts(alias) : aliasParts(alias, type, name);
    return parts === undefined ? [] : [oneLine("opts.aliases", [organization(), ...parts].join("/"))];
  });
}

function urnParts(urn: string): string[] | undefined {
  const found = /^urn:pulumi:(?<stack>.+?)::(?<project>.+?)::(?:.*\$)?(?<type>[^$]+?)::(?<name>.+)$/s.exec(urn)?.groups;
  if (found === undefined) throw new Refusal("opts.aliases", `has ${shown(urn)}, which is not a URN`);
  const { project, stack, type, name } = found;
  return [project, stack, type, name].map((part) => part ?? "");
}

function aliasParts(alias: unknown, type: string, name: string): string[] | undefined {
  if (typeof alias !== "object" || alias === null || pulumi.Output.isInstance(alias) || alias instanceof Promise)
    return undefined;
  const given = new Map<string, unknown>(Object.entries(alias));
  const parts = [
    given.get("project") ?? pulumi.getProject(),
    given.get("stack") ?? pulumi.getStack(),
    given.get("type") ?? type,
    given.get("name") ?? name,
  ];
  return parts.every((part) => typeof part === "string") ? parts : undefined;
}

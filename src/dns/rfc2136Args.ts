import * as pulumi from "@pulumi/pulumi";
import { type Host, hostLabel, normalizeConnection } from "../connection";
import type { Connection } from "../connectionArgs";
import { naming } from "../errors";
import { checked, refuseOutput, refuseOutputsWithin } from "../inputs";
import { TsigAlgorithm } from "../mailDnsArgs";
import { knownMembers, list, members, oneOf, Refusal, refuse, text, wholeNumber } from "../policy/refusal";
import { serverName, zoneName } from "./names";
import type { ReverseZone } from "./publisher";
import { refuseZonesTwice, reverseZone } from "./zones";

/** A key that signs updates: its name with the last dot, and where its secret is. */
export interface UpdateKey {
  name: string;
  algorithm: TsigAlgorithm;
  secret: pulumi.Output<string> | undefined;
  file: string | undefined;
}

/** A zone and how it is changed. */
export interface UpdateZone extends ReverseZone {
  server: string;
  port: number;
  key: UpdateKey | undefined;
}

interface Given {
  host: Host;
  forward: UpdateZone;
  reverse: UpdateZone[];
}

/** Checks the argument `rfc2136` without touching anything. */
export function readRfc2136(label: string, component: string, given: unknown, domain: string): Given {
  return naming(label, () => {
    refuseOutput("rfc2136", given);
    knownMembers("rfc2136", given, ["connection", "server", "port", "zone", "key", "reverseZones"]);
    const { connection, server, port, zone, key, reverseZones } = Object.fromEntries(members("rfc2136", given));
    refuseOutput("rfc2136.reverseZones", reverseZones);
    if (!isConnection(connection))
      throw new Refusal("rfc2136.connection", "is missing; say on which host nsupdate runs");
    const forward: UpdateZone = {
      zone: zone === undefined ? domain : zoneName("rfc2136.zone", plain("rfc2136.zone", zone)),
      network: "",
      server: serverName("rfc2136.server", plain("rfc2136.server", server ?? "127.0.0.1")),
      port: portNumber("rfc2136.port", port ?? 53),
      key: key === undefined ? undefined : updateKey(label, "rfc2136.key", key),
    };
    const reverse = list("rfc2136.reverseZones", reverseZones, (argument, one) =>
      reverseUpdateZone(label, argument, one, forward),
    );
    refuseZonesTwice("rfc2136.reverseZones", reverse);
    refuseKeyTwice([forward, ...reverse]);
    return { host: normalizeConnection(hostLabel(component, connection), connection), forward, reverse };
  });
}

/** What has another shape is refused by the checks of its members. */
function isConnection(given: unknown): given is Connection {
  return typeof given === "object" && given !== null;
}

function reverseUpdateZone(label: string, argument: string, given: unknown, forward: UpdateZone): UpdateZone {
  knownMembers(argument, given, ["zone", "network", "server", "port", "key"]);
  const { zone, network, server, port, key } = Object.fromEntries(members(argument, given));
  const at = (member: string) => `${argument}.${member}`;
  return {
    ...reverseZone(argument, plain(at("zone"), zone), plain(at("network"), network)),
    server: server === undefined ? forward.server : serverName(at("server"), plain(at("server"), server)),
    port: port === undefined ? forward.port : portNumber(at("port"), port),
    key: key === undefined ? forward.key : updateKey(label, at("key"), key),
  };
}

function plain(argument: string, value: unknown): unknown {
  refuseOutput(argument, value);
  return value;
}

function portNumber(argument: string, value: unknown): number {
  return wholeNumber(argument, plain(argument, value), 1, 65_535);
}

function updateKey(label: string, argument: string, given: unknown): UpdateKey {
  refuseOutput(argument, given);
  knownMembers(argument, given, ["name", "algorithm", "secret", "file"]);
  const { name, algorithm, secret, file } = Object.fromEntries(members(argument, given));
  for (const [member, value] of Object.entries({ name, algorithm, file }))
    refuseOutputsWithin(`${argument}.${member}`, value);
  if ((secret === undefined) === (file === undefined))
    throw new Refusal(argument, "needs its secret, or the file on the host that has it, and not both");
  return {
    name: keyName(`${argument}.name`, name),
    algorithm: oneOf(`${argument}.algorithm`, algorithm ?? TsigAlgorithm.HmacSha256, TsigAlgorithm),
    secret: secret === undefined ? undefined : keySecret(label, `${argument}.secret`, secret),
    file: file === undefined ? undefined : keyFile(`${argument}.file`, file),
  };
}

/** A key's name is a domain name, and compared like one. */
function keyName(argument: string, value: unknown): string {
  const name = text(argument, value).toLowerCase().replace(/\.$/, "");
  if (!/^[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)*$/.test(name) || name.length > 253)
    refuse(argument, value, "use the key's name as the name server has it, such as mail-key");
  return `${name}.`;
}

/** Errors never repeat it. */
function keySecret(label: string, argument: string, value: unknown): pulumi.Output<string> {
  return pulumi.secret(
    checked(label, value, (known) => {
      if (typeof known !== "string" || !/^[A-Za-z0-9+/]{8,}={0,2}$/.test(known.trim()))
        throw new Refusal(argument, "is no base64 text; use what stands behind secret in the key's file");
      return known.trim();
    }),
  );
}

function keyFile(argument: string, value: unknown): string {
  const path = text(argument, value);
  if (!/^\/[^\s\p{Cc}]+$/u.test(path)) refuse(argument, path, "use an absolute path without blanks");
  return path;
}

/** The host keeps one secret for a name. */
function refuseKeyTwice(zones: readonly UpdateZone[]): void {
  const known = new Map<string, UpdateKey>();
  for (const { key } of zones) {
    if (key?.secret === undefined) continue;
    const other = known.get(key.name);
    if (other !== undefined && other !== key)
      throw new Refusal(
        "rfc2136.reverseZones",
        `name the key ${key.name} again, with its secret; leave it out where it is the key of rfc2136, or use another name`,
      );
    known.set(key.name, key);
  }
}

// Every place of the arguments where a text can stand, found by the schema, and where each text must be found again.
import { readFileSync } from "node:fs";
import { Privilege } from "../../../src/connectionArgs.ts";
import { ed25519Key, otherKey, privateKey } from "../keys.ts";
import { connection } from "../mocks.ts";

/** What came of arguments that were accepted. */
export interface Kept {
  policy: readonly string[];
  secrets: readonly string[];
  connection: Readonly<Record<string, unknown>>;
  privilege: string;
  installedProgram: string | undefined;
}

interface Type {
  $ref?: string;
  type?: string;
  items?: Type;
  additionalProperties?: Type;
  properties?: Record<string, Type>;
  enum?: unknown[];
}
interface Schema {
  resources: Record<string, { inputProperties?: Record<string, Type> }>;
  types: Record<string, Type>;
}

/** Paths such as `services{}.entry.command`; `{key}` is a name in a map. `schema.test.ts` holds the file to the interfaces. */
export function textPlaces(component = "PostfixHardening"): string[] {
  const schema: Schema = JSON.parse(readFileSync(new URL("../../../schema.json", import.meta.url), "utf8"));
  const walk = (path: string, given: Type): string[] => {
    const type = given.$ref === undefined ? given : (schema.types[given.$ref.replace("#/types/", "")] ?? {});
    const { properties } = type;
    if (properties !== undefined)
      return Object.entries(properties).flatMap(([name, member]) => walk(`${path}.${name}`, member));
    if (type.items !== undefined) return walk(`${path}[]`, type.items);
    if (type.additionalProperties !== undefined)
      return [`${path}{key}`, ...walk(`${path}{}`, type.additionalProperties)];
    return type.type === "string" || type.enum !== undefined ? [path] : [];
  };
  const inputs = Object.entries(schema.resources[`mailhost:index:${component}`]?.inputProperties ?? {});
  return inputs.flatMap(([name, type]) => walk(name, type));
}

/** What stands beside a text for the arguments to be whole, and what a name in a map stands for. */
const beside: Readonly<Record<string, object>> = {
  connection,
  "connection.bastion": { host: "jump", privateKey, hostKey: otherKey },
  "services{}.entry": { command: "smtpd" },
};
const keys: Readonly<Record<string, string>> = { services: "lab/unix" };
const underKey: Readonly<Record<string, unknown>> = { services: { enabled: true } };

/** Arguments with the text in one place. */
export function argsWith(path: string, text: string): object {
  const [, guard] = /^services\{\}\.(whenRefused|despiteEvidence)$/.exec(path) ?? [];
  if (guard !== undefined)
    return { connection, services: { "465/inet": { enabled: false, onlyIfQuietForDays: 1, [guard]: text } } };
  const [, block = "", floorGuard] = /^tls\.(\w+)\.(whenRefused|despiteEvidence)$/.exec(path) ?? [];
  if (floorGuard !== undefined)
    return {
      connection,
      tls: { [block]: { minimumVersion: "TLSv1.2", onlyIfUnusedForDays: 1, [floorGuard]: text } },
    };
  return { connection, ...member("", path.split("."), text) };
}

function member(before: string, [first = "", ...rest]: string[], text: string): object {
  const [, name = "", kind = ""] = /^(\w+)(.*)$/.exec(first) ?? [];
  const path = before === "" ? first : `${before}.${first}`;
  const inner = rest.length === 0 ? text : { ...beside[path], ...member(path, rest, text) };
  if (kind === "[]") return { [name]: [text] };
  if (kind === "{}") return { [name]: { [keys[name] ?? "lab_name"]: inner } };
  if (kind === "{key}") return { [name]: { [text]: underKey[name] ?? "x" } };
  return { [name]: inner };
}

const ended =
  (start: string, end: string) =>
  (text: string, { policy }: Kept) =>
    policy.includes(start + text + end);
const line = (start: string) => ended(start, "");
const login = (name: string) => (text: string, kept: Kept) => kept.connection[name] === text;
const proxy = (name: string) => (text: string, kept: Kept) => {
  const found = kept.connection.proxy;
  return typeof found === "object" && found !== null && Reflect.get(found, name) === text;
};
/** Of a host key only type and key are kept. */
const hostKey = (key: string) => (text: string) => text.includes(key);
const whenRefused = (text: string, { policy }: Kept) => text === "fail" || policy.includes(`refused  ${text}`);
const tls = (block: string) => ({
  [`tls.${block}.minimumVersion`]: line(`tls      ${block} >= `),
  [`tls.${block}.profile`]: line(`ciphers  ${block} `),
  [`tls.${block}.excludeCiphers[]`]: line(`exclude  ${block} `),
  [`tls.${block}.whenRefused`]: whenRefused,
  [`tls.${block}.despiteEvidence`]: line("despite  "),
});
const endpoint = (path: string, place: typeof login) =>
  Object.fromEntries(
    ["host", "user", "privateKey", "privateKeyPassword", "password", "agentSocketPath"].map((name) => [
      `${path}.${name}`,
      place(name),
    ]),
  );

/** Whether an accepted text is found again as it was, and only there. */
export const keptExactly: Readonly<Record<string, (text: string, kept: Kept) => boolean>> = {
  ...endpoint("connection", login),
  ...endpoint("connection.bastion", proxy),
  "connection.hostKey": hostKey(ed25519Key),
  "connection.bastion.hostKey": hostKey(otherKey),
  "connection.privilege": (text, { privilege }) =>
    Object.values<string>(Privilege).includes(text) && privilege === text,
  "connection.installedProgram": (text, { installedProgram }) => installedProgram === text,
  ...tls("incoming"),
  ...tls("submission"),
  ...tls("outgoing"),
  "settings{}": (text, { policy }) =>
    policy.includes(text === "" ? "empty    lab_name" : `set      lab_name = ${text}`),
  "settings{key}": ended("set      ", " = x"),
  "unsetSettings[]": line("unset    "),
  "secretSettings{}": (text, { secrets }) => secrets.includes(`revision 1 lab_name = ${text}`),
  "secretSettings{key}": ended("secret   ", " revision 1"),
  "services{key}": ended("service  ", " enable"),
  "services{}.options{}": (text, { policy }) =>
    policy.includes(`option   lab/unix lab_name =${text === "" ? "" : ` ${text}`}`),
  "services{}.options{key}": ended("option   lab/unix ", " = x"),
  "services{}.unsetOptions[]": line("drop     lab/unix "),
  "services{}.entry.wakeup": ended("service  lab/unix entry - - - ", " - smtpd"),
  "services{}.entry.command": line("service  lab/unix entry - - - - - "),
  "services{}.whenRefused": whenRefused,
  "services{}.despiteEvidence": line("despite  "),
  configDirectory: line("config   "),
  overrides: (text, { policy }) => text === "report" || policy.includes(`override ${text}`),
  "sharedWith[]": line("shared   "),
  activation: line("activate "),
  onDestroy: line("destroy  "),
  "formerly[]": line("former   "),
};

/** Places whose texts no message may repeat. */
export const secretPlaces = /(privateKey|privateKeyPassword|password|secretSettings\{\})$/;

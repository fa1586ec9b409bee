import * as command from "@pulumi/command";
import type { remote } from "@pulumi/command/types/input";
import * as pulumi from "@pulumi/pulumi";
import { type Bastion, type Connection, Privilege } from "./connectionArgs";
import { naming } from "./errors";
import { shortHash } from "./hash";
import { normalizeHostKey, requireHostKey } from "./hostKey";
import { type HostProgram, installedCall, programCall, uploadPath, type Verb } from "./hostProgram";
import { checked, refuseOutput } from "./inputs";
import { knownMembers, members, oneLine, oneOf, Refusal, refuse, text, wholeNumber } from "./policy/refusal";
import { cut } from "./policy/visible";
import { withoutStackTraces } from "./stackTraces";

/** A host as the components use it. */
export interface Host {
  /** Its name in messages: the plain host, or the component's name where that is an output. */
  label: string;
  /** What the command provider takes, key material secret. */
  connection: remote.ConnectionArgs;
  address: pulumi.Input<string>;
  /** `user@host:port`. */
  endpoint: pulumi.Output<string>;
  privilege: Privilege;
  /** Where root put the host program, or undefined where it is uploaded. */
  installedProgram: string | undefined;
  /** A short hash of host key and login: another one means another home, without what was put into that of the former. */
  home: pulumi.Output<string>;
}

const endpointMembers = [
  "host",
  "port",
  "user",
  "privateKey",
  "privateKeyPassword",
  "password",
  "agentSocketPath",
  "hostKey",
  "dialErrorLimit",
  "perDialTimeout",
];

/** The host's name for messages before anything is checked. */
export function hostLabel(componentName: string, connection: unknown): string {
  if (typeof connection !== "object" || connection === null || !("host" in connection)) return componentName;
  return typeof connection.host === "string" && connection.host !== "" ? cut(connection.host, 253) : componentName;
}

/** Checks a connection and makes its key material secret. */
export function normalizeConnection(label: string, connection: Connection): Host {
  naming(label, () => refuseWrongShape(connection));
  const target = endpoint(label, "connection", connection);
  const bastion = connection.bastion;
  const proxy = bastion && endpoint(label, "connection.bastion", bastion);
  return {
    label,
    connection: proxy === undefined ? target : { ...target, proxy },
    address: target.host,
    endpoint: pulumi
      .all([target.host, target.port, target.user])
      .apply(([host, port, user]) => endpointText(host, port, user)),
    privilege: naming(label, () => oneOf("connection.privilege", connection.privilege ?? Privilege.None, Privilege)),
    installedProgram: naming(label, () => installedPath(connection.installedProgram)),
    home: pulumi.all([target.hostKey, target.user]).apply(([key, user]) => shortHash(`${user} ${key}`, 12)),
  };
}

function refuseWrongShape(connection: unknown): void {
  refuseOutput("connection", connection);
  if (connection === undefined)
    throw new Refusal("connection", "is missing; use an object with host, hostKey and a way to log in");
  knownMembers("connection", connection, [...endpointMembers, "bastion", "privilege", "installedProgram"]);
  const { bastion, installedProgram, privilege } = Object.fromEntries(members("connection", connection));
  refuseOutput("connection.installedProgram", installedProgram);
  refuseOutput("connection.privilege", privilege);
  refuseOutput("connection.bastion", bastion);
  if (bastion !== undefined) knownMembers("connection.bastion", bastion, endpointMembers);
}

/** An endpoint with every default filled in, so that a newer provider's defaults never read as a change. */
type Endpoint = Omit<remote.ConnectionArgs, "proxy"> & {
  port: pulumi.Input<number>;
  user: pulumi.Input<string>;
  hostKey: pulumi.Input<string>;
};

function endpoint(label: string, path: string, asked: Bastion): Endpoint {
  naming(label, () => refuseNoLogin(path, asked));
  const address = checked(label, asked.host, (value) => hostName(`${path}.host`, value));
  const host = typeof address === "string" ? address : "HOST";
  const check = <T>(name: keyof Bastion, otherwise: T, to: (argument: string, value: unknown) => T) =>
    asked[name] === undefined ? otherwise : checked(label, asked[name], (value) => to(`${path}.${name}`, value));
  if (asked.hostKey === undefined) naming(label, () => requireHostKey(`${path}.hostKey`, host));
  return {
    host: address,
    port: check("port", 22, (argument, value) => wholeNumber(argument, value, 1, 65535)),
    user: check("user", "root", login),
    hostKey: checked(label, asked.hostKey, (value) => normalizeHostKey(`${path}.hostKey`, value, host)),
    dialErrorLimit: check("dialErrorLimit", 2, (argument, value) => wholeNumber(argument, value, -1, 1_000_000)),
    perDialTimeout: check("perDialTimeout", 15, (argument, value) => wholeNumber(argument, value, 0, 86_400)),
    ...keyMaterial(label, path, asked),
  };
}

function keyMaterial(label: string, path: string, asked: Bastion): Partial<Endpoint> {
  const material: Partial<Endpoint> = {};
  const { privateKey, privateKeyPassword, password, agentSocketPath } = asked;
  if (privateKey !== undefined) {
    material.privateKey = pulumi.secret(
      checked(label, privateKey, (value) => privateKeyText(`${path}.privateKey`, value)),
    );
  }
  if (privateKeyPassword !== undefined) {
    material.privateKeyPassword = pulumi.secret(
      checked(label, privateKeyPassword, (value) => secretText(`${path}.privateKeyPassword`, value)),
    );
  }
  if (password !== undefined)
    material.password = pulumi.secret(checked(label, password, (value) => secretText(`${path}.password`, value)));
  if (agentSocketPath !== undefined) {
    material.agentSocketPath = checked(label, agentSocketPath, (value) => oneLine(`${path}.agentSocketPath`, value));
  }
  return material;
}

/** Before ten attempts to connect that could only fail. The provider finds an agent through SSH_AUTH_SOCK by itself. */
function refuseNoLogin(path: string, asked: Bastion): void {
  const ways = [asked.privateKey, asked.password, asked.agentSocketPath, process.env.SSH_AUTH_SOCK];
  if (ways.every((way) => way === undefined || way === "")) {
    throw new Refusal(path, "has no way to log in; give privateKey, password or agentSocketPath");
  }
}

/** The name stands in a shell command, so nothing gets through that a shell could read as more than a word. */
function hostName(argument: string, value: unknown): string {
  const name = text(argument, value);
  if (name.length > 253 || !/^[A-Za-z0-9:][A-Za-z0-9._:%-]*$/.test(name)) {
    refuse(argument, name, "use a host name or an address, without brackets, port or blanks");
  }
  return name;
}

/** The path stands in a shell command and in sudoers, so it is made of characters that mean nothing there. */
function installedPath(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const path = text("connection.installedProgram", value);
  if (!/^(\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/.test(path)) {
    refuse("connection.installedProgram", path, "use an absolute path of letters, digits and . _ -");
  }
  return path;
}

function login(argument: string, value: unknown): string {
  const name = text(argument, value);
  if (!/^[^\s\p{Cc}@:-][^\s\p{Cc}@:]*$/u.test(name)) refuse(argument, name, "use a login name");
  return name;
}

/** Errors about key material never repeat it. */
function secretText(argument: string, value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Refusal(argument, "is not a text");
  return value;
}

function privateKeyText(argument: string, value: unknown): string {
  const key = secretText(argument, value);
  if (!/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(key.trimStart())) {
    throw new Refusal(
      argument,
      "is not a private key; use the content of the file in PEM or OpenSSH form, not its name and not the .pub file",
    );
  }
  return key;
}

function endpointText(host: string, port: number, user: string): string {
  return `${user}@${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What the children of one component have in common. */
export interface RemoteScope {
  host: Host;
  /** What is uploaded, or the path where root put it. */
  program: HostProgram | string;
  /** Raised, it has secrets put there again, which may be gone. */
  repair: number;
  options: pulumi.CustomResourceOptions;
}

/**
 * Puts the host program into the login's home, named by its content: state and diffs carry a hash, not its text. It
 * waits for the policies of all commands that use it, so that a value which is only known and refused during the run is
 * refused before anything is on the host, and comes again with each change of them, and to another home. Nothing is
 * uploaded where root installed the program.
 */
export function uploadProgram(
  name: string,
  scope: RemoteScope,
  policies: readonly pulumi.Input<string>[],
): command.remote.CopyToRemote[] {
  const { program } = scope;
  if (typeof program === "string") return [];
  const { connection, home, endpoint } = scope.host;
  const inputs = {
    connection,
    source: new pulumi.asset.FileAsset(program.file),
    remotePath: pulumi.all([home, endpoint, ...policies]).apply((texts) => uploadPath(program, texts)),
  };
  return [withoutStackTraces(() => new command.remote.CopyToRemote(name, inputs, scope.options))];
}

/**
 * Gives the host secret values ahead of the policy that names them. Removal is the policy's. Another login or host key is another connection,
 * and so an update, which puts them there again; by a trigger it would be a replacement, which the hook that keeps a component on its machine
 * never hears of.
 */
export function sendSecrets(
  name: string,
  scope: RemoteScope,
  secrets: pulumi.Input<string>,
  after: pulumi.Resource[],
): command.remote.Command {
  const create = call(scope, "secrets");
  const inputs = { ...remoteCall(scope), create, stdin: pulumi.secret(secrets), triggers: [scope.repair] };
  return remoteCommand(name, inputs, { ...scope.options, dependsOn: after });
}

/**
 * Makes a policy true, and on delete obeys what it says of removal. It has no `update`: the provider then runs
 * `create` again, in place. A replacement, should one be forced, removes first, for otherwise the old one's removal
 * would undo what the new one did.
 */
export function obeyPolicy(
  name: string,
  scope: RemoteScope,
  policy: pulumi.Input<string>,
  after: pulumi.Resource[],
): command.remote.Command {
  const inputs = { ...remoteCall(scope), create: call(scope, "apply"), delete: call(scope, "remove"), stdin: policy };
  return remoteCommand(name, inputs, { ...scope.options, dependsOn: after, deleteBeforeReplace: true });
}

function remoteCommand(
  name: string,
  inputs: command.remote.CommandArgs,
  options: pulumi.CustomResourceOptions,
): command.remote.Command {
  return withoutStackTraces(() => new command.remote.Command(name, inputs, options));
}

/** sshd accepts no environment by default, so none is sent; the receipt on standard output stays out of the log. */
function remoteCall(scope: RemoteScope) {
  return {
    connection: scope.host.connection,
    addPreviousOutputInEnv: false,
    logging: command.types.enums.remote.Logging.Stderr,
  };
}

function call(scope: RemoteScope, verb: Verb): pulumi.Input<string> {
  const { address, privilege } = scope.host;
  const { program } = scope;
  const to = (host: string) =>
    typeof program === "string"
      ? installedCall(program, privilege, verb, host)
      : programCall(program, privilege, verb, host);
  return typeof address === "string" ? to(address) : pulumi.output(address).apply(to);
}

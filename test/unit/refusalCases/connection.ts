// How a host is reached.
import * as pulumi from "@pulumi/pulumi";
import { ed25519Key, privateKey } from "../keys.ts";
import { connection } from "../mocks.ts";
import { type Case, isOutput } from "./cases.ts";

const keyscan =
  'use the one line that "ssh-keyscan -t ed25519 mx1.example.com" prints, after comparing it with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host\'s console';

export const connectionRefusals: Case[] = [
  [
    { connection: { ...connection, hostKey: undefined } },
    `connection.hostKey is missing, and an unknown host is never trusted; ${keyscan}`,
  ],
  [
    { connection: { ...connection, hostKey: "ssh-rsa AAAA" } },
    `connection.hostKey is of type ssh-rsa, which does not work with today's OpenSSH; ${keyscan}`,
  ],
  [
    { connection: { ...connection, privateKey: undefined } },
    "connection has no way to log in; give privateKey, password or agentSocketPath",
  ],
  [
    { connection: { ...connection, privateKey: "~/.ssh/id_ed25519" } },
    "connection.privateKey is not a private key; use the content of the file in PEM or OpenSSH form, not its name and not the .pub file",
  ],
  [
    { connection: { ...connection, privateKey: ed25519Key } },
    "connection.privateKey is not a private key; use the content of the file in PEM or OpenSSH form, not its name and not the .pub file",
  ],
  [{ connection: { ...connection, password: "" } }, "connection.password is not a text"],
  [{ connection: { ...connection, port: 0 } }, "connection.port is 0; use a whole number from 1 to 65535"],
  [{ connection: { ...connection, port: "22" } }, 'connection.port is "22"; use a whole number from 1 to 65535'],
  [{ connection: { ...connection, user: "a b" } }, 'connection.user is "a b"; use a login name'],
  [{ connection: { ...connection, privilege: "su" } }, 'connection.privilege is "su"; use one of none, sudo, doas'],
  [{ connection: { ...connection, privilege: pulumi.output("sudo") } }, `connection.privilege ${isOutput}`],
  [
    { connection: { ...connection, installedProgram: pulumi.output("/sbin/x") } },
    `connection.installedProgram ${isOutput}`,
  ],
  ...["mailhost", "/usr/sbin/../x", "/a b", "/usr/sbin/", "/$(id)", ""].map((installedProgram): [object, string] => [
    { connection: { ...connection, installedProgram } },
    `connection.installedProgram is "${installedProgram}"; use an absolute path of letters, digits and . _ -`,
  ]),
  [
    { connection: { ...connection, dialErrorLimit: -2 } },
    "connection.dialErrorLimit is -2; use a whole number from -1 to 1000000",
  ],
  [
    { connection: { ...connection, perDialTimeout: 0.5 } },
    "connection.perDialTimeout is 0.5; use a whole number from 0 to 86400",
  ],
  [
    { connection: { ...connection, proxy: {} } },
    "connection.proxy is not an argument; connection has host, port, user, privateKey, privateKeyPassword, password, agentSocketPath, hostKey, dialErrorLimit, perDialTimeout, bastion, privilege, installedProgram",
  ],
  [
    { connection: { ...connection, bastion: { host: "jump", hostKey: ed25519Key } } },
    "connection.bastion has no way to log in; give privateKey, password or agentSocketPath",
  ],
  [
    { connection: { ...connection, bastion: { host: "jump", privateKey } } },
    `connection.bastion.hostKey is missing, and an unknown host is never trusted; ${keyscan.replace("mx1.example.com", "jump")}`,
  ],
];

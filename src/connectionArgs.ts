import type * as pulumi from "@pulumi/pulumi";

/** How a login becomes root. */
export const Privilege = {
  /** The login is root. */
  None: "none",
  /** By `sudo -n`: never asks for a password, so sudoers must allow it with NOPASSWD. */
  Sudo: "sudo",
  /** By `doas -n`: never asks for a password, so doas.conf must permit it with nopass. */
  Doas: "doas",
} as const;
export type Privilege = (typeof Privilege)[keyof typeof Privilege];

/** The host that is connected to first, where the mail host cannot be reached from here. */
export interface Bastion {
  /** Name or address, without brackets and port. */
  host: pulumi.Input<string>;
  /** TCP port of its SSH server, 1 to 65535. Default: 22. */
  port?: pulumi.Input<number>;
  /** Login on the bastion. Default: root. */
  user?: pulumi.Input<string>;
  /** The content of a private key in PEM or OpenSSH form, never a file's name. Kept as a secret whatever was passed. */
  privateKey?: pulumi.Input<string>;
  /** Passphrase of the private key. Kept as a secret. */
  privateKeyPassword?: pulumi.Input<string>;
  /** Password of the login. Kept as a secret. */
  password?: pulumi.Input<string>;
  /** Path of an SSH agent's socket. Default: what SSH_AUTH_SOCK names. */
  agentSocketPath?: pulumi.Input<string>;
  /** The bastion's own public host key, as `hostKey` of the connection; required as there. */
  hostKey: pulumi.Input<string>;
  /** Attempts to connect that may fail, as in the connection. Default: 2. */
  dialErrorLimit?: pulumi.Input<number>;
  /** Seconds for one attempt to connect; 0 for no limit. Default: 15. */
  perDialTimeout?: pulumi.Input<number>;
}

/** How to reach a host by SSH. */
export interface Connection {
  /**
   * Name or address of the host, without brackets and port; letters, digits and `. : _ % -`. Messages name the host
   * by it.
   */
  host: pulumi.Input<string>;
  /** TCP port of its SSH server, 1 to 65535. Default: 22. */
  port?: pulumi.Input<number>;
  /** Login on the host. Default: root. With another login set `privilege`; in effect that login is root then. */
  user?: pulumi.Input<string>;
  /** The content of a private key in PEM or OpenSSH form, never a file's name. Kept as a secret whatever was passed. */
  privateKey?: pulumi.Input<string>;
  /** Passphrase of the private key. Kept as a secret. */
  privateKeyPassword?: pulumi.Input<string>;
  /** Password of the login. Kept as a secret. Without a key, a password or an agent the connection is refused. */
  password?: pulumi.Input<string>;
  /**
   * Path of an SSH agent's socket. Default: what SSH_AUTH_SOCK names, which keeps a path that changes out of the
   * state.
   */
  agentSocketPath?: pulumi.Input<string>;
  /**
   * The host's public key, one line `TYPE BASE64`, required: an unknown host is never trusted. A host name before it
   * and a comment after it are dropped. Several lines, `ssh-rsa` and incomplete keys are refused. Get it with
   * `ssh-keyscan -t ed25519 HOST` and compare it with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the
   * host's console. Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
   */
  hostKey: pulumi.Input<string>;
  /** A host to go through. Default: none. */
  bastion?: Bastion;
  /**
   * How the login becomes root: `none`, `sudo` or `doas`. Default: none. It never waits for a password: where one is
   * asked for, the run fails.
   */
  privilege?: Privilege;
  /**
   * Absolute path of the host program, where root put it on the host beforehand, such as `/usr/local/sbin/mailhost`;
   * a plain value, of letters, digits and `. _ -`. Nothing is uploaded then, and the login needs no right but to run
   * that path as root, with fixed arguments. docs/least-privilege.md has the lines for sudoers. Refused on the host
   * where it is missing, or reads another version of the policy. Default: none, the program is uploaded.
   */
  installedProgram?: string;
  /**
   * Attempts to connect that may fail, so that 2 means three in all; -1 for no limit. Between them pass 0.1 s, then
   * half as long again each time, at most 5 s: a host that refuses connections while it boots is waited for 0.3 s with
   * 2, 11 s with 10, 110 s with 30. A refused login counts as an attempt too, and OpenSSH 9.8 and later drop an
   * address after three of them, which hides the reason. Default: 2.
   */
  dialErrorLimit?: pulumi.Input<number>;
  /** Seconds for one attempt to connect; 0 for no limit. Default: 15. */
  perDialTimeout?: pulumi.Input<number>;
}

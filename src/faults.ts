/** Where a connection goes, as far as its errors speak of it: no key material. */
export interface Target {
  host: string;
  port: number;
  user: string;
  hostKey: string;
  perDialTimeout: number;
}

export interface Route extends Target {
  proxy?: Target;
}

interface Fault {
  /** The provider's words (golang.org/x/crypto/ssh, net), whole but for what stands before them. */
  words: RegExp;
  /** What they mean for the argument at `path`. */
  meaning(at: Target, path: string, found: readonly string[]): string;
}

const again = 'run "pulumi up" again when it answers, or raise dialErrorLimit to wait longer';

const faults: readonly Fault[] = [
  {
    words: /^ssh: handshake failed: ssh: host key mismatch$/,
    meaning: (at, path) =>
      `${path}.hostKey is not the key that ${at.host} shows, so nothing was sent there; if it has a new key, ${newKey(at)}`,
  },
  {
    words: /^ssh: handshake failed: ssh: no common algorithm for host key; we offered: .*, peer offered: \[(.*)\]$/,
    meaning: (at, path, [, offered]) =>
      `${path}.hostKey is of type ${at.hostKey.split(" ")[0]}, and ${at.host} has only ${offered}; ${newKey(at)}`,
  },
  {
    words: /^ssh: handshake failed: ssh: unable to authenticate, attempted methods \[(?:none)? ?(.*)\], .*$/,
    meaning: (at, path, [, tried]) =>
      `${path} is refused as login ${at.user}, tried by ${tried === "" ? "nothing that it accepts" : tried}; correct user, privateKey, password or agentSocketPath, or authorize the key there`,
  },
  {
    words: /^(?:dial tcp .*: connect: connection refused|ssh: rejected: connect failed \(Connection refused\))$/,
    meaning: (at, path) =>
      `${path}.port ${at.port} of ${at.host} refuses connections: it is starting, its SSH server is down, or the port is another; ${again}`,
  },
  {
    words: /^dial tcp .*: (?:i\/o timeout|connect: connection timed out)$/,
    meaning: (at, path) =>
      `${path}.port ${at.port} of ${at.host} does not answer, ${at.perDialTimeout} s an attempt: it is down, or a packet filter drops; ${again}`,
  },
  {
    words: /^dial tcp .*: connect: (no route to host|network is unreachable|invalid argument)$/,
    meaning: (at, path, [, reason]) =>
      `${path}.host ${at.host} is not reached (${reason}): it is down, or not routed from here; ${again}`,
  },
  {
    words: /^dial tcp: lookup .*$/,
    meaning: (at, path) =>
      `${path}.host ${at.host} is not a name that is known here; use a name that resolves, or an address`,
  },
  {
    words: /^ssh: rejected: administratively prohibited .*$/,
    meaning: () =>
      "connection.bastion forwards no connections there; allow it in its sshd_config (AllowTcpForwarding, PermitOpen)",
  },
  {
    words: /^ssh: rejected: .*$/,
    meaning: (at) => `connection.host ${at.host} is not reached from the bastion on port ${at.port}; ${again}`,
  },
  {
    words: /^ssh: handshake failed: (?:EOF|(?:read|write) tcp.*|ssh: disconnect.*)$/,
    meaning: (at, path) =>
      `${path}: ${at.host} hangs up before the login: it is starting or going down, has too many sessions, or refuses this address for a while after failed logins (sshd_config: MaxStartups, PerSourcePenalties); ${again}`,
  },
  {
    words: /^ssh: this private key is passphrase protected$/,
    meaning: (_, path) => `${path}.privateKey has a passphrase; give privateKeyPassword`,
  },
  {
    words: /^(?:x509: decryption password incorrect|ssh: (?:key is not password protected|not an encrypted key))$/,
    meaning: (_, path) =>
      `${path}.privateKeyPassword does not open the privateKey; correct it, or leave it out where the key has none`,
  },
  {
    words: /^dial unix .*$/,
    meaning: (_, path) =>
      `${path}.agentSocketPath is no agent that answers; start one there, or correct it (default: SSH_AUTH_SOCK)`,
  },
  {
    words: /^ssh: subsystem request failed$/,
    meaning: (at) =>
      `connection.host ${at.host} takes no files by sftp, which the upload needs; add "Subsystem sftp internal-sftp" to its sshd_config, or give connection.installedProgram`,
  },
  {
    words: /^(?:.*: )?packet too (?:long|short)$/,
    meaning: (at) =>
      `the shell of login ${at.user} on ${at.host} prints a text at each start, which sftp cannot read past; let it print for terminals only (.bashrc: case $- in *i*) … esac), or have "Subsystem sftp internal-sftp" in its sshd_config`,
  },
  {
    words: /^failed to (?:create|copy|write|stat) .*: ([^:]+)$/,
    meaning: (at, _, [, reason]) =>
      `the upload to the home of login ${at.user} on ${at.host} failed (${reason}); give that login a home with room for a file, or give connection.installedProgram`,
  },
  {
    words: /^context deadline exceeded$/,
    meaning: (at, path) => `${path}: ${at.host} was not reached within customTimeouts; ${again}`,
  },
];

/** The same with a bastion between: the provider has lost the reason when it tries again on a tunnel that is closed. */
const lostReason =
  "connection.hostKey or its login is refused behind the bastion, or the host hangs up; see which by dialErrorLimit 0, for then the provider says it";

/** An `up` or `destroy` whose connection was there and is gone. */
const cut =
  'the connection was lost while the host worked; before its commit nothing was changed, after it the host ends the change by itself; run "pulumi up" again, which tells';

/** What a connection's failure means in terms of our arguments; undefined where it is none. */
export function faultWords(error: string, route: Route): string | undefined {
  const { behindBastion, words } = stripped(error);
  if (/^(?:EOF|wait: remote command exited without exit status or exit signal): running "/.test(words)) return cut;
  if (/^(?:failed to .*: )?connection lost$/.test(words)) return cut;
  if (behindBastion && /^ssh: handshake failed: EOF$/.test(words)) return lostReason;
  const { proxy } = route;
  const bastions = behindBastion && proxy !== undefined && !words.startsWith("ssh: rejected");
  for (const { words: pattern, meaning } of faults) {
    const found = pattern.exec(words);
    if (found !== null) return meaning(bastions ? proxy : route, bastions ? "connection.bastion" : "connection", found);
  }
  return undefined;
}

function stripped(error: string): { behindBastion: boolean; words: string } {
  const bare = error.replace(/^rpc error: code = \S+ desc = /, "");
  return {
    behindBastion: bare.startsWith("proxy: "),
    words: bare.replace(/^proxy: /, "").replace(/^after \d+ failed attempts: /, ""),
  };
}

function newKey(at: Target): string {
  const type = /ecdsa/.test(at.hostKey) ? "ecdsa" : "ed25519";
  const port = at.port === 22 ? "" : ` -p ${at.port}`;
  return `compare "ssh-keyscan${port} -t ${type} ${at.host}" with "ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub" on its console, and use that line`;
}

import * as pulumi from "@pulumi/pulumi";
import { ed25519Key, privateKey } from "./keys.ts";
import { connection } from "./mocks.ts";

const keyscan =
  'use the one line that "ssh-keyscan -t ed25519 mx1.example.com" prints, after comparing it with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host\'s console';
const modern25 =
  "on port 25 servers without TLS 1.3 fall back to plaintext or their mail is lost: use intermediate or TLSv1.2, or say refuseOldPeers: true";
export const isOutput = "is an output; use a plain value, known before anything runs";

/** Arguments, and what is said of them behind the host's name. */
export const refusals: [args: object, message: string][] = [
  // The arguments themselves.
  [
    { tsl: {} },
    `tsl is not an argument; there are connection, tls, settings, unsetSettings, secretSettings, secretRevision, services, configDirectory, allowWeaker, overrides, sharedWith, activation, drainSeconds, onDestroy, formerly, repair`,
  ],
  [{ activation: "drian" }, 'activation is "drian"; use one of reload, drain, restart'],
  [{ activation: "drain", drainSeconds: 3601 }, "drainSeconds is 3601; use a whole number from 0 to 3600"],
  [{ activation: "drain", drainSeconds: 0.5 }, "drainSeconds is 0.5; use a whole number from 0 to 3600"],
  [{ activation: "drain", drainSeconds: "60" }, 'drainSeconds is "60"; use a whole number from 0 to 3600'],
  [{ drainSeconds: 60 }, "drainSeconds is 60; it goes with activation drain alone, and activation is reload"],
  [
    { activation: "restart", drainSeconds: 60 },
    "drainSeconds is 60; it goes with activation drain alone, and activation is restart",
  ],
  [{ activation: pulumi.output("reload") }, `activation ${isOutput}`],
  [{ activation: Promise.resolve("reload") }, `activation ${isOutput}`],
  [{ onDestroy: "Restore" }, 'onDestroy is "Restore"; use one of keep, restore'],
  [{ overrides: "ignore" }, 'overrides is "ignore"; use one of report, fix'],
  [{ allowWeaker: "no" }, 'allowWeaker is "no"; use true or false'],
  [{ repair: -1 }, "repair is -1; use a whole number from 0 to 1000000000"],
  [{ repair: 1.5 }, "repair is 1.5; use a whole number from 0 to 1000000000"],
  [{ repair: "1" }, 'repair is "1"; use a whole number from 0 to 1000000000'],
  [{ secretRevision: 0 }, "secretRevision is 0; use a whole number from 1 to 1000000000"],
  [
    { configDirectory: "postfix" },
    'configDirectory is "postfix"; use an absolute path of letters, digits and _ . @ + -, without a slash at the end',
  ],
  [
    { configDirectory: "/etc/../tmp" },
    'configDirectory is "/etc/../tmp"; use an absolute path of letters, digits and _ . @ + -, without a slash at the end',
  ],
  [{ sharedWith: ["two words"] }, 'sharedWith[0] is "two words"; use a word of a header, such as ansible'],
  [{ sharedWith: "ansible" }, 'sharedWith is "ansible"; use a list'],
  [{ sharedWith: [pulumi.output("x")] }, `sharedWith[0] ${isOutput}`],
  [{ formerly: ["mx1"] }, 'formerly[0] is "mx1"; use ORGANIZATION/PROJECT/STACK/TYPE/NAME'],
  // Guards.
  [
    { services: { "smtps/inet": { onlyIfQuietForDays: 180 } } },
    "services.smtps/inet.onlyIfQuietForDays guards the closing of a service; give enabled: false as well",
  ],
  [
    { services: { "smtps/inet": { enabled: false, whenRefused: "hold" } } },
    "services.smtps/inet.whenRefused is for a guarded change; give onlyIfQuietForDays as well",
  ],
  [
    { services: { "smtps/inet": { enabled: false, despiteEvidence: "x" } } },
    "services.smtps/inet.despiteEvidence is for a guarded change; give onlyIfQuietForDays as well",
  ],
  [
    { services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: 0 } } },
    "services.smtps/inet.onlyIfQuietForDays is 0; use a whole number from 1 to 3650",
  ],
  [
    { services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: 1, whenRefused: "wait" } } },
    'services.smtps/inet.whenRefused is "wait"; use one of fail, hold',
  ],
  [
    { services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: 1, despiteEvidence: " " } } },
    'services.smtps/inet.despiteEvidence is " "; say why, without outer blanks',
  ],
  [
    { services: { "policy/unix": { enabled: false, onlyIfQuietForDays: 1 } } },
    "services.policy/unix.onlyIfQuietForDays needs a port that is known; name the service by it, such as 465/inet",
  ],
  // TLS.
  [
    { tls: { incoming: { minimumVersion: "TLSv1.4" } } },
    'tls.incoming.minimumVersion is "TLSv1.4"; use one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
  ],
  [
    { tls: { outgoing: { minimumVersion: "SSLv3" } } },
    'tls.outgoing.minimumVersion is "SSLv3"; use one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
  ],
  [{ tls: { submission: { profile: "old" } } }, 'tls.submission.profile is "old"; use one of intermediate, modern'],
  [{ tls: { incoming: { minimumVersion: "TLSv1.3" } } }, `tls.incoming.minimumVersion is "TLSv1.3"; ${modern25}`],
  [{ tls: { incoming: { profile: "modern" } } }, `tls.incoming.profile is "modern"; ${modern25}`],
  [{ tls: { incomming: {} } }, "tls.incomming is not an argument; tls has incoming, submission, outgoing"],
  [
    { tls: { incoming: { minimum: "TLSv1" } } },
    "tls.incoming.minimum is not an argument; tls.incoming has minimumVersion, profile, excludeCiphers, refuseOldPeers",
  ],
  [
    { tls: { submission: { refuseOldPeers: true } } },
    "tls.submission.refuseOldPeers is not an argument; tls.submission has minimumVersion, profile, excludeCiphers",
  ],
  [
    { tls: { incoming: { excludeCiphers: ["RC4 # old"] } } },
    'tls.incoming.excludeCiphers[0] is "RC4 # old"; use an OpenSSL cipher name, such as "RC4" or "AES128-SHA"',
  ],
  [
    { tls: { incoming: { excludeCiphers: ["!RC4"] } } },
    'tls.incoming.excludeCiphers[0] is "!RC4"; use an OpenSSL cipher name, such as "RC4" or "AES128-SHA"',
  ],
  [{ tls: { incoming: { excludeCiphers: "RC4" } } }, 'tls.incoming.excludeCiphers is "RC4"; use a list'],
  [{ tls: { incoming: { minimumVersion: pulumi.output("TLSv1.2") } } }, `tls.incoming.minimumVersion ${isOutput}`],
  [{ tls: null }, "tls is null; use an object"],
  [{ tls: { incoming: null } }, "tls.incoming is null; use an object"],
  // Settings.
  [{ settings: { a: "x\ny" } }, 'settings.a is "x\\ny"; a newline is not accepted'],
  [{ settings: { a: "x\ty" } }, 'settings.a is "x\\ty"; control characters are not accepted'],
  [{ settings: { a: "x\u0000" } }, 'settings.a is "x\\u0000"; control characters are not accepted'],
  [{ settings: { a: "x\ud800" } }, 'settings.a is "x\\ud800"; it is not valid Unicode'],
  [{ settings: { a: " x" } }, 'settings.a is " x"; blanks before or after a value are not accepted'],
  [{ settings: { a: "x " } }, 'settings.a is "x "; blanks before or after a value are not accepted'],
  [{ settings: { a: " " } }, 'settings.a is " "; use "" for an empty value'],
  [{ settings: { a: true } }, 'settings.a is true; use a string, such as "yes"'],
  [{ settings: { a: `${"x".repeat(80)}\n` } }, `settings.a is "${"x".repeat(59)}…; a newline is not accepted`],
  [{ settings: { "a b": "x" } }, 'settings.a b is "a b"; use a Postfix parameter name: letters, digits and _ . -'],
  [{ settings: { "-e": "x" } }, 'settings.-e is "-e"; use a Postfix parameter name: letters, digits and _ . -'],
  [{ settings: { "a=b": "x" } }, 'settings.a=b is "a=b"; use a Postfix parameter name: letters, digits and _ . -'],
  [
    { settings: { lmtp_tls_security_level: "may # for now" } },
    'settings.lmtp_tls_security_level is "may # for now"; a # is not accepted in a TLS value: Postfix has no comments there and would switch TLS off',
  ],
  [
    { settings: { tls_high_cipherlist: "HIGH#" } },
    'settings.tls_high_cipherlist is "HIGH#"; a # is not accepted in a TLS value: Postfix has no comments there and would switch TLS off',
  ],
  [{ settings: { a: "1" }, unsetSettings: ["a"] }, "unsetSettings names a, and so does settings; use one of the two"],
  [
    { settings: { a: "1" }, secretSettings: { a: "2" } },
    "secretSettings names a, and so does settings; use one of the two",
  ],
  [
    { settings: { smtpd_tls_protocols: ">=TLSv1" } },
    "settings names smtpd_tls_protocols, which tls.incoming decides; use one of the two",
  ],
  [
    { unsetSettings: ["lmtp_tls_mandatory_protocols"] },
    "unsetSettings names lmtp_tls_mandatory_protocols, which tls.outgoing decides; use one of the two",
  ],
  [
    {
      services: { "587/inet": { options: { tls_medium_cipherlist: "x" } } },
      tls: { submission: { profile: "intermediate" } },
    },
    "services.587/inet.options names tls_medium_cipherlist, which tls.submission decides; use one of the two",
  ],
  [
    { settings: { tlsproxy_tls_protocols: "x" } },
    "settings names tlsproxy_tls_protocols, which tls.incoming decides; use one of the two",
  ],
  [{ settings: pulumi.output({}) }, "settings is an output; use a plain object, whose values may be outputs"],
  [{ settings: ["a"] }, 'settings is ["a"]; use an object'],
  [{ secretSettings: { a: "hush\n" } }, "secretSettings.a is not usable; a newline is not accepted"],
  [
    { secretSettings: { a: "hush " } },
    "secretSettings.a is not usable; blanks before or after a value are not accepted",
  ],
  [{ secretSettings: { a: 5 } }, "secretSettings.a is not a string"],
  // Services.
  [
    { services: { submission: { enabled: true } } },
    'services.submission is not a service; use NAME/TYPE, such as "submission/inet"',
  ],
  [
    { services: { "smtp/tcp": { enabled: true } } },
    'services.smtp/tcp: the type is "tcp"; use one of inet, unix, unix-dgram, fifo, pass',
  ],
  [
    { services: { "::1:25/inet": { enabled: true } } },
    "services.::1:25/inet is not a service; use PORT/inet, ADDRESS:PORT/inet or [IPV6]:PORT/inet",
  ],
  [
    { services: { "70000/inet": { enabled: true } } },
    "services.70000/inet: the port is 70000; use a whole number from 1 to 65535",
  ],
  [
    { services: { "a b/unix": { enabled: true } } },
    "services.a b/unix is not a service; a name has letters, digits and _ . -",
  ],
  [
    { services: { "smtps/inet": { enabled: false }, "465/inet": { enabled: false } } },
    "services.465/inet is port 465, and so is services.smtps/inet; use one of the two",
  ],
  [
    { services: { "submissions/inet": { enabled: false }, "urd/inet": { enabled: false } } },
    "services.urd/inet is port 465, and so is services.submissions/inet; use one of the two",
  ],
  [
    { services: { "smtp/inet": { enabled: true }, "127.0.0.1:25/inet": { enabled: true } } },
    "services.127.0.0.1:25/inet is port 25, and so is services.smtp/inet; use one of the two",
  ],
  [
    { services: { "smtps/inet": { enabled: false, options: { a: "b" } } } },
    "services.smtps/inet.enabled is false; a disabled service takes no options, unsetOptions or entry",
  ],
  [
    { services: { "smtps/inet": { enabled: false, unsetOptions: ["a"] } } },
    "services.smtps/inet.enabled is false; a disabled service takes no options, unsetOptions or entry",
  ],
  [
    { services: { "smtps/inet": { enabled: false, entry: { command: "smtpd" } } } },
    "services.smtps/inet.enabled is false; a disabled service takes no options, unsetOptions or entry",
  ],
  [{ services: { "smtps/inet": { enabled: "false" } } }, 'services.smtps/inet.enabled is "false"; use true or false'],
  [
    { services: { "smtps/inet": {} } },
    "services.smtps/inet asks for nothing; use enabled, options, unsetOptions or entry",
  ],
  [
    { services: { "smtps/inet": { enable: false } } },
    "services.smtps/inet.enable is not an argument; services.smtps/inet has enabled, options, unsetOptions, entry, onlyIfQuietForDays, whenRefused, despiteEvidence",
  ],
  [{ services: { "smtps/inet": { enabled: pulumi.output(true) } } }, `services.smtps/inet.enabled ${isOutput}`],
  [
    { services: { "x/unix": { options: { a: "{ b" } } } },
    'services.x/unix.options.a is "{ b"; its braces do not pair, and master.cf has no way to write that',
  ],
  [
    { services: { "x/unix": { options: { a: "b } c {" } } } },
    'services.x/unix.options.a is "b } c {"; its braces do not pair, and master.cf has no way to write that',
  ],
  [
    { services: { "x/unix": { options: { a: "b\nc" } } } },
    'services.x/unix.options.a is "b\\nc"; a newline is not accepted',
  ],
  [
    { services: { "x/unix": { options: { a: "b" }, unsetOptions: ["a"] } } },
    'services.x/unix.options and unsetOptions both name "a"; use one of the two',
  ],
  [
    { services: { "submission/inet": { options: { smtpd_tls_mandatory_protocols: "!SSLv2" } } } },
    "services.submission/inet.options names smtpd_tls_mandatory_protocols, which tls.submission decides; use one of the two",
  ],
  [
    { services: { "25/inet": { unsetOptions: ["smtpd_tls_protocols"] } } },
    "services.25/inet.unsetOptions names smtpd_tls_protocols, which tls.incoming decides; use one of the two",
  ],
  [
    { services: { "relay/unix": { options: { smtp_tls_protocols: "x" } } } },
    "services.relay/unix.options names smtp_tls_protocols, which tls.outgoing decides; use one of the two",
  ],
  [
    { services: { "x/inet": { entry: { command: "smtpd", private: true } } } },
    "services.x/inet.entry.private is true; an inet service cannot be private",
  ],
  [
    { services: { "x/unix": { entry: { command: "smtpd", wakeup: "soon" } } } },
    'services.x/unix.entry.wakeup is "soon"; use seconds, such as "60", or "60?" for a service that is only then woken when it is used',
  ],
  [
    { services: { "x/unix": { entry: { command: "smtpd", processLimit: -1 } } } },
    "services.x/unix.entry.processLimit is -1; use a whole number from 0 to 1000000",
  ],
  [
    { services: { "x/unix": { entry: { command: "smtpd -o a=b" } } } },
    'services.x/unix.entry.command is "smtpd -o a=b"; give -o options by the argument options',
  ],
  [
    { services: { "x/unix": { entry: { command: "/bin/sh" } } } },
    'services.x/unix.entry.command is "/bin/sh"; use the name of a program in Postfix\'s daemon directory and its arguments, such as smtpd',
  ],
  [{ services: { "x/unix": { entry: {} } } }, "services.x/unix.entry.command is undefined; use a string"],
  [
    { services: { "x/unix": { entry: { command: "smtpd", chrooted: false } } } },
    "services.x/unix.entry.chrooted is not an argument; services.x/unix.entry has private, unprivileged, chroot, wakeup, processLimit, command",
  ],
  // The connection.
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

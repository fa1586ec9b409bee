// The hosts on which the whole life of a policy is tried, and the table of them in the README.
import type { HostOptions } from "../lab/host.ts";

export interface KindOfHost {
  name: string;
  options: HostOptions;
  /** Ports with TLS; none on a fresh Debian 13, which has no certificate. */
  ports: number[];
}

export const kindsOfHost: readonly KindOfHost[] = [
  { name: "bullseye", options: { suite: "bullseye" }, ports: [25] },
  { name: "bookworm", options: { suite: "bookworm" }, ports: [25] },
  { name: "trixie", options: { suite: "trixie" }, ports: [] },
  { name: "sid", options: { suite: "sid" }, ports: [] },
  { name: "lived-in bullseye", options: { suite: "bullseye", kind: "lived-in" }, ports: [25, 587, 465] },
  { name: "lived-in bookworm", options: { suite: "bookworm", kind: "lived-in" }, ports: [25, 587, 465] },
  { name: "lived-in trixie", options: { suite: "trixie", kind: "lived-in" }, ports: [25, 587, 465] },
  { name: "lived-in sid", options: { suite: "sid", kind: "lived-in" }, ports: [25, 587, 465] },
  { name: "bookworm without systemd", options: { init: "plain" }, ports: [25] },
  {
    name: "lived-in trixie without systemd",
    options: { suite: "trixie", kind: "lived-in", init: "plain" },
    ports: [25, 587, 465],
  },
];

/** How one Debian 12 host may be set up besides. */
export interface Setup {
  name: string;
  commands: string;
  family: "ipv4" | "ipv6";
  /** Fails where the commands had no effect after a restart, if no handshake would show that. */
  proof?: string;
}

const key = (kind: string, type: string): string =>
  `openssl req -x509 -nodes -days 30 -subj /CN=mx1.lab.test -newkey ${type} -keyout /etc/postfix/${kind}.key -out /etc/postfix/${kind}.pem 2>/dev/null`;
const ecdsa = `${key("ecdsa", "ec -pkeyopt ec_paramgen_curve:prime256v1")}; postconf -e smtpd_tls_eccert_file=/etc/postfix/ecdsa.pem smtpd_tls_eckey_file=/etc/postfix/ecdsa.key`;

export const setups: readonly Setup[] = [
  { name: "IPv4 only", commands: "postconf -e inet_protocols=ipv4", family: "ipv4" },
  { name: "IPv6 only", commands: "postconf -e inet_protocols=ipv6", family: "ipv6" },
  { name: "no service in a chroot", commands: "postconf -F '*/*/chroot=n'", family: "ipv4" },
  {
    name: "an ECDSA certificate",
    commands: `${ecdsa}; postconf -e smtpd_tls_cert_file= smtpd_tls_key_file=`,
    family: "ipv4",
  },
  { name: "RSA and ECDSA certificates", commands: ecdsa, family: "ipv4" },
  // With a root and a /tmp of its own mounts.
  {
    name: "a unit confined by systemd",
    commands: `dir=/run/systemd/system/postfix@.service.d && mkdir -p $dir &&
      printf '[Service]\\nProtectSystem=full\\nProtectHome=yes\\nPrivateTmp=yes\\nPrivateDevices=yes\\nProtectProc=invisible\\n' >$dir/confined.conf &&
      systemctl daemon-reload`,
    family: "ipv4",
    proof: `! [ /proc/$(tr -d ' ' </var/spool/postfix/pid/master.pid)/ns/mnt -ef /proc/self/ns/mnt ]`,
  },
];

/** Which Postfix a run is about; `instances.test.ts` has the tests. */
export const instances = {
  several: "two instances, one named by `configDirectory`",
  elsewhere: "`main.cf` in a directory of its own",
} as const;

/** Who holds it in the foreground where there is no systemd; `supervised.test.ts` has the tests. */
export const keepers = {
  supervisor: "in the foreground under a supervisor",
  container: "as the first process of a container",
} as const;

const versions = {
  bullseye: { debian: "11", postfix: "3.5" },
  bookworm: { debian: "12", postfix: "3.7" },
  trixie: { debian: "13", postfix: "3.10" },
  sid: { debian: "sid", postfix: "newest" },
} as const;

/** As the README shows it. */
export function reachTable(): string {
  const rows = kindsOfHost.map(({ options }) => {
    const { suite = "bookworm", kind = "stock", init = "systemd" } = options;
    const { debian, postfix } = versions[suite];
    const configuration = kind === "stock" ? "as Debian installs it" : "lived-in";
    return `| ${debian} | ${postfix} | ${init === "systemd" ? "systemd" : "none"} | ${configuration} |`;
  });
  const row = (init: string) => (name: string) => `| 12 | ${versions.bookworm.postfix} | ${init} | ${name} |`;
  const more = [
    ...[...setups.map(({ name }) => name), ...Object.values(instances)].map(row("systemd")),
    ...Object.values(keepers).map(row("none")),
  ];
  return ["| Debian | Postfix | init | configuration |", "|---|---|---|---|", ...rows, ...more].join("\n");
}

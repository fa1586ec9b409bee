// What is seen of the host from outside: TLS versions, mail, and its configuration as one hash.
import type { Host } from "../lab/host.ts";
import { arrived, sendMail } from "../lab/smtp.ts";
import { handshake, handshakeArgv, type Version, versions } from "../lab/tls.ts";
import type { Desk } from "./desk.ts";
import { Broken, command, print, promise } from "./terminal.ts";

/** One handshake for each version, each printed as it could be typed. */
export async function acceptedNow(host: Host): Promise<Version[]> {
  const accepted: Version[] = [];
  for (const version of versions) {
    command(handshakeArgv(host, { version }).join(" "));
    const { outcome, cipher, text } = await handshake(host, { version });
    if (outcome !== "accepted" && outcome !== "refused")
      throw new Broken(`port 25 answers ${version} by ${outcome}\n${text}`);
    print(`  ${version.padEnd(8)} ${outcome}${cipher === undefined ? "" : `, ${cipher}`}`);
    if (outcome === "accepted") accepted.push(version);
  }
  return accepted;
}

export async function mailArrives(host: Host, id: string): Promise<void> {
  await sendMail(host, { id }, { tls: "starttls" });
  const mail = await arrived(host, id);
  promise("a mail from outside, over STARTTLS, arrives", mail.includes(`X-Lab-Id: ${id}`));
}

const FINGERPRINT =
  'cd /etc/postfix && { find . -printf "%p %y %m %u:%g %l\\n"; find . -type f -exec sha256sum {} +; } | sort | sha256sum';

/** Names, kinds, modes, owners, link targets and content of all that is in /etc/postfix. */
export async function fingerprint(desk: Desk): Promise<string> {
  const { stdout } = await desk.run(`ssh -F ssh_config ${desk.host.address} '${FINGERPRINT}'`);
  return stdout.split(" ")[0] ?? "";
}

/** What a run that changes nothing leaves alone: the master process, the files to the inode and the nanosecond, and the sshd, which nobody asked. */
export async function standing(host: Host): Promise<string> {
  return host.must(
    `cat /var/spool/postfix/pid/master.pid; find /etc/postfix -type f -printf '%p %i %T@ %C@\\n' | sort; journalctl -q -o cat -t sshd -t sshd-session | grep -c '^Accepted '`,
  );
}

// What a run leaves on a host, so that a test can say that it left nothing.
import type { Host } from "../lab/host.ts";

/** Content, names, modes, owners and link targets of a directory, one line each. */
export function directory(host: Host, path = "/etc/postfix"): Promise<string> {
  return host.must(
    `cd ${path} && find . -printf '%p %y %m %U:%G %l\\n' | sort && find . -type f -exec sha256sum {} + | sort -k 2`,
  );
}

/** What every change moves, and what even a look moves: equal traces mean that nothing was done. */
export async function traces(host: Host): Promise<Record<string, string>> {
  const look = {
    master: 'tr -d " " </var/spool/postfix/pid/master.pid',
    files: `stat -c '%n %i %Y %Z %a %U:%G' /etc/postfix/main.cf /etc/postfix/master.cf`,
    reloads: `journalctl -q --no-pager -t postfix/master -t postfix/postfix-script | grep -c 'reload' || :`,
  };
  const entries = Object.entries(look).map(
    async ([name, command]) => [name, (await host.must(command)).trim()] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** How often anyone logged in by ssh. */
export async function logins(host: Host): Promise<number> {
  return Number(await host.must(`journalctl -q --no-pager -t sshd -t sshd-session | grep -c 'Accepted ' || :`));
}

/** Whatever of ours is on the host. */
export async function ours(host: Host): Promise<string[]> {
  const found = await host.must(
    `find /var/lib/mailhost /root /home -name '*mailhost*' 2>/dev/null; ls -d /etc/postfix/*mailhost* /etc/postfix/*.tmp 2>/dev/null; :`,
  );
  return found.split("\n").filter((line) => line !== "");
}

/** TCP connections that the host accepted since it booted, from itself or from outside. */
export async function connections(host: Host): Promise<number> {
  return Number(await host.must(`awk '$1 == "Tcp:" && $2 ~ /^[0-9]/ { print $7 }' /proc/net/snmp`));
}

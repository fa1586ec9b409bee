// main.cf and master.cf as people have them: links, mounts, modes, other tools, odd endings.
import { describe, expect, test } from "vitest";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";

const FLOOR = "tls incoming >= TLSv1.2";
const MODERN = ["TLSv1.2", "TLSv1.3"];

describe("bookworm", () => {
  const bench = useBench({});
  const sh = (command: string): Promise<string> => bench.host.must(`cd /etc/postfix && ${command}`);

  /** Apply holds, a second one does nothing, remove gives every byte, mode, owner and link back. */
  async function cycle(...lines: string[]): Promise<string[]> {
    const before = await bench.fingerprint();
    const modes = await sh("stat -c '%a %U:%G %F' main.cf master.cf");
    const { warnings } = await bench.apply(FLOOR, ...lines);
    expect(await sh("stat -c '%a %U:%G %F' main.cf master.cf")).toBe(modes);
    expect(await acceptedVersions(bench.host)).toEqual(MODERN);
    expect((await bench.apply(FLOOR, ...lines)).changed).toBe(false);
    await bench.remove(FLOOR, ...lines);
    expect(await bench.fingerprint()).toBe(before);
    return warnings.map(({ code }) => code);
  }

  test("a link: its target is edited, the link stays", async () => {
    await sh("mkdir -p /srv/cfg && mv main.cf /srv/cfg/main.cf && ln -s /srv/cfg/main.cf main.cf");
    const target = (): Promise<string> =>
      bench.host.must("stat -c '%a %U:%G %F' /srv/cfg/main.cf; sha256sum /srv/cfg/main.cf");
    const before = await target();
    expect(await cycle()).toContain("symlink");
    expect(await target()).toBe(before);
    await bench.apply(FLOOR);
    expect(await sh("readlink main.cf")).toBe("/srv/cfg/main.cf\n");
    expect(await bench.host.read("/srv/cfg/main.cf")).toContain("smtpd_tls_protocols");
  });

  test.each([
    ["a hard link", "ln main.cf /etc/main.copy", "rm /etc/main.copy", /main\.cf has hard links/],
    [
      "a bind mount",
      "cp main.cf /run/main.cf && mount --bind /run/main.cf main.cf",
      "umount main.cf",
      /main\.cf is a mount point/,
    ],
    ["an immutable file", "chattr +i master.cf", "chattr -i master.cf", /master\.cf can't be written to.*chattr -i/],
    ["an ACL", "setfacl -m u:nobody:r master.cf", "setfacl -b master.cf", /master\.cf has an ACL.*setfacl -b/],
    [
      "another tool's file",
      "sed -i '1i # Managed by Puppet, do not edit' main.cf",
      "true",
      /says "# Managed by Puppet, do not edit".*sharedWith/,
    ],
    [
      "a directory that nobody may write",
      "mount --bind /etc/postfix /etc/postfix && mount -o remount,ro,bind /etc/postfix",
      "cd / && umount /etc/postfix",
      /\/etc\/postfix can't be written to.*read-only/,
    ],
  ])("refuses %s", async (_, make, unmake, error) => {
    await sh(make);
    try {
      expect(await bench.refused(policy(FLOOR))).toMatch(error);
    } finally {
      await sh(unmake);
    }
  });

  test("another tool's file is shared where the policy says so", async () => {
    await sh("sed -i '1i # Ansible managed: main.cf.j2' main.cf");
    await cycle("shared Ansible");
  });

  test("refuses a full disk, with all as it was", async () => {
    await sh(
      "cp -a . /run/postfix.copy && mount -t tmpfs -o size=220k,mode=755 none /etc/postfix && cp -a /run/postfix.copy/. /etc/postfix/",
    );
    try {
      await bench.host.exec("head -c 1M /dev/zero >/etc/postfix/filler");
      expect(await bench.refused(policy(FLOOR))).toMatch(/can't write to \/etc\/postfix; all is as it was/);
    } finally {
      await bench.host.must("umount /etc/postfix && rm -r /run/postfix.copy");
    }
  });

  test.each([
    ["a mode of its own", "chown root:postfix main.cf && chmod 0640 main.cf && chmod 0600 master.cf"],
    ["another owner", "chown user:user main.cf"],
    ["no final newline", "truncate -s -1 main.cf && truncate -s -1 master.cf"],
    ["lines that end as on Windows", "sed -i 's/$/\\r/' main.cf"],
    [
      "a parameter twice, the last one empty of a newline",
      "printf 'smtpd_tls_protocols = !SSLv2\\nsmtpd_tls_protocols = !SSLv3' >>main.cf",
    ],
    [
      "a parameter over many lines with comments between",
      "printf 'smtpd_tls_protocols =\\n  !SSLv2,\\n# comment\\n\\n\\t!SSLv3\\n' >>main.cf",
    ],
    ["blanks at the ends and none around =", "printf 'smtpd_tls_protocols=!SSLv2,!SSLv3   \\n' >>main.cf"],
  ])("gives back %s", async (_, make) => {
    await sh(`${make} && postfix reload`);
    await cycle("option smtp/inet smtpd_banner = x");
  });
});

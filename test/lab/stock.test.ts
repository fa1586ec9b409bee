import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, PASSWORD, type User } from "./host.ts";
import { Lab } from "./lab.ts";
import { releases } from "./roots.ts";
import { arrived, banner, sendMail } from "./smtp.ts";
import { sslyze } from "./sslyze.ts";
import { acceptedVersions, handshake, versions } from "./tls.ts";

const postfixOf = { bullseye: "3.5", bookworm: "3.7", trixie: "3.10" } as const;

describe.each(releases)("stock %s", (suite) => {
  let lab: Lab;
  let host: Host;
  beforeAll(async () => {
    lab = await Lab.open();
    host = await lab.boot({ suite });
  });
  afterAll(() => lab.close());

  test("is Debian as it comes", async () => {
    expect(await host.must("postconf -h mail_version")).toMatch(
      new RegExp(`^${postfixOf[suite].replace(".", "\\.")}\\.`),
    );
    expect(await host.must("systemctl --failed --plain --no-legend")).toBe("");
    expect(await banner(host)).toMatch(/^220 mx1\.lab\.test ESMTP/);
  });

  test("takes mail from outside", async () => {
    await sendMail(host, { id: `stock-${suite}` });
    await arrived(host, `stock-${suite}`);
  });

  if (suite === "trixie") {
    test("offers no TLS at all", async () => {
      expect((await handshake(host)).outcome).toBe("no-starttls");
      await expect(sslyze(host)).rejects.toThrow("no verdict");
    });
  } else {
    test("accepts obsolete TLS", async () => {
      expect(await acceptedVersions(host)).toEqual(versions);
    });

    test("fails Mozilla's intermediate level", async () => {
      const { compliant, complaints } = await sslyze(host);
      expect(compliant).toBe(false);
      expect(complaints.find((text) => text.startsWith("tls_versions: "))).toContain("TLSv1.1");
    });
  }

  test.each<[User, string, string]>([
    ["root", "id -u", "0"],
    ["deploy", "sudo -n id -u", "0"],
    ["dora", "doas -n id -u", "0"],
  ])("lets %s in, by either key", async (user, command, answer) => {
    for (const key of ["ed25519", "rsa"] as const) {
      const result = await host.ssh(command, { user, key });
      expect(result.stderr).toBe("");
      expect(result.stdout.trim()).toBe(answer);
    }
  });

  test("asks the user locked for a password", async () => {
    expect((await host.ssh("sudo -n true", { user: "locked" })).status).not.toBe(0);
    expect((await host.ssh("sudo -S id -u", { user: "locked", stdin: `${PASSWORD}\n` })).stdout.trim()).toBe("0");
    expect((await host.ssh("sudo -n true", { user: "plain" })).status).not.toBe(0);
  });

  test("has each shell and awk that the host program must work with", async () => {
    for (const tool of ["dash", "bash", "busybox", "gawk", "mawk"]) await host.must(`command -v ${tool}`);
    expect(await host.must("readlink -f /usr/bin/awk")).toBe("/usr/bin/mawk\n");
  });

  test("comes back from a reboot and a power cut", async () => {
    await host.must("echo kept >/etc/kept && sync");
    await host.reboot();
    expect(await host.read("/etc/kept")).toBe("kept\n");
    await host.cutPower();
    await host.boot();
    expect(await host.read("/etc/kept")).toBe("kept\n");
  });
});

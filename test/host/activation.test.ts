// Reload where it is enough, restart where Postfix needs one or the policy asks for one.
import { describe, expect, test } from "vitest";
import type { HostOptions } from "../lab/host.ts";
import { banner } from "../lab/smtp.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { whileMailFlows } from "./mails.ts";

const hosts: [string, HostOptions][] = [
  ["bookworm", {}],
  ["lived-in trixie", { suite: "trixie", kind: "lived-in" }],
  ["bookworm without systemd", { init: "plain" }],
];

describe.each(hosts)("%s", (_, options) => {
  const bench = useBench(options);

  test("inet_interfaces takes a restart, seen from outside", async () => {
    const before = await bench.master();
    const { activation } = await bench.apply("set inet_interfaces = loopback-only");
    expect(activation.kind).toBe("restart");
    expect(await bench.master()).not.toBe(before);
    await expect(banner(bench.host)).rejects.toThrow("ECONNREFUSED");
    const { activation: back } = await bench.remove("set inet_interfaces = loopback-only");
    expect(back.kind).toBe("restart");
    expect(await banner(bench.host)).toMatch(/^220/);
    expect(await bench.isPristine()).toBe(true);
  });

  test("import_environment takes one, for master hands on what it had at its start", async () => {
    const handed = async () => {
      await banner(bench.host);
      return (await bench.host.must(`tr '\\0' '\\n' </proc/$(pgrep -n -x smtpd)/environ | grep ^TZ= || true`)).trim();
    };
    const lines = ["set import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ=UTC-7"];
    const { activation } = await bench.apply(...lines);
    expect(activation.kind).toBe("restart");
    expect(await handed()).toBe("TZ=UTC-7");
    expect((await bench.remove(...lines)).activation.kind).toBe("restart");
    expect(await handed()).toBe("");
  });

  test("a restart that is asked for, with no mail lost", async () => {
    const before = await bench.master();
    const lines = ["activate restart", "tls incoming >= TLSv1.2"];
    const { activation } = await whileMailFlows(bench.host, () => bench.apply(...lines), { restart: true });
    expect(activation.kind).toBe("restart");
    const after = await bench.master();
    expect(after).not.toBe(before);
    expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
    const again = await bench.apply(...lines);
    expect(again).toMatchObject({ changed: false, activation });
    expect(await bench.master()).toBe(after);
  });
});

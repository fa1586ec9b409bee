// The whole life of a policy on every kind of host, judged from outside.
import { describe, expect, test } from "vitest";
import { mayBeMissing } from "../lab/roots.ts";
import { acceptedVersions, handshake, type Version, versions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { whileMailFlows } from "./mails.ts";
import { CLASSIC, policy } from "./policies.ts";
import { type KindOfHost, kindsOfHost } from "./reach.ts";

const MODERN: Version[] = ["TLSv1.2", "TLSv1.3"];

const missing = ({ options: { suite = "bookworm", kind = "stock" } }: KindOfHost): boolean => mayBeMissing(suite, kind);

describe.each(kindsOfHost.filter(missing))("$name", () => {
  test.skip("cannot be built today");
});

describe.each(kindsOfHost.filter((kind) => !missing(kind)))("$name", ({ options, ports }) => {
  const bench = useBench(options);
  const accepted = async (): Promise<Record<number, Version[]>> =>
    Object.fromEntries(await Promise.all(ports.map(async (port) => [port, await acceptedVersions(bench.host, port)])));
  const all = (expected: readonly Version[]): Record<number, readonly Version[]> =>
    Object.fromEntries(ports.map((port) => [port, expected]));

  /** What a run without changes must leave alone, to the inode and the nanosecond. */
  const standing = (): Promise<string> =>
    bench.host.must(`cat /var/spool/postfix/pid/master.pid; find /etc/postfix /var/lib/mailhost -type f ! -path '*/lock' -printf '%p %i %s %m %U:%G %T@ %C@\n' | sort
      { cat /var/log/mail.log; journalctl -q -o cat 2>/dev/null; } | grep -c 'reload -- version' || true`);

  test("apply, apply again, restore, while mail flows", async () => {
    expect(await accepted()).toEqual(all(versions));
    const first = await whileMailFlows(bench.host, () => bench.done("apply", policy(...CLASSIC), { user: "root" }));
    expect(await accepted()).toEqual(all(MODERN));
    expect(first.changed).toBe(true);
    expect(first.activation.kind).toBe("reload");
    await expectActivation(first.activation.at);
    for (const { port, protocols } of first.services.filter(({ port }) => port !== 10025))
      expect(protocols, `${port}`).toEqual(ports.length > 0 ? MODERN : []);

    const before = await standing();
    const second = await bench.apply(...CLASSIC);
    expect(second).toMatchObject({ changed: false, changes: [], activation: first.activation });
    expect(second.services.map(({ port }) => port)).toEqual(expect.arrayContaining(ports));
    expect(await standing()).toBe(before);

    expect((await bench.run("audit", policy(...CLASSIC))).status).toBe(0);
    const back = await whileMailFlows(bench.host, () => bench.remove(...CLASSIC));
    expect(back.changed).toBe(true);
    expect(await bench.isPristine()).toBe(true);
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
    expect(await accepted()).toEqual(all(versions));
  });

  /** The receipt's second is the one of master's own line. */
  async function expectActivation(at: string | undefined): Promise<void> {
    const log = await bench.host.must(
      `{ grep 'reload -- version' /var/log/mail.log || journalctl -q -o short-iso | grep 'reload -- version'; } | tail -n 1`,
    );
    const words = log.split(" ");
    const stamp = /^\d{4}-/.test(log)
      ? Date.parse(words[0] ?? "")
      : Date.parse(`${log.slice(0, 15)} ${new Date().getUTCFullYear()} UTC`);
    expect(Math.abs(Date.parse(at ?? "") - stamp)).toBeLessThanOrEqual(2_000);
  }

  if (ports.length === 0) {
    test("is told that a floor has no effect yet", async () => {
      const { services, warnings } = await bench.apply(...CLASSIC);
      expect((await handshake(bench.host)).outcome).toBe("no-starttls");
      expect(services).toEqual([{ name: "smtp/inet", port: 25, protocols: [], starttls: "none" }]);
      expect(warnings.map(({ code }) => code)).toContain("no-starttls");
    });
  }
});

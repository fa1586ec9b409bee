import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { MailhostError } from "../../src/errors.ts";
import { Smtps465Probe } from "../../src/smtps465Probe.ts";
import type { Smtps465ProbeArgs } from "../../src/smtps465ProbeArgs.ts";
import { policyReader, runAwk } from "./hostDecision/awk.ts";
import { connection, run, settled, unhandled } from "./mocks.ts";
import { receipt } from "./receipts.ts";

const answer = {
  protocol: 1,
  host: "mx1",
  changed: true,
  port: 465,
  place: "iptables INPUT",
  since: "2026-11-25T12:00:00Z",
  state: "unverified",
  listener: "postfix",
  warnings: [{ code: "probe-unverified", text: "look outside" }],
};

async function probe(args: Partial<Smtps465ProbeArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const { registered, result } = await run(
    () => new Smtps465Probe("mx1", { connection, ...args }, opts),
    JSON.stringify(answer),
  );
  const policyOf = (name: string) => String(registered.find((resource) => resource.name === name)?.inputs.stdin);
  return { registered, component: result, policy: policyOf("mx1-policy"), policyOf };
}

const owner = "organization/project/stack/mailhost:index:Smtps465Probe/mx1";

describe("a probe's policy", () => {
  it("asks for the classic rule when nothing else is said", async () => {
    const { policy, registered } = await probe();
    expect(policy).toBe(
      [
        "policy   1",
        `owner    ${owner}`,
        "probe    tcp 465",
        "chain    INPUT",
        "source   1024:65535",
        "log      debug SERVICE MONITORING: |",
        "rate     30/minute burst 60",
        "backend  auto",
        "persist  yes",
        "networks 24 48",
        "retain   400",
        "destroy  keep",
        "",
      ].join("\n"),
    );
    expect(registered.map(({ name }) => name)).toEqual(["mx1", "mx1-program", "mx1-policy"]);
  });

  it("says every argument in a line of its own, in a form that has no second", async () => {
    const { policy } = await probe({
      destinations: ["2001:DB8:0::1", pulumi.output("192.0.2.1")],
      port: 993,
      chain: "INPUT_ETH0",
      sourcePorts: "1:65535",
      prefix: "imaps: ",
      level: "info",
      ratePerMinute: 1,
      rateBurst: 2,
      backend: "nft",
      persist: false,
      ipv4NetworkLength: 16,
      ipv6NetworkLength: 32,
      ignoreNetworks: ["192.0.2.9", "2001:DB8::/32"],
      retainDays: 30,
      onDestroy: "remove",
      formerly: ["a/b/c/d/e"],
      repair: 2,
    });
    expect(policy.split("\n").slice(2)).toEqual([
      "former   a/b/c/d/e",
      "probe    tcp 993",
      "to       192.0.2.1",
      "to       2001:db8::1",
      "chain    INPUT_ETH0",
      "source   1:65535",
      "log      info imaps: |",
      "rate     1/minute burst 2",
      "backend  nft",
      "persist  no",
      "networks 16 32",
      "ignore   192.0.2.9/32",
      "ignore   2001:db8::/32",
      "retain   30",
      "destroy  remove",
      "repair   2",
      "",
    ]);
    const read = runAwk(["mawk"], policyReader, policy);
    expect(read).toMatchObject({ status: 0, stderr: "" });
    expect(read.stdout).toContain("log\tinfo\timaps: |\nrate\t1/minute\t2\n");
  });

  it("gives the service a name of its own in the log by a policy of its own, before the rules", async () => {
    const { policyOf, registered } = await probe({ syslogName: "postfix/smtps" });
    expect(registered.map(({ name }) => name)).toEqual(["mx1", "mx1-program", "mx1-syslogName", "mx1-policy"]);
    expect(policyOf("mx1-syslogName")).toBe(
      `policy   1\nowner    ${owner}\noption   465/inet syslog_name = postfix/smtps\nactivate reload\ndestroy  restore\n`,
    );
  });
});

describe("a probe's outputs", () => {
  it("warns of what the option's own transaction warns of, too", async () => {
    const option = { ...receipt, warnings: [...receipt.warnings, { code: "held", text: "no guard is here" }] };
    const { result } = await run(
      () => new Smtps465Probe("mx1", { connection, syslogName: "postfix/smtps" }),
      (name) => JSON.stringify(name === "mx1-syslogName" ? option : answer),
    );
    expect(await settled(result.warnings)).toEqual([...option.warnings, ...answer.warnings]);
  });

  it("are what the host said", async () => {
    const { component } = await probe();
    expect(await settled(component.state)).toBe("unverified");
    expect(await settled(component.place)).toBe("iptables INPUT");
    expect(await settled(component.since)).toBe("2026-11-25T12:00:00Z");
    expect(await settled(component.listener)).toBe("postfix");
    expect(await settled(component.warnings)).toEqual(answer.warnings);
  });
});

describe("a mistake in a probe's arguments is one line, before anything is registered", () => {
  it.each<[args: object, message: string]>([
    [{ prot: 465 }, /^prot is not an argument; there are connection, destinations, port, /],
    [{ port: 0 }, "port is 0; use a whole number from 1 to 65535"],
    [{ port: pulumi.output(465) }, "port is an output; use a plain value, known before anything runs"],
    [{ destinations: [] }, "destinations is empty; leave it out to watch all addresses of the host"],
    [{ destinations: "192.0.2.1" }, 'destinations is "192.0.2.1"; use a list'],
    [{ destinations: ["mx1"] }, 'destinations[0] is "mx1"; use an IPv4 or IPv6 address'],
    [{ destinations: ["127.0.0.1"] }, 'destinations[0] is "127.0.0.1"; use an address that others connect to'],
    [
      { destinations: ["::ffff:192.0.2.1"] },
      'destinations[0] is "::ffff:192.0.2.1"; use a unicast IPv4 or IPv6 address',
    ],
    [{ destinations: ["ff02::1"] }, 'destinations[0] is "ff02::1"; use a unicast IPv4 or IPv6 address'],
    [
      { chain: "INPUT;reboot" },
      'chain is "INPUT;reboot"; use a chain of the filter table: at most 28 letters, digits and _ . -',
    ],
    [{ chain: "-F" }, 'chain is "-F"; use a chain of the filter table: at most 28 letters, digits and _ . -'],
    [{ sourcePorts: "1024-65535" }, 'sourcePorts is "1024-65535"; use FIRST:LAST, such as 1024:65535'],
    [{ sourcePorts: "2:1" }, 'sourcePorts is "2:1"; use FIRST:LAST, such as 1024:65535'],
    [
      { prefix: "smtps-465-probe-mx1.example.com: ", backend: "iptables" },
      'prefix is "smtps-465-probe-mx1.example.com: "; it has 33 characters; backend iptables takes at most 29',
    ],
    [{ prefix: "x".repeat(127) }, /^prefix is "x+…; it has 127 characters; backend auto takes at most 126$/],
    [{ prefix: 'a"b' }, 'prefix is "a\\"b"; use printable ASCII without " \\ |'],
    [{ prefix: " " }, 'prefix is " "; use a text such as "SERVICE MONITORING: "'],
    [{ prefix: "a\nb" }, 'prefix is "a\\nb"; a newline is not accepted'],
    [{ level: "loud" }, 'level is "loud"; use one of debug, info, notice, warning'],
    [{ backend: "ufw" }, 'backend is "ufw"; use one of auto, iptables, legacy, nft'],
    [{ ratePerMinute: 0 }, "ratePerMinute is 0; use a whole number from 1 to 10000"],
    [{ ipv4NetworkLength: 33 }, "ipv4NetworkLength is 33; use a whole number from 8 to 32"],
    [
      { ignoreNetworks: ["192.0.2.0/33"] },
      'ignoreNetworks[0] is "192.0.2.0/33"; use ADDRESS or ADDRESS/LENGTH, such as 192.0.2.0/24',
    ],
    [{ retainDays: 0 }, "retainDays is 0; use a whole number from 1 to 3650"],
    [{ syslogName: "a b" }, 'syslogName is "a b"; use a name such as postfix/smtps'],
    [{ onDestroy: "restore" }, 'onDestroy is "restore"; use one of keep, remove'],
  ] as [object, string][])("%o", async (args, message) => {
    let error: unknown;
    const { registered } = await run(() => {
      try {
        Reflect.construct(Smtps465Probe, ["mx1", { connection, ...args }]);
      } catch (thrown) {
        error = thrown;
      }
    });
    expect(error).toBeInstanceOf(MailhostError);
    const said = error instanceof Error ? error.message.replace("mx1.example.com: ", "") : "";
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
    expect(registered).toEqual([]);
  });

  it("waits for an address that is an output, and refuses it by the same line", async () => {
    const errors = await unhandled(() => probe({ destinations: [pulumi.output("mx1")] }));
    expect(errors.map(String).join()).toContain('destinations[0] is "mx1"; use an IPv4 or IPv6 address');
  });
});

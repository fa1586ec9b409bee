// A probe's rules in the packet filters that people have: seen by every connection, and gone without a trace.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../lab/lab.ts";
import { until } from "../lab/run.ts";
import { ProbeBench } from "./probeBench.ts";

let lab: Lab;
let bench: ProbeBench;
let empty: string;

beforeAll(async () => {
  lab = await Lab.open();
  bench = new ProbeBench(await lab.boot({ kind: "firewalls", addresses: 2 }));
  await bench.prepare();
  empty = await bench.dump();
});
afterAll(() => lab.close());
afterEach(async () => {
  await bench.done("remove");
  await bench.host.must(`systemctl stop firewalld; ufw --force disable >/dev/null; nft flush ruleset; ip link show docker0 >/dev/null 2>&1 && ip link del docker0
    test ! -e /var/lib/mailhost && ! ls /etc/systemd/system/mailhost* 2>/dev/null`);
});

const host = () => bench.host;

describe("on a host without rules", () => {
  test("the rules are the classic ones, new connections only, and a count beside each", async () => {
    const { place, state, listener, story } = await bench.apply(`to ${host().address}`, `to ${host().address6}`);
    expect({ place, listener }).toEqual({ place: "iptables INPUT", listener: "none" });
    const match = (address: string) =>
      `-A INPUT -d ${address} -p tcp -m tcp --sport 1024:65535 --dport 465 --tcp-flags FIN,SYN,RST,ACK SYN`;
    const pair = (address: string) => [
      `${match(address)} -m comment --comment "mailhost 465 count"`,
      `${match(address)} -m limit --limit 30/min --limit-burst 60 -m comment --comment "mailhost 465 log" -j LOG --log-prefix "SERVICE MONITORING: " --log-level 7`,
    ];
    expect(await bench.rules()).toEqual(pair(`${host().address}/32`));
    expect(await bench.rules("INPUT", "ip6tables")).toEqual(pair(`${host().address6}/128`));
    expect(story).toContain(
      `mx1: log and count new connections from ports 1024:65535 to ${host().address} port 465, as "SERVICE MONITORING: " (iptables INPUT)`,
    );
    // Here the kernel drops the line: what only counts is never said to be verified.
    expect(state).toBe("unverified");
    expect(await bench.counts()).toBe(true);
    expect(await bench.counts(host().address6)).toBe(true);
    // An address that was not asked for.
    expect(await bench.counts(host().addresses[1])).toBe(false);
    await bench.done("remove");
    expect(await bench.dump()).toBe(empty);
  });

  test("the rules stand, and it says so, where the timer can't be put in place", async () => {
    const units = "/etc/systemd/system";
    await host().must(`mount --bind ${units} ${units} && mount -o remount,ro,bind ${units}`);
    try {
      const reason = `can't write ${units}/mailhost-evidence.service`;
      const first = await bench.run("apply");
      expect(first.status, first.stderr).toBe(3);
      expect(first.last).toBe(
        `mx1: error: the change stands, but nothing collects evidence or puts the rules back after a reboot: ${reason}; run again`,
      );
      expect(JSON.parse(first.stdout)).toMatchObject({ changed: true, place: "iptables INPUT" });
      expect(await bench.counts()).toBe(true);
      expect(await bench.run("apply")).toMatchObject({
        status: 1,
        stdout: "",
        last: `mx1: error: nothing collects evidence: ${reason}`,
      });
    } finally {
      await host().must(`umount ${units}`);
    }
    expect((await bench.apply()).story).toContain("nothing to change");
    expect((await bench.run("audit")).status).toBe(0);
  });

  test("a second run changes nothing, and a changed argument replaces ours alone", async () => {
    await bench.apply();
    const before = await host().must(
      "nft -a list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'; stat -c '%n %i %Y' /etc/systemd/system/mailhost* /var/lib/mailhost/probes/465.*",
    );
    expect((await bench.apply()).story).toContain("nothing to change");
    expect((await bench.run("audit")).status).toBe(0);
    expect(
      await host().must(
        "nft -a list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'; stat -c '%n %i %Y' /etc/systemd/system/mailhost* /var/lib/mailhost/probes/465.*",
      ),
    ).toBe(before);
    expect((await bench.run("plan", "log info OTHER: |")).stderr).toContain("would log and count");
    expect((await bench.run("audit", "log info OTHER: |")).status).toBe(4);
    await bench.apply("log info OTHER: |");
    await bench.stopTimer();
    const { status, stderr, stdout } = await bench.run("audit", "log info OTHER: |");
    expect(status).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, collector: "mailhost-evidence.timer is inactive" });
    expect(stderr).toContain("differs evidence mailhost-evidence.timer: inactive -> active; held by org/proj/dev/");
    const rules = await bench.rules();
    expect(rules).toHaveLength(4);
    expect(rules.filter((rule) => rule.includes('--log-prefix "OTHER: " --log-level 6'))).toHaveLength(2);
  });

  test("a second component for the port is refused, naming the first; a renamed one takes over", async () => {
    await bench.apply();
    const other = "owner org/proj/dev/mailhost:index:Smtps465Probe/other";
    expect((await bench.run("apply", other)).last).toBe(
      "mx1: error: port 465 is probed for org/proj/dev/mailhost:index:Smtps465Probe/mx already; one probe a port is enough",
    );
    const renamed = [other, "former org/proj/dev/mailhost:index:Smtps465Probe/mx"];
    expect((await bench.apply(...renamed)).story).toContain("nothing to change");
    await bench.done("remove", other);
    expect(await bench.dump()).toBe(empty);
  });

  test("after a reboot the rules are back by themselves", async () => {
    await bench.apply();
    await host().reboot();
    await until("the rules", async () => ((await bench.rules()).length === 4 ? true : undefined));
    expect(await bench.counts()).toBe(true);
  });

  test("the collector puts rules back that another tool flushed", async () => {
    await bench.apply();
    await bench.stopTimer();
    await host().must("iptables -F; ip6tables -F");
    expect(await bench.collect()).toContain("put the probe of port 465 back in iptables INPUT");
    expect(await bench.counts()).toBe(true);
    expect(await bench.collect()).toBe("");
  });
});

describe("beside rules of others", () => {
  /** Applies beside these rules, looks, removes; the rest must be as it was. */
  async function beside(
    commands: string,
    wanted: { place: string; counts?: boolean },
    ...lines: string[]
  ): Promise<void> {
    await host().must(commands);
    const before = await bench.dump();
    expect((await bench.apply(...lines)).place).toBe(wanted.place);
    expect(await bench.counts()).toBe(wanted.counts ?? true);
    expect((await bench.apply(...lines)).story).toContain("nothing to change");
    await bench.done("remove");
    expect(await bench.dump()).toBe(before);
  }

  test("rules that cannot match leave the classic place free", async () => {
    await beside(
      `iptables -A INPUT -i lo -j ACCEPT
      iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      iptables -A INPUT -p tcp -m multiport --dports 25,587 -m comment --comment 'not -j 465' -j ACCEPT
      iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -A INPUT -p icmp -j DROP; iptables -P INPUT DROP`,
      { place: "iptables INPUT" },
    );
  });

  test.each([
    ["an accepted port", "iptables -A INPUT -p tcp --dport 465 -j ACCEPT"],
    ["a range of ports", "iptables -A INPUT -p tcp -m multiport --dports 400:500 -j ACCEPT"],
    ["all of a network", "iptables -A INPUT -s 10.0.0.0/8 -j ACCEPT"],
    ["everything", "iptables -P INPUT DROP; iptables -A INPUT -j DROP"],
    ["everything, in a chain", "iptables -N SITE; iptables -A SITE -p tcp -j REJECT; iptables -A INPUT -j SITE"],
    [
      "fail2ban's chain",
      "iptables -N f2b-postfix; iptables -A f2b-postfix -s 203.0.113.9 -j REJECT; iptables -A f2b-postfix -j RETURN; iptables -I INPUT -p tcp -m multiport --dports 25,465 -j f2b-postfix",
    ],
    ["a rule for IPv6 alone", "ip6tables -A INPUT -p tcp --dport 465 -j ACCEPT"],
  ])("a rule that ends the way before (%s) leads to a table of our own", async (_, commands) => {
    await beside(commands, { place: "nft" });
  });

  test("a port that docker publishes never passes INPUT, and is seen before it is translated", async () => {
    await beside(
      `ip link add docker0 type dummy; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up
      iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
      iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 465 -j DNAT --to-destination 172.17.0.2:465`,
      { place: "nft" },
      `to ${host().address}`,
      `to ${host().address6}`,
    );
  });

  test("a rule that comes before ours later moves ours, at the collector's next look", async () => {
    await bench.apply();
    await bench.stopTimer();
    await host().must(
      "iptables -I INPUT -p tcp --dport 465 -j ACCEPT; ip6tables -I INPUT -p tcp --dport 465 -j ACCEPT",
    );
    expect(await bench.collect()).toContain("put the probe of port 465 back in nft");
    expect(await bench.rules()).toEqual([]);
    expect(await bench.counts()).toBe(true);
  });

  test("ufw", async () => {
    await host().must("ufw allow 22/tcp; ufw allow 25/tcp; ufw allow 465/tcp; ufw --force enable");
    const before = await bench.dump();
    expect((await bench.apply()).place).toBe("nft");
    expect(await bench.counts()).toBe(true);
    await host().must("ufw reload");
    await bench.collect();
    expect(await bench.counts()).toBe(true);
    await bench.done("remove");
    expect(await bench.dump()).toBe(before);
  });

  test("firewalld", async () => {
    await host().must(
      "systemctl start firewalld && firewall-cmd -q --add-port=465/tcp --permanent && firewall-cmd -q --reload",
    );
    const before = await bench.dump();
    expect((await bench.apply()).place).toBe("nft");
    expect(await bench.counts()).toBe(true);
    await host().must("firewall-cmd -q --reload");
    await bench.collect();
    expect(await bench.counts()).toBe(true);
    await bench.done("remove");
    expect(await bench.dump()).toBe(before);
  });
});

test("probes of two ports in two places are both counted, each packet once", async () => {
  const other = ["owner org/proj/dev/mailhost:index:Smtps465Probe/other", "probe tcp 587", "backend nft"];
  const counted = async (): Promise<number[]> => {
    await bench.collect();
    const rows = await host().must(
      "awk '$1 == \"counted\" { sum[$2] += $7 } END { print sum[465] + 0, sum[587] + 0 }' /var/lib/mailhost/evidence/*.tsv",
    );
    return rows.trim().split(" ").map(Number);
  };
  expect((await bench.apply("backend iptables")).place).toBe("iptables INPUT");
  expect((await bench.apply(...other)).place).toBe("nft");
  await bench.stopTimer();
  const [smtps = 0, submission = 0] = await counted();
  await bench.knock();
  await bench.knock(host().address, 587);
  expect(await counted()).toEqual([smtps + 1, submission + 1]);
  await bench.done("remove", ...other);
});

describe("what is asked for and can't be", () => {
  async function refused(...lines: string[]): Promise<string> {
    const before = await bench.dump();
    const { status, last } = await bench.run("apply", ...lines);
    expect(status).toBe(1);
    expect(await bench.dump()).toBe(before);
    return last.replace("mx1: error: ", "");
  }

  test("a chain of the host's own gets the rules if packets pass it, and must exist", async () => {
    expect(await refused("chain INPUT_ETH0")).toBe(
      'chain is "INPUT_ETH0", and iptables has no such chain; use INPUT or make it first',
    );
    for (const tool of ["iptables", "ip6tables"])
      await host().must(`${tool} -N INPUT_ETH0; ${tool} -A INPUT -i host0 -j INPUT_ETH0`);
    expect((await bench.apply("chain INPUT_ETH0")).place).toBe("iptables INPUT_ETH0");
    expect(await bench.counts()).toBe(true);
    await bench.done("remove");
    await host().must("iptables -A INPUT_ETH0 -p tcp --dport 465 -j ACCEPT");
    expect(await refused("chain INPUT_ETH0")).toMatch(/^chain INPUT_ETH0: "-A INPUT_ETH0 .*ACCEPT" comes before/);
  });

  test("iptables where another rule or a translation comes first names it", async () => {
    await host().must("iptables -A INPUT -p tcp --dport 465 -j ACCEPT");
    expect(await refused("backend iptables")).toMatch(/^chain INPUT: "-A INPUT -p tcp .*465 -j ACCEPT" comes before/);
    await host().must(
      "iptables -F; iptables -t nat -A PREROUTING -p tcp --dport 465 -j DNAT --to-destination 172.17.0.2",
    );
    expect(await refused("backend iptables")).toMatch(/port 465 is translated before INPUT sees it/);
  });

  test("an address that is not the host's names those that are", async () => {
    expect(await refused("to 198.51.100.7")).toMatch(
      new RegExp(`^destinations: 198\\.51\\.100\\.7 is no address of this host \\(.*${host().address} `),
    );
  });

  test("iptables-legacy where it was asked for", async () => {
    expect((await bench.apply("backend legacy")).place).toBe("legacy INPUT");
    expect(await bench.rules("INPUT", "iptables-legacy")).toHaveLength(4);
    await bench.done("remove");
    expect(await bench.rules("INPUT", "iptables-legacy")).toEqual([]);
  });
});

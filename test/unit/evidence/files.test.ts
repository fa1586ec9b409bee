// Log files as they live: rotated, truncated, compressed, replaced, cut in the middle of a line, and read by runs that die.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Collector, type CollectorOptions, OPTIONS, packet, SERVICES, session } from "./collector.ts";

let collector: Collector;
const start = (options: CollectorOptions = {}): Collector => {
  collector = new Collector(options);
  return collector;
};
afterEach(() => collector.remove());

/** The n-th login, a minute after the one before. */
const login = (n: number): string[] => {
  const time = new Date(Date.parse("2026-11-25T08:00:00Z") + n * 60_000).toISOString();
  return session(time, n, "x[192.0.2.1]", "bob");
};
const gaps = (): string[] => collector.rows().filter((row) => row.includes(" gap "));

describe.each<[string, CollectorOptions, boolean]>([
  ["dash", { shell: ["dash"] }, true],
  ["busybox", { shell: ["busybox", "sh"], awk: ["busybox", "awk"] }, false],
  ["bash", { shell: ["bash"], awk: ["gawk"] }, false],
])("%s reads a log on", (_, options, late) => {
  it("through rotation by renaming, twice between two runs, and by copying and truncating", () => {
    start(options);
    collector.write("mail.log", ...login(1));
    collector.collect();
    collector.write("mail.log", ...login(2));
    collector.in("mv mail.log mail.log.1");
    collector.write("mail.log", ...login(3));
    collector.in("mv mail.log.1 mail.log.2; gzip mail.log.2; mv mail.log mail.log.1");
    // The syslog daemon makes the new file with its first line only.
    if (late) collector.collect();
    collector.write("mail.log", ...login(4));
    collector.collect();
    expect(collector.total("login")).toBe(4);
    collector.write("mail.log", ...login(5));
    collector.in("cp mail.log mail.log-20261125; : >mail.log");
    collector.write("mail.log", ...login(6), ...login(7), ...login(8));
    collector.collect();
    expect(collector.total("login")).toBe(8);
    expect(collector.collect()).toEqual(collector.rows());
    expect(collector.total("login")).toBe(8);
    expect(gaps()).toEqual([]);
  });

  it.each([
    ["copied, truncated", "cp -p mail.log mail.log.1; : >mail.log"],
    ["renamed, and a new one not made yet,", "mv mail.log mail.log.1"],
  ])("that is %s and compressed at once, also where it was empty at the last run", (_, rotation) => {
    start(options);
    const rotate = (): void =>
      collector.in(`for n in 2 1; do [ ! -e mail.log.$n.gz ] || mv mail.log.$n.gz mail.log.$((n + 1)).gz; done
        ${rotation}; gzip mail.log.1`);
    collector.write("mail.log", ...login(1));
    rotate();
    collector.collect();
    expect(collector.total("login")).toBe(1);
    collector.collect();
    collector.write("mail.log", ...login(2), ...login(3));
    rotate();
    collector.write("mail.log", ...login(4), ...login(5));
    rotate();
    collector.write("mail.log", ...login(6));
    collector.collect();
    expect(collector.total("login")).toBe(6);
    expect(gaps()).toEqual([]);
  });
});

describe("a log", () => {
  it("is read from its oldest file on at the first run, compressed ones too, one that is just being compressed once", () => {
    start();
    for (let n = 1; n <= 5; n += 1) {
      collector.write(`mail.log.${6 - n}`, ...login(n * 10));
      collector.touch(`mail.log.${6 - n}`, new Date(Date.parse("2026-11-25T08:01:00Z") + n * 600_000).toISOString());
    }
    collector.in("cp -p mail.log.1 keep; gzip mail.log.5; xz mail.log.4; zstd -q --rm mail.log.3; bzip2 mail.log.2");
    collector.in("gzip -k mail.log.1; cmp keep mail.log.1");
    collector.write("mail.log", ...login(60));
    collector.write("mail.log.note", ...login(61));
    collector.collect();
    expect(collector.total("login")).toBe(6);
    expect(collector.whole().filter((row) => /\tcover\t465/.test(row))[0]).toMatch(/\t3000\t1795594200\t1795597200$/);
    expect(gaps()).toEqual([]);
  });

  it("is read to the last whole line; the rest waits", () => {
    start();
    const text = `${[...login(1), ...login(2)].join("\n")}\n`;
    writeFileSync(collector.path("mail.log"), text.slice(0, -40));
    collector.collect();
    writeFileSync(collector.path("mail.log"), text.slice(-40), { flag: "a" });
    collector.collect();
    expect(collector.rows().filter((row) => row.includes(" login "))[0]).toMatch(/ bob 2$/);
    // The end of the session was read, and nothing was counted as a login without a name.
    expect(collector.total("login")).toBe(2);
  });

  it("that is gone without a trace leaves a gap, and no line of it counts again", () => {
    start();
    collector.write("mail.log", ...login(1), ...login(2));
    collector.collect();
    collector.in("rm mail.log");
    // What came meanwhile was in a file that is gone too; an old copy comes back from a backup.
    collector.write("mail.log", "2026-11-25T07:00:00Z mx1 other[1]: x", ...login(1), ...login(2), ...login(90));
    collector.collect(10_000);
    expect(collector.total("login")).toBe(3);
    expect(gaps()).toEqual([expect.stringMatching(/gap - - - - collector 5280$/)]);
  });

  it("of the kernel that is gone leaves a gap of its own, and spoils the rest only where Postfix's lines need it", () => {
    for (const clientPorts of [false, true]) {
      const shared = { services: SERVICES.replace(/ -o syslog_name=postfix\/smtps/, ""), options: "", clientPorts };
      start(clientPorts ? shared : {});
      collector.write("mail.log", ...login(1));
      collector.write("kern.log", packet("2026-11-25T08:01:00Z", "192.0.2.1", 4_001));
      collector.counters = "465\t4\t1\n";
      collector.collect();
      collector.in("rm kern.log");
      collector.write("mail.log", ...login(2));
      collector.write("kern.log", packet("2026-11-25T12:09:00Z", "192.0.2.1", 4_002));
      collector.counters = "465\t4\t2\n";
      collector.collect();
      // Lines of a time before the first run are nobody's.
      const before = clientPorts ? ["2026-11-25 gap 465 - - - unattributed 60"] : [];
      const gone = clientPorts ? "465 client ports - - unattributed 240" : "- - - - kernel 240";
      expect(gaps()).toEqual([`2026-11-25 gap ${gone}`, ...before].sort());
      // Written anew by an editor, with all that was counted: no gap, and nothing counts again.
      collector.in("{ echo '2026-11-25T07:00:00Z mx1 other[1]: x'; cat kern.log; } >edited; mv edited kern.log");
      collector.write("kern.log", packet("2026-11-25T12:14:00Z", "192.0.2.1", 4_003));
      collector.counters = "465\t4\t3\n";
      collector.collect();
      expect(collector.total("syn")).toBe(3);
      expect(gaps()).toEqual([`2026-11-25 gap ${gone}`, ...before].sort());
      collector.remove();
    }
    start();
  });

  it("that was silent for more than three days leaves a gap; less is no gap", () => {
    start();
    const at = (day: number) => session(`2026-11-${day}T08:00:00Z`, day, "x[192.0.2.1]", "bob");
    collector.write("mail.log", ...at(10), ...at(12), ...at(16));
    collector.collect();
    collector.write("mail.log", ...at(25));
    collector.collect();
    const days = gaps().map((row) => row.slice(8, 10));
    expect(days).toEqual(
      ["12", "13", "14", "15", "16", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25"].filter(
        (day, i, all) => all.indexOf(day) === i,
      ),
    );
    expect(
      collector
        .rows()
        .filter((row) => row.includes(" cover 465"))
        .map((row) => row.slice(8, 10)),
    ).toEqual(["10", "11", "12", "16", "25"]);
  });

  it("of kernel and Postfix together is read once", () => {
    start();
    const one = `mail_files() { echo ${collector.path("syslog")}; }; kernel_files() { echo ${collector.path("syslog")}; };`;
    collector.write("syslog", packet("2026-11-25T08:00:59Z", "192.0.2.1"), ...login(1));
    collector.run(`${one} collect_now`);
    collector.write("syslog", ...login(2));
    collector.run(`${one} collect_now`);
    expect([collector.total("syn"), collector.total("login"), collector.total("connect")]).toEqual([1, 2, 2]);
  });

  it("that does not exist is a gap, never a zero", () => {
    start();
    collector.in("touch kern.log");
    collector.collect();
    expect(collector.verdict()).toMatch(
      /^not enough evidence: no log of port 465 was read yet; this host has neither a journal nor a mail log$/,
    );
    collector.write("mail.log", ...login(1));
    collector.collect();
    expect(collector.total("login")).toBe(1);
  });
});

describe("a run that is killed", () => {
  it("counts all, or nothing, once", async () => {
    start();
    const began = performance.now();
    collector.collect();
    const whole = performance.now() - began;
    const rounds = 10;
    for (let round = 1; round <= rounds; round += 1) {
      if (round === 4 || round === 8) collector.in(`mv mail.log mail.log.${9 - round}`);
      collector.write("mail.log", ...login(round));
      await collector.killed((whole * round * 1.2) / rounds);
    }
    collector.collect();
    expect(collector.total("login")).toBe(rounds);
    expect(collector.leftovers).toEqual([]);
  });

  it("after its commit point is finished by the next", () => {
    start();
    collector.write("mail.log", ...login(1));
    expect(() =>
      collector.run('mv() { case $2 in */ready) command mv "$@"; exit 9 ;; *) command mv "$@" ;; esac; }; collect_now'),
    ).toThrow();
    expect(collector.leftovers).toContain("ready");
    expect(collector.rows()).toEqual([]);
    collector.write("mail.log", ...login(2));
    collector.collect();
    expect(collector.total("login")).toBe(2);
  });
});

describe("lines of a service that shares its name", () => {
  const shared = {
    services: SERVICES.replace(" -o syslog_name=postfix/smtps", ""),
    options: OPTIONS.replace(/^smtps.*syslog_name.*\n/m, ""),
  };
  const at = (time: string, text: string) => `2026-11-25T${time}Z mx1 postfix/smtpd[5]: ${text}`;

  it("are nobody's, and the verdict says what to do", () => {
    start(shared);
    collector.write(
      "mail.log",
      at("08:00:00", "connect from x[192.0.2.1]"),
      at("10:00:00", "disconnect from x[192.0.2.1] auth=1"),
    );
    expect(collector.collect()).toContain("2026-11-25 gap 465 - - - unattributed 7200");
    expect(collector.total("login")).toBe(0);
    expect(collector.verdict()).toBe(
      "not enough evidence: the service on port 465 logs under the same name as another; give it a syslog_name of its own",
    );
  });

  it("are the port's where the client's port is in the kernel's line too, also in another run", () => {
    start({ ...shared, clientPorts: true });
    const mail = (client: string, who: string) => `4FxA: client=${client}, sasl_method=PLAIN, sasl_username=${who}`;
    collector.write("mail.log", at("11:58:00", "connect from old[192.0.2.9]:1"));
    collector.write("kern.log", packet("2026-11-25T12:03:00Z", "192.0.2.1", 4001));
    collector.write("kern.log", packet("2026-11-25T12:04:59Z", "2001:0db8:0000:0000:0001:0000:0000:0001", 4002));
    collector.write(
      "mail.log",
      at("12:03:01", "connect from x[192.0.2.1]:4001"),
      at("12:03:02", mail("x[192.0.2.1]:4001", "bob")),
    );
    collector.write("mail.log", at("12:03:03", "disconnect from x[192.0.2.1]:4001 auth=1"));
    collector.write(
      "mail.log",
      at("12:03:04", "connect from y[192.0.2.1]:4003"),
      at("12:03:05", mail("y[192.0.2.1]:4003", "on25")),
    );
    collector.collect();
    collector.write(
      "mail.log",
      at("12:05:01", "connect from z[2001:db8::1:0:0:1]:4002"),
      at("12:05:02", mail("z[2001:db8::1:0:0:1]:4002", "carol")),
    );
    const rows = collector.collect();
    expect(rows.filter((row) => row.includes(" login "))).toEqual([
      "2026-11-25 login 465 postfix 4 192.0.2.0/24 bob 1",
      "2026-11-25 login 465 postfix 6 2001:db8::/48 carol 1",
    ]);
    // The connection is in the state no longer than it takes.
    collector.collect(3_600);
    collector.write("kern.log", packet("2026-11-25T13:14:00Z", "198.51.100.1", 1));
    collector.collect();
    expect(readFileSync(join(collector.dir, "state/evidence/state.tsv"), "utf8")).not.toContain("192.0.2.1:4001");
  });
});

describe("counters", () => {
  it("are counted as what was added, through a reset, and say where the log has fewer lines", () => {
    start();
    const read = (packets: number, lines: number) => {
      collector.counters = `465\t4\t${packets}\n`;
      const time = new Date(collector.now * 1000).toISOString();
      for (let i = 0; i < lines; i += 1) collector.write("kern.log", packet(time, "192.0.2.1"));
      collector.collect();
      return [collector.total("counted"), collector.total("syn"), collector.total("gap")];
    };
    expect(read(3, 3)).toEqual([3, 3, 0]);
    // A line comes a moment later than its packet was counted: nothing is lost.
    expect(read(5, 1)).toEqual([5, 4, 0]);
    expect(read(5, 1)).toEqual([5, 5, 0]);
    expect(read(105, 10)).toEqual([105, 15, 0]);
    expect(read(105, 0)).toEqual([105, 15, 90]);
    expect(read(2, 2)).toEqual([107, 17, 90]);
    expect(read(2, 0)).toEqual([107, 17, 90]);
  });
});

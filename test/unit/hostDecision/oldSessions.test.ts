// Which sessions run on older settings, and which of them may be ended: from what /proc and ss show.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Awk, runAwk, source, withEachAwk } from "./awk.ts";

type Files = Record<string, string>;

function read(awk: Awk, program: string, variables: string[], files: Files): string[] {
  const work = mkdtempSync(join(tmpdir(), "mailhost-sessions-"));
  try {
    const named = Object.entries(files).flatMap(([name, text]) => {
      writeFileSync(join(work, name), text);
      const separator = name === "services" || name === "sessions" ? "\t" : " ";
      return [`FS=${separator}`, `file=${name}`, join(work, name)];
    });
    const assigned = ["OFS=\t", ...variables].flatMap((variable) => ["-v", variable]);
    const { status, stdout, stderr } = runAwk(awk, [...assigned, "-f", source(program), ...named]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout.split("\n").filter(Boolean).sort();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const descriptors = (byProcess: Record<number, Record<number, string>>): string =>
  Object.entries(byProcess)
    .map(([process, files]) => {
      const lines = Object.entries(files).map(([fd, to]) => `lrwx------ 1 root root 64 Nov 25 16:31 ${fd} -> ${to}`);
      return [`/proc/${process}/fd:`, "total 0", ...lines, ""].join("\n");
    })
    .join("\n");

withEachAwk("sessions on older settings", (awk) => {
  const files: Files = {
    stat: `100 (master) S 1 100 0
201 (smtpd) S 100 100 0
202 (smtpd) S 100 100 0
203 (smtpd) S 999 999 0
204 (postscreen) S 1 100 0
205 (tlsproxy) S 100 100 0
206 (cleanup) S 100 100 0
207 (smtpd) S 1 100 0
`,
    fds: descriptors({
      201: { 5: "socket:[51]", 10: "socket:[1001]", 16: "socket:[1009]" },
      202: { 5: "socket:[52]", 10: "socket:[1002]" },
      203: { 5: "socket:[53]", 10: "socket:[1003]" },
      204: { 5: "socket:[54]", 11: "socket:[1004]", 12: "socket:[1005]" },
      205: { 5: "socket:[52]", 10: "socket:[1006]" },
      207: { 5: "socket:[57]", 10: "socket:[1007]" },
      100: { 17: "socket:[52]", 18: "pipe:[51]x", 19: "anon_inode:[eventpoll]" },
    }),
    services: "smtp\tinet\tsmtpd\t25\nsmtps\tinet\tpostscreen\t465\nx\tinet\tspawn\t26\ny\tunix\tsmtpd\t\n",
    tcp: [
      "0100007F:0019 0200007F:C001 0A 00:0 00:0 0 0 0 1008",
      "0100007F:0019 0200007F:C002 01 00:0 00:0 0 0 0 1001",
      "0100007F:C0DE 0200007F:22BB 01 00:0 00:0 0 0 0 1009",
      "0100007F:0019 0200007F:C003 01 00:0 00:0 0 0 0 1002",
      "0100007F:0019 0200007F:C004 01 00:0 00:0 0 0 0 1003",
      "00000000000000000000000000000000:01D1 0:C005 01 00:0 00:0 0 0 0 1004",
      "0100007F:0019 0200007F:C006 08 00:0 00:0 0 0 0 1005",
      "0100007F:0019 0200007F:C007 01 00:0 00:0 0 0 0 1007",
    ]
      .map((line, at) => `   ${at}: ${line} 1 0 20 0 0 10 -1\n`)
      .join(""),
  };

  it("are those of server processes whose socket master no longer has", () => {
    expect(read(awk, "oldSessions.awk", ["master=100", "list=0"], files)).toEqual([
      "201\tsmtpd\t10\t1001\t25",
      "204\tpostscreen\t11\t1004\t465",
      "204\tpostscreen\t12\t1005\t25",
    ]);
  });

  it("are looked for among master's children, and what these left to init", () => {
    expect(read(awk, "oldSessions.awk", ["master=100", "list=1"], { stat: files.stat as string })).toEqual([
      "201",
      "202",
      "204",
      "205",
    ]);
  });
});

interface Case {
  command?: string;
  peer?: string;
  local?: string;
  state?: string;
  info?: string;
  /** The smtpd's connection, as ss shows it. */
  unix?: string;
  /** All that ss shows of Unix sockets. */
  sockets?: string;
}

const QUIET = "bytes_sent:208 lastsnd:61000 lastrcv:60000 lastack:100";

withEachAwk("an idle session", (awk) => {
  const idle = ({
    command = "smtpd",
    peer = "192.0.2.7:41872",
    local = "198.51.100.1:25",
    state = "ESTAB 0 0",
    info = QUIET,
    unix = "* 70 * 90 <->",
    sockets = `u_str ESTAB 0 0 * 51 * 0 ---\nu_str ESTAB 0 0 public/cleanup 80 * 71 <->\nu_str ESTAB 0 0 ${unix}\n`,
  }: Case): string[] =>
    read(awk, "idle.awk", ["cleanups=300 301 "], {
      sessions: `201\t${command}\t10\t1001\t25\n`,
      fds: descriptors({
        201: { 5: "socket:[51]", 10: "socket:[1001]", 12: "socket:[70]" },
        300: { 12: "socket:[80]" },
      }),
      unix: sockets,
      tcp: `${state} ${local} ${peer} timer:(keepalive,119min,0) uid:102 ino:1001 sk:1561 <->\n\t ts sack ${info}\n`,
    });

  it("may be ended", () => {
    expect(idle({})).toEqual(["201\t10\t198.51.100.1:25\t192.0.2.7:41872\t60"]);
    expect(idle({ peer: "[2001:db8::7]:41872", local: "[2001:db8::1]:25" })).toHaveLength(1);
  });

  it.each<[string, Case]>([
    ["a mail under way", { unix: "* 70 * 80 <->" }],
    ["a connection whose other end is not known", { unix: "* 70 * 0 <->" }],
    ["nothing known of its connections", { sockets: "" }],
    ["something unread", { state: "ESTAB 12 0" }],
    ["something unconfirmed", { state: "ESTAB 0 12" }],
    ["an end already", { state: "CLOSE-WAIT 0 0" }],
    ["a word of the client 29 s ago", { info: "lastsnd:61000 lastrcv:29999" }],
    ["a word of the server 29 s ago", { info: "lastsnd:29999 lastrcv:61000" }],
    ["a word just now, which ss leaves out", { info: "lastrcv:61000" }],
    ["a client on the same host", { peer: "127.0.0.1:41872", local: "127.0.0.1:25" }],
    ["a client on the same host by IPv6", { peer: "[::1]:41872", local: "[::1]:25" }],
    ["a client on the same host, mapped", { peer: "[::ffff:127.0.0.1]:41872", local: "[::ffff:127.0.0.1]:25" }],
    ["a client on the same host by its own address", { peer: "198.51.100.1:41872" }],
    ["a server that is no smtpd", { command: "postscreen" }],
  ])("may not with %s", (_, session) => expect(idle(session)).toEqual([]));
});

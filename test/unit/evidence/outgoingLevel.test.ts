import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runAwk, source, withEachAwk } from "../hostDecision/awk.ts";

const smtp = "smtp unix - - y - - smtp";
const lmtp = "lmtp unix - - y - - lmtp";

withEachAwk("handshakes of mail that goes out", (awk) => {
  /** Whether watch.awk takes Postfix to log them, by main.cf's levels for smtp and lmtp. */
  function areLogged(
    levels: readonly [number, number | ""],
    services: readonly string[],
    options: readonly string[] = [],
  ) {
    const work = mkdtempSync(join(tmpdir(), "mailhost-watch-"));
    try {
      const file = (name: string, lines: readonly string[]) => {
        writeFileSync(join(work, name), lines.map((line) => `${line}\n`).join(""));
        return join(work, name);
      };
      const [tlsOut, lmtpOut] = levels;
      const variables = {
        defaultName: "postfix",
        clientPorts: "no",
        tlsIn: 0,
        tlsOut,
        lmtpOut,
        flow: 0,
        mainChanged: 7,
        masterChanged: 7,
        now: 9,
        ports: file("ports", []),
      };
      const { stdout, stderr } = runAwk(awk, [
        ...Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]),
        ...["-f", source("watch.awk")],
        ...[
          "part=services",
          file("services", services),
          "part=options",
          file("options", options),
          "part=expanded",
          file("expanded", options),
        ],
      ]);
      expect(stderr).toBe("");
      return stdout.split("\n").includes("since\ttls-out\t-\t7");
    } finally {
      rmSync(work, { recursive: true });
    }
  }

  it("are logged where smtp and every lmtp that runs log them", () => {
    expect(areLogged([1, 1], [smtp, lmtp])).toBe(true);
    expect(areLogged([1, 0], [smtp, lmtp])).toBe(false);
    expect(areLogged([1, ""], [smtp, lmtp])).toBe(false);
    expect(areLogged([0, 1], [smtp, lmtp])).toBe(false);
    expect(areLogged([1, 0], [smtp])).toBe(true);
    expect(areLogged([1, 0], [])).toBe(true);
    expect(areLogged([0, 0], [])).toBe(false);
  });

  it("are those of each entry, whose own level counts before main.cf's", () => {
    const relay = "relay unix - - y - - smtp";
    expect(areLogged([1, 0], [smtp, relay, lmtp], ["lmtp/unix/lmtp_tls_loglevel = 1"])).toBe(true);
    expect(areLogged([1, 0], [smtp, lmtp], ["lmtp/unix/smtp_tls_loglevel = 1"])).toBe(false);
    expect(areLogged([1, 1], [smtp, relay, lmtp], ["relay/unix/smtp_tls_loglevel = 0"])).toBe(false);
    expect(areLogged([1, 1], [smtp, relay], ["relay/unix/smtp_tls_loglevel = $unknown"])).toBe(false);
    expect(areLogged([0, 0], [relay], ["relay/unix/smtp_tls_loglevel = 2"])).toBe(true);
  });
});

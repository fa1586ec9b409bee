import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type Awk, runAwk, source, withEachAwk } from "./awk.ts";
import { effective, mainCf, masterCf, stock, table } from "./postfix.ts";

const lived = (name: string) =>
  readFileSync(new URL(`../../lab/kinds/lived-in/${name}`, import.meta.url), "utf8").replaceAll("@DB@", "hash");

/** The files of a stage, as stage.sh has them made. */
function stage(awk: Awk, main: string, master: string) {
  const work = mkdtempSync(join(tmpdir(), "mailhost-stage-"));
  const file = (name: string) => join(work, name);
  try {
    mkdirSync(file("conf"));
    writeFileSync(file("main"), main);
    writeFileSync(file("master"), master);
    writeFileSync(file("effective"), table(effective("3.7", main)));
    const variables = [
      `mainFile=${file("main")}`,
      `masterFile=${file("master")}`,
      `effectiveFile=${file("effective")}`,
      `stage=${work}`,
      `probes=${file("probes")}`,
    ];
    const parts = ["lines.awk", "mainCf.awk", "masterCf.awk", "stage.awk"];
    const args = [...variables.flatMap((text) => ["-v", text]), ...parts.flatMap((part) => ["-f", source(part)])];
    expect(runAwk(awk, args)).toEqual({ status: 0, stdout: "", stderr: "" });
    const read = (name: string) => readFileSync(file(name), "utf8").replaceAll(work, "STAGE");
    return { main: mainCf(read("conf/main.cf")), master: masterCf(read("conf/master.cf")), probes: read("probes") };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

withEachAwk("a stage", (awk) => {
  it.each([
    ["debian11", stock("debian11.main.cf"), stock("debian11.master.cf")],
    ["debian13", stock("debian13.main.cf"), stock("debian13.master.cf")],
    ["a host as companies run it", lived("main.cf"), lived("master.cf")],
  ])("has no port, no delivery and no directory of the live host: %s", (_, main, master) => {
    const staged = stage(awk, main, master);
    expect(
      staged.master.filter(({ key }) => !/^(tlsmgr|proxymap|probe\d+)\/unix$|^postlog\/unix-dgram$/.test(key)),
    ).toEqual([]);
    for (const { key, options } of staged.master)
      if (key.startsWith("probe")) {
        expect(options).toMatchObject({
          smtpd_recipient_restrictions: "reject",
          smtpd_relay_restrictions: "reject",
          smtpd_sasl_auth_enable: "no",
          smtpd_milters: "",
          content_filter: "",
        });
      }
    expect(staged.main.get("queue_directory")).toBe("STAGE/queue");
    expect(staged.main.get("data_directory")).toBe("STAGE/data");
    expect(staged.main.get("tls_random_exchange_name")).toBe("STAGE/data/prng_exch");
    for (const prefix of ["smtpd", "smtp", "lmtp"])
      expect(staged.main.get(`${prefix}_tls_session_cache_database`)).toBe("");
    for (const [name, value] of mainCf(main))
      if (/_tls_(?!session_cache_database$)/.test(name)) expect(staged.main.get(name)).toBe(value);
  });

  it("has one smtpd for each, with its options and its way to begin TLS", () => {
    const master = [
      "smtp inet n - y - 1 postscreen",
      "smtpd pass - - y - - smtpd",
      "[::1]:smtps inet n - y - - smtpd",
      "  -o smtpd_tls_wrappermode=YES -o { smtpd_tls_mandatory_protocols = !SSLv2, !SSLv3 }",
      "#submission inet n - y - - smtpd",
      "smtp unix - - y - - smtp",
      "x inet n n n - 0 spawn user=x argv=/x",
      "",
    ].join("\n");
    const staged = stage(awk, "queue_directory = /q\nqueue_directory = /p\n", master);
    expect(staged.probes).toBe("probe2\tsmtpd/pass\tstarttls\nprobe3\t[::1]:smtps/inet\twrapper\n");
    expect(staged.master.find(({ key }) => key === "probe3/unix")?.options).toMatchObject({
      smtpd_tls_wrappermode: "YES",
      smtpd_tls_mandatory_protocols: "!SSLv2, !SSLv3",
    });
    expect(stage(awk, "smtpd_tls_wrappermode = yes\n", "465 inet n - y - - smtpd\n").probes).toBe(
      "probe1\t465/inet\twrapper\n",
    );
  });
});

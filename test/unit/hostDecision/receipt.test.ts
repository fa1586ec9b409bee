import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Awk, awks, runAwk, source, withEachAwk } from "./awk.ts";

/** Files of a run that a receipt is made of: rows of fields. */
interface Files {
  changes?: readonly (readonly string[])[];
  after?: readonly (readonly string[])[];
  overrides?: readonly (readonly string[])[];
  warnings?: readonly (readonly string[])[];
  /** Variables beside kind and time. */
  activation?: readonly string[];
}

interface Item {
  [field: string]: unknown;
}

interface Receipt {
  omitted: number;
  changed: boolean;
  changes: Item[];
  services: Item[];
  overrides: Item[];
  warnings: Item[];
}

const lists = ["changes", "services", "overrides", "warnings"] as const;

/** As receipt.sh calls it. Both receipts must be JSON in strict UTF-8, each on one line. */
function print(
  files: Files,
  awk: Awk,
  bytes: (text: string) => Buffer = (text) => Buffer.from(text),
): { short: Receipt; full: Receipt; length: number } {
  const work = mkdtempSync(join(tmpdir(), "mailhost-receipt-"));
  try {
    const names = ["changes", "after", "overrides", "warnings"] as const;
    for (const name of names)
      writeFileSync(join(work, name), bytes((files[name] ?? []).map((row) => `${row.join("\t")}\n`).join("")));
    const variables = [
      "host=mx1",
      "version=3.7.11",
      "kind=reload",
      "at=2026-11-25T12:00:00Z",
      ...(files.activation ?? []),
      "limit=1024",
      `full=${join(work, "full")}`,
    ];
    const args = [
      "-F",
      "\t",
      "-f",
      source("visible.awk"),
      "-f",
      source("json.awk"),
      "-f",
      source("changeItem.awk"),
      "-f",
      source("receipt.awk"),
      ...variables,
      ...names.map((name) => join(work, name)),
    ];
    const { status, stdout, stderr } = runAwk(awk, args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const strict = new TextDecoder("utf-8", { fatal: true });
    const full = strict.decode(readFileSync(join(work, "full")));
    for (const text of [stdout, full]) expect(text).toMatch(/^\{.*\}\n$/);
    return { short: JSON.parse(stdout), full: JSON.parse(full), length: Buffer.byteLength(stdout) - 1 };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

withEachAwk("a receipt", (awk) => {
  it("is what docs/policy.md says", () => {
    expect(
      print(
        {
          changes: [
            ["main.cf", "a", "0", "", "1", "x"],
            ["master.cf", "smtp/inet:b", "1", "", "0", ""],
          ],
          after: [
            ["smtp/inet", "25", "starttls", "accepted", "00011"],
            ["smtps/inet", "465", "wrapper", "refused", "0000-"],
            ["587/inet", "587", "starttls", "notls", "00000"],
            ["2525/inet", "2525", "starttls", "dead", "00000"],
            ["26/inet", "26", "starttls", "accepted", "-1111"],
          ],
          overrides: [["smtp/inet", "smtpd_tls_protocols", "!SSLv2"]],
          warnings: [
            ["override", "text"],
            ["override", "text"],
          ],
          activation: ["remaining=2", "until=2026-11-25T12:05:00Z", "ended=0"],
        },
        awk,
      ).full,
    ).toEqual({
      protocol: 1,
      host: "mx1",
      postfix: "3.7.11",
      changed: true,
      changes: [
        { file: "main.cf", name: "a", from: null, to: "x" },
        { file: "master.cf", name: "smtp/inet:b", from: "", to: null },
      ],
      services: [
        { name: "smtp/inet", port: 25, protocols: ["TLSv1.2", "TLSv1.3"], starttls: "starttls" },
        { name: "smtps/inet", port: 465, protocols: [], starttls: "wrapper" },
        { name: "587/inet", port: 587, protocols: [], starttls: "none" },
        { name: "2525/inet", port: 2525, protocols: [], starttls: "unknown" },
        { name: "26/inet", port: 26, protocols: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"], starttls: "starttls" },
      ],
      activation: { kind: "reload", at: "2026-11-25T12:00:00Z", remaining: 2, until: "2026-11-25T12:05:00Z", ended: 0 },
      overrides: [{ service: "smtp/inet", option: "smtpd_tls_protocols", value: "!SSLv2" }],
      warnings: [{ code: "override", text: "text" }],
      omitted: 0,
    });
  });

  it("is small and whole where nothing happened", () => {
    const { short, length } = print({}, awk);
    expect(short).toMatchObject({ changed: false, changes: [], services: [], overrides: [], warnings: [], omitted: 0 });
    expect(length).toBeLessThan(250);
  });

  it("says values as they are, whatever they hold", () => {
    const odd = "a\"b\\c'd%s&$`äöü漢🎩";
    const { full } = print(
      {
        changes: [["main.cf", odd, "1", odd.replaceAll("\\", "\\\\"), "1", "tab\\tline\\nend"]],
        overrides: [["x", odd, odd.replaceAll("\\", "\\\\")]],
        warnings: [["code", odd]],
      },
      awk,
    );
    expect(full.changes).toEqual([{ file: "main.cf", name: odd, from: odd, to: "tab\tline\nend" }]);
    expect(full.overrides).toEqual([{ service: "x", option: odd, value: odd }]);
    expect(full.warnings).toEqual([{ code: "code", text: odd }]);
  });

  it("says ? for what a terminal would obey", () => {
    const { full } = print({ warnings: [["code", "a\u001b[2Jb\u0007c\r\u007fd\u009b31me\u00a0é"]] }, awk);
    expect(full.warnings).toEqual([{ code: "code", text: "a?[2Jb?c??d?31me\u00a0é" }]);
  });

  it("says ? for bytes that are no UTF-8, and keeps those that are", () => {
    const latin = (text: string) => Buffer.from(text, "latin1");
    const text = (bytes: string) => print({ warnings: [["c", bytes]] }, awk, latin).full.warnings[0]?.text;
    expect(text("gr\xfc\xdfe")).toBe("gr??e");
    expect(text("\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x8e\xa9")).toBe("ü漢🎩");
    // Cut short, overlong, a surrogate, beyond Unicode, a lone continuation.
    expect(
      ["\xc3", "\xe6\xbc", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5", "\xff", "\x80"].map(
        (bytes) => text(`${bytes}x`),
      ),
    ).toEqual(["?x", "??x", "??x", "???x", "???x", "????x", "?x", "?x", "?x"]);
  });

  it("leaves items out from the ends of its lists, changes first and services last, and counts them", () => {
    const row = (at: number) => ["main.cf", `name${at}`, "1", "x".repeat(40), "0", ""];
    const files: Files = {
      changes: Array.from({ length: 30 }, (_, at) => row(at)),
      after: Array.from({ length: 5 }, (_, at) => [`${at}/inet`, `${at}`, "starttls", "accepted", "00011"]),
      warnings: [["code", "w".repeat(200)]],
    };
    const { short, full, length } = print(files, awk);
    expect(length).toBeLessThanOrEqual(1024);
    expect(full.changes).toHaveLength(30);
    expect(short.services).toHaveLength(5);
    expect(short.warnings).toHaveLength(1);
    expect(short.changes).toEqual(full.changes.slice(0, short.changes.length));
    expect(short.changes.length).toBeGreaterThan(0);
    expect(short.omitted).toBe(30 - short.changes.length);
    // One more would not have fitted.
    expect(length + JSON.stringify(full.changes[0]).length + 1).toBeGreaterThan(1024);

    const long = print({ ...files, warnings: [["code", "w".repeat(2000)]] }, awk);
    expect(long.short).toMatchObject({ changed: true, changes: [], warnings: [], omitted: 31 });
    expect(long.short.services).toHaveLength(5);
  });

  it("keeps what was held, shortened between words, where all else has to go", () => {
    const text = "port 465 stays as it is: bob@exämple.com used it ".repeat(20);
    const services = Array.from({ length: 9 }, (_, at) => [`service${at}/inet`, "25", "starttls", "accepted", "-1111"]);
    const files = {
      after: services,
      warnings: [
        ["code", "w".repeat(400)],
        ["held", text],
      ],
    };
    const { short, full, length } = print(files, awk);
    expect(length).toBeLessThanOrEqual(1024);
    expect(full.warnings).toContainEqual({ code: "held", text });
    expect(short.warnings).toEqual([{ code: "held", text: expect.stringMatching(/^port 465 .* \.\.\.$/) }]);
    expect(text).toContain(String(short.warnings[0]?.text).slice(0, -4));
    expect(short.omitted).toBe(1 + 9 - short.services.length);
  });

  it("is done in time for thousands of items", () => {
    const files = {
      changes: Array.from({ length: 3000 }, (_, at) => ["main.cf", `name${at}`, "0", "", "1", "x".repeat(50)]),
    };
    const { short, length } = print(files, awk);
    expect(length).toBeLessThanOrEqual(1024);
    expect(short.omitted).toBe(3000 - short.changes.length);
  });
});

it("a receipt is JSON of at most 1,024 bytes whatever it is made of", () => {
  const byte = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 32, max: 126 }) }, fc.integer({ min: 1, max: 255 }));
  const field = fc.array(byte, { maxLength: 120 }).map((bytes) =>
    bytes
      .filter((one) => one !== 9 && one !== 10)
      .map((one) => String.fromCharCode(one))
      .join(""),
  );
  const encoded = field.map((text) => text.replaceAll("\\", "\\\\"));
  const rows = (...fields: fc.Arbitrary<string>[]) => fc.array(fc.tuple(...fields), { maxLength: 12 });
  const files = fc.record({
    changes: rows(field, field, fc.constantFrom("0", "1"), encoded, fc.constantFrom("0", "1"), encoded),
    after: rows(
      field,
      fc.nat(65535).map(String),
      fc.constantFrom("starttls", "wrapper"),
      fc.constantFrom("accepted", "dead", "notls"),
      fc.stringMatching(/^[01-]{5}$/),
    ),
    overrides: rows(field, field, encoded),
    warnings: rows(field, field),
  });
  fc.assert(
    fc.property(files, fc.constantFrom(...awks), (input, awk) => {
      const { short, full, length } = print(input, awk, (text) => Buffer.from(text, "latin1"));
      expect(length).toBeLessThanOrEqual(1024);
      let omitted = 0;
      for (const list of lists) {
        expect(short[list]).toEqual(full[list].slice(0, short[list].length));
        omitted += full[list].length - short[list].length;
      }
      expect(short.omitted).toBe(omitted);
      expect(short.changed).toBe(input.changes.length > 0);
    }),
    { numRuns: 100 },
  );
}, 120_000);

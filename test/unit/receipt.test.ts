import { describe, expect, it } from "vitest";
import { parseReceipt } from "../../src/receipt.ts";
import { receipt } from "./receipts.ts";

const read = (value: unknown) => parseReceipt("mx1.example.com", JSON.stringify(value));
const unreadable = "mx1.example.com: answered with a receipt that cannot be read:";

describe("a receipt", () => {
  it("is read whole", () => {
    expect(read(receipt)).toEqual({
      host: "mx1",
      postfix: "3.7.11",
      changed: true,
      changes: [
        { file: "main.cf", name: "smtpd_tls_protocols", from: undefined, to: ">=TLSv1.2" },
        { file: "master.cf", name: "submission/inet:smtpd_tls_protocols", from: "!SSLv2", to: undefined },
      ],
      services: [{ name: "smtp", port: 25, protocols: ["TLSv1.2", "TLSv1.3"], starttls: "starttls" }],
      activation: {
        kind: "reload",
        at: "2026-11-25T12:00:00Z",
        remaining: 2,
        until: "2026-11-25T12:05:00Z",
        ended: 1,
      },
      overrides: [{ service: "smtps/inet", option: "smtpd_tls_mandatory_protocols", value: "!SSLv2" }],
      warnings: [{ code: "override", text: "smtps/inet has an override" }],
      omitted: 0,
    });
  });

  it.each(["Welcome to mx1\n{ }\n", "> ", '{"protocol":1}\n'])(
    "is found behind what a login's shell says: %j",
    (text) => {
      expect(parseReceipt("mx1.example.com", `${text}${JSON.stringify(receipt)}\n`)).toEqual(read(receipt));
    },
  );

  it("does not pass for the whole where it left something out", () => {
    const { warnings } = read({ ...receipt, omitted: 2 });
    expect(warnings.at(-1)).toEqual({
      code: "omitted",
      text: "2 entries left out of the lists; the whole receipt is on the host, in /var/lib/mailhost/receipts",
    });
  });

  it("may say that nothing was ever activated", () => {
    expect(
      read({ ...receipt, activation: { kind: "none", at: null, remaining: null, until: null, ended: null } })
        .activation,
    ).toEqual({
      kind: "none",
      at: undefined,
      remaining: undefined,
      until: undefined,
      ended: undefined,
    });
  });

  it.each<[string, unknown, string]>([
    [
      "another protocol",
      { ...receipt, protocol: 2 },
      `${unreadable} protocol is 2; this version of the package reads protocol 1`,
    ],
    ["a list", [], `${unreadable} it is []; an object is expected`],
    ["null", null, `${unreadable} it is null; an object is expected`],
    ["a member missing", { ...receipt, postfix: undefined }, `${unreadable} postfix is undefined; a text is expected`],
    ["text for a flag", { ...receipt, changed: "yes" }, `${unreadable} changed is "yes"; true or false is expected`],
    ["an object for a list", { ...receipt, changes: {} }, `${unreadable} changes is {}; a list is expected`],
    [
      "a change without from",
      { ...receipt, changes: [{ file: "a", name: "b", to: null }] },
      `${unreadable} changes[0].from is undefined; a text is expected`,
    ],
    [
      "a port that is none",
      { ...receipt, services: [{ ...receipt.services[0], port: 2.5 }] },
      `${unreadable} services[0].port is 2.5; a whole number is expected`,
    ],
    [
      "an unknown word",
      { ...receipt, activation: { ...receipt.activation, kind: "hup" } },
      `${unreadable} activation.kind is "hup"; one of reload, drain, restart, none is expected`,
    ],
    [
      "a protocol that is no text",
      { ...receipt, services: [{ ...receipt.services[0], protocols: [12] }] },
      `${unreadable} services[0].protocols[0] is 12; a text is expected`,
    ],
  ])("with %s is refused", (_, value, message) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ message }));
  });

  it.each([
    ["nothing", "", 'mx1.example.com: answered "" instead of a receipt'],
    ["words", "Permission denied", 'mx1.example.com: answered "Permission denied" instead of a receipt'],
    ["half of one", '{"protocol":1', 'mx1.example.com: answered "{\\"protocol\\":1" instead of a receipt'],
    [
      "followed by words",
      '{"protocol":1}\nbye',
      'mx1.example.com: answered "{\\"protocol\\":1}\\nbye" instead of a receipt',
    ],
  ])("that is %s is refused", (_, output, message) => {
    expect(() => parseReceipt("mx1.example.com", output)).toThrow(expect.objectContaining({ message }));
  });
});

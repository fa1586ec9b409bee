// What the stand-in decides without any host: the shape of inputs, defaults, differences, Go's way of quoting.
import { describe, expect, test } from "vitest";
import { diff } from "./diff.ts";
import { list, quote } from "./goText.ts";
import { check, create, differences } from "./provider.ts";
import { UNKNOWN, type Value, type Values } from "./values.ts";

const COMMAND = "command:remote:Command";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: Value): Value => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });
const asset = (fields: Values): Value => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", ...fields });

describe("check", () => {
  const checked = (inputs: Values) => check(COMMAND, inputs);

  test("fills defaults in, in the proxy too, and makes the connection secret as a whole", () => {
    const defaults = { dialErrorLimit: 10, perDialTimeout: 15, port: 22, user: "root" };
    expect(checked({ connection: { host: "a", proxy: { host: "b" } }, create: "true" })).toEqual({
      inputs: {
        connection: secret({ ...defaults, host: "a", proxy: { ...defaults, host: "b" } }),
        create: "true",
      },
      failures: [],
    });
  });

  test("leaves what is given, and what is secret within", () => {
    const connection = { host: "a", user: "u", port: 2, dialErrorLimit: 0, perDialTimeout: 0, privateKey: secret("k") };
    expect(checked({ connection: secret(connection) }).inputs).toEqual({ connection: secret(connection) });
  });

  test("adds no other default", () => {
    expect(Object.keys(checked({ connection: { host: "a" } }).inputs)).toEqual(["connection"]);
  });

  test.each<[Values, string, string]>([
    [{}, "connection", "Missing required field 'connection' on 'remote.CommandInputs'"],
    [{ connection: { user: "u" } }, "host", "Missing required field 'host' on 'remote.Connection'"],
    [{ connection: { host: "a", proxy: {} } }, "host", "Missing required field 'host' on 'remote.ProxyConnection'"],
    [{ connection: { host: "a" }, creat: "x" }, "creat", "Unrecognized field 'creat' on 'remote.CommandInputs'"],
    [{ connection: { host: "a", key: "k" } }, "key", "Unrecognized field 'key' on 'remote.Connection'"],
    [
      { connection: { host: "a", port: "22" } },
      "port",
      "Field 'port' on 'remote.Connection' must be a 'float64'; got 'string' instead",
    ],
    [
      { connection: { host: "a" }, create: 1 },
      "create",
      "Field 'create' on 'remote.CommandInputs' must be a 'string'; got 'number' instead",
    ],
  ])("%j", (inputs, property, reason) => {
    expect(checked(inputs).failures).toEqual([{ property, reason }]);
  });

  test("takes what is unknown yet", () => {
    expect(checked({ connection: { host: UNKNOWN, port: UNKNOWN }, create: UNKNOWN }).failures).toEqual([]);
    expect(checked({ connection: UNKNOWN }).failures).toEqual([]);
  });

  test("knows no other resource", async () => {
    expect(() => check("command:local:Command", {})).toThrow(
      "the stand-in for @pulumi/command has no command:local:Command",
    );
    await expect(create("command:local:Command", "x", {}, true, {} as never)).rejects.toThrow("command:local:Command");
  });
});

describe("differences", () => {
  const connection = secret({ host: "a", port: 22 });
  const state = {
    connection,
    create: "a",
    triggers: ["x", { y: 1 }],
    environment: { A: "1" },
    stdout: "o",
    stderr: "",
  };
  const { stdout: _, stderr: __, ...same } = state;
  const changes = (inputs: Values, ignored: string[] = []) =>
    Object.fromEntries(
      [...differences(COMMAND, state, inputs, ignored)].map(([path, { kind, replace }]) => [
        path,
        replace ? `${kind}!` : kind,
      ]),
    );

  test.each<[string, Values, Record<string, string>]>([
    ["nothing", same, {}],
    ["create", { ...same, create: "b" }, { create: "update" }],
    ["update", { ...same, update: "u" }, { update: "add" }],
    ["one variable", { ...same, environment: { A: "2" } }, { "environment.A": "update" }],
    ["a variable with a dot", { ...same, environment: { A: "1", "B.C": "2" } }, { 'environment["B.C"]': "add" }],
    ["the host", { ...same, connection: secret({ host: "b", port: 22 }) }, { connection: "update" }],
    ["only that the connection is secret", { ...same, connection: { host: "a", port: 22 } }, { connection: "update" }],
    // Elements replace by the SDKs' replaceOnChanges triggers[*] alone.
    ["a trigger", { ...same, triggers: ["z", { y: 2 }] }, { "triggers[0]": "update", "triggers[1].y": "update" }],
    ["one trigger more", { ...same, triggers: ["x", { y: 1 }, "z"] }, { "triggers[2]": "add" }],
    ["one trigger less", { ...same, triggers: ["x"] }, { "triggers[1]": "delete" }],
    ["no triggers", { ...same, triggers: null }, { triggers: "delete!" }],
    ["an unknown", { ...same, create: UNKNOWN }, { create: "update" }],
  ])("%s", (_name, inputs, expected) => {
    expect(changes(inputs)).toEqual(expected);
  });

  test("ignored changes are none", () => {
    expect(changes({ ...same, create: "b", update: "u" }, ["create"])).toEqual({ update: "add" });
  });

  test("new triggers replace", () => {
    expect([...diff({}, { triggers: ["x"] }, ["triggers"])]).toEqual([["triggers", { kind: "add", replace: true }]]);
  });

  test("a file is its hash", () => {
    const compare = (a: Values, b: Values) => diff({ source: asset(a) }, { source: asset(b) }, []).size;
    expect(compare({ path: "a", hash: "1" }, { path: "b", hash: "1" })).toBe(0);
    expect(compare({ path: "a", hash: "1" }, { path: "a", hash: "2" })).toBe(1);
  });
});

describe("Go's texts", () => {
  test.each([
    ['plain "text" \\', '"plain \\"text\\" \\\\"'],
    ["\x07\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
    ["\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'],
    ["é 漢 😀", '"é 漢 😀"'],
    ["\u00a0\u200b\ufeff\u2028", '"\\u00a0\\u200b\\ufeff\\u2028"'],
    ["\u{e0001}", '"\\U000e0001"'],
    ["it's", '"it\'s"'],
  ])("%j quoted", (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  test("a list", () => {
    expect([list([]), list(["a", "b"])]).toEqual(["[]", "[a b]"]);
  });
});

import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { checked, checkedInTheOpen, refuseOutputsWithin } from "../../src/inputs.ts";
import { settingLine } from "../../src/policy/settings.ts";
import { settled, unhandled } from "./mocks.ts";

const toLine = (value: unknown) => settingLine("a", value);
const message = 'mx1: settings.a is "x\\ny"; a newline is not accepted';
const secretMessage =
  "mx1: settings.a is a secret, and a policy is shown in previews; use secretSettings, or pulumi.unsecret where it is none";

describe("an input", () => {
  it("that is plain is checked at once", () => {
    expect(checked("mx1", "x", toLine)).toEqual({ keyword: "set", rest: "a = x" });
    expect(() => checked("mx1", "x\ny", toLine)).toThrow(expect.objectContaining({ message }));
  });

  it("that is an output is checked when it is known", async () => {
    expect(await settled(checked("mx1", pulumi.output("x"), toLine))).toEqual({ keyword: "set", rest: "a = x" });
    const errors = await unhandled(() => checked("mx1", pulumi.output("x\ny"), toLine));
    expect(errors).toEqual([expect.objectContaining({ message, stack: message })]);
  });

  it("that is a promise is checked when it is known", async () => {
    expect(await checked("mx1", Promise.resolve("x"), toLine)).toEqual({ keyword: "set", rest: "a = x" });
    await expect(checked("mx1", Promise.resolve("x\ny"), toLine)).rejects.toThrow(message);
  });

  it("that must be seen is refused when it is a secret, and stays an output when it is none", async () => {
    const open = checkedInTheOpen("mx1", "settings.a", pulumi.output("x"), toLine);
    expect(await settled(open)).toEqual({ keyword: "set", rest: "a = x" });
    expect(await pulumi.isSecret(pulumi.output(open))).toBe(false);
    const refused = async (value: unknown) => unhandled(() => checkedInTheOpen("mx1", "settings.a", value, toLine));
    expect(await refused(pulumi.secret("hush"))).toEqual([expect.objectContaining({ message: secretMessage })]);
    expect(await refused(pulumi.output("x\ny"))).toEqual([expect.objectContaining({ message })]);
  });

  it("that must be seen stays unknown while it is unknown, and no check runs", async () => {
    const unknown = pulumi.output("never seen").apply((text) => text);
    Reflect.set(unknown, "isKnown", Promise.resolve(false));
    const seen: unknown[] = [];
    const open = pulumi.output(checkedInTheOpen("mx1", "settings.a", unknown, (value) => seen.push(value)));
    expect(await Reflect.get(open, "isKnown")).toBe(false);
    expect(seen).toEqual([]);
  });

  it("that must be plain is refused wherever the output hides", () => {
    const output = pulumi.output("x");
    expect(() => refuseOutputsWithin("a", { b: [1, { c: output }] })).toThrow("a.b[1].c is an output");
    expect(() => refuseOutputsWithin("a", { b: [1, { c: "x" }], d: null, e: undefined })).not.toThrow();
  });
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider.js";
import { beforeAll, describe, expect, it } from "vitest";
import { MailDns, PostfixHardening, Smtps465Probe } from "../../src/index.ts";
import { MailhostProvider } from "../../src/provider.ts";
import { apiPage, type Described, type Schema } from "../../tools/apiPage.ts";
import { privateKey } from "./keys.ts";
import { connection, run, settled } from "./mocks.ts";

/** As the provider read it, ahead of a new one being written here. */
const shipped = readFileSync(new URL("../../schema.json", import.meta.url), "utf8");
let provider: ComponentProvider;
let schema: Schema & { language: Record<string, object> };

/** Go has no type for what stands in a list of plain objects alone, unless it is told to make one for every object. */
const forGo = { generateExtraInputTypes: true };

beforeAll(async () => {
  const dirname = fileURLToPath(new URL("../..", import.meta.url));
  provider = new ComponentProvider({
    name: "mailhost",
    dirname,
    components: [MailDns, PostfixHardening, Smtps465Probe],
  });
  schema = JSON.parse(await provider.getSchema());
  schema.language.go = { ...schema.language.go, ...forGo };
}, 60_000);

/** Every place that other languages show a description of. */
function* places(): Generator<[string, Described]> {
  for (const [token, component] of Object.entries(schema.resources)) {
    yield [token, component];
    for (const [name, input] of Object.entries(component.inputProperties ?? {}))
      yield [`${token} input ${name}`, input];
    for (const [name, output] of Object.entries(component.properties ?? {})) yield [`${token} output ${name}`, output];
  }
  for (const [token, type] of Object.entries(schema.types)) {
    for (const [name, property] of Object.entries(type.properties ?? {})) yield [`${token}.${name}`, property];
    for (const [at, member] of (type.enum ?? []).entries()) yield [`${token} member ${at}`, member];
  }
}

describe("the schema that other languages get", () => {
  it("is the one that is shipped, schema.json; npm run schema writes it", async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("../../schema.json");
  });

  it("is the reference as well, docs/api.md", async () => {
    await expect(apiPage(schema)).toMatchFileSnapshot("../../docs/api.md");
  });

  it("describes every argument, output and word", () => {
    const bare = [...places()].filter(([, { description }]) => description === undefined || description.trim() === "");
    expect(bare.map(([place]) => place)).toEqual([]);
  });

  it("says a default for every argument that can be left out", () => {
    const args = Object.values(schema.resources).flatMap(({ inputProperties, requiredInputs = [] }) =>
      Object.entries(inputProperties ?? {}).filter(([name]) => !requiredInputs.includes(name)),
    );
    expect(args.length).toBeGreaterThan(30);
    expect(args.filter(([, { description }]) => !description?.includes("Default:"))).toEqual([]);
  });

  it("has no link that only one language could follow", () => {
    expect(JSON.stringify(schema)).not.toMatch(/\{@|undefined/);
  });
});

describe("a component of another language", () => {
  it("has the schema that is shipped", async () => {
    expect(await new MailhostProvider().getSchema()).toBe(shipped);
  });

  it("is made of what its engine passes: plain values, and secrets as outputs", async () => {
    const inputs = {
      connection: { ...connection, privateKey: pulumi.secret(privateKey) },
      tls: { incoming: { minimumVersion: "TLSv1.2" } },
      settings: { smtpd_helo_required: "yes" },
      repair: 1,
    };
    const { result } = await run(() =>
      new MailhostProvider().construct("mx1", "mailhost:index:PostfixHardening", inputs, {}),
    );
    const { state } = await result;
    const outputs = Object.keys(schema.resources["mailhost:index:PostfixHardening"]?.properties ?? {});
    expect(Object.keys(state).sort()).toEqual(outputs.sort());
    expect(await settled(state.policy)).toContain("set      smtpd_helo_required = yes\n");
    expect(await settled(state.postfixVersion)).toBe("3.7.11");
  });
});

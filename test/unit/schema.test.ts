import { fileURLToPath } from "node:url";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider.js";
import { beforeAll, describe, expect, it } from "vitest";
import { PostfixHardening } from "../../src/index.ts";

interface Described {
	description?: string;
	properties?: Record<string, Described>;
	inputProperties?: Record<string, Described>;
	enum?: Described[];
}
let schema: { resources: Record<string, Described>; types: Record<string, Described> };

beforeAll(async () => {
	const dirname = fileURLToPath(new URL("../..", import.meta.url));
	schema = JSON.parse(await new ComponentProvider({ name: "mailhost", dirname, components: [PostfixHardening] }).getSchema());
}, 60_000);

/** Every place that other languages show a description of. */
function* places(): Generator<[string, Described]> {
	for (const [token, component] of Object.entries(schema.resources)) {
		yield [token, component];
		for (const [name, input] of Object.entries(component.inputProperties ?? {})) yield [`${token} input ${name}`, input];
		for (const [name, output] of Object.entries(component.properties ?? {})) yield [`${token} output ${name}`, output];
	}
	for (const [token, type] of Object.entries(schema.types)) {
		for (const [name, property] of Object.entries(type.properties ?? {})) yield [`${token}.${name}`, property];
		for (const [at, member] of (type.enum ?? []).entries()) yield [`${token} member ${at}`, member];
	}
}

describe("the schema that other languages get", () => {
	it("is the one in schema.json", async () => {
		await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("schema.json");
	});

	it("describes every argument, output and word", () => {
		const bare = [...places()].filter(([, { description }]) => description === undefined || description.trim() === "");
		expect(bare.map(([place]) => place)).toEqual([]);
	});

	it("says a default for every argument that can be left out", () => {
		const args = Object.entries(schema.resources["mailhost:index:PostfixHardening"]?.inputProperties ?? {});
		expect(args.length).toBeGreaterThan(10);
		expect(args.filter(([name, { description }]) => name !== "connection" && !description?.includes("Default:"))).toEqual([]);
	});

	it("has no link that only one language could follow", () => {
		expect(JSON.stringify(schema)).not.toMatch(/\{@|undefined/);
	});
});

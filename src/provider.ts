// What Pulumi's engine asks of the package for a program in another language.
import { readFileSync } from "node:fs";
import * as path from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { ComponentResourceConstructor } from "@pulumi/pulumi/provider/experimental/provider.js";
import type { ConstructResult, Provider } from "@pulumi/pulumi/provider/index.js";
import { MailDns, PostfixHardening, Smtps465Probe } from "./index";

interface Schema {
  version: string;
  resources: Record<string, { properties?: Record<string, unknown> }>;
}

/** Generated and committed: to read the sources at each start, as Pulumi's own host does, takes seconds and half a gigabyte. */
const text = readFileSync(path.join(__dirname, "..", "schema.json"), "utf8");
const schema: Schema = JSON.parse(text);

const components: Record<string, ComponentResourceConstructor> = { MailDns, PostfixHardening, Smtps465Probe };

export class MailhostProvider implements Provider {
  readonly version: string = schema.version;

  async getSchema(): Promise<string> {
    return text;
  }

  async construct(
    name: string,
    type: string,
    inputs: pulumi.Inputs,
    options: pulumi.ComponentResourceOptions,
  ): Promise<ConstructResult> {
    const made = components[type.replace(/^mailhost:index:/, "")];
    if (made === undefined) throw new Error(`mailhost has no component ${type}`);
    const component = new made(name, inputs, options);
    const outputs = Object.keys(schema.resources[type]?.properties ?? {});
    return {
      urn: component.urn,
      state: Object.fromEntries(outputs.map((output) => [output, Reflect.get(component, output)])),
    };
  }
}

// Stand-in for the plugin of @pulumi/aws: `aws:route53/record:Record` alone, at the API that the environment names.
import * as provider from "@pulumi/pulumi/provider/index.js";
import { create, differences, parseRecord, remove, upsert } from "./record.ts";

const RECORD = "aws:route53/record:Record";

class Aws implements provider.Provider {
  readonly version = "7.48.0";

  async check(_urn: string, _olds: unknown, news: unknown): Promise<provider.CheckResult> {
    return { inputs: news };
  }

  async diff(_id: string, urn: string, olds: unknown, news: unknown): Promise<provider.DiffResult> {
    known(urn);
    return differences(parseRecord(olds), parseRecord(news));
  }

  async create(urn: string, inputs: unknown): Promise<provider.CreateResult> {
    known(urn);
    const record = parseRecord(inputs);
    return { id: await create(record), outs: { ...record, fqdn: record.name } };
  }

  async update(_id: string, urn: string, _olds: unknown, news: unknown): Promise<provider.UpdateResult> {
    known(urn);
    const record = parseRecord(news);
    await upsert(record);
    return { outs: { ...record, fqdn: record.name } };
  }

  async delete(_id: string, urn: string, props: unknown): Promise<void> {
    known(urn);
    await remove(parseRecord(props));
  }
}

function known(urn: string): void {
  if (!urn.includes(`${RECORD}::`)) throw new Error(`the stand-in for @pulumi/aws has no ${urn}`);
}

await provider.main(new Aws(), process.argv.slice(2));

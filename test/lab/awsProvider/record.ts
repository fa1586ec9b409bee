// A record of Route 53 as the real plugin handles it: created unless it is there, replaced where its identity changes.
import { appendFileSync } from "node:fs";
import { type ChangeAction, Route53, type RRType } from "@aws-sdk/client-route-53";

export interface Record {
  zoneId: string;
  name: string;
  type: string;
  ttl: number;
  records: string[];
  allowOverwrite: boolean;
}

const identity = ["zoneId", "name", "type"] as const;
const changeable = ["ttl", "records", "allowOverwrite"] as const;

export function parseRecord(given: unknown): Record {
  const { zoneId, name, type, ttl, records, allowOverwrite } = Object.fromEntries(Object.entries(given ?? {}));
  return {
    zoneId: String(zoneId),
    name: String(name),
    type: String(type),
    ttl: Number(ttl),
    records: Array.isArray(records) ? records.map(String) : [],
    allowOverwrite: allowOverwrite === true,
  };
}

export function differences(old: Record, now: Record) {
  const differs = (name: keyof Record) => JSON.stringify(old[name]) !== JSON.stringify(now[name]);
  const replaces = identity.filter(differs);
  return { changes: replaces.length > 0 || changeable.some(differs), replaces: [...replaces] };
}

export async function create(record: Record): Promise<string> {
  if (!record.allowOverwrite) await refuseExisting(record);
  await change(record.allowOverwrite ? "UPSERT" : "CREATE", record);
  return `${record.zoneId}_${record.name}_${record.type}`;
}

/** As the real API does; moto refuses only the very same values. */
async function refuseExisting({ zoneId, name, type }: Record): Promise<void> {
  const { ResourceRecordSets = [] } = await api().listResourceRecordSets({ HostedZoneId: zoneId });
  if (!ResourceRecordSets.some((set) => set.Name === `${name}.` && set.Type === type)) return;
  throw new Error(
    `InvalidChangeBatch: [Tried to create resource record set [name='${name}.', type='${type}'] but it already exists]`,
  );
}

export function upsert(record: Record): Promise<void> {
  return change("UPSERT", record);
}

export function remove(record: Record): Promise<void> {
  return change("DELETE", record);
}

async function change(action: ChangeAction, { zoneId, name, type, ttl, records }: Record): Promise<void> {
  const set = { Name: name, Type: rrType(type), TTL: ttl, ResourceRecords: records.map((Value) => ({ Value })) };
  await api().changeResourceRecordSets({
    HostedZoneId: zoneId,
    ChangeBatch: { Changes: [{ Action: action, ResourceRecordSet: set }] },
  });
  const log = process.env.ROUTE53_LOG;
  if (log !== undefined) appendFileSync(log, `${action} ${name} ${type}\n`);
}

function api(): Route53 {
  return new Route53({ region: "us-east-1" });
}

function rrType(type: string): RRType {
  const known = (["A", "AAAA", "MX", "PTR", "TLSA"] as const).find((one) => one === type);
  if (known === undefined) throw new Error(`the stand-in for @pulumi/aws has no record of type ${type}`);
  return known;
}

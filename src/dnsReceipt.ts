import { isAnswer, parseAnswer } from "./answer";
import type { Warning } from "./receipt";

/** What a run changed in one zone. */
export interface ZoneChange {
  zone: string;
  added: number;
  removed: number;
  /** The zone's serial number afterwards; absent where the server did not say. */
  serial: number | undefined;
}

/** What a host says of records that it published, or of a gate; docs/policy.md has the table. */
export interface DnsReceipt {
  host: string;
  changed: boolean;
  zones: ZoneChange[];
  warnings: Warning[];
}

/** Reads such a receipt, and believes nothing that has another shape. */
export function parseDnsReceipt(host: string, output: string): DnsReceipt {
  if (!isAnswer(output)) return { host, changed: false, zones: [], warnings: [] };
  const whole = parseAnswer(host, output);
  return {
    host: whole.member("host").text(),
    changed: whole.member("changed").flag(),
    zones: whole.member("zones").list((zone) => ({
      zone: zone.member("zone").text(),
      added: zone.member("added").count(),
      removed: zone.member("removed").count(),
      serial: zone.member("serial").optional((value) => value.count()),
    })),
    warnings: whole.member("warnings").list((warning) => ({
      code: warning.member("code").text(),
      text: warning.member("text").text(),
    })),
  };
}

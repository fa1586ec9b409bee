import { isAnswer, parseAnswer } from "./answer";
import type { Warning } from "./receipt";

/** What a host says of a probe; docs/policy.md has the table. */
export interface ProbeReceipt {
  host: string;
  place: string;
  since: string;
  state: string;
  listener: string;
  warnings: Warning[];
}

/** Reads the receipt of a probe, and believes nothing that has another shape. */
export function parseProbeReceipt(host: string, output: string): ProbeReceipt {
  if (!isAnswer(output)) return { host, place: "", since: "", state: "unverified", listener: "", warnings: [] };
  const whole = parseAnswer(host, output);
  return {
    host: whole.member("host").text(),
    place: whole.member("place").text(),
    since: whole.member("since").optional((value) => value.text()) ?? "",
    state: whole.member("state").word(["verified", "unverified", "removed"]),
    listener: whole.member("listener").text(),
    warnings: whole.member("warnings").list((warning) => ({
      code: warning.member("code").text(),
      text: warning.member("text").text(),
    })),
  };
}

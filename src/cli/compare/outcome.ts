// What a host answered, as text and as JSON.
import type { Place } from "../../answer";
import { nobody } from "./policies";

export type Verb = "audit" | "plan";

/** One thing that is otherwise than the policy wants it. */
export interface Difference {
  file: string;
  name: string;
  /** Null where it is not set. */
  is: string | null;
  wanted: string | null;
  /** The component instances that hold it. */
  owners: string[];
  /** Whether someone else changed it since a component wrote it; null where the host can't tell. */
  edited: boolean | null;
  /** The UTC seconds between which that happened, as far as the host can tell. */
  after: string | null;
  until: string | null;
}

/** `asWanted`, `differs`, `waits` (a guarded change that the evidence has not allowed yet) or `failed`. */
export type Standing = "asWanted" | "differs" | "waits" | "failed";

export interface Outcome {
  host: string;
  /** The component instance that asks, or the URN of one that can't be asked. */
  owner: string;
  standing: Standing;
  differences: Difference[];
  warnings: string[];
  /** Why the host could not be compared; null where it was. */
  problem: string | null;
}

export function failedOutcome(host: string, owner: string, problem: string): Outcome {
  return { host, owner, standing: "failed", differences: [], warnings: [], problem };
}

/** The members that a receipt of Postfix and one of a probe have in common, and what else there is. */
export function differencesIn(receipt: Place): Difference[] {
  const changes = receipt.member("changes").value;
  if (changes === undefined) return probeDifferences(receipt);
  return receipt.member("changes").list((place) => ({
    file: place.member("file").text(),
    name: place.member("name").text(),
    is: textOrNull(place.member("from")),
    wanted: textOrNull(place.member("to")),
    owners: place.member("owners").list((owner) => owner.text()),
    edited: place.member("edited").optional((value) => value.flag()) ?? null,
    after: textOrNull(place.member("after")),
    until: textOrNull(place.member("until")),
  }));
}

/** Of a probe its rules, and what runs the collector of its evidence. */
function probeDifferences(receipt: Place): Difference[] {
  return [...ruleDifferences(receipt), ...collectorDifferences(receipt)];
}

function collectorDifferences(receipt: Place): Difference[] {
  const trouble = receipt.member("collector");
  if (trouble.value === undefined) return [];
  return [
    {
      file: "evidence",
      name: "collector",
      is: trouble.text(),
      wanted: "running every five minutes",
      owners: [],
      edited: null,
      after: null,
      until: null,
    },
  ];
}

function ruleDifferences(receipt: Place): Difference[] {
  if (!receipt.member("changed").flag()) return [];
  const name = `rules of port ${receipt.member("port").count()} in ${receipt.member("place").text()}`;
  const after = textOrNull(receipt.member("since"));
  const edited = after === null ? false : null;
  return [
    {
      file: "packet filter",
      name,
      is: "otherwise",
      wanted: "as in the policy",
      owners: [],
      edited,
      after,
      until: null,
    },
  ];
}

function textOrNull(place: Place): string | null {
  return place.optional((value) => value.text()) ?? null;
}

export function warningsIn(receipt: Place): string[] {
  return receipt.member("warnings").list((warning) => warning.member("text").text());
}

export function exitStatus(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ standing }) => standing === "failed")) return 3;
  return outcomes.some(({ standing }) => standing === "differs") ? 1 : 0;
}

export function asJson(outcomes: readonly Outcome[]): string {
  return JSON.stringify(outcomes, null, 2);
}

const words: Record<Verb, Record<Standing, string>> = {
  audit: { asWanted: "as wanted", differs: "differs", waits: "waits for evidence", failed: "not known" },
  plan: { asWanted: "nothing to change", differs: "would change", waits: "waits for evidence", failed: "refused" },
};

export function asText(verb: Verb, outcomes: readonly Outcome[]): string {
  return outcomes.map((outcome) => paragraph(verb, outcome)).join("\n");
}

function paragraph(verb: Verb, { host, owner, standing, differences, warnings, problem }: Outcome): string {
  return [
    `${host}: ${words[verb][standing]}${owner === nobody ? "" : `: ${owner}`}`,
    ...(problem === null ? [] : [`  ${problem}`]),
    ...differences.map((difference) => `  ${sentence(difference, owner)}`),
    ...warnings.map((text) => `  warning: ${text}`),
  ].join("\n");
}

function sentence({ file, name, is, wanted, owners, edited, after, until }: Difference, owner: string): string {
  const others = owners.filter((holder) => holder !== owner);
  return [
    `${file} ${name}: ${value(is)} -> ${value(wanted)}`,
    edited === true ? `someone else changed it${between(after, until)}` : "",
    owners.length === 0 && edited === false && owner !== nobody ? "not applied yet" : "",
    others.length > 0 ? `held by ${others.join(", ")}${owner === nobody ? "" : " as well"}` : "",
  ]
    .filter(Boolean)
    .join("; ");
}

function value(text: string | null): string {
  if (text === null) return "(unset)";
  return text === "" ? "(empty)" : text;
}

function between(after: string | null, until: string | null): string {
  if (after !== null && until !== null) return ` between ${after} and ${until}`;
  if (after !== null) return ` after ${after}`;
  return until === null ? "" : ` at ${until} at the latest`;
}

// Each text through one place of a component's arguments: refused in words that name the place, or kept to the character.
import { expect } from "vitest";
import { MailhostError } from "../../../src/errors.ts";
import { run } from "../mocks.ts";
import { secretPlaces } from "./places.ts";
import { unseen } from "./values.ts";

export const label = "mx1.example.com";

export interface Walk<Outcome> {
  /** What the component makes of the text; throws what it refuses. */
  attempt(text: string): Outcome;
  /** The lines of the policies that it comes to. */
  kept(outcome: Outcome): Promise<readonly string[]>;
  /** Whether the text is found again as it was, and only there. */
  exactly(text: string, outcome: Outcome): Promise<boolean>;
}

/** Gives what was said of the texts that were refused. */
export async function walk<Outcome>(
  place: string,
  texts: readonly string[],
  { attempt, kept, exactly }: Walk<Outcome>,
): Promise<string[]> {
  const refusals: string[] = [];
  await run(async () => {
    for (const text of texts) {
      let outcome: Outcome;
      try {
        outcome = attempt(text);
      } catch (error) {
        expectRefusal(error, place, text);
        refusals.push(String(error));
        continue;
      }
      expect(await exactly(text, outcome), `${JSON.stringify(text)} in ${place}`).toBe(true);
      expect((await kept(outcome)).join("")).not.toMatch(/\p{Cc}/u);
    }
  }).then(({ result }) => result);
  return refusals;
}

/** The start of a text as a message may show it: as it is in the name of an argument, as JSON has it in a value. */
function startOf(text: string): string[] {
  const start = text.slice(0, 12).replace(/[^ -~].*/su, "");
  return [start, JSON.stringify(start).slice(1, -1)];
}

function expectRefusal(error: unknown, place: string, text: string): void {
  if (!(error instanceof MailhostError)) throw error;
  const { message, argument } = error;
  expect(message).not.toMatch(unseen);
  expect(message.length).toBeLessThan(700);
  expect(message.startsWith(`${label}: ${argument} `), message).toBe(true);
  // An empty key is no way to log in: that is said of the whole connection.
  const top = place.replace(/(\{\}|\{key\}|\[\]).*/, "");
  expect(argument.startsWith(top) || (text === "" && top.startsWith(argument)), argument).toBe(true);
  if (!secretPlaces.test(place) && !place.endsWith("hostKey"))
    expect(
      startOf(text).some((start) => message.includes(start)),
      message,
    ).toBe(true);
}

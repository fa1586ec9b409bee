// Hostile texts through every argument that takes a text: refused in words that name it, or kept to the character.
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { normalizeConnection } from "../../../src/connection.ts";
import { MailhostError } from "../../../src/errors.ts";
import { renderPolicy } from "../../../src/policy/render.ts";
import type { PostfixHardeningArgs } from "../../../src/postfixHardeningArgs.ts";
import { normalizeArgs } from "../../../src/wanted.ts";
import { run, settled } from "../mocks.ts";
import { argsWith, type Kept, keptExactly, secretPlaces, textPlaces } from "./places.ts";
import { hostileTexts, seed, unseen } from "./values.ts";

const texts = hostileTexts(seed, 550);
const places = textPlaces();

/** What a component makes of its arguments before it registers anything. */
function normalized(args: object) {
  const label = "mx1.example.com";
  // A program without a compiler passes whatever it likes.
  const given: PostfixHardeningArgs = Object.assign({ connection: Object() }, args);
  const host = normalizeConnection(label, given.connection);
  return { host, wanted: normalizeArgs(label, "mailhost:index:PostfixHardening", "mx1", given, undefined) };
}

async function kept({ host, wanted }: ReturnType<typeof normalized>): Promise<Kept> {
  const lines = await settled(pulumi.all(wanted.lines).apply(renderPolicy));
  const connection: unknown = await settled(pulumi.output(host.connection));
  if (typeof lines !== "string" || typeof connection !== "object" || connection === null) throw new Error("no policy");
  const secrets = await Promise.all(wanted.secrets.map((line) => settled(pulumi.output(line))));
  return {
    policy: [lines, ...wanted.guarded.map((guarded) => renderPolicy(guarded.lines))].join("").split("\n"),
    secrets: secrets.map(String),
    connection: Object.fromEntries(Object.entries(connection)),
    privilege: host.privilege,
    installedProgram: host.installedProgram,
  };
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
  expect(message.startsWith(`mx1.example.com: ${argument} `), message).toBe(true);
  // An empty key is no way to log in: that is said of the whole connection.
  const top = place.replace(/(\{\}|\{key\}|\[\]).*/, "");
  expect(argument.startsWith(top) || (text === "" && top.startsWith(argument)), argument).toBe(true);
  if (!secretPlaces.test(place) && !place.endsWith("hostKey"))
    expect(
      startOf(text).some((start) => message.includes(start)),
      message,
    ).toBe(true);
}

it("each argument that takes a text is here", () => expect(Object.keys(keptExactly).sort()).toEqual(places.sort()));

describe(`${texts.length} texts of seed ${seed}`, () => {
  it("are enough of them", () => expect(texts.length).toBeGreaterThanOrEqual(500));

  it.each(places)("through %s", async (place) => {
    const refusals: string[] = [];
    await run(async () => {
      for (const text of texts) {
        let outcome: ReturnType<typeof normalized>;
        try {
          outcome = normalized(argsWith(place, text));
        } catch (error) {
          expectRefusal(error, place, text);
          refusals.push(String(error));
          continue;
        }
        const found = await kept(outcome);
        expect(keptExactly[place]?.(text, found), `${JSON.stringify(text)} in ${place}`).toBe(true);
        expect(found.policy.join("")).not.toMatch(/\p{Cc}/u);
      }
    }).then(({ result }) => result);
    // A message that is the same for every text repeats none of them.
    if (secretPlaces.test(place)) expect(new Set(refusals).size).toBeLessThanOrEqual(6);
  });
});

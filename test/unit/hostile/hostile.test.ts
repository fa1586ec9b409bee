// Hostile texts through every argument that takes a text: refused in words that name it, or kept to the character.
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { normalizeConnection } from "../../../src/connection.ts";
import { renderPolicy } from "../../../src/policy/render.ts";
import type { PostfixHardeningArgs } from "../../../src/postfixHardeningArgs.ts";
import { normalizeArgs } from "../../../src/wanted.ts";
import { normalizeProbe } from "../../../src/wantedProbe.ts";
import { settled } from "../mocks.ts";
import { argsWith, type Kept, keptExactly, secretPlaces, textPlaces } from "./places.ts";
import { probeKept, probePolicy, probeWith } from "./probePlaces.ts";
import { hostileTexts, seed } from "./values.ts";
import { label, walk } from "./walk.ts";

const texts = hostileTexts(seed, 550);
const places = textPlaces();

/** What a component makes of its arguments before it registers anything. */
function normalized(args: object) {
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

it("each argument that takes a text is here", () => expect(Object.keys(keptExactly).sort()).toEqual(places.sort()));

describe(`${texts.length} texts of seed ${seed}`, () => {
  it("are enough of them", () => expect(texts.length).toBeGreaterThanOrEqual(500));

  it.each(places)("through %s", async (place) => {
    const refusals = await walk(place, texts, {
      attempt: (text) => normalized(argsWith(place, text)),
      kept: async (outcome) => (await kept(outcome)).policy,
      exactly: async (text, outcome) => keptExactly[place]?.(text, await kept(outcome)) === true,
    });
    // A message that is the same for every text repeats none of them.
    if (secretPlaces.test(place)) expect(new Set(refusals).size).toBeLessThanOrEqual(6);
  });
});

describe(`${texts.length} texts of seed ${seed}, a probe`, () => {
  // How a host is reached is one part of all components, whose texts were walked through above.
  const own = textPlaces("Smtps465Probe").filter((place) => !place.startsWith("connection"));

  it("has each argument that takes a text here", () => expect(Object.keys(probeKept).sort()).toEqual(own.sort()));

  it.each(own)("through %s", async (place) => {
    await walk(place, texts, {
      attempt: (text) =>
        normalizeProbe(label, "mailhost:index:Smtps465Probe", "mx1", probeWith(place, text), undefined),
      kept: probePolicy,
      exactly: async (text, wanted) => probeKept[place]?.(text, await probePolicy(wanted)) === true,
    });
  });
});

// What a mail server says to this client, and what may be claimed of its TLS by that.
import type { Answer } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../../src/cli/check/smtp.ts";
import { certificateRemarks } from "../../../src/cli/check/texts.ts";
import { type Dialogue, mailDomain, mailServer, signedWhere, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const tlsa: Answer = {
  type: "TLSA",
  name: "_25._tcp.mx1.d.test",
  ttl: 300,
  data: { usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from("1".repeat(64), "hex") },
};

async function seen(dialogue: Dialogue) {
  world.dialogue = dialogue;
  const names = signedWhere(mailDomain("d.test", tlsa), () => true);
  const { findings } = await world.check("d.test", names);
  const of = (check: string) => findings.find((found) => found.check === check);
  return { starttls: of("STARTTLS"), dane: of("TLSA") };
}

describe("a server that turns this client away", () => {
  it.each<[string, Dialogue, string]>([
    ["by its greeting", { greeting: "554 5.7.1 no service for you" }, '"554 5.7.1 no service for you"'],
    ["for a while", { greeting: "421 4.7.0 too many connections" }, '"421 4.7.0 too many connections"'],
    ["by its answer to EHLO", { features: "450 4.7.1 greylisted" }, '"450 4.7.1 greylisted"'],
    ["by a list", { features: "550 5.7.1 listed at bl.test" }, '"550 5.7.1 listed at bl.test"'],
    ["by STARTTLS", { ready: "421 4.3.2 shutting down" }, '"421 4.3.2 shutting down"'],
    ["without a word", { greeting: null }, "it closes the connection at once"],
    ["after its greeting", { features: null }, "it closes the connection before it answers EHLO"],
  ])("%s says nothing of its TLS", async (_, dialogue, text) => {
    const { starttls, dane } = await seen(dialogue);
    expect(starttls).toMatchObject({
      word: "not known",
      internetNl: "not known",
      text: `turns this client away: ${text}, which tells nothing of its TLS`,
    });
    expect(dane).toMatchObject({ word: "not known", text: expect.stringContaining("no certificate could be seen") });
  });

  it.each<Session["state"]>(["away", "silent"])("leaves MTA-STS not known: %s", (state) => {
    if (state === "encrypted") throw new Error("no such case");
    const policy = { mode: "enforce", maxAge: 604_800, patterns: ["mx1.d.test"] };
    expect(
      certificateRemarks(policy, [{ host: "mx1.d.test", address: mailServer, session: { state, text: "x" } }]),
    ).toEqual([{ word: "not known", text: `mx1.d.test (${mailServer}): no certificate could be seen` }]);
  });
});

describe("a server without STARTTLS", () => {
  it.each<[string, Dialogue, string]>([
    ["that knows no EHLO", { features: "500 what?" }, "it offers no STARTTLS"],
    ["that has no EHLO", { features: "502 5.5.1 not here" }, "it offers no STARTTLS"],
    ["that leaves it out", { features: "250 mx1" }, "it offers no STARTTLS"],
    [
      "that offers it, and then has none",
      { ready: "454 4.7.0 TLS not available" },
      'it offers STARTTLS and then answers it with "454 4.7.0 TLS not available": it has no TLS now',
    ],
    ["that greets oddly", { greeting: "354 go on" }, 'it greets with "354 go on"'],
  ])("%s fails", async (_, dialogue, text) => {
    const { starttls, dane } = await seen(dialogue);
    expect(starttls).toMatchObject({ word: "failed", text });
    expect(dane).toMatchObject({
      word: "failed",
      text: expect.stringContaining(`${mailServer}: ${text}: senders with DANE keep the mail back`),
    });
  });
});

import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/command.ts";
import { seen } from "../../../src/cli/knock.ts";
import type { Outcome } from "../../../src/cli/report/outcome.ts";
import { knockWords } from "../../../src/cli/report/words.ts";
import { exitStatus, reportCall } from "../../../src/cli/report.ts";
import { sideBySide } from "../../../src/cli/sideBySide.ts";
import { mailHostsIn } from "../../../src/cli/stack.ts";
import { parseEvidence } from "../../../src/evidence/parse.ts";
import { answer, quiet, reported, row, used } from "./evidence.ts";

describe("the words of a call", () => {
  it.each<[string, object]>([
    [
      "mx1 root@mx2",
      { hosts: ["mx1", "root@mx2"], port: 465, days: 180, format: "table", knock: false, become: "none" },
    ],
    [
      "mx1 --html --knock --sudo --port 587 --days 30",
      { format: "html", knock: true, become: "sudo", port: 587, days: 30 },
    ],
    ["mx1 -o Port=2222 -oUser=x", { options: ["Port=2222", "User=x"] }],
  ])("%s", (words, expected) => {
    expect(reportCall(words.split(" "))).toMatchObject(expected);
  });

  it.each<[string[], RegExp]>([
    [[], /^HOST is missing/],
    [["mx1", "mx2;id"], /^HOST is "mx2;id"/],
    [["mx1", "--svg", "--html"], /^--svg and --html are two formats; use one$/],
    [["mx1", "--port", "0"], /^--port is "0"; use a number from 1 to 65535$/],
    [["mx1", "--port", "465;id"], /^--port is "465;id"/],
    [["mx1", "--days", "401"], /^--days is "401"; use a number from 1 to 400$/],
    [["mx1", "--sudo", "--doas"], /^--sudo and --doas/],
    [["mx1", "--pdf"], /--pdf/],
  ])("%j is refused", (words, error) => {
    expect(() => reportCall(words)).toThrow(UsageError);
    expect(() => reportCall(words)).toThrow(error);
  });
});

it("ends with a status for scripts: the worst that a host said", () => {
  const retire = reported("a", quiet);
  const keep = reported("b", used);
  const unknown = reported("c", answer([], { word: "not enough evidence" }));
  const failed: Outcome = { host: "d", problem: "no" };
  expect([[retire], [retire, unknown], [unknown, keep, retire], [retire, keep, failed]].map(exitStatus)).toEqual([
    0, 4, 3, 1,
  ]);
});

it("asks hosts side by side, not more at a time than it may, and keeps their order", async () => {
  let now = 0;
  let most = 0;
  const results = await sideBySide(
    Array.from({ length: 40 }, (_, index) => index),
    16,
    async (item) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, item % 3));
      now -= 1;
      return item * 2;
    },
  );
  expect(results).toEqual(Array.from({ length: 40 }, (_, index) => index * 2));
  expect(most).toBe(16);
});

it("finds the hosts of a stack in its state, each once, and has ssh's words for them", () => {
  const component = (kind: string, endpoint?: string) => {
    return { urn: `urn:pulumi:dev::mail::${kind}::mx`, type: `mailhost:index:${kind}`, outputs: { endpoint } };
  };
  // Its first up did not finish.
  const begun = { ...component("PostfixHardening"), inputs: { endpoint: "root@mx4.example.com:22" } };
  const state = (...resources: object[]) => ({ version: 3, deployment: { resources } });
  expect(
    mailHostsIn(
      state(
        component("PostfixHardening", "root@mx1.example.com:22"),
        component("Smtps465Probe", "root@mx1.example.com:22"),
        component("PostfixHardening", "deploy@mx2.example.com:2222"),
        component("Smtps465Probe", "root@[2001:db8::1]:22"),
        component("MailDns", "root@ns1.example.com:22"),
        begun,
        component("PostfixHardening"),
        { urn: "urn:other", type: "pulumi:pulumi:Stack", outputs: { endpoint: "root@mx3:22" } },
      ),
    ),
  ).toEqual({
    hosts: [
      "root@mx1.example.com",
      "ssh://deploy@mx2.example.com:2222",
      "root@mx4.example.com",
      "ssh://root@[2001:db8::1]:22",
    ],
    nowhere: [
      { host: "mx", problem: expect.stringMatching(/^urn:pulumi:dev::mail::PostfixHardening::mx does not say where/) },
    ],
  });
  expect(mailHostsIn({})).toEqual({ hosts: [], nowhere: [] });
});

it("tells what of a knock came", () => {
  const before = parseEvidence(answer([row(0, "counted", "-", "-", 5)]));
  const after = parseEvidence(answer([row(0, "counted", "-", "-", 8), row(0, "syn", "192.0.2.0/24", "-", 2)]));
  const saw = { counted: seen("counted", 465, before, after), logged: seen("syn", 465, before, after) };
  expect(saw).toEqual({ counted: 3, logged: 2 });
  expect(knockWords({ target: "mx1 port 465", made: 3, problem: null, ...saw })).toBe(
    "3 connections from here to mx1 port 465; the counter saw all, the log saw 2",
  );
});

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseAnswer } from "../../src/answer.ts";
import { UsageError } from "../../src/cli/command.ts";
import { compareCall } from "../../src/cli/compare/call.ts";
import { asText, differencesIn, exitStatus, type Outcome, type Standing } from "../../src/cli/compare/outcome.ts";
import { completePolicy, defaultPolicy, ownerOf } from "../../src/cli/compare/policies.ts";
import { questionsIn } from "../../src/cli/compare/stackPolicies.ts";
import { nameOf, programWithInput } from "../../src/cli/ssh.ts";
import { policyReader } from "./hostDecision/awk.ts";

describe("the words of audit and plan", () => {
  it.each<[string, object]>([
    ["mx1 mx2", { hosts: ["mx1", "mx2"], stacks: [], policy: null, json: false, become: "none", installed: null }],
    ["mx1 --policy file --json --sudo", { policy: "file", json: true, become: "sudo" }],
    ["--stack dev --stack org/mail/prod", { hosts: [], stacks: ["dev", "org/mail/prod"] }],
    ["--stack dev --installed /usr/local/sbin/mailhost -o User=auditor", { installed: "/usr/local/sbin/mailhost" }],
  ])("%s", (words, expected) => {
    expect(compareCall("audit", words.split(" "))).toMatchObject(expected);
  });

  it.each<[string[], RegExp]>([
    [[], /^HOST is missing; name at least one host, or a --stack$/],
    [["mx1", "--stack", "dev"], /^HOST and --stack are two ways/],
    [["--stack", "dev", "--policy", "file"], /^--stack and --policy are two places/],
    [["mx1", "--sudo", "--doas"], /^--sudo and --doas are two ways/],
    [["mx1", "--installed", "mailhost; id"], /^--installed is "mailhost; id"; use an absolute path/],
    [["mx1;id"], /^HOST is "mx1;id"/],
  ])("%j is refused", (words, error) => {
    expect(() => compareCall("audit", words)).toThrow(UsageError);
    expect(() => compareCall("audit", words)).toThrow(error);
  });
});

describe("a policy that someone wrote by hand", () => {
  it("becomes one that the host reads", () => {
    const text = completePolicy("file", "# mine\nset b = $c  d\nset   a = \n\nconfig /etc/postfix\n");
    expect(spawnSync("awk", policyReader, { input: text, env: { ...process.env, LC_ALL: "C" } })).toMatchObject({
      status: 0,
    });
    expect(text).toContain("\nset      b = $c  d\nempty    a\n");
    expect(text).toContain("\nactivate reload\ndestroy  keep\n");
  });

  it("stays as it is where a component wrote it", () => {
    const written = defaultPolicy().replace(/^owner .*$/m, "owner    org/proj/dev/mailhost:index:PostfixHardening/mx");
    expect(completePolicy("file", `${written}\n`)).toBe(written);
    expect(ownerOf(written)).toBe("org/proj/dev/mailhost:index:PostfixHardening/mx");
  });

  it("is completed only by what its kind has", () => {
    expect(completePolicy("file", "domain example.com.\nphase settled\nlowered 300\n")).not.toMatch(
      /^(activate|destroy)/m,
    );
    expect(completePolicy("file", "probe tcp 465\n")).not.toMatch(/^activate/m);
  });

  it.each([
    ["", /^file has no line of a policy/],
    ["let it be", /^file line 1 is "let it be", which is no line of a policy$/],
    ["set a = b\nset", /^file line 2 is "set"/],
    ["policy 2", /^file line 1 is of policy 2; this version of mailhost reads policy 1$/],
    ["set a = b\u0007c", /^file: set /],
  ])("%j is refused", (text, error) => {
    expect(() => completePolicy("file", text)).toThrow(error);
  });
});

describe("what a stack's state says", () => {
  const urn = "urn:pulumi:dev::mail::mailhost:index:PostfixHardening::mx1";
  const component = { urn, type: "mailhost:index:PostfixHardening", outputs: { endpoint: "root@mx1.example.com:22" } };
  const child = (name: string, stdin: unknown, parent = urn) => {
    return { urn: `${urn}-${name}`, type: "command:remote:Command", parent, inputs: { stdin } };
  };
  const text = (owner: string) => `policy   1\nowner    ${owner}\n`;
  const state = (...resources: object[]) => ({ version: 3, deployment: { resources } });

  it("has each policy that was applied, guarded ones too, and nothing that others sent to hosts", () => {
    const resources = [
      component,
      child("policy", text("a")),
      child("guarded", text("b")),
      child("secrets", { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" }),
      child("other", text("c"), "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev"),
    ];
    expect(questionsIn(state(...resources))).toEqual({
      questions: [
        { host: "root@mx1.example.com", owner: "a", policy: text("a") },
        { host: "root@mx1.example.com", owner: "b", policy: text("b") },
      ],
      unasked: [],
    });
  });

  it("has them by name, a component's own before its guarded ones, in whatever order a state has them", () => {
    const other = { ...component, urn: `${urn}-b`, outputs: { endpoint: "root@mx2.example.com:22" } };
    const own = child("policy", text("a"));
    const guarded = child("guarded", text("a-guarded"));
    const rest = [own, guarded, other, child("b", text("b"), other.urn)];
    const asked = questionsIn(state(component, ...rest));
    expect(asked.questions.map(({ owner }) => owner)).toEqual(["a", "a-guarded", "b"]);
    expect(questionsIn(state(...rest.toReversed(), component))).toEqual(asked);
  });

  const dns = urn.replace("PostfixHardening", "MailDns");
  const records = { urn: dns, type: "mailhost:index:MailDns", outputs: { endpoint: "root@ns1.example.com:22" } };
  const gate = child("gate", `policy   1\nowner    a gate mx1\ngate     mx1. 192.0.2.1\n`, dns);
  const problemsIn = (...resources: object[]) =>
    questionsIn(state(...resources)).unasked.map(({ host, owner, standing, problem }) => [
      host,
      owner,
      standing,
      problem,
    ]);

  it("has the policies of records, but no gate, and nothing of records at Route 53", () => {
    expect(questionsIn(state(records, child("records", text("a"), dns), gate))).toEqual({
      questions: [{ host: "root@ns1.example.com", owner: "a", policy: text("a") }],
      unasked: [],
    });
    expect(questionsIn(state({ ...records, outputs: {} }, gate))).toEqual({ questions: [], unasked: [] });
    expect(questionsIn({ version: 3, deployment: {} })).toEqual({ questions: [], unasked: [] });
  });

  it("has what was applied of a component whose first up did not finish, and asks the other hosts in any case", () => {
    const begun = { ...component, outputs: {}, inputs: component.outputs };
    const other = { ...component, urn: `${urn}-b`, outputs: { endpoint: "root@mx2.example.com:22" } };
    const rest = [other, child("b", text("b"), other.urn)];
    const asked = questionsIn(state(begun, child("policy", text("a")), ...rest));
    expect(asked.unasked).toEqual([]);
    expect(asked.questions.map(({ host, owner }) => [host, owner])).toEqual([
      ["root@mx1.example.com", "a"],
      ["root@mx2.example.com", "b"],
    ]);
    const nothing = questionsIn(state(begun, ...rest));
    expect(nothing.questions.map(({ owner }) => owner)).toEqual(["b"]);
    const problem = expect.stringMatching(/^nothing of it was applied yet; /);
    expect(problemsIn(begun, ...rest)).toEqual([["root@mx1.example.com", urn, "failed", problem]]);
    const published = { ...records, outputs: {}, inputs: { domain: "example.com", ...records.outputs } };
    expect(problemsIn(published, gate)).toEqual([["root@ns1.example.com", dns, "failed", problem]]);
  });

  it("may hide where a host is, or have a name that ssh can't be given, and then says so of that one alone", () => {
    const hidden = { ...component, outputs: {} };
    expect(problemsIn(hidden, child("policy", text("a")), records, child("records", text("b"), dns))).toEqual([
      ["mx1", urn, "failed", `${urn} does not say where its host is; name the host itself`],
    ]);
    expect(problemsIn({ ...records, outputs: {} }, child("records", text("a"), dns))).toEqual([
      ["mx1", dns, "failed", `${dns} does not say where its host is; name the host itself`],
    ]);
    expect(problemsIn({ ...component, outputs: { endpoint: "us$er@mx1.example.com:22" } })).toEqual([
      [
        "mx1",
        urn,
        "failed",
        `${urn} has its host at "us$er@mx1.example.com", which is no name for ssh; name the host itself`,
      ],
    ]);
  });
});

describe("an answer", () => {
  const outcome = (standing: Standing): Outcome => {
    return { host: "mx1", owner: "o", standing, differences: [], warnings: [], problem: null };
  };

  it.each<[Standing[], number]>([
    [["asWanted", "waits"], 0],
    [["asWanted", "differs"], 1],
    [["differs", "failed"], 3],
  ])("%j ends with %s", (standings, status) => {
    expect(exitStatus(standings.map(outcome))).toBe(status);
  });

  it("says in one line each what it is, who else holds it and since when", () => {
    const common = { file: "main.cf", owners: ["o", "p"], edited: true, after: "A", until: "B" };
    const differences = [
      { ...common, name: "a", is: null, wanted: "" },
      { ...common, name: "b", is: "1", wanted: "2", owners: [], edited: false },
      { ...common, name: "c", is: "1", wanted: "2", owners: ["o"], edited: null },
    ];
    expect(asText("audit", [{ ...outcome("differs"), differences, warnings: ["w"] }, outcome("asWanted")])).toBe(
      [
        "mx1: differs: o",
        "  main.cf a: (unset) -> (empty); someone else changed it between A and B; held by p as well",
        "  main.cf b: 1 -> 2; not applied yet",
        "  main.cf c: 1 -> 2",
        "  warning: w",
        "mx1: as wanted: o",
      ].join("\n"),
    );
  });
});

it.each([
  [{ changed: false }, []],
  [{ changed: false, collector: "mailhost-evidence.timer is disabled" }, ["evidence collector"]],
  [{ changed: true, collector: "x is missing" }, ["packet filter rules of port 465 in nft", "evidence collector"]],
])("a probe's receipt with %o has the differences %o", (members, names) => {
  const receipt = { protocol: 1, port: 465, place: "nft", since: null, ...members };
  const found = differencesIn(parseAnswer("mx1", JSON.stringify(receipt)));
  expect(found.map(({ file, name }) => `${file} ${name}`)).toEqual(names);
});

describe("a program and what it reads, in one stream", () => {
  const shells = ["dash", "bash", "busybox"].filter((shell) => spawnSync(shell, ["--help"]).error === undefined);

  it.each(shells)("by %s", (shell) => {
    const words = shell === "busybox" ? ["sh", "-s", "plan"] : ["-s", "plan"];
    const input = "set a = $(id) `id` 'x' \\\n# EOF\n";
    const program = '#!/bin/sh\n# a comment\nf() {\n\tcat\n}\necho "$1"\nf\nexit 7\n';
    const { status, stdout } = spawnSync(shell, words, { input: programWithInput(program, input), encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 7, stdout: `plan\n${input}` });
  });

  it("is refused where what it reads would end it early", () => {
    expect(() => programWithInput("cat", "a\nmailhost: end of input\nid\n")).toThrow(/has no line/);
  });
});

it.each([
  ["mx1.example.com", "mx1.example.com"],
  ["root@mx1", "mx1"],
  ["2001:db8::1", "2001:db8::1"],
  ["ssh://root@[2001:db8::1]:2222", "2001:db8::1"],
  ["ssh://root@mx1:2222/", "mx1"],
])("the name of %s is %s", (host, name) => {
  expect(nameOf(host)).toBe(name);
});

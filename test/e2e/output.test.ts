// What `up` prints: each step of a host, and of a failure the reason first, in one line, with the details after it.
import { beforeAll, expect, test } from "vitest";
import type { Result } from "../lab/run.ts";
import type { Components, Wanted } from "./components.ts";
import { said } from "./site.ts";
import { directory } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
let components: Components;
let original: string;

beforeAll(async () => {
  components = await site().components();
  original = await directory(site().host);
});

/** What stands below `Diagnostics:` of one resource; the engine has them in no order. */
function diagnosticsOf(up: Result, name: string): string[] {
  const [, text = ""] = said(up).split("\nDiagnostics:\n");
  const [, block = ""] = new RegExp(`^ {2}\\S+ \\(${name}\\):\n((?: {4}.*\n|\n)*)`, "m").exec(text) ?? [];
  return block.split("\n").flatMap((line) => line.trim() || []);
}

/** The messages of one resource as they came. */
function story(up: Result, name: string): string[] {
  const lines = [...said(up).matchAll(new RegExp(` ${name} (?:cre|upd)ating \\(\\d+s\\) (.*)$`, "gm"))];
  return lines.map(([, line = ""]) => line.trim());
}

test("an up that works says each step of the host, and no shell", async () => {
  const { address } = site().host;
  const up = await components.want({ args: { tls: { incoming: {}, submission: {} }, onDestroy: "restore" } }).up();
  const steps = story(up, "mx-policy").map((line) => line.replace(`${address}: `, ""));
  const expected = [/^change main\.cf \S+: .* -> /, /^pre-flight /, /^committing$/, /^reload done at /, /^verified /];
  const places = expected.map((step) => steps.findIndex((line) => step.test(line)));
  expect(places, steps.join("\n")).toEqual([...places].sort((one, other) => one - other));
  expect(places).not.toContain(-1);
  expect(diagnosticsOf(up, "mx")).toEqual([
    expect.stringContaining(`warning: ${address}: no service on port 587 or 465`),
  ]);
  expect(said(up)).not.toMatch(/sh -c|PRIVATE KEY|\[object/);
  await components.destroy();
});

test("the outputs have what a guarded change made, which runs after all the rest, and not what was before it", async () => {
  const guard = { onlyIfUnusedForDays: 30, despiteEvidence: "a test" };
  const incoming = { minimumVersion: "TLSv1.3", refuseOldPeers: true, ...guard } as const;
  await components.want({ args: { tls: { incoming }, onDestroy: "restore" } }).up();
  const { mx } = await components.stack.outputs();
  expect(mx).toMatchObject({ protocols: [{ name: "smtp/inet", protocols: ["TLSv1.3"] }] });
  const changed = { file: "main.cf", name: "smtpd_tls_mandatory_protocols", to: ">=TLSv1.3" };
  expect(mx).toMatchObject({ changes: expect.arrayContaining([expect.objectContaining(changed)]) });
  await components.destroy();
});

const submission = { enabled: true, options: { smtpd_sasl_auth_enable: "yes" } };
const failures: [string, Wanted["args"], RegExp][] = [
  ["a refusal", { settings: { no_such_parameter: "1" } }, /^settings\.no_such_parameter: .*$/],
  [
    "a pre-flight",
    { settings: { smtpd_tls_cert_file: "/none.pem" } },
    /^pre-flight: smtp\/inet .*; nothing was changed$/,
  ],
  [
    "a change that was put back",
    { services: { "submission/inet": submission } },
    /^submission\/inet does not answer on port 587: .*the old configuration is back and answers as before$/,
  ],
];

test.each(failures)("of %s that failed the reason comes first, in one line", async (_, args, reason) => {
  const { address } = site().host;
  const up = await components.want({ args: { tls: { outgoing: {} }, onDestroy: "restore", ...args } }).stack.up();
  expect(up.status).not.toBe(0);
  const [line = "", ...more] = diagnosticsOf(up, "mx");
  expect(more).toEqual([]);
  expect(line.slice(0, address.length + 9)).toBe(`error: ${address}: `);
  expect(line.slice(address.length + 9)).toMatch(reason);
  // The provider's own words, which have the command in them, and then all that the host said.
  const [provider = "", ...details] = diagnosticsOf(up, "mx-policy");
  expect(provider).toMatch(/^error: Process exited with status 1: running "/);
  expect(details).toContain(line.replace(/^error: (\S+: )/, "$1error: "));
  expect(said(up).indexOf(line)).toBeLessThan(said(up).indexOf(provider));
  expect(said(up)).not.toMatch(/PRIVATE KEY|\[object| at .*\.js:\d+/);
  expect(await directory(site().host)).toBe(original);
  await components.destroy();
});

test("of a login that is not root, too", async () => {
  const { address } = site().host;
  const login = { user: "deploy", privateKey: site().key() };
  const up = await components.want({ args: { connection: login } }).stack.up();
  expect(diagnosticsOf(up, "mx")).toEqual([`error: ${address}: deploy is not root; set privilege`]);
});

// What a reviewer of a pull request sees for ten typical changes: docs/previews.md, made by the real engine.
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { PostfixHardeningArgs } from "../../src/index.ts";
import { checkout } from "../lab/places.ts";
import type { Components } from "./components.ts";
import { mustWork } from "./components.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
type Args = Omit<PostfixHardeningArgs, "connection">;

const base: Args = {
  tls: { incoming: { minimumVersion: "TLSv1.2" }, submission: {}, outgoing: {} },
  settings: { smtpd_helo_required: "yes", smtpd_banner: "$myhostname ESMTP" },
  services: { "smtp/inet": { options: { smtpd_client_connection_count_limit: "20" } } },
};

interface Change {
  title: string;
  /** The new lines of the program. */
  code: string;
  args?: Args;
}

const changes: Change[] = [
  {
    title: "An older TLS version is no longer accepted where users submit mail",
    code: "submission: { minimumVersion: TlsVersion.Tls13 }",
    args: { ...base, tls: { ...base.tls, submission: { minimumVersion: "TLSv1.3" } } },
  },
  {
    title: "Port 25 gets the ciphers of Mozilla's guideline",
    code: "incoming: { profile: TlsProfile.Intermediate }",
    args: { ...base, tls: { ...base.tls, incoming: { profile: "intermediate" } } },
  },
  {
    title: "A floor is lowered",
    code: "incoming: { minimumVersion: TlsVersion.Tls11 },\nallowWeaker: true",
    args: { ...base, tls: { ...base.tls, incoming: { minimumVersion: "TLSv1.1" } }, allowWeaker: true },
  },
  {
    title: "A parameter gets another value",
    code: 'smtpd_banner: "$myhostname"',
    args: { ...base, settings: { ...base.settings, smtpd_banner: "$myhostname" } },
  },
  {
    title: "A parameter is added, and another goes back to Postfix's default",
    code: 'settings: { smtpd_helo_required: "yes", message_size_limit: "50000000" },\nunsetSettings: ["smtpd_banner"]',
    args: {
      ...base,
      settings: { smtpd_helo_required: "yes", message_size_limit: "50000000" },
      unsetSettings: ["smtpd_banner"],
    },
  },
  {
    title: "Port 465 is closed",
    code: '"smtps/inet": { enabled: false }',
    args: { ...base, services: { ...base.services, "smtps/inet": { enabled: false } } },
  },
  {
    title: "Port 465 is closed if nobody used it for half a year",
    code: '"smtps/inet": { enabled: false, onlyIfQuietForDays: 180 }',
    args: { ...base, services: { ...base.services, "smtps/inet": { enabled: false, onlyIfQuietForDays: 180 } } },
  },
  {
    title: "Sessions on old settings are ended after two minutes",
    code: "activation: Activation.Drain,\ndrainSeconds: 120",
    args: { ...base, activation: "drain", drainSeconds: 120 },
  },
  { title: "What someone changed by hand is put back", code: "repair: 1", args: { ...base, repair: 1 } },
  { title: "The component is taken out of the program", code: "// new PostfixHardening(…)" },
];

/** Without what is of the engine's own, and with a host's name for the lab's address. */
function asSeen(preview: string): string {
  const uploads = [...new Set(preview.match(/\.mailhost-[0-9a-f]{12}-[0-9a-f]{8}\.sh\.[0-9a-f]{8}/g))];
  const noise =
    /^\s*(\[(urn|id|provider)=.*\]|warning: using .* from \$PATH.*|\[1\]: ".*"|(create|delete) +: ".*"|Previewing update .*|View .*|Duration: .*)$/;
  return preview
    .replaceAll(site().host.address, "mx1.example.com")
    .split("\n")
    .filter((line) => !noise.test(line))
    .join("\n")
    .replaceAll(join(checkout, "dist"), "dist")
    .replace(/\.mailhost-[0-9a-f.sh-]+/g, (name) => `.mailhost-HASH-OWNER.sh.POLICY${uploads.indexOf(name) + 1}`)
    .replace(/asset\(file:[0-9a-f]+\)/g, "asset(file:HASH)")
    .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/g, "TIME")
    .replace(/\n{2,}/g, "\n")
    .trim();
}

const marked = (preview: string): string => preview.replace(/^( +)([-+~]) /gm, "$2$1 ");

let components: Components;
beforeAll(async () => {
  components = await site().components();
  await components.want({ name: "mx1", args: base }).up();
});

test("ten typical changes are readable without knowing the code", async () => {
  const parts = [
    "# What a reviewer sees",
    "`pulumi preview --diff` of ten typical changes, as a test makes them with the real engine. Of each, the new lines of the program, and the preview without the engine's own identifiers and the lines on the command that reads the policy. The words are those of [policy.md](policy.md).",
  ];
  for (const [at, { title, code, args }] of changes.entries()) {
    components.want(...(args === undefined ? [] : [{ name: "mx1", args }]));
    const preview = said(mustWork(await components.stack.preview({ diff: true })));
    parts.push(`## ${at + 1}. ${title}`, `\`\`\`ts\n${code}\n\`\`\``, `\`\`\`diff\n${marked(asSeen(preview))}\n\`\`\``);
  }
  const page = `${parts.join("\n\n")}\n`;
  expect(page).not.toMatch(/10\.77\.|PRIVATE KEY|\[object|undefined|sh -c/);
  expect(page).not.toContain(checkout);
  await expect(page).toMatchFileSnapshot("../../docs/previews.md");
});

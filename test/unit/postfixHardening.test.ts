import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Privilege } from "../../src/connectionArgs.ts";
import { ed25519Key, otherKey, privateKey } from "./keys.ts";
import { connection, harden, policyOf, run, settled, unhandled } from "./mocks.ts";
import { receipt } from "./receipts.ts";

const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const signature = "4dabf18193072939515e22adb298388d";

afterEach(() => vi.restoreAllMocks());

describe("tlsEvidence", () => {
  it("is a line of its own and the three parameters that make Postfix log versions", async () => {
    const lines = (await policyOf({ tls: {}, tlsEvidence: true })).split("\n");
    expect(lines.slice(2, 6)).toEqual([
      "evidence tls",
      "set      lmtp_tls_loglevel = 1",
      "set      smtp_tls_loglevel = 1",
      "set      smtpd_tls_loglevel = 1",
    ]);
    expect(await policyOf({ tls: {}, tlsEvidence: false })).toBe(await policyOf({ tls: {} }));
  });
});

describe("PostfixHardening", () => {
  it("makes an upload and a command, and sends secrets only where there are some", async () => {
    const { registered } = await harden();
    expect(registered.map(({ type, name }) => [type, name])).toEqual([
      ["mailhost:index:PostfixHardening", "mx1"],
      ["command:remote:CopyToRemote", "mx1-program"],
      ["command:remote:Command", "mx1-policy"],
    ]);
  });

  it("uploads nothing where root installed the program", async () => {
    const installed = { ...connection, installedProgram: "/usr/local/sbin/mailhost", privilege: Privilege.Sudo };
    const { registered, child } = await harden({ connection: installed, secretSettings: { a: "b" } });
    expect(registered.map(({ name }) => name)).toEqual(["mx1", "mx1-secrets", "mx1-policy"]);
    expect(child("mx1-policy").inputs.create).toMatch(/ \/usr\/local\/sbin\/mailhost apply mx1\.example\.com$/);
    expect(child("mx1-policy").inputs.delete).toMatch(/ \/usr\/local\/sbin\/mailhost remove mx1\.example\.com$/);
  });

  it("shows its policy in plain", async () => {
    const policy = await policyOf({
      tls: {
        incoming: { minimumVersion: "TLSv1.2" },
        submission: { profile: "intermediate", excludeCiphers: ["aNULL", "AES128-SHA"] },
        outgoing: {},
      },
      settings: { smtpd_helo_required: "yes", smtpd_banner: "", mydestination: pulumi.output("$myhostname, größe") },
      unsetSettings: ["smtp_use_tls"],
      secretSettings: { smtp_sasl_password_maps: "inline:{x=y}" },
      secretRevision: 3,
      services: {
        "submission/inet": { enabled: true, options: { smtpd_tls_wrappermode: "no", milter_macro_daemon_name: "" } },
        "pickup/unix": {
          options: { content_filter: pulumi.output("x y") },
          unsetOptions: ["receive_override_options"],
        },
        "smtps/inet": { enabled: false },
        "127.0.0.1:10025/inet": { entry: { command: "smtpd -v", chroot: false, processLimit: 5 } },
        "tlsmgr/unix": {
          entry: { command: "tlsmgr", private: false, unprivileged: true, wakeup: "1000?", processLimit: 1 },
        },
      },
      configDirectory: "/etc/postfix-out",
      allowWeaker: true,
      overrides: "fix",
      sharedWith: ["ansible"],
      activation: "restart",
      onDestroy: "restore",
      formerly: ["org/old/prod/mailhost:index:PostfixHardening/mx one"],
      repair: 2,
    });
    expect(policy).toMatchSnapshot();
  });

  it("says for how long sessions on old settings may go on", async () => {
    expect(await policyOf({ activation: "drain" })).toContain("\nactivate drain 60\n");
    expect(await policyOf({ activation: "drain", drainSeconds: 0 })).toContain("\nactivate drain 0\n");
  });

  it("closes obsolete TLS by itself and nothing more", async () => {
    expect(await policyOf({})).toMatchSnapshot();
    expect(await policyOf({ tls: {} })).toBe(
      [
        "policy   1",
        "owner    organization/project/stack/mailhost:index:PostfixHardening/mx1",
        "activate reload",
        "destroy  keep",
        "",
      ].join("\n"),
    );
  });

  it("keeps every key, password and secret setting out of what it registers in plain", async () => {
    const bastion = {
      host: "jump.example.com",
      privateKey: `${privateKey}two`,
      password: "pw-bastion",
      hostKey: otherKey,
    };
    const secrets = { privateKeyPassword: "pw-key", password: "pw-login" };
    const { registered } = await harden({
      connection: { ...connection, ...secrets, bastion },
      secretSettings: { a: "pw-setting" },
    });
    const plain = JSON.stringify(registered.map(withoutSecrets));
    const whole = JSON.stringify(registered);
    for (const word of ["bm90IGEga2V5", "pw-key", "pw-login", "pw-bastion", "pw-setting"]) {
      expect(whole).toContain(word);
      expect(plain).not.toContain(word);
    }
    expect(JSON.stringify(registered[0])).not.toMatch(/pw-|bm90IGEga2V5/);
    expect(registered[0]?.inputs).toEqual({ endpoint: "root@mx1.example.com:22" });
  });

  it("passes the connection on with its defaults, and the bastion as the proxy", async () => {
    const { child } = await harden({
      connection: {
        ...connection,
        host: "2001:db8::1",
        port: 2222,
        user: "deploy",
        dialErrorLimit: -1,
        hostKey: `mx1 ${ed25519Key} comment`,
        bastion: { host: "jump", agentSocketPath: "/run/agent", hostKey: otherKey },
      },
    });
    expect(unwrapped(child("mx1-policy").inputs.connection)).toEqual({
      host: "2001:db8::1",
      port: 2222,
      user: "deploy",
      privateKey,
      hostKey: ed25519Key,
      dialErrorLimit: -1,
      perDialTimeout: 15,
      proxy: {
        host: "jump",
        port: 22,
        user: "root",
        agentSocketPath: "/run/agent",
        hostKey: otherKey,
        dialErrorLimit: 2,
        perDialTimeout: 15,
      },
    });
  });

  it("runs a short command that has no environment, no update and no triggers, and removes by another one", async () => {
    const { child } = await harden();
    const { connection: _, stdin, create, delete: remove, ...rest } = child("mx1-policy").inputs;
    expect(rest).toEqual({ addPreviousOutputInEnv: false, logging: "stderr" });
    expect(String(create).length).toBeLessThanOrEqual(410);
    expect(create).toMatch(/ \.mailhost-000000000000-11111111\.sh apply mx1\.example\.com$/);
    expect(String(remove).length).toBeLessThanOrEqual(470);
    expect(remove).toMatch(/ \.mailhost-000000000000-11111111\.sh remove mx1\.example\.com$/);
    expect(stdin).toContain("policy   1\n");
  });

  it("hands down what a host that is gone or slow needs, and never removes after it made", async () => {
    const seen = new Map<string, pulumi.ResourceOptions>();
    const record: pulumi.ResourceTransformation = ({ name, opts }) => {
      seen.set(name, opts);
      return undefined;
    };
    const customTimeouts = { create: "1h" };
    await harden({ secretSettings: { a: "b" } }, { transformations: [record], customTimeouts, retainOnDelete: true });
    for (const name of ["mx1-program", "mx1-secrets", "mx1-policy"]) {
      expect(seen.get(name)).toMatchObject({ customTimeouts, retainOnDelete: true });
    }
    expect(seen.get("mx1-policy")).toMatchObject({ deleteBeforeReplace: true });
    expect(seen.get("mx1-policy")?.dependsOn).toHaveLength(2);
    expect(seen.get("mx1-secrets")?.dependsOn).toHaveLength(1);
  });

  it("leaves main.cf to its admin where only submission is asked for", async () => {
    const policy = await policyOf({ tls: { submission: {} }, settings: { smtpd_tls_protocols: "!SSLv2" } });
    expect(policy).toContain("set      smtpd_tls_protocols = !SSLv2\n");
  });

  it("leaves the global cipher lists to their admin, since a profile works by options of services", async () => {
    const policy = await policyOf({
      tls: { outgoing: { profile: "intermediate", excludeCiphers: [] } },
      settings: { tls_medium_cipherlist: "HIGH", smtp_tls_exclude_ciphers: "aNULL" },
    });
    expect(policy).toContain("set      smtp_tls_exclude_ciphers = aNULL\nset      tls_medium_cipherlist = HIGH\n");
  });

  it("sends secret settings in a command of their own, whole secret, by the agreed lines", async () => {
    const { child, registered } = await harden({
      secretSettings: { b: "two", a: pulumi.secret("one = 1") },
      secretRevision: 2,
    });
    expect(registered.map(({ name }) => name)).toEqual(["mx1", "mx1-program", "mx1-secrets", "mx1-policy"]);
    const { stdin, create } = child("mx1-secrets").inputs;
    expect(stdin).toEqual({
      [signature]: secretMark,
      value:
        "owner organization/project/stack/mailhost:index:PostfixHardening/mx1\nrevision 2 a = one = 1\nrevision 2 b = two\n",
    });
    expect(create).toContain(" secrets mx1.example.com");
    expect(child("mx1-secrets").inputs).not.toHaveProperty("delete");
    expect(child("mx1-policy").inputs.stdin).toContain("secret   a revision 2\nsecret   b revision 2\n");
  });

  it("gives back what the host said", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const { component } = await harden({}, undefined, receipt);
    expect(await settled(component.postfixVersion)).toBe("3.7.11");
    expect(await settled(component.effectiveAt)).toBe("2026-11-25T12:00:00Z");
    expect(await settled(component.protocols)).toEqual(receipt.services);
    expect(await settled(component.overridesLeft)).toEqual(receipt.overrides);
    expect(await settled(component.activation)).toEqual(receipt.activation);
    expect(await settled(component.endpoint)).toBe("root@mx1.example.com:22");
    expect(await settled(component.policy)).toContain("tls      incoming >= TLSv1.2\n");
    expect(warn.mock.calls).toEqual([["mx1.example.com: smtps/inet has an override (override)", component]]);
  });

  it("does not warn during a preview", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    const { component } = await harden({}, undefined, receipt);
    expect(await settled(component.warnings)).toEqual(receipt.warnings);
    expect(warn).not.toHaveBeenCalled();
  });

  it("puts nothing on a host for a value that turns out to be refused", async () => {
    const registered: string[] = [];
    const errors = await unhandled(async () => {
      const run = await harden({ settings: { a: pulumi.output("x\ny") } });
      registered.push(...run.registered.map(({ name }) => name));
    });
    expect(errors).toContainEqual(
      expect.objectContaining({ message: 'mx1.example.com: settings.a is "x\\ny"; a newline is not accepted' }),
    );
    expect(registered).toEqual(["mx1"]);
  });

  it("takes over from the names that its aliases say", async () => {
    const urn = "urn:pulumi:prod::mail::app:index:Mail$mailhost:index:PostfixHardening::a/b::c";
    const policy = await policyOf(
      { formerly: ["o/p/s/t/n"] },
      { aliases: [{ name: "old" }, { stack: "dev", project: "mail" }, { parent: pulumi.rootStackResource }, urn] },
    );
    expect(policy.split("\n").filter((line) => line.startsWith("former "))).toEqual([
      "former   o/p/s/t/n",
      "former   organization/mail/dev/mailhost:index:PostfixHardening/mx1",
      "former   organization/mail/prod/mailhost:index:PostfixHardening/a/b::c",
      "former   organization/project/stack/mailhost:index:PostfixHardening/old",
    ]);
  });

  it("names its owner by what the program runs as", async () => {
    const { PostfixHardening } = await import("../../src/postfixHardening.ts");
    const { registered } = await run(() => new PostfixHardening("mail one", { connection }));
    expect(registered.at(-1)?.inputs.stdin).toContain(
      "owner    organization/project/stack/mailhost:index:PostfixHardening/mail one\n",
    );
  });

  it("renders the same text whatever the order of its arguments", async () => {
    const settings = { a: "1", b: "2", c: "3" };
    const services = { "smtps/inet": { enabled: false }, "submission/inet": { options: { x: "1", y: "2" } } };
    const turned = {
      settings: { c: "3", b: "2", a: "1" },
      services: { "submission/inet": { options: { y: "2", x: "1" } }, "smtps/inet": { enabled: false } },
    };
    expect(await policyOf(turned)).toBe(await policyOf({ settings, services }));
  });
});

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== "object" || value === null) return value;
  const entries = new Map<string, unknown>(Object.entries(value));
  if (entries.get(signature) === secretMark) return unwrapped(entries.get("value"));
  return Object.fromEntries([...entries].map(([name, member]) => [name, unwrapped(member)]));
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (new Map<string, unknown>(entries).get(signature) === secretMark) return "[secret]";
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutSecrets(member)]));
}

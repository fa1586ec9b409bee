import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide, type Host } from "./decide.ts";
import { optionsOf } from "./postfix.ts";

const client = "smtp unix - - n - - smtp\n";
const proxy = "tlsproxy unix - - n - 0 tlsproxy\n";
const postscreen = "smtp inet n - n - 1 postscreen\nsmtpd pass - - n - - smtpd\n";
const reuse = "smtp_tls_connection_reuse = Yes\n";
const shared = ["tls_medium_cipherlist", "tls_preempt_cipherlist", "tls_eecdh_auto_curves"];

withEachAwk("tlsproxy(8), which does the TLS of clients that reuse connections,", (awk) => {
  const run = (host: Host) => decide({ awk, ...host });
  const names = (decision: { master: string }, key: string) => Object.keys(optionsOf(decision, key) ?? {}).toSorted();
  const incoming = "ciphers incoming intermediate";
  const outgoing = "ciphers outgoing intermediate";

  it("has the rules of outgoing mail where no postscreen needs it", () => {
    const main = reuse;
    const master = client + proxy;
    const decision = run({ main, master, policy: [outgoing] });
    expect(decision.refusal).toBeUndefined();
    expect(names(decision, "tlsproxy/unix")).toEqual(shared.toSorted());
    const [one, other] = ["smtp/unix", "tlsproxy/unix"].map((key) => optionsOf(decision, key) ?? {});
    for (const name of shared) expect(one?.[name]).toBe(other?.[name]);
    const again = run({ main, master: decision.master, policy: [outgoing] });
    expect(again).toMatchObject({ refusal: undefined, changes: [] });
    const own = run({ main, master, policy: [incoming] });
    expect(own).toMatchObject({ refusal: undefined, changes: [] });
  });

  it.each([
    ["smtp", "smtp unix - - n - - smtp -o smtp_tls_connection_reuse=yes\n", ""],
    ["lmtp", "lmtp unix - - n - - lmtp\n", "lmtp_tls_connection_reuse = yes\n"],
  ])("is found by the setting of %s, which may be an option", (name, entry, main) => {
    const decision = run({ main, master: entry + proxy, policy: [outgoing] });
    expect(names(decision, "tlsproxy/unix")).toEqual(shared.toSorted());
    expect(names(decision, `${name}/unix`)).toContain("tls_medium_cipherlist");
  });

  it("has those of incoming mail where it serves postscreen, too, if both have the same", () => {
    const host = { main: reuse, master: postscreen + client + proxy };
    const text = (block: string) =>
      `tls.${block}.profile is "intermediate", but tlsproxy/unix does the TLS of smtp/unix, whose smtp_tls_connection_reuse is yes, and has another tls_medium_cipherlist; give tls.incoming and tls.outgoing the same profile, smtp/unix a tlsproxy of its own by tlsproxy_service_name, or set smtp_tls_connection_reuse = no`;
    expect(run({ ...host, policy: [outgoing] }).refusal).toBe(text("outgoing"));
    expect(run({ ...host, policy: [incoming] }).refusal).toBe(text("incoming"));
    const both = run({ ...host, policy: [incoming, outgoing] });
    expect(both.refusal).toBeUndefined();
    expect(names(both, "tlsproxy/unix")).toEqual(
      [...shared, "tlsproxy_tls_ciphers", "tlsproxy_tls_mandatory_ciphers"].toSorted(),
    );
    expect(run({ ...host, policy: ["tls incoming >= TLSv1.2", "tls outgoing >= TLSv1.2"] }).refusal).toBeUndefined();
    expect(run({ master: host.master, policy: [incoming] }).refusal).toBeUndefined();
    expect(run({ master: host.master, policy: [outgoing] }).refusal).toBeUndefined();
  });

  it("is the one that the client's service names", () => {
    const own = "out unix - - n - 0 tlsproxy\n";
    const main = `${reuse}tlsproxy_service_name = out\n`;
    const master = `${postscreen.replace("postscreen", "postscreen -o tlsproxy_service_name=tlsproxy")}${client}${proxy}${own}`;
    const out = run({ main, master, policy: [outgoing] });
    expect(out.refusal).toBeUndefined();
    expect(names(out, "out/unix")).toEqual(shared.toSorted());
    expect(names(out, "tlsproxy/unix")).toEqual([]);
    const both = run({ main, master: out.master, policy: [incoming] });
    expect(both.refusal).toBeUndefined();
    expect(names(both, "tlsproxy/unix")).toContain("tlsproxy_tls_ciphers");
  });

  it("is no matter where there is none, or where the policy has no profile", () => {
    expect(run({ main: reuse, master: client, policy: [outgoing] }).refusal).toBeUndefined();
    const other = `${proxy.trimEnd()} -o tls_medium_cipherlist=HIGH\n`;
    expect(run({ main: reuse, master: client + other, policy: ["tls outgoing >= TLSv1.2"] })).toMatchObject({
      refusal: undefined,
      overrides: [],
    });
  });
});

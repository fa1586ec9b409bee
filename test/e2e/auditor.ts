// The login of docs/least-privilege.md whose key may only audit, as the page makes it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../lab/host.ts";
import { checkout } from "../lab/places.ts";

/** The words with which `mailhost audit` uses it. */
export const asAuditor: readonly string[] = ["--installed", "/usr/local/sbin/mailhost", "-o", "User=auditor"];

/** `name` is what the host is called in a connection, and so in sudoers. */
export async function addAuditor(host: Host, name = host.address): Promise<void> {
  const page = readFileSync(join(checkout, "docs", "least-privilege.md"), "utf8");
  const block = (language: string): string => {
    const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))];
    return blocks[1]?.[1]?.replaceAll("mx1.example.com", name) ?? "";
  };
  const key = readFileSync(`${host.keys.ed25519}.pub`, "utf8").trim();
  await host.write("/usr/local/sbin/mailhost", readFileSync(join(checkout, "dist/host/mailhost.sh"), "utf8"), "755");
  await host.write("/etc/sudoers.d/mailhost", block("sudoers"), "440");
  await host.must("useradd -m -s /bin/bash auditor && mkdir /home/auditor/.ssh");
  await host.write(
    "/home/auditor/.ssh/authorized_keys",
    block("authorized_keys").replace(/ssh-ed25519 AAAA… \S+/, key),
  );
}

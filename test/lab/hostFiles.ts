// What makes a copied root one particular host: its keys and its addresses.
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface HostFiles {
  hostKey: string;
  keys: { ed25519: string; rsa: string };
}

interface Identity {
  dir: string;
  addresses: readonly string[];
  gateway: string;
  address6: string;
  gateway6: string;
}

const HOMES = ["root", "home/deploy", "home/locked", "home/dora", "home/plain"];

export function prepareFiles(identity: Identity): HostFiles {
  const root = join(identity.dir, "root");
  const hostKey = newKey(join(root, "etc/ssh/ssh_host_ed25519_key"), ["-t", "ed25519"]);
  const keys = { ed25519: join(identity.dir, "keys/id_ed25519"), rsa: join(identity.dir, "keys/id_rsa") };
  mkdirSync(join(identity.dir, "keys"), { mode: 0o700 });
  const authorized = [newKey(keys.ed25519, ["-t", "ed25519"]), newKey(keys.rsa, ["-t", "rsa", "-b", "2048"])];
  for (const home of HOMES) {
    const file = join(root, home, ".ssh/authorized_keys");
    writeFileSync(file, `${authorized.join("\n")}\n`, { mode: 0o600 });
    const { uid, gid } = statSync(join(root, home));
    chownSync(file, uid, gid);
  }
  writeNetwork(root, identity);
  return { hostKey, keys };
}

function newKey(path: string, kind: string[]): string {
  execFileSync("sh", [
    "-c",
    'rm -f "$1" "$1.pub"; shift; exec ssh-keygen "$@"',
    "-",
    path,
    "-q",
    "-N",
    "",
    "-C",
    "",
    ...kind,
    "-f",
    path,
  ]);
  return readFileSync(`${path}.pub`, "utf8").trim();
}

function writeNetwork(root: string, { addresses, gateway, address6, gateway6 }: Identity): void {
  const all = [...addresses.map((address) => `${address}/24`), `${address6}/64`];
  const sections = all.map((address) => `[Address]\nAddress=${address}\nDuplicateAddressDetection=none\n`);
  // A file sorted after 80-container-host0 would lose.
  const network = `[Match]\nName=host0\n\n[Network]\nGateway=${gateway}\nGateway=${gateway6}\nIPv6AcceptRA=no\nLinkLocalAddressing=no\n\n`;
  writeFileSync(join(root, "etc/systemd/network/10-host0.network"), network + sections.join("\n"));
  const lines = all.map((address) => `address add ${address} dev host0${address.includes(":") ? " nodad" : ""}`);
  const routes = [`route add default via ${gateway}`, `route add default via ${gateway6}`];
  writeFileSync(
    join(root, "etc/lab-network"),
    `${["link set lo up", "link set host0 up", ...lines, ...routes].join("\n")}\n`,
  );
  chmodSync(join(root, "etc/lab-network"), 0o644);
}

// Joins src/host into the one file that is sent to hosts. awk programs become shell variables named after their files.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/host/", import.meta.url));
const target = fileURLToPath(new URL("../dist/host/", import.meta.url));
const first = "workspace.sh";
const last = "main.sh";

const files = readdirSync(source);
const read = (name) => readFileSync(source + name, "utf8");
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const awk = files.filter((name) => name.endsWith(".awk")).sort();
const shell = files.filter((name) => name.endsWith(".sh") && name !== first && name !== last).sort();

const program = [
  "#!/bin/sh\n# mailhost's host program; its sources are in src/host of @postmaster/mailhost.\n",
  ...awk.map((name) => `# shellcheck disable=SC2016\nawk_${name.slice(0, -4)}=${quote(read(name))}\n`),
  ...[first, ...shell, last].map(read),
].join("\n");

mkdirSync(target, { recursive: true });
writeFileSync(`${target}mailhost.sh`, program);
chmodSync(`${target}mailhost.sh`, 0o755);

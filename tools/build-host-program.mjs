// Joins src/host into the one file that is sent to hosts. awk programs become shell variables named after their files;
// comments and blank lines stay behind, as every host gets all of it. An argument names another directory than dist/host.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/host/", import.meta.url));
const target = process.argv[2] ?? fileURLToPath(new URL("../dist/host/", import.meta.url));
const foremost = "environment.sh";
const first = "workspace.sh";
const last = "main.sh";

const files = readdirSync(source).sort();
const isCode = (line) => !/^\s*(#(?! shellcheck )|$)/.test(line);
const code = (name) =>
  readFileSync(source + name, "utf8")
    .split("\n")
    .filter(isCode)
    .join("\n");
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const awk = files.filter((name) => name.endsWith(".awk"));
const shell = files.filter((name) => name.endsWith(".sh") && ![foremost, first, last].includes(name));

const program = [
  "#!/bin/sh",
  "# mailhost's host program; its sources are in src/host of @postmaster/mailhost.",
  "# shellcheck disable=SC2016,SC3013",
  code(foremost),
  ...awk.map((name) => `awk_${name.slice(0, -4)}=${quote(`${code(name)}\n`)}`),
  ...[first, ...shell, last].map(code),
].join("\n");

mkdirSync(target, { recursive: true });
writeFileSync(join(target, "mailhost.sh"), `${program}\n`);
chmodSync(join(target, "mailhost.sh"), 0o755);

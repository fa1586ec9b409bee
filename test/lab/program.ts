// A Pulumi program in a directory of its own, that finds the checkout's packages and the package itself.
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout, scratch } from "./places.ts";

export interface Program {
  dir: string;
  write(file: string, text: string): void;
  remove(): void;
}

const tsconfig = {
  compilerOptions: { target: "es2023", module: "nodenext", moduleResolution: "nodenext", strict: true },
};

/** `index` is the text of index.ts. */
export function writeProgram(index: string, { name = "lab" } = {}): Program {
  const dir = scratch("programs", name);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  write("Pulumi.yaml", `name: ${name}\nruntime: nodejs\n`);
  write("package.json", `${JSON.stringify({ name, private: true, type: "commonjs", main: "index.ts" })}\n`);
  write("tsconfig.json", `${JSON.stringify(tsconfig)}\n`);
  write("index.ts", index);
  linkModules(dir);
  return { dir, write, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

// Links of single packages, so that the package under test can stand among them under its own name.
function linkModules(dir: string): void {
  const from = join(checkout, "node_modules");
  const to = join(dir, "node_modules");
  mkdirSync(join(to, "@postmaster"), { recursive: true });
  for (const entry of readdirSync(from)) symlinkSync(join(from, entry), join(to, entry));
  symlinkSync(checkout, join(to, "@postmaster", "mailhost"));
}

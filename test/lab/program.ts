// A Pulumi program in a directory of its own, that finds the checkout's packages and the package itself.
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { checkout, scratch } from "./places.ts";

export interface Program {
  dir: string;
  write(file: string, text: string, mode?: number): void;
  /** From here the program finds a copy of the package, for a test to change; gives the copy's directory. */
  ownPackage(): string;
  remove(): void;
}

const tsconfig = {
  compilerOptions: { target: "es2023", module: "nodenext", moduleResolution: "nodenext", strict: true },
};

/** `index` is the text of index.ts. */
export function writeProgram(index: string, { name = "lab" } = {}): Program {
  const program = emptyProgram(scratch("programs", name));
  program.write("Pulumi.yaml", `name: ${name}\nruntime: nodejs\n`);
  program.write("package.json", `${JSON.stringify({ name, private: true, type: "commonjs", main: "index.ts" })}\n`);
  program.write("index.ts", index);
  return program;
}

/** A copy of a program's directory: a test writes into it, and it finds its packages. */
export function copyProgram(from: string): Program {
  const program = emptyProgram(scratch("programs", basename(from)));
  cpSync(from, program.dir, { recursive: true });
  return program;
}

/** One of the `examples`, as a directory that goes with whatever it is in. */
export function copyExample(name: string, dir: string): void {
  emptyProgram(dir);
  cpSync(join(checkout, "examples", name), dir, { recursive: true });
}

function emptyProgram(dir: string): Program {
  const write = (file: string, text: string, mode?: number): void => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text, { mode });
  };
  write("tsconfig.json", `${JSON.stringify(tsconfig)}\n`);
  linkModules(dir);
  return { dir, write, ownPackage: () => ownPackage(dir), remove: () => rmSync(dir, { recursive: true, force: true }) };
}

function ownPackage(dir: string): string {
  const copy = join(dir, "node_modules", "@postmaster", "mailhost");
  rmSync(copy, { force: true });
  mkdirSync(copy);
  for (const part of ["dist", "package.json"]) cpSync(join(checkout, part), join(copy, part), { recursive: true });
  return copy;
}

// Links of single packages, so that the package under test can stand among them under its own name.
function linkModules(dir: string): void {
  const from = join(checkout, "node_modules");
  const to = join(dir, "node_modules");
  mkdirSync(join(to, "@postmaster"), { recursive: true });
  for (const entry of readdirSync(from)) symlinkSync(join(from, entry), join(to, entry));
  symlinkSync(checkout, join(to, "@postmaster", "mailhost"));
}

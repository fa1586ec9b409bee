// What the demo prints: sections, the commands as they are run, and each promise as it is checked.
const styled = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text: string): string => (styled ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string): string => (styled ? `\x1b[2m${text}\x1b[0m` : text);

/** A promise that was not kept. */
export class Broken extends Error {}

export const print = (text = ""): void => {
  process.stdout.write(`${text}\n`);
};

let sections = 0;

/** A heading, and what the reader should look at. */
export function section(title: string, ...look: string[]): void {
  sections += 1;
  print(`\n${bold(`== ${sections}. ${title}`)}`);
  for (const line of look) print(`   ${line}`);
  print();
}

export const command = (text: string): void => print(bold(`$ ${text}`));

export const took = (ms: number): void => print(dim(`  (${(ms / 1_000).toFixed(1)} s)`));

/** Each promise is checked, and the first that is broken ends the demo. */
export function promise(text: string, kept: boolean, seen = ""): void {
  print(`  ${kept ? "ok" : "BROKEN"}  ${text}`);
  if (!kept) throw new Broken(seen === "" ? text : `${text}; seen: ${seen}`);
}

/** What only a terminal's display or these tests bring: progress, and the engine's word that the stand-in provider is on PATH. */
const NOISE = /^@ (previewing|updating|destroying)|warning: using pulumi-resource-command from \$PATH/;

/** Prints output line by line as it comes, indented. */
export function indenter(): { add(text: string): void; end(): void } {
  let rest = "";
  const line = (text: string): void => {
    if (!NOISE.test(text)) print(text === "" ? "" : `  ${text}`);
  };
  return {
    add(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(line);
    },
    end() {
      if (rest !== "") line(rest);
    },
  };
}

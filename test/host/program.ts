// The host program as this checkout has it, joined while no other test file does the same.
import { join } from "node:path";
import { cache, checkout } from "../lab/places.ts";
import { must } from "../lab/run.ts";

let built: Promise<string> | undefined;

export function hostProgram(): Promise<string> {
  built ??= must(
    [
      "flock",
      join(cache, "program.lock"),
      "sh",
      "-c",
      `"$0" tools/build-host-program.mjs && cat dist/host/mailhost.sh`,
      process.execPath,
    ],
    {
      cwd: checkout,
    },
  ).then(({ stdout }) => stdout);
  return built;
}

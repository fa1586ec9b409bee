import { afterAll, expect, test } from "vitest";
import { findEngine } from "../lab/engine.ts";
import { writeProgram } from "../lab/program.ts";

const program = writeProgram("export const answer: number = 6 * 7;\n");
afterAll(() => program.remove());

test("the engine runs a TypeScript program from nothing to nothing", async () => {
  const engine = await findEngine();
  const stack = await engine.stack({ program: program.dir });
  await stack.config("word", "-dash first");
  const up = await stack.up();
  expect(up.stderr + up.stdout).toContain("answer: 42");
  expect(up.status).toBe(0);
  expect(await stack.outputs()).toEqual({ answer: 42 });
  const preview = await stack.preview({ diff: true, args: ["--expect-no-changes"] });
  expect(preview.status).toBe(0);
  expect((await stack.export()).stdout).toContain('"pulumi:pulumi:Stack"');
  const destroy = await stack.destroy();
  expect(destroy.status).toBe(0);
  await stack.remove();
});

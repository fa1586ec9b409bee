import { expect, it } from "vitest";
import { withoutStackTraces } from "../../src/stackTraces.ts";

/** As the SDK asks for it. */
function stack(): string | undefined {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    return new Error("here").stack;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

it("has no call stack, also where the SDK sets the limit, and puts back what the program had", () => {
  Error.stackTraceLimit = 7;
  expect(withoutStackTraces(() => withoutStackTraces(stack) ?? stack())).toBeUndefined();
  expect(Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")).toMatchObject({ value: 7, writable: true });
  expect(stack()).toContain("stackTraces.test");
});

it("lets an error through with what it says, and puts the limit back", () => {
  const fail = () => {
    throw new TypeError("no such thing");
  };
  Error.stackTraceLimit = 7;
  let caught: unknown;
  try {
    withoutStackTraces(fail);
  } catch (error) {
    caught = error;
  }
  expect(caught).toMatchObject({ stack: "TypeError: no such thing" });
  expect(Error.stackTraceLimit).toBe(7);
});

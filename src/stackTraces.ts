/**
 * Registers resources of this package without what the SDK notes of the call stack. With each of their properties it would make a
 * stack trace, to look for promises that leak: a tenth of the time of a program with many hosts, half of one with many records. And
 * the state would keep the stack of each resource, which here is lines of this package; that of the component, in the user's
 * program, it keeps. As the SDK sets the limit itself, it is made a property that V8 does not read: then there is no stack at all.
 */
export function withoutStackTraces<T>(register: () => T): T {
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  try {
    Object.defineProperty(Error, "stackTraceLimit", { configurable: true, get: () => 0, set: () => undefined });
    return register();
  } catch (error) {
    // Who prints an error, prints its stack.
    if (error instanceof Error) error.stack ??= `${error.name}: ${error.message}`;
    throw error;
  } finally {
    if (limit === undefined) Reflect.deleteProperty(Error, "stackTraceLimit");
    else Object.defineProperty(Error, "stackTraceLimit", limit);
  }
}

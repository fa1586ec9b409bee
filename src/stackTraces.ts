/**
 * Registers resources of this package. With each of their properties the SDK would make a stack trace, to look for promises that leak: a
 * tenth of the time of a program with many hosts, half of one with many records. What the state keeps of a resource's place is not this.
 */
export function withoutStackTraces<T>(register: () => T): T {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = 0;
    return register();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

import * as pulumi from "@pulumi/pulumi";

let byAddress = false;

/**
 * For the plugin, where each component gets a client of its own for the one engine that started the process. Elsewhere an
 * address would not do: a program of the Automation API has many engines after one another, and a port may come again.
 */
export function shareByAddress(): void {
  byAddress = true;
}

/** What the components of one run of one program share. One process may run many programs, so it is kept by the client of its engine. */
export function perRun<T>(make: () => T): () => T {
  const byMonitor = new WeakMap<object, T>();
  const byTarget = new Map<string, T>();
  const sharedBy = (target: string | undefined): T => {
    if (!byAddress || target === undefined) return make();
    const known = byTarget.get(target) ?? make();
    byTarget.set(target, known);
    return known;
  };
  return () => {
    const monitor: object | undefined = pulumi.runtime.getMonitor();
    if (monitor === undefined) return make();
    const known = byMonitor.get(monitor) ?? sharedBy(targetOf(monitor));
    byMonitor.set(monitor, known);
    return known;
  };
}

function targetOf(monitor: object): string | undefined {
  if (!("getChannel" in monitor) || typeof monitor.getChannel !== "function") return undefined;
  const channel: unknown = monitor.getChannel();
  if (typeof channel !== "object" || channel === null || !("getTarget" in channel)) return undefined;
  return typeof channel.getTarget === "function" ? String(channel.getTarget()) : undefined;
}

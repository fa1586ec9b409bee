import * as pulumi from "@pulumi/pulumi";

/**
 * What the components of one run of one program share. One process may run many programs, so it is kept by the engine that
 * asks: by its address, since a component of another language gets a client of its own each time.
 */
export function perRun<T>(make: () => T): () => T {
  const byMonitor = new WeakMap<object, T>();
  const byTarget = new Map<string, T>();
  const sharedBy = (target: string | undefined): T => {
    if (target === undefined) return make();
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

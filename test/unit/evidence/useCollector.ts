// A collector for each test of a file, removed with it.
import { afterEach } from "vitest";
import { Collector, type CollectorOptions } from "./collector.ts";

export interface Tested {
  /** That of the test which runs. */
  collector: Collector;
  start(options?: CollectorOptions): Collector;
}

export function useCollector(): Tested {
  let collector: Collector | undefined;
  afterEach(() => {
    collector?.remove();
    collector = undefined;
  });
  return {
    get collector() {
      if (collector === undefined) throw new Error("no collector was started");
      return collector;
    },
    start: (options = {}) => {
      collector = new Collector(options);
      return collector;
    },
  };
}

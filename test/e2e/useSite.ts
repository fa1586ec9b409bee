// For test files: a site for as long as their tests run.
import { afterAll, beforeAll } from "vitest";
import type { HostOptions } from "../lab/host.ts";
import { Site } from "./site.ts";

/** A site that is open while the tests of a file, or of a `describe`, run. */
export function useSite(options?: HostOptions): () => Site {
  let site: Site | undefined;
  beforeAll(async () => {
    site = await Site.open(options);
  });
  afterAll(() => site?.close());
  return () => {
    if (site === undefined) throw new Error("the site is not open yet");
    return site;
  };
}

// The same host, set up in other ways: judged from outside, and given back to the byte.
import { expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { CLASSIC } from "./policies.ts";
import { setups } from "./reach.ts";

const bench = useBench({});

test.each(setups)("$name", async ({ commands, family, proof = "true" }) => {
  await bench.host.must(commands);
  await bench.restart();
  const address = family === "ipv4" ? bench.host.address : bench.host.address6;
  const accepted = () => acceptedVersions(bench.host, 25, "starttls", address);
  const all = await until("STARTTLS", () => accepted().catch(() => undefined));
  expect(all).toContain("TLSv1");
  await bench.host.must(proof);
  const before = await bench.fingerprint();
  const { changed, services } = await bench.apply(...CLASSIC);
  expect(changed).toBe(true);
  expect(await accepted()).toEqual(["TLSv1.2", "TLSv1.3"]);
  expect(services).toMatchObject([{ name: "smtp/inet", protocols: ["TLSv1.2", "TLSv1.3"] }]);
  expect((await bench.apply(...CLASSIC)).changed).toBe(false);
  await bench.remove(...CLASSIC);
  expect(await bench.fingerprint()).toBe(before);
  expect(await accepted()).toEqual(all);
});

import { expect, it } from "vitest";
import { ed25519Key, otherKey } from "./keys.ts";
import { connection, harden } from "./mocks.ts";

it("uploads again, in place, with each change of a policy, of the machine or of the login, and not otherwise", async () => {
  const path = async (args: Parameters<typeof harden>[0]) => {
    const { connection: _, source: __, ...rest } = (await harden(args)).child("mx1-program").inputs;
    expect(Object.keys(rest)).toEqual(["remotePath"]);
    return rest.remotePath;
  };
  const before = await path({});
  expect(before).toMatch(/^\.mailhost-000000000000-11111111\.sh\.[0-9a-f]{8}$/);
  expect(await path({ connection: { ...connection, hostKey: `mx1 ${ed25519Key}` } })).toBe(before);
  const guarded = (days: number) => ({ services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: days } } });
  const changes = [
    { settings: { a: "b" } },
    { repair: 1 },
    { connection: { ...connection, hostKey: otherKey } },
    { connection: { ...connection, user: "deploy" } },
    { connection: { ...connection, port: 2222 } },
    guarded(90),
    guarded(91),
  ];
  const paths = new Set([before]);
  for (const change of changes) paths.add(await path(change));
  expect(paths.size).toBe(changes.length + 1);
});

// A master that says that it reloads and does so later, as on a busy machine: until then an old smtpd answers with the old versions.
import { expect, test } from "vitest";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { disturbed, find, installGate, trace } from "./gate.ts";
import { policy } from "./policies.ts";

const bench = useBench({});
const WANTED = policy("tls incoming >= TLSv1.2");
const LATE = `{ master=$(tr -d ' ' </var/spool/postfix/pid/master.pid)
kill -STOP "$master"; (sleep 1; kill -CONT "$master") &
logger -p mail.info -t postfix/master --id="$master" 'reload -- version 3'; } >/dev/null 2>&1 7>&-`;

test("is no reason to put a change back", async () => {
  await installGate(bench);
  const reload = find(await trace(bench, "apply", WANTED), "postfix -c");
  await bench.done("remove", WANTED);
  const { status, stdout, stderr } = await disturbed(bench, "apply", WANTED, reload, LATE);
  expect(status, stderr).toBe(0);
  expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  // Effective from when it was seen to be.
  const said = /reload done at (\S+);/.exec(stderr)?.[1] ?? "";
  const { at } = JSON.parse(stdout).activation;
  expect(Date.parse(at)).toBeGreaterThan(Date.parse(said));
  expect(stderr).toContain(`still answered for a moment; new connections have the new settings since ${at}`);
  await bench.done("remove", WANTED);
  expect(await bench.isPristine()).toBe(true);
});

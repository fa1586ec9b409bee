// What a restart restarts on a host with systemd: Postfix's own unit, and nobody else's.
import { afterEach, describe, expect, test } from "vitest";
import { acceptedVersions, versions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { policy } from "./policies.ts";

const RESTARTED = ["activate restart", "tls incoming >= TLSv1.2"];
const bench = useBench({});

/** The control group that master is in, as systemd names it. */
async function unitOfMaster(): Promise<string> {
  const group = await bench.host.must(`sed -n 's/^0:://p' /proc/${await bench.master()}/cgroup`);
  return group.trim().split("/").at(-1) ?? "";
}

/** When a unit began, as one text, and whether it still runs. */
const life = (unit: string) =>
  bench.host.must(`systemctl show --property=ActiveState,ActiveEnterTimestampMonotonic,NRestarts ${unit}`);

/** Starts Postfix in the unit `starter`, which has no word to stop it. */
async function startIn(command: string): Promise<void> {
  const properties = ["Type=oneshot", "RemainAfterExit=yes", "KillMode=process"].map((text) => `--property=${text}`);
  await bench.host.must(
    `systemctl stop postfix@-; systemd-run --quiet --unit=starter ${properties.join(" ")} ${command}`,
  );
  expect(await unitOfMaster()).toBe("starter.service");
}

async function restartsAndBack(): Promise<void> {
  const master = await bench.master();
  expect((await bench.apply(...RESTARTED)).activation.kind).toBe("restart");
  expect(await bench.master()).not.toBe(master);
  expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  await bench.remove(...RESTARTED);
  expect(await acceptedVersions(bench.host)).toEqual(versions);
}

describe("a Postfix that was not started by its unit", () => {
  afterEach(() => bench.host.must("postfix stop; systemctl stop starter; systemctl restart postfix@-"));

  test("but by hand: it is stopped and started, and the unit of its starter is left alone", async () => {
    // As over ssh or by cron, where nothing gives a login a group of its own.
    await bench.host.write("/run/by-hand", "postfix start", "755");
    await startIn("sh /run/by-hand");
    const before = await life("starter");
    await restartsAndBack();
    expect(await life("starter")).toBe(before);
  });

  test("but by one that cannot stop it", async () => {
    await startIn("postfix start");
    await restartsAndBack();
  });
});

test("a master that a change ended comes back in its own unit", async () => {
  expect(await unitOfMaster()).toBe("postfix@-.service");
  // An address that this host does not have.
  const error = await bench.refused(policy("service 192.0.2.99:2525/inet entry n - n - - smtpd"));
  expect(error).toContain("the old configuration is back and answers as before");
  expect(await unitOfMaster()).toBe("postfix@-.service");
  expect(await life("postfix@-")).toContain("ActiveState=active");
});

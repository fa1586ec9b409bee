import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MailhostError } from "../../src/errors.ts";
import { ed25519Key, privateKey } from "./keys.ts";
import { connection, run } from "./mocks.ts";
import { argumentRefusals } from "./refusalCases/arguments.ts";
import { isOutput } from "./refusalCases/cases.ts";
import { connectionRefusals } from "./refusalCases/connection.ts";
import { guardRefusals } from "./refusalCases/guards.ts";
import { serviceRefusals } from "./refusalCases/services.ts";
import { settingRefusals } from "./refusalCases/settings.ts";
import { tlsRefusals } from "./refusalCases/tls.ts";

const refusals = [
  ...argumentRefusals,
  ...guardRefusals,
  ...tlsRefusals,
  ...settingRefusals,
  ...serviceRefusals,
  ...connectionRefusals,
];

/** What a program without a compiler may pass. */
async function refusal(args: object): Promise<{ error: unknown; registered: unknown[] }> {
  const { PostfixHardening } = await import("../../src/postfixHardening.ts");
  let error: unknown;
  const { registered } = await run(() => {
    try {
      Reflect.construct(PostfixHardening, ["mail", args]);
    } catch (thrown) {
      error = thrown;
    }
  });
  return { error, registered };
}

afterEach(() => vi.unstubAllEnvs());

describe("a mistake in the arguments is one line, before anything is registered", () => {
  it.each(refusals)("%o", async (args, message) => {
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
    const { error, registered } = await refusal({ connection, ...args });
    expect(error).toBeInstanceOf(MailhostError);
    expect(error).toMatchObject({
      message: `mx1.example.com: ${message}`,
      host: "mx1.example.com",
      stack: `mx1.example.com: ${message}`,
    });
    expect(registered).toEqual([]);
  });

  it.each([
    ["no connection", {}, "mail: connection is missing; use an object with host, hostKey and a way to log in"],
    ["a connection that is an output", { connection: pulumi.output({}) }, `mail: connection ${isOutput}`],
    [
      "no host",
      { connection: { privateKey, hostKey: ed25519Key } },
      "mail: connection.host is undefined; use a string",
    ],
    [
      "a host with a port",
      { connection: { ...connection, host: "[::1]:22" } },
      '[::1]:22: connection.host is "[::1]:22"; use a host name or an address, without brackets, port or blanks',
    ],
    [
      "a host that a shell would run",
      { connection: { ...connection, host: "a;reboot" } },
      'a;reboot: connection.host is "a;reboot"; use a host name or an address, without brackets, port or blanks',
    ],
    [
      "a host that is an option",
      { connection: { ...connection, host: "-oProxyCommand=x" } },
      '-oProxyCommand=x: connection.host is "-oProxyCommand=x"; use a host name or an address, without brackets, port or blanks',
    ],
  ])("%s", async (_, args, message) => {
    const { error } = await refusal(args);
    expect(error).toMatchObject({ message });
  });

  it("accepts the agent of the environment", async () => {
    vi.stubEnv("SSH_AUTH_SOCK", "/run/agent");
    const { error } = await refusal({ connection: { ...connection, privateKey: undefined } });
    expect(error).toBeUndefined();
  });
});

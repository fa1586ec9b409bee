import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { normalizeConnection } from "../../src/connection.ts";
import { ed25519Key, otherKey, privateKey } from "./keys.ts";
import { connection, settled, unhandled } from "./mocks.ts";

const material = { privateKey, privateKeyPassword: "pw", password: "pw" };
const normalize = (more: object) => normalizeConnection("mx1", { ...connection, ...more });

describe("a connection", () => {
  it.each(["privateKey", "privateKeyPassword", "password"] as const)(
    "makes %s a secret that the program passed in plain",
    async (name) => {
      const { connection: target } = normalize({
        ...material,
        bastion: { host: "jump", hostKey: otherKey, ...material },
      });
      expect(await pulumi.isSecret(pulumi.output(target[name]))).toBe(true);
      const proxy = target.proxy;
      if (proxy === undefined || pulumi.Output.isInstance(proxy) || proxy instanceof Promise)
        throw new Error("no plain proxy");
      expect(await pulumi.isSecret(pulumi.output(proxy[name]))).toBe(true);
    },
  );

  it("may come as outputs, checked when they are known", async () => {
    const host = normalize({
      host: pulumi.output("mx1.example.com"),
      port: pulumi.output(2222),
      hostKey: pulumi.output(`mx1 ${ed25519Key}`),
    });
    expect(await settled(host.endpoint)).toBe("root@mx1.example.com:2222");
    expect(await settled(host.connection.hostKey)).toBe(ed25519Key);
    const errors = await unhandled(() => normalize({ host: pulumi.output("a b") }));
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'mx1: connection.host is "a b"; use a host name or an address, without brackets, port or blanks',
      }),
    ]);
  });

  it.each([
    ["mx1.example.com", "root@mx1.example.com:22"],
    ["192.0.2.1", "root@192.0.2.1:22"],
    ["2001:db8::1", "root@[2001:db8::1]:22"],
    ["fe80::1%eth0", "root@[fe80::1%eth0]:22"],
    ["mx_1", "root@mx_1:22"],
  ])("to %s is written %s", async (host, endpoint) => {
    expect(await settled(normalize({ host }).endpoint)).toBe(endpoint);
  });

  it("does not say the key where it refuses it", () => {
    expect(() => normalize({ privateKey: "hush" })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hush") }),
    );
  });
});

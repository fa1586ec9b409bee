import { describe, expect, it } from "vitest";
import { refuseAnotherMachine } from "../../src/machine.ts";

describe("a component stays with its machine", () => {
  const here = { host: "mx1.example.com", hostKey: "ssh-ed25519 AAAA" };

  it.each([
    ["the same place", here],
    ["another address", { ...here, host: "192.0.2.1" }],
    ["a machine that was set up anew", { ...here, hostKey: "ssh-ed25519 BBBB" }],
    ["an address that is not known yet", { host: undefined, hostKey: "ssh-ed25519 BBBB" }],
    ["a key that is not known yet", { host: "192.0.2.1", hostKey: undefined }],
  ])("%s is taken", (_, now) => {
    expect(() => refuseAnotherMachine(here, now)).not.toThrow();
    expect(() => refuseAnotherMachine(now, here)).not.toThrow();
  });

  it("another address with another host key is refused, naming both", () => {
    expect(() => refuseAnotherMachine(here, { host: "192.0.2.1", hostKey: "ssh-ed25519 BBBB" })).toThrow(
      '192.0.2.1: connection.host was "mx1.example.com", with another host key; a component stays with its machine, so use a new component for another one',
    );
  });
});

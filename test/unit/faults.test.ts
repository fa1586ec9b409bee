import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { faultHooks, hostWords, programWords } from "../../src/faultHook.ts";
import { faultWords } from "../../src/faults.ts";
import { run } from "./mocks.ts";

const target = {
  host: "mx1.example.com",
  port: 22,
  user: "deploy",
  hostKey: "ssh-ed25519 AAAA",
  perDialTimeout: 15,
};
const bastion = { ...target, host: "jump.example.com", port: 2222, user: "hop" };
const direct = (words: string) => faultWords(`after 10 failed attempts: ${words}`, target);
const behind = (words: string) =>
  faultWords(`proxy: after 10 failed attempts: ${words}`, { ...target, proxy: bastion });

describe("faultWords", () => {
  it.each([
    ["ssh: handshake failed: ssh: host key mismatch", "connection.hostKey is not the key that mx1.example.com shows"],
    [
      "ssh: handshake failed: ssh: no common algorithm for host key; we offered: [ssh-ed25519], peer offered: [rsa-sha2-512 rsa-sha2-256]",
      "connection.hostKey is of type ssh-ed25519, and mx1.example.com has only rsa-sha2-512 rsa-sha2-256; ",
    ],
    [
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
      "connection is refused as login deploy, tried by publickey; ",
    ],
    [
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none], no supported methods remain",
      "connection is refused as login deploy, tried by nothing that it accepts; ",
    ],
    [
      "dial tcp 192.0.2.1:22: connect: connection refused",
      "connection.port 22 of mx1.example.com refuses connections: ",
    ],
    ["dial tcp 192.0.2.1:22: i/o timeout", "connection.port 22 of mx1.example.com does not answer, 15 s an attempt: "],
    ["dial tcp 192.0.2.1:22: connect: connection timed out", "connection.port 22 of mx1.example.com does not answer"],
    [
      "dial tcp 192.0.2.1:22: connect: no route to host",
      "connection.host mx1.example.com is not reached (no route to host): ",
    ],
    [
      "dial tcp [2001:db8::1]:22: connect: network is unreachable",
      "connection.host mx1.example.com is not reached (network is",
    ],
    [
      "dial tcp: lookup mx1.example.com on 127.0.0.53:53: no such host",
      "connection.host mx1.example.com is not a name",
    ],
    ["ssh: handshake failed: EOF", "connection: mx1.example.com hangs up before the login: "],
    [
      "ssh: handshake failed: read tcp 192.0.2.9:5->192.0.2.1:22: read: connection reset by peer",
      "connection: mx1.example.com hangs",
    ],
    [
      "ssh: this private key is passphrase protected",
      "connection.privateKey has a passphrase; give privateKeyPassword",
    ],
    ["x509: decryption password incorrect", "connection.privateKeyPassword does not open the privateKey; "],
    [
      "dial unix /run/agent: connect: no such file or directory",
      "connection.agentSocketPath is no agent that answers; ",
    ],
    [
      "ssh: subsystem request failed",
      "connection.host mx1.example.com takes no files by sftp, which the upload needs; ",
    ],
    [
      "error receiving version packet from server: packet too long",
      "the shell of login deploy on mx1.example.com prints a text at each start, ",
    ],
    ["packet too short", "the shell of login deploy on mx1.example.com prints a text at each start, "],
    [
      "failed to copy file dist/x to remote path .mailhost-1: failed to create remote file .mailhost-1: permission denied",
      "the upload to the home of login deploy on mx1.example.com failed (permission denied); ",
    ],
    ["context deadline exceeded", "connection: mx1.example.com was not reached within customTimeouts; "],
  ])("%s", (words, meaning) => {
    expect(direct(words)?.slice(0, meaning.length)).toBe(meaning);
  });

  it.each([
    [
      "ssh: handshake failed: ssh: host key mismatch",
      "connection.bastion.hostKey is not the key that jump.example.com shows",
    ],
    [
      "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none password], no supported methods remain",
      "connection.bastion is refused as login hop, tried by password; ",
    ],
    ["dial tcp 192.0.2.9:2222: i/o timeout", "connection.bastion.port 2222 of jump.example.com does not answer"],
    [
      "ssh: rejected: connect failed (Connection refused)",
      "connection.port 22 of mx1.example.com refuses connections: ",
    ],
    [
      "ssh: rejected: connect failed (No route to host)",
      "connection.host mx1.example.com is not reached from the bastion",
    ],
    ["ssh: rejected: administratively prohibited (open failed)", "connection.bastion forwards no connections there; "],
    ["ssh: handshake failed: EOF", "connection.hostKey or its login is refused behind the bastion"],
  ])("behind a bastion: %s", (words, meaning) => {
    expect(behind(words)?.slice(0, meaning.length)).toBe(meaning);
  });

  it("says how to get the right key of that port and type", () => {
    const route = { ...target, port: 2222, hostKey: "ecdsa-sha2-nistp256 AAAA" };
    expect(faultWords("after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch", route)).toContain(
      'if it has a new key, compare "ssh-keyscan -p 2222 -t ecdsa mx1.example.com" with "ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub" on its console, and use that line',
    );
  });

  it.each(["wait: remote command exited without exit status or exit signal", "EOF"])(
    "knows a connection that was lost midway: %s",
    (words) => {
      expect(faultWords(`${words}: running "sh -c 'cd'":\n`, target)).toMatch(/^the connection was lost while/);
    },
  );

  it("has nothing to say of a host that answered, whatever it printed", () => {
    const printed = "dial tcp 192.0.2.1:22: connect: connection refused\nssh: handshake failed: EOF";
    expect(faultWords(`Process exited with status 1: running "sh":\n${printed}`, target)).toBeUndefined();
    expect(faultWords(printed, target)).toBeUndefined();
  });
});

describe("a program that is gone from the host", () => {
  const urn = "urn:pulumi:dev::p::mailhost:index:PostfixHardening$command:remote:Command::mx-policy";

  it("comes with the command that uploads it again", () => {
    const said = 'Process exited with status 65: running "sh":\n';
    for (const error of [said, `rpc error: code = Unknown desc = ${said}`])
      expect(programWords(error, urn, "mx")).toContain(
        "\"pulumi up --replace 'urn:pulumi:dev::p::mailhost:index:PostfixHardening$command:remote:CopyToRemote::mx-program'\"",
      );
    expect(programWords('Process exited with status 1: running "status 65: "', urn, "mx")).toBeUndefined();
  });
});

describe("a host that refused", () => {
  const error = (...said: string[]) =>
    ["Process exited with status 1: running \"sh -c 'cd' mx1\":", ...said, ""].join("\n");

  it("has its reason, the last line that it said", () => {
    const said = ["mx1: change main.cf a: b -> c", "mx1: error: pre-flight: smtp/inet would not answer"];
    expect(hostWords(error(...said), "mx1")).toBe("pre-flight: smtp/inet would not answer");
    expect(hostWords(error("mx1: deploy is not root; set privilege"), "mx1")).toBe("deploy is not root; set privilege");
  });

  it("has no control character in it", () => {
    expect(hostWords(error("mx1: error: a\u001b[2J\u202eb"), "mx1")).toBe("a\\u001b[2J\\u202eb");
  });

  it("has none in what others said last, and in no answer at all", () => {
    expect(hostWords(error("mx1: committing", "sh: 1: Syntax error"), "mx1")).toBeUndefined();
    expect(hostWords(error(), "mx1")).toBeUndefined();
    expect(hostWords("mx1: not an answer", "mx1")).toBeUndefined();
  });
});

describe("faultHooks", () => {
  it("asks no monitor that has no such call", async () => {
    const { result } = await run(() => faultHooks("t", "n", "mx1", new pulumi.ComponentResource("a:b:C", "c")));
    expect(result).toEqual({});
  });

  it("stands back where the engine refuses it", async () => {
    const { registered } = await run(() => {
      const monitor = pulumi.runtime.getMonitor() ?? {};
      const refuse = (_: unknown, done: (error: Error) => void) => done(new Error("Method not found"));
      Reflect.set(monitor, "registerErrorHook", refuse);
      const parent = new pulumi.ComponentResource("a:b:C", "c");
      const hooks = faultHooks("t", "n", "mx1", parent);
      expect(hooks.onError).toHaveLength(1);
      return new pulumi.ComponentResource("a:b:C", "child", {}, { parent, hooks });
    });
    expect(registered.map(({ name }) => name)).toEqual(["c", "child"]);
  });
});

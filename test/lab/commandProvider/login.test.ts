// How the stand-in logs in: host keys, private keys, passwords, agents. Texts as Go's x/crypto/ssh has them.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import ssh2 from "ssh2";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Provider, startProvider } from "./harness.ts";
import { COMMAND, ELSEWHERE, reach, refused, to, without } from "./reach.ts";
import { type KeyPair, makeKey, type SshHost, startSshHost } from "./sshHosts.ts";
import type { Values } from "./values.ts";

let directory: string;
let host: SshHost;
let provider: Provider;
let locked: KeyPair;
let stranger: KeyPair;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mailhost-keys-"));
  locked = makeKey(directory, "locked", "ed25519", "open sesame");
  stranger = makeKey(directory, "stranger", "ed25519");
  host = await startSshHost([], [locked.publicKey]);
  provider = await startProvider();
});

afterAll(async () => {
  provider?.stop();
  for (const child of children) child.kill();
  await host?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const unauthenticated = (tried: string) =>
  refused(`ssh: unable to authenticate, attempted methods [${tried}], no supported methods remain`);

describe("host key", () => {
  test("without one, any host is trusted", async () => {
    const connection = without(to(host), "hostKey");
    expect(await reach(provider, connection)).toBe("reached");
  });

  test.each(["ed25519", "ecdsa"] as const)("the right %s key is accepted", async (type) => {
    expect(await reach(provider, to(host, { hostKey: host.hostKeys[type] }))).toBe("reached");
  });

  test("another key of the same type is a mismatch", async () => {
    expect(await reach(provider, to(host, { hostKey: ELSEWHERE }))).toBe(refused("ssh: host key mismatch"));
  });

  test("ssh-rsa is offered as such, which OpenSSH no longer takes", async () => {
    const problem = await reach(provider, to(host, { hostKey: host.hostKeys.rsa }));
    expect(problem).toMatch(refused("ssh: no common algorithm for host key; we offered: [ssh-rsa], peer offered: ["));
    expect(problem).toMatch(/peer offered: \[.*\brsa-sha2-512\b.*\]$/);
  });

  test("of several pasted lines the first key counts", async () => {
    const { ed25519, rsa } = host.hostKeys;
    expect(await reach(provider, to(host, { hostKey: `# ssh-keyscan\n\n${ed25519}\r\n${rsa}\n` }))).toBe("reached");
    expect(await reach(provider, to(host, { hostKey: `${rsa}\n${ed25519}\n` }))).toContain("no common algorithm");
  });

  test("a key that is commented out is skipped", async () => {
    expect(await reach(provider, to(host, { hostKey: `# ${ELSEWHERE}\n${host.hostKeys.ed25519}` }))).toBe("reached");
  });

  test("a host name before the key is skipped", async () => {
    expect(await reach(provider, to(host, { hostKey: `mx1.example.com,192.0.2.1 ${host.hostKeys.ed25519}` }))).toBe(
      "reached",
    );
  });

  test.each([
    ["SHA256:abcdef", "ssh: no key found"],
    ["ssh-ed25519 !!!!", "ssh: no key found; last parsing error for ignored line: illegal base64 data at input byte 0"],
    ["ssh-ed25519 AAAA", "ssh: no key found; last parsing error for ignored line: ssh: short read"],
  ])("%s is no key, said before any dial", async (hostKey, problem) => {
    expect(await reach(provider, to(host, { hostKey, port: 1 }))).toBe(`failed to parse host key: ${problem}`);
  });
});

describe("private key", () => {
  test("with a passphrase", async () => {
    const { privateKey } = locked;
    expect(await reach(provider, to(host, { privateKey, privateKeyPassword: "open sesame" }))).toBe("reached");
  });

  test.each([
    ["wrong", "x509: decryption password incorrect"],
    [undefined, "ssh: this private key is passphrase protected"],
  ])("with the passphrase %s, said before any dial", async (privateKeyPassword, problem) => {
    const given: Values = privateKeyPassword === undefined ? {} : { privateKeyPassword };
    expect(await reach(provider, to(host, { privateKey: locked.privateKey, port: 1, ...given }))).toBe(problem);
  });

  test("a passphrase for a key without one", async () => {
    expect(await reach(provider, to(host, { privateKeyPassword: "x" }))).toBe("ssh: key is not password protected");
  });

  test.each([
    ["hello", "ssh: no key found"],
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 'ssh: unsupported key type "CERTIFICATE"'],
  ])("%j", async (privateKey, problem) => {
    expect(await reach(provider, to(host, { privateKey }))).toBe(problem);
  });

  test("that the host does not know", async () => {
    expect(await reach(provider, to(host, { privateKey: stranger.privateKey }))).toBe(
      unauthenticated("none publickey"),
    );
  });

  test.each(["ed25519", "rsa", "ec"] as const)("in PKCS #8 (%s) it is read, which ssh2 alone can not", async (type) => {
    const pairs = {
      ed25519: () => generateKeyPairSync("ed25519"),
      rsa: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
      ec: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    };
    const privateKey = pairs[type]().privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(await reach(provider, to(host, { privateKey }))).toBe(unauthenticated("none publickey"));
  });

  test("none at all", async () => {
    const connection = without(to(host), "privateKey");
    expect(await reach(provider, connection)).toBe(unauthenticated("none"));
  });
});

describe("password", () => {
  let port: number;
  let server: ssh2.Server;
  let allowed: ("password" | "keyboard-interactive")[];
  const attempts: string[] = [];

  beforeAll(async () => {
    const hostKey = makeKey(directory, "inProcess", "ecdsa").privateKey;
    server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on("authentication", (context) => {
        attempts.push(context.method);
        if (context.method === "password" && allowed.includes("password") && context.password === "right")
          context.accept();
        else if (context.method === "keyboard-interactive" && allowed.includes("keyboard-interactive")) {
          context.prompt(["Password:", "Again:"], (answers) => {
            if (answers.join() === "right,right") context.accept();
            else context.reject(allowed);
          });
        } else context.reject(allowed);
      });
      client.on("error", () => {});
      client.on("session", (accept) => {
        accept().on("exec", (acceptExec) => {
          const stream = acceptExec();
          stream.write("reached\n");
          stream.exit(0);
          stream.end();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => server.close());

  const login = (password: string) =>
    reach(provider, { host: "127.0.0.1", port, user: "mail", password, dialErrorLimit: 0, perDialTimeout: 5 });

  test("right", async () => {
    allowed = ["password"];
    expect(await login("right")).toBe("reached");
  });

  test("wrong", async () => {
    allowed = ["password", "keyboard-interactive"];
    expect(await login("wrong")).toBe(unauthenticated("none password keyboard-interactive"));
  });

  test("by keyboard-interactive, which answers every prompt with it", async () => {
    allowed = ["keyboard-interactive"];
    attempts.length = 0;
    expect(await login("right")).toBe("reached");
    expect(attempts).toEqual(["none", "keyboard-interactive"]);
  });

  test("where the host wants keys", async () => {
    const connection = without(to(host, { password: "right" }), "privateKey");
    expect(await reach(provider, connection)).toBe(unauthenticated("none"));
  });
});

describe("agent", () => {
  const startAgent = async (name: string, key?: string) => {
    const socket = join(directory, name);
    children.push(spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" }));
    for (let i = 0; i < 100; i++) {
      const up = await new Promise<boolean>((resolve) => {
        const probe = connect(socket, () => resolve(true)).once("error", () => resolve(false));
        probe.once("connect", () => probe.destroy());
      });
      if (up) break;
      await sleep(20);
    }
    if (key !== undefined) execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    return socket;
  };

  test("with the key", async () => {
    const agentSocketPath = await startAgent("agent", host.keyFile);
    const connection = without(to(host), "privateKey");
    expect(await reach(provider, { ...connection, agentSocketPath })).toBe("reached");
    // Go tries a method name once, so a key of one's own keeps the agent from being asked.
    const privateKey = stranger.privateKey;
    expect(await reach(provider, to(host, { privateKey, agentSocketPath }))).toBe(unauthenticated("none publickey"));
  });

  test("of the environment", async () => {
    const socket = await startAgent("agentOfEnvironment", host.keyFile);
    const other = await startProvider({ SSH_AUTH_SOCK: socket });
    onTestFinished(other.stop);
    const connection = without(to(host), "privateKey");
    const { state } = await other.create(COMMAND, { connection, create: "echo reached" });
    expect(state.stdout).toBe("reached");
  });

  test("without any key", async () => {
    const agentSocketPath = await startAgent("emptyAgent");
    const connection = without(to(host), "privateKey");
    expect(await reach(provider, { ...connection, agentSocketPath })).toBe(unauthenticated("none publickey"));
  });

  test("that is not there", async () => {
    const agentSocketPath = join(directory, "nowhere");
    expect(await reach(provider, to(host, { agentSocketPath }))).toBe(
      `dial unix ${agentSocketPath}: connect: no such file or directory`,
    );
  });
});

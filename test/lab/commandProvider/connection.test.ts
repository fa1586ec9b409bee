// How the stand-in gets to a host: by a bastion, after retries, within its timeout. Texts as Go has them.
import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Provider, startProvider } from "./harness.ts";
import { COMMAND, ELSEWHERE, failure, reach, refused, to, without } from "./reach.ts";
import { freePort, type SshHost, startSshHost } from "./sshHosts.ts";

let host: SshHost;
let bastion: SshHost;
let provider: Provider;
const children: ChildProcess[] = [];

beforeAll(async () => {
  host = await startSshHost();
  bastion = await startSshHost(["LogLevel DEBUG", `PermitOpen 127.0.0.1:${host.port} 127.0.0.1:1`]);
  provider = await startProvider();
});

afterAll(async () => {
  provider?.stop();
  for (const child of children) child.kill();
  await Promise.all([host?.stop(), bastion?.stop()]);
});

describe("bastion", () => {
  test("passes through", async () => {
    expect(await reach(provider, to(host, { proxy: to(bastion) }))).toBe("reached");
    expect(bastion.log()).toContain(
      `server_request_direct_tcpip: originator 0.0.0.0 port 0, target 127.0.0.1 port ${host.port}`,
    );
  });

  test("with a wrong key", async () => {
    const problem = `proxy: ${refused("ssh: host key mismatch")}`;
    expect(await reach(provider, to(host, { proxy: to(bastion, { hostKey: ELSEWHERE }) }))).toBe(problem);
  });

  test("without a host key is trusted, the target is not", async () => {
    const proxy = without(to(bastion), "hostKey");
    expect(await reach(provider, to(host, { proxy }))).toBe("reached");
    const problem = await reach(provider, to(host, { hostKey: ELSEWHERE, proxy }));
    expect(problem).toBe(`proxy: ${refused("ssh: host key mismatch")}`);
  });

  test("the target is tried again on a tunnel that is already closed", async () => {
    const problem = await reach(provider, to(host, { hostKey: ELSEWHERE, dialErrorLimit: 1, proxy: to(bastion) }));
    expect(problem).toBe("proxy: after 1 failed attempts: ssh: handshake failed: EOF");
  });

  test("that refuses, or whose target refuses", async () => {
    expect(await reach(provider, to(host, { proxy: to(bastion, { port: 1 }) }))).toBe(
      "proxy: after 0 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
    );
    expect(await reach(provider, to(host, { port: 1, proxy: to(bastion) }))).toBe(
      "proxy: after 0 failed attempts: ssh: rejected: connect failed (Connection refused)",
    );
    expect(await reach(provider, to(host, { port: 2, proxy: to(bastion) }))).toBe(
      "proxy: after 0 failed attempts: ssh: rejected: administratively prohibited (open failed)",
    );
  });
});

describe("retries", () => {
  const listening = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };

  test("a refused port is dialled once more than the limit says, ever more slowly", async () => {
    const port = await freePort();
    provider.log.length = 0;
    const start = Date.now();
    expect(await reach(provider, to(host, { port, dialErrorLimit: 3 }))).toBe(
      `after 3 failed attempts: dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
    expect(Date.now() - start).toBeGreaterThanOrEqual(100 + 150 + 225);
    expect(provider.log.map(({ message }) => message)).toEqual([1, 2, 3].map((n) => `Dial ${n}/3 failed: retrying`));
    expect(provider.log.every(({ ephemeral, severity }) => ephemeral && severity === "INFO")).toBe(true);
  });

  test("a host that hangs up is dialled as often, and may recover", async () => {
    let dials = 0;
    const server = createServer((socket) => {
      dials++;
      if (dials <= 3) socket.destroy();
      else socket.pipe(connect(host.port, "127.0.0.1")).pipe(socket);
    });
    const port = await listening(server);
    expect(await reach(provider, to(host, { port, dialErrorLimit: 2 }))).toMatch(
      /^after 2 failed attempts: ssh: handshake failed: /,
    );
    expect(dials).toBe(3);
    dials = 0;
    expect(await reach(provider, to(host, { port, dialErrorLimit: 3 }))).toBe("reached");
    expect(dials).toBe(4);
    server.close();
  });

  test("a limit of -1 never ends, but for cancelling", async () => {
    const other = await startProvider();
    onTestFinished(other.stop);
    const connection = to(host, { port: await freePort(), dialErrorLimit: -1 });
    const outcome = failure(other.create(COMMAND, { connection, create: "true" }));
    await sleep(400);
    await other.cancel();
    expect(await outcome).toBe("context canceled");
    expect(other.log[0]?.message).toBe("Dial 1/inf failed: retrying");
  });

  test("perDialTimeout bounds a dial that nobody answers", async () => {
    // Its queue of connections is full, and it accepts none.
    const script = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
      () => { require('node:fs').writeSync(1, s.address().port + '\\n'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
    const deaf = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(deaf);
    const port = await new Promise<number>((resolve) =>
      deaf.stdout.once("data", (text: Buffer) => resolve(Number(text))),
    );
    const filling = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    await sleep(200);
    const start = Date.now();
    const problem = await reach(provider, to(host, { port, perDialTimeout: 1 }));
    expect(problem).toBe(`after 0 failed attempts: dial tcp 127.0.0.1:${port}: i/o timeout`);
    expect(Date.now() - start).toBeLessThan(3000);
    for (const socket of filling) socket.destroy();
  });

  test("perDialTimeout does not bound the handshake", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    const port = await listening(server);
    const outcome = reach(provider, to(host, { port, perDialTimeout: 1 }));
    expect(await Promise.race([outcome, sleep(2000, "still waiting")])).toBe("still waiting");
    for (const socket of sockets) socket.end();
    expect(await outcome).toBe(refused("EOF"));
    server.close();
  });
});

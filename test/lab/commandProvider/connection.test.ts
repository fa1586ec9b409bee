// How the stand-in reaches hosts: keys, passwords, agents, bastions, retries. Texts as Go's x/crypto/ssh has them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Provider, startProvider } from './harness.ts';
import { freePort, type KeyPair, makeKey, type SshHost, startSshHost } from './sshHosts.ts';
import type { Values } from './values.ts';

const COMMAND = 'command:remote:Command';
const ELSEWHERE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHywY7J2MbUcW2rgWlBo1K5BOyXHQRu3ydN4Z0gC1z2W';

let directory: string;
let host: SshHost;
let bastion: SshHost;
let provider: Provider;
let locked: KeyPair;
let stranger: KeyPair;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mailhost-keys-'));
  locked = makeKey(directory, 'locked', 'ed25519', 'open sesame');
  stranger = makeKey(directory, 'stranger', 'ed25519');
  host = await startSshHost([], [locked.publicKey]);
  bastion = await startSshHost(['LogLevel DEBUG', `PermitOpen 127.0.0.1:${host.port} 127.0.0.1:1`]);
  provider = await startProvider();
});

afterAll(async () => {
  provider?.stop();
  for (const child of children) child.kill();
  await Promise.all([host?.stop(), bastion?.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

function to(where: SshHost, changes: Values = {}): Values {
  return {
    ...{ host: '127.0.0.1', port: where.port, user: where.user, privateKey: where.key },
    ...{ hostKey: where.hostKeys.ed25519, dialErrorLimit: 0, perDialTimeout: 5 },
    ...changes,
  };
}

/** What `echo reached` prints there, or why it can't. */
async function reach(connection: Values): Promise<string> {
  const { inputs, failures } = await provider.check(COMMAND, { connection, create: 'echo reached' });
  expect(failures).toEqual([]);
  return provider.create(COMMAND, inputs).then(
    ({ state }) => String(state.stdout),
    (error: Error) => error.message,
  );
}

const rejected = (reason: string) => `after 0 failed attempts: ssh: handshake failed: ${reason}`;
const unauthenticated = (tried: string) =>
  rejected(`ssh: unable to authenticate, attempted methods [${tried}], no supported methods remain`);

describe('host key', () => {
  test('without one, any host is trusted', async () => {
    const { hostKey: _, ...connection } = to(host);
    expect(await reach(connection)).toBe('reached');
  });

  test.each(['ed25519', 'ecdsa'] as const)('the right %s key is accepted', async (type) => {
    expect(await reach(to(host, { hostKey: host.hostKeys[type] }))).toBe('reached');
  });

  test('another key of the same type is a mismatch', async () => {
    expect(await reach(to(host, { hostKey: ELSEWHERE }))).toBe(rejected('ssh: host key mismatch'));
  });

  test('ssh-rsa is offered as such, which OpenSSH no longer takes', async () => {
    const problem = await reach(to(host, { hostKey: host.hostKeys.rsa }));
    expect(problem).toMatch(rejected('ssh: no common algorithm for host key; we offered: [ssh-rsa], peer offered: ['));
    expect(problem).toMatch(/peer offered: \[.*\brsa-sha2-512\b.*\]$/);
  });

  test('of several pasted lines the first key counts', async () => {
    const { ed25519, rsa } = host.hostKeys;
    expect(await reach(to(host, { hostKey: `# ssh-keyscan\n\n${ed25519}\r\n${rsa}\n` }))).toBe('reached');
    expect(await reach(to(host, { hostKey: `${rsa}\n${ed25519}\n` }))).toContain('no common algorithm');
  });

  test('a host name before the key is skipped', async () => {
    expect(await reach(to(host, { hostKey: `mx1.example.com,192.0.2.1 ${host.hostKeys.ed25519}` }))).toBe('reached');
  });

  test.each([
    ['SHA256:abcdef', 'ssh: no key found'],
    ['ssh-ed25519 !!!!', 'ssh: no key found; last parsing error for ignored line: illegal base64 data at input byte 0'],
    ['ssh-ed25519 AAAA', 'ssh: no key found; last parsing error for ignored line: ssh: short read'],
  ])('%s is no key, said before any dial', async (hostKey, problem) => {
    expect(await reach(to(host, { hostKey, port: 1 }))).toBe(`failed to parse host key: ${problem}`);
  });
});

describe('private key', () => {
  test('with a passphrase', async () => {
    const { privateKey } = locked;
    expect(await reach(to(host, { privateKey, privateKeyPassword: 'open sesame' }))).toBe('reached');
  });

  test.each([
    ['wrong', 'x509: decryption password incorrect'],
    [undefined, 'ssh: this private key is passphrase protected'],
  ])('with the passphrase %s, said before any dial', async (privateKeyPassword, problem) => {
    const given: Values = privateKeyPassword === undefined ? {} : { privateKeyPassword };
    expect(await reach(to(host, { privateKey: locked.privateKey, port: 1, ...given }))).toBe(problem);
  });

  test('a passphrase for a key without one', async () => {
    expect(await reach(to(host, { privateKeyPassword: 'x' }))).toBe('ssh: key is not password protected');
  });

  test.each([
    ['hello', 'ssh: no key found'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'ssh: unsupported key type "CERTIFICATE"'],
  ])('%j', async (privateKey, problem) => {
    expect(await reach(to(host, { privateKey }))).toBe(problem);
  });

  test('that the host does not know', async () => {
    expect(await reach(to(host, { privateKey: stranger.privateKey }))).toBe(unauthenticated('none publickey'));
  });

  test.each(['ed25519', 'rsa', 'ec'] as const)('in PKCS #8 (%s) it is read, which ssh2 alone can not', async (type) => {
    const pair = { ed25519: () => generateKeyPairSync('ed25519'), rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), ec: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
    const privateKey = pair[type]().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(await reach(to(host, { privateKey }))).toBe(unauthenticated('none publickey'));
  });

  test('none at all', async () => {
    const { privateKey: _, ...connection } = to(host);
    expect(await reach(connection)).toBe(unauthenticated('none'));
  });
});

describe('password', () => {
  let port: number;
  let server: ssh2.Server;
  let allowed: ('password' | 'keyboard-interactive')[];
  const attempts: string[] = [];

  beforeAll(async () => {
    const hostKey = makeKey(directory, 'inProcess', 'ecdsa').privateKey;
    server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('authentication', (context) => {
        attempts.push(context.method);
        if (context.method === 'password' && allowed.includes('password') && context.password === 'right') context.accept();
        else if (context.method === 'keyboard-interactive' && allowed.includes('keyboard-interactive')) {
          context.prompt(['Password:', 'Again:'], (answers) => {
            if (answers.join() === 'right,right') context.accept();
            else context.reject(allowed);
          });
        } else context.reject(allowed);
      });
      client.on('error', () => {});
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const stream = acceptExec();
          stream.write('reached\n');
          stream.exit(0);
          stream.end();
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => server.close());

  const login = (password: string) =>
    reach({ host: '127.0.0.1', port, user: 'mail', password, dialErrorLimit: 0, perDialTimeout: 5 });

  test('right', async () => {
    allowed = ['password'];
    expect(await login('right')).toBe('reached');
  });

  test('wrong', async () => {
    allowed = ['password', 'keyboard-interactive'];
    expect(await login('wrong')).toBe(unauthenticated('none password keyboard-interactive'));
  });

  test('by keyboard-interactive, which answers every prompt with it', async () => {
    allowed = ['keyboard-interactive'];
    attempts.length = 0;
    expect(await login('right')).toBe('reached');
    expect(attempts).toEqual(['none', 'keyboard-interactive']);
  });

  test('where the host wants keys', async () => {
    const { privateKey: _, ...connection } = to(host, { password: 'right' });
    expect(await reach(connection)).toBe(unauthenticated('none'));
  });
});

describe('agent', () => {
  const startAgent = async (name: string, key?: string) => {
    const socket = join(directory, name);
    children.push(spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }));
    for (let i = 0; i < 100; i++) {
      const up = await new Promise<boolean>((resolve) => {
        const probe = connect(socket, () => resolve(true)).once('error', () => resolve(false));
        probe.once('connect', () => probe.destroy());
      });
      if (up) break;
      await sleep(20);
    }
    if (key !== undefined) execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    return socket;
  };

  test('with the key', async () => {
    const agentSocketPath = await startAgent('agent', host.keyFile);
    const { privateKey: _, ...connection } = to(host);
    expect(await reach({ ...connection, agentSocketPath })).toBe('reached');
    // Go tries a method name once, so a key of one's own keeps the agent from being asked.
    const privateKey = stranger.privateKey;
    expect(await reach(to(host, { privateKey, agentSocketPath }))).toBe(unauthenticated('none publickey'));
  });

  test('of the environment', async () => {
    const socket = await startAgent('agentOfEnvironment', host.keyFile);
    const other = await startProvider({ SSH_AUTH_SOCK: socket });
    const { privateKey: _, ...connection } = to(host);
    const { state } = await other.create(COMMAND, { connection, create: 'echo reached' });
    other.stop();
    expect(state.stdout).toBe('reached');
  });

  test('without any key', async () => {
    const agentSocketPath = await startAgent('emptyAgent');
    const { privateKey: _, ...connection } = to(host);
    expect(await reach({ ...connection, agentSocketPath })).toBe(unauthenticated('none publickey'));
  });

  test('that is not there', async () => {
    const agentSocketPath = join(directory, 'nowhere');
    expect(await reach(to(host, { agentSocketPath }))).toBe(
      `dial unix ${agentSocketPath}: connect: no such file or directory`,
    );
  });
});

describe('bastion', () => {
  test('passes through', async () => {
    expect(await reach(to(host, { proxy: to(bastion) }))).toBe('reached');
    expect(bastion.log()).toContain(`connect_next: start for host 127.0.0.1 ([127.0.0.1]:${host.port})`.slice(0, 40));
  });

  test('with a wrong key', async () => {
    const problem = `proxy: ${rejected('ssh: host key mismatch')}`;
    expect(await reach(to(host, { proxy: to(bastion, { hostKey: ELSEWHERE }) }))).toBe(problem);
  });

  test('without a host key is trusted, the target is not', async () => {
    const { hostKey: _, ...proxy } = to(bastion);
    expect(await reach(to(host, { proxy }))).toBe('reached');
    const problem = await reach(to(host, { hostKey: ELSEWHERE, proxy }));
    expect(problem).toBe(`proxy: ${rejected('ssh: host key mismatch')}`);
  });

  test('the target is tried again on a tunnel that is already closed', async () => {
    const problem = await reach(to(host, { hostKey: ELSEWHERE, dialErrorLimit: 1, proxy: to(bastion) }));
    expect(problem).toBe('proxy: after 1 failed attempts: ssh: handshake failed: EOF');
  });

  test('that refuses, or whose target refuses', async () => {
    expect(await reach(to(host, { proxy: to(bastion, { port: 1 }) }))).toBe(
      'proxy: after 0 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused',
    );
    expect(await reach(to(host, { port: 1, proxy: to(bastion) }))).toBe(
      'proxy: after 0 failed attempts: ssh: rejected: connect failed (Connection refused)',
    );
    expect(await reach(to(host, { port: 2, proxy: to(bastion) }))).toBe(
      'proxy: after 0 failed attempts: ssh: rejected: administratively prohibited (open failed)',
    );
  });
});

describe('retries', () => {
  const listening = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  test('a refused port is dialled once more than the limit says, ever more slowly', async () => {
    const port = await freePort();
    provider.log.length = 0;
    const start = Date.now();
    const refused = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
    expect(await reach(to(host, { port, dialErrorLimit: 3 }))).toBe(`after 3 failed attempts: ${refused}`);
    expect(Date.now() - start).toBeGreaterThanOrEqual(100 + 150 + 225);
    expect(provider.log.map(({ message }) => message)).toEqual([1, 2, 3].map((n) => `Dial ${n}/3 failed: retrying`));
    expect(provider.log.every(({ ephemeral, severity }) => ephemeral && severity === 'INFO')).toBe(true);
  });

  test('a host that hangs up is dialled as often, and may recover', async () => {
    let dials = 0;
    const server = createServer((socket) => {
      dials++;
      if (dials <= 3) socket.destroy();
      else socket.pipe(connect(host.port, '127.0.0.1')).pipe(socket);
    });
    const port = await listening(server);
    expect(await reach(to(host, { port, dialErrorLimit: 2 }))).toMatch(/^after 2 failed attempts: ssh: handshake failed: /);
    expect(dials).toBe(3);
    dials = 0;
    expect(await reach(to(host, { port, dialErrorLimit: 3 }))).toBe('reached');
    expect(dials).toBe(4);
    server.close();
  });

  test('a limit of -1 never ends, but for cancelling', async () => {
    const other = await startProvider();
    const connection = to(host, { port: await freePort(), dialErrorLimit: -1 });
    const outcome = other.create(COMMAND, { connection, create: 'true' }).catch((error: Error) => error.message);
    await sleep(400);
    await other.cancel();
    expect(await outcome).toBe('context canceled');
    expect(other.log[0]?.message).toBe('Dial 1/inf failed: retrying');
    other.stop();
  });

  test('perDialTimeout bounds a dial that nobody answers', async () => {
    // Its queue of connections is full, and it accepts none.
    const script = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
      () => { require('node:fs').writeSync(1, s.address().port + '\\n'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`;
    const deaf = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(deaf);
    const port = await new Promise<number>((resolve) => deaf.stdout.once('data', (text: Buffer) => resolve(Number(text))));
    const filling = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    await sleep(200);
    const start = Date.now();
    const problem = await reach(to(host, { port, perDialTimeout: 1 }));
    expect(problem).toBe(`after 0 failed attempts: dial tcp 127.0.0.1:${port}: i/o timeout`);
    expect(Date.now() - start).toBeLessThan(3000);
    for (const socket of filling) socket.destroy();
  });

  test('perDialTimeout does not bound the handshake', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    const port = await listening(server);
    const outcome = reach(to(host, { port, perDialTimeout: 1 }));
    expect(await Promise.race([outcome, sleep(2000, 'still waiting')])).toBe('still waiting');
    for (const socket of sockets) socket.end();
    expect(await outcome).toBe(rejected('EOF'));
    server.close();
  });
});

// The stand-in, or the real plugin where there is one, under the real engine: what runs when, and what state keeps.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Engine, findEngine } from '../engine.ts';
import { type Program, writeProgram } from '../program.ts';
import type { Result } from '../run.ts';
import type { Stack } from '../stack.ts';
import { type SshHost, startSshHost } from './sshHosts.ts';

let engine: Engine;
let host: SshHost;
let program: Program;
let stack: Stack;
let events: string;

beforeAll(async () => {
  engine = await findEngine();
  host = await startSshHost();
});

afterAll(async () => {
  await host?.stop();
});

beforeEach(async () => {
  events = join(host.directory, `events-${Math.random()}`);
  program = writeProgram('');
  // Plain JavaScript, which starts a second sooner.
  program.write('Pulumi.yaml', 'name: lab\nmain: index.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n');
  stack = await engine.stack({ program: program.dir });
});

afterEach(async () => {
  await stack?.remove();
  program?.remove();
});

/** What has run on the host since the last time, in order. */
function ran(): string[] {
  if (!existsSync(events)) return [];
  const lines = readFileSync(events, 'utf8').trim().split('\n');
  writeFileSync(events, '');
  return lines.filter((line) => line !== '');
}

const mark = (event: string) => `echo ${event} >> ${events}; echo ${event}`;

function connection(changes: Record<string, unknown> = {}): string {
  const { port, user, key: privateKey } = host;
  const hostKey = host.hostKeys.ed25519;
  return JSON.stringify({ host: '127.0.0.1', port, user, privateKey, hostKey, dialErrorLimit: 0, ...changes });
}

/** A program with one command; `args` and `opts` are source text. */
function command(args: string, opts = '{}', where = connection()): void {
  program.write(
    'index.js',
    `const pulumi = require('@pulumi/pulumi');
const { remote } = require('@pulumi/command');
const command = new remote.Command('it', { connection: ${where}, addPreviousOutputInEnv: false, ${args} }, ${opts});
exports.stdout = command.stdout;
`,
  );
}

async function up(): Promise<Result> {
  const result = await stack.up();
  expect(result.status, result.stdout + result.stderr).toBe(0);
  return result;
}

interface State {
  deployment: { resources: { type: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }[] };
}

async function state(args: string[] = []): Promise<{ text: string; resource: State['deployment']['resources'][0] | undefined }> {
  const { stdout: text } = await stack.export(args);
  const resource = (JSON.parse(text) as State).deployment.resources.find(({ type }) => type.startsWith('command:remote:'));
  return { text, resource };
}

describe('what runs when', () => {
  const verbs = (n: number) =>
    `create: '${mark(`create${n}`)}', delete: '${mark(`delete${n}`)}', triggers: [${n}]`;

  test('a changed trigger: the new create, then the old delete', async () => {
    command(verbs(1));
    await up();
    command(verbs(2));
    await up();
    expect(ran()).toEqual(['create1', 'create2', 'delete1']);
    expect((await stack.destroy()).status).toBe(0);
    expect(ran()).toEqual(['delete2']);
  });

  test('with deleteBeforeReplace the other way round', async () => {
    command(verbs(1), '{ deleteBeforeReplace: true }');
    await up();
    command(verbs(2), '{ deleteBeforeReplace: true }');
    await up();
    expect(ran()).toEqual(['create1', 'delete1', 'create2']);
  });

  test('a changed trigger replaces even where there is an update, whatever the documentation says', async () => {
    command(`${verbs(1)}, update: '${mark('update')}'`);
    await up();
    command(`${verbs(2)}, update: '${mark('update')}'`);
    await up();
    expect(ran()).toEqual(['create1', 'create2', 'delete1']);
  });

  test('a changed create runs in place, without delete', async () => {
    command(`create: '${mark('create1')}', delete: '${mark('delete1')}'`);
    await up();
    command(`create: '${mark('create2')}', delete: '${mark('delete2')}'`);
    await up();
    expect(ran()).toEqual(['create1', 'create2']);
    expect(await stack.outputs()).toEqual({ stdout: 'create2' });
    command(`create: '${mark('create2')}', update: '${mark('update')}'`);
    await up();
    expect(ran()).toEqual(['update']);
  });

  test('nothing changed: nothing is run or dialled; refresh sees no drift', async () => {
    command(`create: '${mark('create')}'`);
    await up();
    const logins = () => host.log().match(/Accepted publickey/g)?.length;
    const before = logins();
    await up();
    expect((await stack.refresh()).status).toBe(0);
    expect(ran()).toEqual(['create']);
    expect(logins()).toBe(before);
  });

  test("the user's own replaceOnChanges is obeyed", async () => {
    command(`create: '${mark('create1')}', delete: '${mark('delete1')}'`, `{ replaceOnChanges: ['create'] }`);
    await up();
    command(`create: '${mark('create2')}', delete: '${mark('delete2')}'`, `{ replaceOnChanges: ['create'] }`);
    await up();
    expect(ran()).toEqual(['create1', 'create2', 'delete1']);
  });

  test('ignoreChanges keeps a command from running again', async () => {
    command(`create: '${mark('create1')}'`, `{ ignoreChanges: ['create'] }`);
    await up();
    command(`create: '${mark('create2')}'`, `{ ignoreChanges: ['create'] }`);
    await up();
    expect(ran()).toEqual(['create1']);
  });

  test('a connection changed in any way runs it again', async () => {
    command(`create: '${mark('create')}'`);
    await up();
    command(`create: '${mark('create')}'`, '{}', connection({ perDialTimeout: 7 }));
    await up();
    expect(ran()).toEqual(['create', 'create']);
  });
});

test('preview makes no connection', async () => {
  let dials = 0;
  const server = createServer((socket) => {
    dials++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  command(`create: 'true'`, '{}', connection({ port }));
  const preview = await stack.preview();
  expect(preview.status, preview.stdout).toBe(0);
  expect(dials).toBe(0);
  expect((await stack.up()).status).not.toBe(0);
  expect(dials).toBe(1);
  server.close();
});

test('preview of a chain of commands knows that outputs are open', async () => {
  program.write(
    'index.js',
    `const { remote } = require('@pulumi/command');
const connection = ${connection()};
const first = new remote.Command('first', { connection, create: '${mark('first')}' });
first.stdout.apply((text) => { if (text !== 'first') throw new Error('applied to ' + text); });
new remote.Command('second', { connection, create: first.stdout.apply((text) => \`${mark('after-$text').replaceAll('$text', '${text}')}\`) });
`,
  );
  const preview = await stack.preview();
  expect(preview.status, preview.stdout + preview.stderr).toBe(0);
  expect(ran()).toEqual([]);
  await up();
  expect(ran()).toEqual(['first', 'after-first']);
});

describe('state', () => {
  const keyLine = () => host.key.split('\n')[2] ?? 'no key';

  test('holds the connection encrypted, as input and output', async () => {
    command(`create: 'echo plain'`);
    const result = await up();
    const { text, resource } = await state();
    expect(text).not.toContain(keyLine());
    expect(result.stdout).not.toContain(keyLine());
    for (const where of [resource?.inputs, resource?.outputs]) {
      expect(where?.['connection']).toHaveProperty('ciphertext');
      expect(where?.['connection']).not.toHaveProperty('plaintext');
    }
    expect(resource?.outputs).toMatchObject({ stdout: 'plain', stderr: '', create: 'echo plain' });
    expect((await state(['--show-secrets'])).text).toContain(keyLine());
  });

  test('holds a secret stdin encrypted, what the command prints of it not', async () => {
    command(`create: 'cat; echo', stdin: pulumi.secret('hush-' + 42), logging: 'none'`);
    const result = await up();
    const { text, resource } = await state();
    expect(resource?.inputs['stdin']).toHaveProperty('ciphertext');
    expect(resource?.outputs).toMatchObject({ stdout: 'hush-42' });
    expect(result.stdout.split('Outputs:')[0]).not.toContain('hush-42');
    expect(text.match(/hush-42/g)).toHaveLength(2); // the command's output and the stack's
  });

  test('hides outputs that are named secret', async () => {
    command(`create: 'echo hush-$((40+2))', logging: 'none'`, `{ additionalSecretOutputs: ['stdout'] }`);
    await up();
    command(`create: 'echo hush-$((40+2)) again', logging: 'none'`, `{ additionalSecretOutputs: ['stdout'] }`);
    await up();
    expect((await state()).text).not.toContain('hush-42');
    expect(await stack.outputs()).toEqual({ stdout: 'hush-42 again' });
  });

  test('has nothing of a create that failed, so its delete never runs', async () => {
    command(`create: '${mark('create')}; exit 3', delete: '${mark('delete')}'`);
    const result = await stack.up();
    expect(result.status).not.toBe(0);
    expect(result.stdout).toContain('Process exited with status 3: running "');
    expect((await state()).resource).toBeUndefined();
    expect((await stack.destroy()).status).toBe(0);
    expect(ran()).toEqual(['create']);
  });

  test('keeps the old inputs after an update that failed', async () => {
    command(`create: '${mark('create')}'`);
    await up();
    command(`create: '${mark('create')}', update: 'exit 4'`);
    expect((await stack.up()).stdout).toContain('Process exited with status 4: running "exit 4":');
    expect((await state()).resource?.inputs).not.toHaveProperty('update');
  });
});

describe('output', () => {
  test('of a running command is shown unless logging is off', async () => {
    command(`create: 'echo shown-$((1+1)); sleep 1; echo said-$((2+2)) >&2; sleep 1'`);
    const loud = (await up()).stdout.split('Outputs:')[0];
    expect(loud).toContain('shown-2');
    expect(loud).toContain('said-4');
    command(`create: 'echo shown-$((1+1)); sleep 1; echo said-$((2+2)) >&2; sleep 1 # again', logging: 'none'`);
    const silent = (await up()).stdout.split('Outputs:')[0];
    expect(silent).not.toMatch(/shown-2|said-4/);
  });

  test('of 200 kB is in the error of a command that fails', async () => {
    command(`create: 'seq 40000; exit 1', logging: 'none'`);
    const { stdout } = await stack.up();
    expect(stdout).toContain('Process exited with status 1: running "seq 40000; exit 1":');
    for (const line of [1, 20000, 40000]) expect(stdout).toMatch(new RegExp(`^ *${line}$`, 'm'));
  });

  test('of 10 MB is kept', async () => {
    command(`create: 'yes 123456789 | head -c 10000000', logging: 'none'`);
    await up();
    expect(String((await stack.outputs())['stdout'])).toHaveLength(9_999_999);
  });
});

describe('CopyToRemote', () => {
  const copy = (source: string, where = connection()) =>
    program.write(
      'index.js',
      `const pulumi = require('@pulumi/pulumi');
const { remote } = require('@pulumi/command');
new remote.CopyToRemote('it', { connection: ${where}, source: ${source}, remotePath: '${events}/deep/program.sh' });
`,
    );
  const uploaded = () => readFileSync(join(events, 'deep', 'program.sh'), 'utf8');

  test('of a file: a hash in state, copied again when the content changed, and only then', async () => {
    copy(`new pulumi.asset.FileAsset('program.sh')`);
    program.write('program.sh', 'echo secretless-content\n');
    await up();
    expect(uploaded()).toBe('echo secretless-content\n');
    const { text, resource } = await state();
    expect(text).not.toContain('secretless-content');
    expect(resource?.outputs['source']).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/) });

    writeFileSync(join(events, 'deep', 'program.sh'), 'edited');
    copy(`new pulumi.asset.FileAsset('program.sh')`, connection({ perDialTimeout: 7 }));
    await up();
    expect(uploaded()).toBe('edited');

    program.write('program.sh', 'echo new\n');
    await up();
    expect(uploaded()).toBe('echo new\n');
    expect((await stack.destroy()).status).toBe(0);
    expect(uploaded()).toBe('echo new\n');
  });

  test('of a text: all of it in state', async () => {
    copy(`new pulumi.asset.StringAsset('a text')`);
    await up();
    expect(uploaded()).toBe('a text');
    expect((await state()).text).toContain('a text');
  });

  test('of what comes from the net is refused', async () => {
    copy(`new pulumi.asset.AssetArchive({ a: new pulumi.asset.StringAsset('x') })`);
    const { status, stdout } = await stack.preview();
    expect(status).not.toBe(0);
    expect(stdout).toContain('archive must be a path to a file or directory');
  });
});

// By hand: `node test/lab/cli.ts boot bookworm stock` keeps a host up until ctrl-C or the end of its input.
import { Lab } from './lab.ts';
import { ensureRoot, type Kind, kinds, type Suite, suites } from './roots.ts';

const usage = `usage: node test/lab/cli.ts boot [${suites.join('|')}] [${kinds.join('|')}] [systemd|plain] [ADDRESSES]
       node test/lab/cli.ts roots [SUITE] [KIND]`;

function pick<T extends string>(what: string, accepted: readonly T[], given: string | undefined, otherwise: T): T {
  const value = given ?? otherwise;
  const found = accepted.find((one) => one === value);
  if (found === undefined) {
    process.stderr.write(`${what}: ${value} is not one of ${accepted.join(', ')}\n${usage}\n`);
    process.exit(2);
  }
  return found;
}

async function boot(args: string[]): Promise<void> {
  const lab = await Lab.open();
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    process.stdin.once('end', resolve).resume();
  });
  try {
    const started = Date.now();
    const host = await lab.boot({
      suite: pick<Suite>('suite', suites, args[0], 'bookworm'),
      kind: pick<Kind>('kind', kinds, args[1], 'stock'),
      init: pick('init', ['systemd', 'plain'] as const, args[2], 'systemd'),
      addresses: Number(args[3] ?? 1),
    });
    const lines = {
      ready: `after ${Date.now() - started} ms`,
      address: host.address,
      'host key': host.hostKey,
      'login key': host.keys.ed25519,
      ssh: lab.inside(host.sshArgv()).join(' '),
      inside: `${lab.inside(['COMMAND']).join(' ')}   (any client: openssl, pulumi)`,
      console: `nsenter -t ${host.leader} -a -r -w`,
    };
    for (const [name, value] of Object.entries(lines)) process.stdout.write(`${name.padEnd(10)} ${value}\n`);
    await stopped;
  } finally {
    await lab.close();
  }
}

const [verb, ...args] = process.argv.slice(2);
switch (verb) {
  case 'boot':
    await boot(args);
    break;
  case 'roots':
    for (const suite of args[0] ? [pick<Suite>('suite', suites, args[0], 'bookworm')] : suites) {
      for (const kind of args[1] ? [pick<Kind>('kind', kinds, args[1], 'stock')] : kinds) {
        process.stdout.write(`${await ensureRoot(suite, kind)}\n`);
      }
    }
    break;
  default:
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
}

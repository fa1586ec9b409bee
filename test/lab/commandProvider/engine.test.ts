// The stand-in, or the real plugin where there is one, under the real engine: what runs when.
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { command, connection, events, host, mark, program, ran, stack, up } from "./stackOnHost.ts";

describe("what runs when", () => {
  const verbs = (n: number) => `create: '${mark(`create${n}`)}', delete: '${mark(`delete${n}`)}', triggers: [${n}]`;

  test("a changed trigger: the new create, then the old delete", async () => {
    command(verbs(1));
    await up();
    command(verbs(2));
    await up();
    expect(ran()).toEqual(["create1", "create2", "delete1"]);
    expect((await stack.destroy()).status).toBe(0);
    expect(ran()).toEqual(["delete2"]);
  });

  test("with deleteBeforeReplace the other way round", async () => {
    command(verbs(1), "{ deleteBeforeReplace: true }");
    await up();
    command(verbs(2), "{ deleteBeforeReplace: true }");
    await up();
    expect(ran()).toEqual(["create1", "delete1", "create2"]);
  });

  test("a changed trigger replaces even where there is an update, whatever the documentation says", async () => {
    command(`${verbs(1)}, update: '${mark("update")}'`);
    await up();
    command(`${verbs(2)}, update: '${mark("update")}'`);
    await up();
    expect(ran()).toEqual(["create1", "create2", "delete1"]);
  });

  test("a changed create runs in place, without delete", async () => {
    command(`create: '${mark("create1")}', delete: '${mark("delete1")}'`);
    await up();
    command(`create: '${mark("create2")}', delete: '${mark("delete2")}'`);
    await up();
    expect(ran()).toEqual(["create1", "create2"]);
    expect(await stack.outputs()).toEqual({ stdout: "create2" });
    command(`create: '${mark("create2")}', update: '${mark("update")}'`);
    await up();
    expect(ran()).toEqual(["update"]);
  });

  test("nothing changed: nothing is run or dialled; refresh sees no drift", async () => {
    command(`create: '${mark("create")}'`);
    await up();
    const logins = () => host.log().match(/Accepted publickey/g)?.length;
    const before = logins();
    await up();
    expect((await stack.refresh()).status).toBe(0);
    expect(ran()).toEqual(["create"]);
    expect(logins()).toBe(before);
  });

  test("the user's own replaceOnChanges is obeyed", async () => {
    command(`create: '${mark("create1")}', delete: '${mark("delete1")}'`, `{ replaceOnChanges: ['create'] }`);
    await up();
    command(`create: '${mark("create2")}', delete: '${mark("delete2")}'`, `{ replaceOnChanges: ['create'] }`);
    await up();
    expect(ran()).toEqual(["create1", "create2", "delete1"]);
  });

  test("ignoreChanges keeps a command from running again", async () => {
    command(`create: '${mark("create1")}'`, `{ ignoreChanges: ['create'] }`);
    await up();
    command(`create: '${mark("create2")}'`, `{ ignoreChanges: ['create'] }`);
    await up();
    expect(ran()).toEqual(["create1"]);
  });

  test("a connection changed in any way runs it again", async () => {
    command(`create: '${mark("create")}'`);
    await up();
    command(`create: '${mark("create")}'`, "{}", connection({ perDialTimeout: 7 }));
    await up();
    expect(ran()).toEqual(["create", "create"]);
  });
});

test("preview makes no connection", async () => {
  let dials = 0;
  const server = createServer((socket) => {
    dials++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const toServer = () => command(`create: 'true'`, "{}", connection({ port }));
  toServer();
  const preview = await stack.preview();
  expect(preview.status, preview.stdout).toBe(0);
  command(`create: 'true'`);
  await up();
  toServer();
  expect((await stack.preview()).status).toBe(0);
  expect(dials).toBe(0);
  expect((await stack.up()).status).not.toBe(0);
  expect(dials).toBe(1);
  server.close();
});

test("customTimeouts end the retrying of dials", async () => {
  const where = connection({ port: 1, dialErrorLimit: -1 });
  command(`create: 'true'`, `{ customTimeouts: { create: '2s' } }`, where);
  const result = await stack.up();
  expect(result.status).not.toBe(0);
  expect(result.stdout).toContain("error: context deadline exceeded");
});

test("preview of a chain of commands knows that outputs are open", async () => {
  program.write(
    "index.js",
    `const { remote } = require('@pulumi/command');
const connection = ${connection()};
const first = new remote.Command('first', { connection, create: '${mark("first")}' });
first.stdout.apply((text) => { if (text !== 'first') throw new Error('applied to ' + text); });
new remote.Command('second', { connection, create: first.stdout.apply((text) => 'echo after-' + text + ' >> ${events}') });
`,
  );
  const preview = await stack.preview();
  expect(preview.status, preview.stdout + preview.stderr).toBe(0);
  expect(ran()).toEqual([]);
  await up();
  expect(ran()).toEqual(["first", "after-first"]);
});

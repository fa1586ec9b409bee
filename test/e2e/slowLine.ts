// A slow line to a host: what passes arrives late, and packets to its sshd are lost.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Host } from "../lab/host.ts";

const relay = `
const { connect, createServer } = require("node:net");
const { setTimeout: sleep } = require("node:timers/promises");
const late = (from, to) => {
  let line = Promise.resolve();
  const after = (step) => {
    const due = Date.now() + 300;
    line = line.then(() => sleep(Math.max(0, due - Date.now()))).then(step);
  };
  from.on("data", (piece) => after(() => to.write(piece))).on("end", () => after(() => to.end())).on("error", () => to.destroy());
};
const server = createServer((client) => {
  const host = connect(22, process.argv[1]);
  late(client, host);
  late(host, client);
}).listen(0, "127.0.0.1", () => console.log(server.address().port));`;

export interface SlowLine {
  /** On the lab's loopback. */
  port: number;
  end(): Promise<void>;
}

/** 0.3 s late each way, and one packet of twenty to the host lost. */
export async function slowLine(host: Host): Promise<SlowLine> {
  await host.must(
    "nft 'add table inet loss; add chain inet loss in { type filter hook input priority 0; }; add rule inet loss in tcp dport 22 numgen random mod 20 == 0 drop'",
  );
  const [program, ...args] = host.lab.inside([process.execPath, "-e", relay, host.address]);
  const child = spawn(String(program), args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  return {
    port: Number(port),
    end: async () => {
      child.kill();
      await host.must("nft delete table inet loss");
    },
  };
}

// Runs inside a lab's network namespace: gives processes outside it TCP connections inside it.
// Usage: relay.ts SOCKET. A client sends "HOST PORT [SOURCE]\n"; the answer is "ok\n" and then the stream, or "CODE\n".
import { connect, createServer, type Socket } from "node:net";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: relay.ts SOCKET");

function serve(client: Socket): void {
  let head = "";
  const onData = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    const end = head.indexOf("\n");
    if (end < 0) return;
    client.off("data", onData);
    client.pause();
    const [host, port, localAddress] = head.slice(0, end).split(" ");
    const peer = connect({ host, port: Number(port), localAddress, allowHalfOpen: true });
    peer.setNoDelay(true);
    peer.once("connect", () => {
      client.write("ok\n");
      peer.write(Buffer.from(head.slice(end + 1), "latin1"));
      client.pipe(peer);
      peer.pipe(client);
      client.on("close", () => peer.destroy());
    });
    peer.on("error", (error: NodeJS.ErrnoException) => {
      if (peer.connecting || peer.bytesRead + peer.bytesWritten === 0) client.end(`${error.code ?? "EIO"}\n`);
      // A reset inside must look like one outside.
      else client.destroy();
    });
  };
  client.on("data", onData);
  client.on("error", () => {});
}

const server = createServer({ allowHalfOpen: true }, serve);
server.listen(path, () => process.stdout.write("ready\n"));
process.stdin.on("end", () => process.exit(0)).resume();

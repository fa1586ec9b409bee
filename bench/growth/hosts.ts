// Many hosts to log in to, each an address of loopback: an ssh server that takes the program and answers at once, so that all time is ours.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import ssh2, { type Connection, type SFTPWrapper } from "ssh2";

const { STATUS_CODE } = ssh2.utils.sftp;

export interface Endpoint {
  host: string;
  port: number;
}

export class Hosts {
  readonly hostKey: string;
  readonly clientKey: string;
  /** The logins since the last look. */
  logins = 0;
  /** How long a host works at a policy. */
  answerAfterMs = 0;
  readonly #ssh: ssh2.Server;
  readonly #listeners: Server[] = [];

  constructor() {
    const own = ssh2.utils.generateKeyPairSync("ed25519");
    this.clientKey = ssh2.utils.generateKeyPairSync("ed25519").private;
    this.hostKey = own.public;
    this.#ssh = new ssh2.Server({ hostKeys: [own.private] }, (connection) => this.#serve(connection));
  }

  async open(count: number): Promise<Endpoint[]> {
    const endpoints: Endpoint[] = [];
    for (let at = 0; at < count; at += 1) {
      const listener = createServer((socket) => this.#ssh.injectSocket(socket));
      const host = `127.77.${at >> 8}.${at & 255}`;
      listener.listen(0, host);
      await once(listener, "listening");
      this.#listeners.push(listener);
      endpoints.push({ host, port: (listener.address() as AddressInfo).port });
    }
    return endpoints;
  }

  close(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  #serve(connection: Connection): void {
    connection.on("error", () => {});
    connection.on("authentication", (login) => login.accept());
    connection.on("ready", () => {
      this.logins += 1;
      connection.on("session", (accept) => {
        const session = accept();
        session.on("sftp", (open) => takeUpload(open()));
        session.on("exec", (open) => {
          const channel = open();
          const policy: Buffer[] = [];
          channel.on("data", (part: Buffer) => policy.push(part));
          channel.on("end", async () => {
            await sleep(this.answerAfterMs);
            channel.write(receipt(Buffer.concat(policy).toString()));
            channel.exit(0);
            channel.end();
          });
        });
      });
    });
  }
}

/** Whatever is written is taken. */
function takeUpload(sftp: SFTPWrapper): void {
  const done = (id: number): void => sftp.status(id, STATUS_CODE.OK);
  sftp.on("OPEN", (id) => sftp.handle(id, Buffer.from([1])));
  sftp.on("WRITE", done);
  sftp.on("CLOSE", done);
  sftp.on("SETSTAT", done);
  sftp.on("FSETSTAT", done);
  sftp.on("MKDIR", done);
  sftp.on("STAT", (id) => sftp.status(id, STATUS_CODE.NO_SUCH_FILE));
  sftp.on("LSTAT", (id) => sftp.status(id, STATUS_CODE.NO_SUCH_FILE));
}

/** As long as a real one: each `set` is a change. */
function receipt(policy: string): string {
  const changes = [...policy.matchAll(/^set +(\S+) = (.*)$/gm)].map(([, name, to]) => ({
    file: "main.cf",
    name,
    from: null,
    to,
  }));
  const at = "2026-01-01T00:00:00Z";
  const services = [{ name: "smtp/inet", port: 25, protocols: ["TLSv1.2", "TLSv1.3"], starttls: "starttls" }];
  const activation = { kind: "reload", at, remaining: 0, until: null, ended: 0 };
  const rest = { services, activation, overrides: [], warnings: [], omitted: 0 };
  return `${JSON.stringify({ protocol: 1, host: "mx", postfix: "3.7.11", changed: true, changes, ...rest })}\n`;
}

// A small SMTP client that runs inside a lab, so that a test decides each line.
import type { Socket } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import type { Host } from "./host.ts";
import { until } from "./run.ts";

export interface Reply {
  code: number;
  lines: string[];
}

export interface SmtpOptions {
  /** One of the host's; default its first of IPv4. */
  address?: string;
  /** Default 25. */
  port?: number;
  /** Default none; `wrapper` is TLS from the first byte. */
  tls?: "none" | "starttls" | "wrapper";
  /** An account of the lived-in host: `user@lab.test`, `sesame`. */
  login?: { user: string; password: string };
  tlsOptions?: ConnectionOptions;
}

export interface Mail {
  /** Found again by `delivered`. */
  id: string;
  from?: string;
  to?: string;
  body?: string;
}

const REPLY_TIMEOUT_MS = 60_000;
/** Any version and suite that the client's OpenSSL has: what is refused, the server refused. */
export const ANY_TLS: ConnectionOptions = {
  rejectUnauthorized: false,
  minVersion: "TLSv1",
  ciphers: "ALL:@SECLEVEL=0",
};
export const ACCOUNT = { user: "user@lab.test", password: "sesame" } as const;

export class SmtpClient {
  #socket: Socket | TLSSocket;
  #buffer = "";
  #error: Error | undefined;
  #wake: () => void = () => {};

  private constructor(socket: Socket | TLSSocket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connected, greeted, and as `options` say encrypted and logged in. */
  static async connect(host: Host, options: SmtpOptions = {}): Promise<SmtpClient> {
    const { address = host.address, port = 25, tls = "none", login, tlsOptions } = options;
    const raw = await host.lab.connect(address, port);
    const client = new SmtpClient(tls === "wrapper" ? await encrypt(raw, tlsOptions) : raw);
    try {
      await client.expect(220);
      await client.command("EHLO client.test", 250);
      if (tls === "starttls") await client.starttls(tlsOptions);
      if (login) {
        const token = Buffer.from(`\0${login.user}\0${login.password}`).toString("base64");
        await client.command(`AUTH PLAIN ${token}`, 235);
      }
      return client;
    } catch (error) {
      client.destroy();
      throw error;
    }
  }

  #listen(): void {
    const fail = (error?: Error): void => {
      this.#error ??= error ?? new Error("connection closed");
      this.#wake();
    };
    this.#socket.on("data", (chunk: Buffer) => {
      this.#buffer += chunk.toString("latin1");
      this.#wake();
    });
    this.#socket.on("error", fail).on("close", () => fail());
  }

  async starttls(tlsOptions?: ConnectionOptions): Promise<TLSSocket> {
    await this.command("STARTTLS", 220);
    this.#socket.removeAllListeners();
    const secure = await encrypt(this.#socket, tlsOptions);
    this.#socket = secure;
    this.#buffer = "";
    this.#listen();
    await this.command("EHLO client.test", 250);
    return secure;
  }

  write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** The next reply, whatever it is. */
  async reply(): Promise<Reply> {
    const deadline = Date.now() + REPLY_TIMEOUT_MS;
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#buffer);
      if (match) {
        this.#buffer = this.#buffer.slice(match[0].length);
        const lines = match[0].trimEnd().split("\r\n");
        return { code: Number(match[0].slice(match[0].trimEnd().lastIndexOf("\n") + 1).slice(0, 3)), lines };
      }
      if (this.#error) throw this.#error;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no reply within ${REPLY_TIMEOUT_MS} ms, only ${JSON.stringify(this.#buffer)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async expect(code: number, command = "greeting"): Promise<Reply> {
    const reply = await this.reply();
    if (reply.code !== code) throw new Error(`${command}: expected ${code}, got ${reply.lines.join(" | ")}`);
    return reply;
  }

  command(line: string, code?: number): Promise<Reply> {
    this.write(`${line}\r\n`);
    return code === undefined ? this.reply() : this.expect(code, line);
  }

  async send({ id, from = "sender@client.test", to = "user@lab.test", body = "Hello." }: Mail): Promise<Reply> {
    await this.command(`MAIL FROM:<${from}>`, 250);
    await this.command(`RCPT TO:<${to}>`, 250);
    await this.command("DATA", 354);
    const head = [`From: <${from}>`, `To: <${to}>`, `Subject: ${id}`, `X-Lab-Id: ${id}`];
    this.write(`${head.join("\r\n")}\r\n\r\n${body}\r\n.\r\n`);
    return this.expect(250, "end of data");
  }

  async quit(): Promise<void> {
    await this.command("QUIT", 221);
    this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function encrypt(socket: Socket, options: ConnectionOptions = ANY_TLS): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({ ...options, socket });
    secure.once("error", reject);
    secure.once("secureConnect", () => resolve(secure.off("error", reject)));
  });
}

/** One mail from outside, accepted by the server. */
export async function sendMail(host: Host, mail: Mail, options?: SmtpOptions): Promise<void> {
  const client = await SmtpClient.connect(host, options);
  try {
    await client.send(mail);
    await client.quit();
  } finally {
    client.destroy();
  }
}

/** The mails with that id that lie in mailboxes, each as its whole text. */
export async function delivered(host: Host, id: string): Promise<string[]> {
  const mark = "=-=-= one mail =-=-=";
  // Maildir in the lived-in host, where newer Dovecots mark new mail and so put it into cur; mbox in the stock one.
  const text = await host.must(
    `for f in $(find /var/vmail -type f '(' -path '*/new/*' -o -path '*/cur/*' ')' 2>/dev/null); do echo '${mark}'; cat "$f"; done
     for f in $(find /var/mail -type f); do sed 's/^From .*/${mark}/' "$f"; done`,
  );
  return text.split(`${mark}\n`).filter((mail) => mail.split(/\r?\n/).includes(`X-Lab-Id: ${id}`));
}

/** The mail with that id, once it is in a mailbox. */
export function arrived(host: Host, id: string): Promise<string> {
  return until(`mail ${id} in a mailbox`, async () => (await delivered(host, id))[0]);
}

/** What a server says first: its first line, or what came until it stayed silent or closed. */
export function readBanner(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (): void => {
      clearTimeout(timer);
      resolve(text);
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text.includes("\n")) finish();
    });
    socket.once("end", finish);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

export async function banner(host: Host, port = 25, timeoutMs = 5_000): Promise<string> {
  const socket = await host.lab.connect(host.address, port);
  try {
    return (await readBanner(socket, timeoutMs)).trimEnd();
  } finally {
    socket.destroy();
  }
}

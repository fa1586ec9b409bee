// Connections made from the operator's machine: only they show that the way in is open.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import type { Evidence } from "../evidence/parse";
import { total } from "../evidence/summary";
import { destination, type Target } from "./ssh";

export interface Knock {
  /** Where to: the address that ssh knows the host by, and the port. */
  target: string;
  made: number;
  /** By how much the rule's counter and its log lines rose meanwhile. */
  counted: number;
  logged: number;
  /** Why none was answered, in the system's word; null where one was. */
  problem: string | null;
}

/** Fewer could be a stranger's, who came by chance in the same second. */
const times = 3;
const patience = 3_000;

export async function knock(target: Target, port: number): Promise<Pick<Knock, "target" | "made" | "problem">> {
  const host = await addressOf(target);
  const problems = await Promise.all(Array.from({ length: times }, () => once(host, port)));
  const answered = problems.includes(null);
  return { target: `${host} port ${port}`, made: times, problem: answered ? null : (problems[0] ?? null) };
}

export function seen(kind: "counted" | "syn", port: number, before: Evidence, after: Evidence): number {
  const count = ({ rows }: Evidence) => total(rows.filter((row) => row.kind === kind && row.port === port));
  return Math.max(0, count(after) - count(before));
}

/** Null where it was answered. Refused is all right, too: it came there. */
function once(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(patience, () => end("no answer"));
    socket.once("connect", () => end(null));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** What ssh's configuration makes of the name. */
function addressOf({ host, options }: Target): Promise<string> {
  const child = spawn("ssh", ["-G", ...options.flatMap((option) => ["-o", option]), ...destination(host)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Promise((resolve) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.once("error", () => resolve(host));
    child.once("close", () => resolve(/^hostname (\S+)$/m.exec(text)?.[1] ?? host));
  });
}

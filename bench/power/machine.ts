// A machine in QEMU, without acceleration where there is none: what it wrote and did not sync is gone with its power.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Disks {
  /** Has vmlinuz and initrd.gz. */
  built: string;
  disk: string;
  /** A tar archive with `mailhost` and `policy`. */
  brought: string;
}

export class Machine {
  readonly lines: string[] = [];
  readonly #qemu: ChildProcess;
  readonly #ended: Promise<unknown>;
  #onLine: (line: string) => void = () => {};

  constructor({ built, disk, brought }: Disks, verb: string) {
    const drive = (file: string, more: string): string[] => ["-drive", `file=${file},if=virtio,format=raw,${more}`];
    this.#qemu = spawn(
      "qemu-system-x86_64",
      [
        ...["-accel", "tcg", "-cpu", "max", "-m", "384", "-nographic", "-no-reboot", "-net", "none"],
        ...["-kernel", join(built, "vmlinuz"), "-initrd", join(built, "initrd.gz")],
        ...["-append", `console=ttyS0 quiet panic=-1 verb=${verb}`],
        ...drive(disk, "cache=writeback"),
        ...drive(brought, "readonly=on"),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.#ended = once(this.#qemu, "exit");
    if (this.#qemu.stdout === null) throw new Error("the machine has no console");
    createInterface(this.#qemu.stdout).on("line", (text) => {
      const line = /POWER (.*?)\r?$/.exec(text)?.[1];
      if (line === undefined) return;
      this.lines.push(line);
      this.#onLine(line);
    });
  }

  /** Whether such a line came before the machine ended. */
  async says(pattern: RegExp): Promise<boolean> {
    const said = new Promise<boolean>((resolve) => {
      this.#onLine = (line) => {
        if (pattern.test(line)) resolve(true);
      };
    });
    if (this.lines.some((line) => pattern.test(line))) return true;
    return Promise.race([said, this.#ended.then(() => this.lines.some((line) => pattern.test(line)))]);
  }

  /** No orderly end, nothing written any more. */
  async cutPower(): Promise<void> {
    this.#qemu.kill("SIGKILL");
    await this.#ended;
  }

  async ended(): Promise<void> {
    await this.#ended;
  }

  /** What stands behind the word. */
  told(word: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }
}

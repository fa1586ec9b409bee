/** Cuts output into the lines that the engine's log shows, stdout and stderr in the order in which they came. */

/** A line this long stops the real provider's scanner; then nobody reads on, and its command never ends. */
const LONGEST = 64 * 1024;

export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);
  readonly #show: (line: string) => void;

  constructor(show: (line: string) => void) {
    this.#show = show;
  }

  write(chunk: Buffer): void {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (let end = all.indexOf(10); end !== -1; end = all.indexOf(10, start)) {
      this.#emit(all.subarray(start, end));
      start = end + 1;
    }
    this.#rest = all.subarray(start);
    if (this.#rest.length >= LONGEST) this.#emit(this.#rest);
  }

  end(): void {
    if (this.#rest.length > 0) this.#emit(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #emit(line: Buffer): void {
    if (line.length >= LONGEST) {
      throw new Error(`the real provider hangs here: a line of ${LONGEST} bytes or more while logging is on`);
    }
    this.#show(line.toString().replace(/\r$/, ""));
  }
}

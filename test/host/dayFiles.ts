// Day files as the collector keeps them, of days that a test did not wait for.
import type { Host } from "../lab/host.ts";

export const DAY = 86_400;
export const now = Math.floor(Date.now() / 1_000);

export const iso = (time: number): string => new Date(time * 1_000).toISOString().slice(0, 10);

/** A day file's row but its last two fields: the first and the last time. */
export type Row = string;

/** Evidence of that many days without a gap, today included: `every` on each of them, and some rows besides. */
export async function writeDays(
  host: Host,
  days: number,
  every: readonly Row[],
  rows: readonly [daysAgo: number, row: Row][] = [],
): Promise<void> {
  const files = new Map<string, string[]>();
  for (let ago = days; ago >= 0; ago--) {
    const first = Math.floor((now - ago * DAY) / DAY) * DAY;
    const last = Math.min(first + DAY - 1, now);
    files.set(
      iso(first),
      every.map((row) => `${row}\t${first}\t${last}`),
    );
  }
  for (const [ago, row] of rows) {
    const time = now - ago * DAY;
    files.get(iso(time))?.push(`${row}\t${time}\t${time}`);
  }
  const directory = "/var/lib/mailhost/evidence";
  await host.must(`rm -f ${directory}/????-??-??.tsv`);
  for (const [day, lines] of files)
    await host.write(`${directory}/${day}.tsv`, `# mailhost evidence 1\n${lines.sort().join("\n")}\n`, "640");
}

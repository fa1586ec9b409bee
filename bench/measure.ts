// Repetitions of one thing, and what they say.
export interface Figure {
  name: string;
  unit: "ms" | "bytes" | "kB" | "commands";
  minimum: number;
  median: number;
  repetitions: number;
}

/** In the order in which they were first seen. */
export class Figures {
  readonly #values = new Map<string, { unit: Figure["unit"]; values: number[] }>();

  add(name: string, unit: Figure["unit"], value: number): void {
    const known = this.#values.get(name) ?? { unit, values: [] };
    known.values.push(value);
    this.#values.set(name, known);
  }

  /** The time that `work` takes. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.add(name, "ms", Math.round(performance.now() - started));
    return result;
  }

  all(): Figure[] {
    return [...this.#values].map(([name, { unit, values }]) => {
      const sorted = values.toSorted((a, b) => a - b);
      return {
        name,
        unit,
        minimum: at(sorted, 0),
        median: at(sorted, (sorted.length - 1) >> 1),
        repetitions: sorted.length,
      };
    });
  }
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error("no values");
  return value;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, unit, minimum, median, repetitions }) => [
    name,
    `${minimum} ${unit}`,
    `${median} ${unit}`,
    `${repetitions}`,
  ]);
  return columns([["figure", "minimum", "median", "runs"], ...rows]);
}

/** Rows of cells as text: the first column to the left, the others to the right. */
export function columns(all: readonly string[][]): string {
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

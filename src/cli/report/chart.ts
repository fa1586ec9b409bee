// A chart by day for a terminal: one line a month, one character a day.
import type { Day, Summary } from "../../evidence/summary";

const levels = "▁▂▃▄▅▆▇█";
const width = 31;

export function chart({ history }: Summary): string[] {
  const most = { logins: peak(history, "logins"), connections: peak(history, "connections") };
  const months = new Map<string, Day[]>();
  for (const day of history) {
    const month = day.day.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), day]);
  }
  const title = `month    ${`logins a day, at most ${most.logins}`.padEnd(width)}  connections a day, at most ${most.connections}`;
  const lines = [...months].map(([month, days]) => {
    const logins = strip(days, "logins", most.logins);
    return `${month}  ${logins}  ${strip(days, "connections", most.connections)}`.trimEnd();
  });
  return [title, ...lines, "         . nobody came   ? no log of that day   blank: not asked for"];
}

function peak(days: readonly Day[], what: "logins" | "connections"): number {
  return Math.max(0, ...days.map((day) => day[what]));
}

function strip(days: readonly Day[], what: "logins" | "connections", most: number): string {
  const marks = Array.from({ length: width }, () => " ");
  for (const day of days) marks[Number(day.day.slice(8)) - 1] = mark(day, day[what], most);
  return marks.join("");
}

/** One is seen beside thousands: the lowest level is never nothing. */
function mark(day: Day, value: number, most: number): string {
  if (value > 0) return levels[Math.ceil((value / most) * levels.length) - 1] ?? "?";
  return day.covered > 0 || day.connections > 0 ? "." : "?";
}

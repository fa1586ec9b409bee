// Logins and connections by day as bars. Days without a log have a ground of their own: they are not days without logins.
import type { Day } from "../../evidence/summary";
import { markup } from "./escape";
import type { Answered, Outcome } from "./outcome";
import { answered, failed } from "./outcome";
import { plural } from "./words";

const left = 44;
const span = 840;
const width = left + span + 6;
const panel = 80;
/** The height of one host's chart. */
const height = 2 * panel + 96;

/** Light and dark, for the picture and for the page. */
export const colours = `:root { color-scheme: light dark; --paper: #fff; --ink: #1d2630; --quiet: #5b6672; --line: #d5dae0; --gap: #eceff2; --logins: #b3261e; --connections: #2b6cb0 }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6eaee; --quiet: #a3adb8; --line: #39424c; --gap: #232a31; --logins: #ff8a80; --connections: #7fb5ef } }`;

export const chartStyle = `.chart text { font: 12px system-ui, sans-serif; fill: var(--quiet) } .chart .title { font-weight: 600; font-size: 14px; fill: var(--ink) }
.chart .gap { fill: var(--gap) } .chart .logins { fill: var(--logins) } .chart .connections { fill: var(--connections) } .chart line { stroke: var(--line) }`;

/** All hosts, one below the other, as a picture of its own. */
export function svg(outcomes: readonly Outcome[]): string {
  const hosts = answered(outcomes);
  const failures = failed(outcomes);
  const charts = hosts.map((host, index) => `<g transform="translate(0 ${index * height})">\n${drawing(host)}\n</g>`);
  const below = hosts.length * height;
  const lines = failures.map(
    ({ host, problem }, index) =>
      `<text x="8" y="${below + 20 * (index + 1)}">${markup(`${host}: not asked: ${problem}`)}</text>`,
  );
  const whole = below + failures.length * 20 + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}">
<style>${colours}
${chartStyle}</style>
<rect width="${width}" height="${whole}" fill="var(--paper)"/>
${[...charts, ...lines].join("\n")}
</svg>`;
}

/** The chart of one host, to stand in a page. */
export function chartSvg(of: Answered): string {
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${markup(title(of))}">\n${drawing(of)}\n</svg>`;
}

function title({ host, summary }: Answered): string {
  return `${host} port ${summary.port}: ${summary.verdict.word}`;
}

function drawing(of: Answered): string {
  const { history } = of.summary;
  const top = 44;
  return [
    `<text class="title" x="8" y="18">${markup(title(of))}</text>`,
    bars(history, "logins", top),
    bars(history, "connections", top + panel + 26),
    ...months(history, top + 2 * panel + 42),
  ].join("\n");
}

function bars(days: readonly Day[], what: "logins" | "connections", top: number): string {
  const most = Math.max(1, ...days.map((day) => day[what]));
  const base = top + panel;
  const step = span / days.length;
  const marks = days.flatMap((day, index) => {
    const x = left + index * step;
    const size = day[what] === 0 ? 0 : Math.max(2, (day[what] / most) * panel);
    const ground = isKnown(day) ? [] : [box("gap", x, top, step, panel, `${day.day}: no log`)];
    const text = `${day.day}: ${plural(day[what], what.slice(0, -1))}`;
    return size === 0 ? ground : [...ground, box(what, x, base - size, Math.max(step - 1, 1), size, text)];
  });
  return [
    `<text x="${left}" y="${top - 6}">${what} a day, grey: no log</text>`,
    `<text x="${left - 6}" y="${top + 10}" text-anchor="end">${most}</text>`,
    `<text x="${left - 6}" y="${base}" text-anchor="end">0</text>`,
    ...marks,
    `<line x1="${left}" y1="${base}" x2="${left + span}" y2="${base}"/>`,
  ].join("\n");
}

function isKnown({ covered, connections, logins }: Day): boolean {
  return covered + connections + logins > 0;
}

function box(name: string, x: number, y: number, wide: number, high: number, text: string): string {
  const place = `x="${round(x)}" y="${round(y)}" width="${round(wide)}" height="${round(high)}"`;
  return `<rect class="${name}" ${place}><title>${markup(text)}</title></rect>`;
}

/** The first of each month, as far apart as their names need. */
function months(days: readonly Day[], y: number): string[] {
  const step = span / days.length;
  const starts = days
    .map(({ day }, index) => ({ day, x: left + index * step }))
    .filter(({ day }) => day.endsWith("-01"));
  const every = Math.ceil((starts.length * 60) / span);
  return starts
    .filter(({ x }, index) => index % every === 0 && x < left + span - 50)
    .map(({ day, x }) => `<text x="${round(x)}" y="${y}">${day.slice(0, 7)}</text>`);
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

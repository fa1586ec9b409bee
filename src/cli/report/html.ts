// The report as one file: no script, nothing from the network, for a phone and for dark rooms.
import { dayOf, type Summary } from "../../evidence/summary";
import { markup } from "./escape";
import { type Answered, answered, failed, type Outcome } from "./outcome";
import { chartStyle, chartSvg, colours } from "./svg";
import { coveredWords, gapWords, knockWords, lastLogin, minute, ruleWords, strangerWords, userName } from "./words";

const style = `${colours}
${chartStyle}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); overflow-wrap: anywhere }
h1 { font-size: 1.4rem } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem }
.wide { overflow-x: auto } .wide svg { display: block; min-width: 40rem; width: 100%; height: auto }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top }
th { color: var(--quiet); font-weight: 600 } dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .6rem 0 1rem } dt { color: var(--quiet) } dd { margin: 0 }
a { color: inherit } .failed { color: var(--logins) }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .4rem } }`;

export function html(outcomes: readonly Outcome[]): string {
  const hosts = answered(outcomes);
  const failures = failed(outcomes).map(
    ({ host, problem }) => `<p class="failed">${markup(host)}: not asked: ${markup(problem)}</p>`,
  );
  const time = Math.max(0, ...hosts.map(({ summary }) => summary.time));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Who still uses the port</title>
<style>${style}</style>
</head>
<body>
<h1>Who still uses the port</h1>
${hosts.length > 0 ? `<p>As of ${minute(time)}. Days are UTC days.</p>\n${overview(hosts)}` : ""}
${[...failures, ...hosts.map(section)].join("\n")}
</body>
</html>`;
}

function overview(hosts: readonly Answered[]): string {
  const rows = hosts.map(({ host, summary }, index) => [
    `<a href="#host-${index}">${markup(host)}</a>`,
    `${summary.port}`,
    markup(summary.verdict.word),
    summary.covered === null ? "nothing" : dayOf(summary.covered.first),
    `${summary.users.length}`,
    lastLogin(summary),
  ]);
  return rowsOf(["Host", "Port", "Verdict", "Covered since", "Users", "Last login"], rows);
}

function section(of: Answered, index: number): string {
  const { host, summary, knock } = of;
  const facts: [string, string][] = [
    ["Covered", coveredWords(summary)],
    ...gapWords(summary).map((gap): [string, string] => ["Gap", gap]),
    ["Guard passes", summary.passes === null ? "not known" : `from ${summary.passes} on, if nothing more comes`],
    ["Listener", summary.listener],
    ["Probe", ruleWords(summary)],
    ["Others", strangerWords(summary)],
    ...(knock === null ? [] : [["Knock", knockWords(knock)] satisfies [string, string]]),
  ];
  return `<section id="host-${index}">
<h2>${markup(host)} port ${summary.port}: ${markup(summary.verdict.word)}</h2>
<p>${markup(summary.verdict.sentence)}</p>
<dl>${facts.map(([name, text]) => `<dt>${name}</dt><dd>${markup(text)}</dd>`).join("\n")}</dl>
<div class="wide" tabindex="0">${chartSvg(of)}</div>
${[users(summary), floors(summary)].filter(Boolean).join("\n")}
</section>`;
}

function users(summary: Summary): string {
  const rows = summary.users.map((user) => [
    markup(userName(user)),
    `${user.sessions}`,
    dayOf(user.first),
    dayOf(user.last),
    markup(user.networks.join(" ")),
  ]);
  return rows.length === 0 ? "" : rowsOf(["Account", "Logins", "First", "Last", "From"], rows);
}

function floors(summary: Summary): string {
  const rows = summary.floors.map(({ version, block, word, sentence }) => [version, block, word, sentence].map(markup));
  return rows.length === 0 ? "" : rowsOf(["TLS floor", "Of", "Verdict", "Why"], rows);
}

/** The cells are markup already. */
function rowsOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((text) => `<${tag}>${text}</${tag}>`).join("")}</tr>`;
  const body = rows.map((cells) => line("td", cells)).join("\n");
  return `<div class="wide" tabindex="0"><table><thead>${line("th", head)}</thead><tbody>\n${body}\n</tbody></table></div>`;
}

/** The page with the statistics: no script, nothing from elsewhere, the colours of the theme. Pure. */

import { COLUMNS, type Day, type Figures } from './figures';

const HEIGHT = 120;
const WIDTH = 640;
/** More bars than this are too thin to be seen: several days share one. */
const MOST_BARS = 60;

export const PERIODS = [7, 30, 90, 365] as const;

const STYLE = `
body { font-family: var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 1.5em 2em; max-width: 60em; }
a { color: var(--vscode-textLink-foreground); margin-right: 1em; }
.chosen { font-weight: bold; margin-right: 1em; }
dl { display: grid; grid-template-columns: max-content auto; gap: .3em 2em; }
dt { color: var(--vscode-descriptionForeground); } dd { margin: 0; }
table { border-collapse: collapse; margin: 1em 0; min-width: 36em; }
th, td { text-align: right; padding: .2em 1em .2em 0; border-bottom: 1px solid var(--vscode-editorWidget-border); }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; max-width: ${WIDTH}px; }
.shown { fill: var(--vscode-charts-blue); opacity: .45; } .accepted { fill: var(--vscode-charts-green); }
.axis { stroke: var(--vscode-charts-lines); } text { fill: var(--vscode-descriptionForeground); font-size: 11px; }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .4em 0 1em; }
.key.shown { background: var(--vscode-charts-blue); } .key.accepted { background: var(--vscode-charts-green); }
`;

/** The whole page; `nonce` is what the policy lets its style through by. */
export function pageOf(figures: Figures | undefined, days: number, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'`;
  const body = figures ? content(figures) : '<p>There are no statistics. The log says why.</p>';
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Codestral: statistics</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<h1>Ghost text</h1>
<p>${PERIODS.map((each) => period(each, days)).join('')}</p>
${body}
</body>
</html>`;
}

function period(each: number, chosen: number): string {
  const words = `${each} days`;
  return each === chosen
    ? `<span class="chosen">${words}</span>`
    : `<a href="command:codestral-ls.statistics?${encodeURIComponent(JSON.stringify([each]))}">${words}</a>`;
}

function content(figures: Figures): string {
  const facts = figures.facts.map(
    ([name, value]) => `<dt>${safe(name)}</dt><dd>${safe(value)}</dd>`,
  );
  return `<p>${safe(figures.from)} to ${safe(figures.to)}; counted on this machine, and nowhere else.</p>
${figures.days.length > 0 ? chart(figures.days) : '<p>Nothing has been counted yet.</p>'}
<dl>${facts.join('')}</dl>
${figures.tables.map(table).join('\n')}`;
}

function table({ title, rows }: Figures['tables'][number]): string {
  const head = [title, ...COLUMNS].map((each) => `<th scope="col">${safe(each)}</th>`).join('');
  const lines = rows.map(
    ({ name, cells }) =>
      `<tr><td>${safe(name)}</td>${cells.map((each) => `<td>${safe(each)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

/** Bars for the days: what was shown, and before it what of that was accepted. */
export function chart(days: readonly Day[]): string {
  const bars = merged(days);
  const most = Math.max(1, ...bars.map((each) => each.shown));
  const step = WIDTH / bars.length;
  const drawn = bars.map((each, at) => {
    const title = `<title>${safe(each.day)}: ${each.accepted} of ${each.shown} accepted</title>`;
    const bar = (kind: 'shown' | 'accepted') => {
      const height = (Math.min(each[kind], most) / most) * HEIGHT;
      return `<rect class="${kind}" x="${round(at * step + step * 0.1)}" y="${round(HEIGHT - height)}" width="${round(step * 0.8)}" height="${round(height)}"/>`;
    };
    return `<g>${title}${bar('shown')}${bar('accepted')}</g>`;
  });
  const [first, last] = [bars[0]?.day ?? '', bars.at(-1)?.day ?? ''];
  return `<p><span class="key shown"></span>shown<span class="key accepted"></span>accepted, at most ${most} a bar</p>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 18}" role="img" aria-label="Ghost text by days">
${drawn.join('\n')}
<line class="axis" x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}"/>
<text x="0" y="${HEIGHT + 14}">${safe(first)}</text>
<text x="${WIDTH}" y="${HEIGHT + 14}" text-anchor="end">${safe(last)}</text>
</svg>`;
}

function merged(days: readonly Day[]): Day[] {
  const size = Math.ceil(days.length / MOST_BARS);
  const groups = Array.from({ length: Math.ceil(days.length / size) }, (_, at) =>
    days.slice(at * size, (at + 1) * size),
  );
  return groups.map((group) => ({
    day: group[0]?.day ?? '',
    shown: group.reduce((sum, each) => sum + each.shown, 0),
    accepted: group.reduce((sum, each) => sum + each.accepted, 0),
  }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A text as HTML. */
export function safe(value: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return value.replace(/[&<>"']/g, (each) => names[each] ?? each);
}

// The results as a page with plots: one file, no script, nothing to load.
import { readFileSync } from 'node:fs';
import { descriptions } from './clients.mjs';
import { conditions, isOf, limit, ours, summarise, tally, times } from './report.mjs';

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8');

const escape = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const idOf = (...words) => words.join(' ').toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** A bar longer than this many times ours and the limit's is cut off, or it would flatten all others. */
const longest = 4;

/** What the plot shows at its right end, and how far to the right a value stands. */
const scaleOf = ({ rows, verdicts }) => {
  const measured = rows.filter(({ why }) => !why);
  const allowed = verdicts.map(({ most }) => most);
  const whole = measured.filter(({ name }) => name === limit || name === ours).flatMap(({ values }) => values);
  const reach = Math.max(longest * Math.max(...whole), ...allowed);
  // Memory may have shrunk everywhere.
  const most = Math.max(0, Math.min(reach, Math.max(...measured.flatMap(({ values }) => values), ...allowed))) || 1;
  const at = (value) => `${(Math.max(0, value / most) * 97).toFixed(2)}%`;
  return { most, at };
};

const kindOf = (name) => (name === ours ? 'ours' : name === limit ? 'limit' : 'peer');

/** One contender's bar, with its rounds as dots, the limit's line and, in ours, what we are held to. */
const bar = ({ name, median, values }, { most, at }, limitAt, verdicts) => {
  const cut = median > most;
  const shown = values.filter((value) => value <= most);
  const line = (kind, value) => `<line class="${kind}" x1="${at(value)}" x2="${at(value)}" y1="0" y2="100%"/>`;
  return `<svg width="100%" height="26" aria-hidden="true">
<rect class="${kindOf(name)}" y="6" height="14" rx="2" width="${cut ? '100%' : at(median)}"/>
${cut ? '<svg x="92%" overflow="visible"><path class="cut" d="M0 -4l8 15l-6 4l8 15"/></svg>' : `<line class="spread" x1="${at(Math.min(...values))}" x2="${at(Math.max(...shown))}" y1="13" y2="13"/>`}
${shown.map((value) => `<circle cx="${at(value)}" cy="13" r="2"/>`).join('')}
${limitAt > 0 && limitAt <= most ? line('mark', limitAt) : ''}${name === ours ? verdicts.map(({ most, met }) => line(met ? 'bound met' : 'bound missed', most)).join('') : ''}
</svg>`;
};

const verdictLine = ({ met, asked, reached }) =>
  `<li class="${met ? 'met' : 'missed'}">${met ? '✓' : '✗'} ${escape(asked)}: <b>${escape(reached)}</b></li>`;

const figure = (name, { label, unit, rows, verdicts }) => {
  const scale = scaleOf({ rows, verdicts });
  const limitAt = rows.find((row) => row.name === limit)?.median;
  const row = (one) =>
    one.why
      ? `<tr class="peer"><th scope="row">${escape(one.name)}</th><td colspan="5" class="why">not measured: ${escape(one.why)}</td></tr>`
      : `<tr class="${kindOf(one.name)}"><th scope="row">${escape(one.name)}</th><td class="plot">${bar(one, scale, limitAt, verdicts)}</td><td>${one.text}</td><td class="range">${one.spread}</td><td>${times(one.toLimit)}</td><td>${one.name === ours ? '' : times(one.oursToIt)}</td></tr>`;
  return `<table class="figure" id="${idOf(name, label)}">
<caption>${escape(label)}</caption>
<thead><tr><th></th><td class="plot"></td><th scope="col">median, ${unit}</th><th scope="col" class="range">min–max</th><th scope="col">× limit</th><th scope="col">wireql ÷ it</th></tr></thead>
<tbody>${rows.map(row).join('\n')}</tbody>
</table>
${verdicts.length > 0 ? `<ul class="verdicts">${verdicts.map(verdictLine).join('')}</ul>` : ''}`;
};

const section = ({ name, title, about, absent, why, figures }) => `<section id="${idOf(name)}">
<h2>${escape(title[0].toUpperCase() + title.slice(1))} <code>${escape(name)}</code></h2>
<p>${escape(about)}</p>
${absent.length > 0 ? `<p class="faint">Not here: ${escape(absent.join('; '))}.</p>` : ''}
${why ? `<p class="missed">Not measured: ${escape(why)}</p>` : ''}
${figures.map((one) => figure(name, one)).join('\n')}
</section>`;

// ---- all ratios at a glance ------------------------------------------------------------

const peers = Object.keys(descriptions).filter((name) => !isOf(ours, name));
const inColumn = (rows, peer) => rows.find(({ name, why }) => !why && isOf(peer, name));

/** The further from 1, the stronger the colour, up to a tenth and ten times. */
const tint = (ratio) => {
  const strength = Math.min(1, Math.abs(Math.log10(ratio)));
  if (strength < 0.02) return ' class="even"';
  return ` class="${ratio < 1 ? 'less' : 'more'}" style="--strength: ${(15 + strength * 55).toFixed(0)}%"`;
};

const cell = (peer, ratio) => {
  if (ratio === undefined) return '<td class="faint">·</td>';
  return `<td${peer === limit ? ' class="even"' : tint(ratio)}>${times(ratio)}</td>`;
};

const glanceRow = (name, { label, unit, rows }) => {
  const mine = rows.find((row) => row.name === ours);
  if (!mine || mine.why) return '';
  return `<tr><th scope="row"><a href="#${idOf(name, label)}">${escape(label)}</a></th><td class="absolute">${mine.text} ${unit}</td>${peers.map((peer) => cell(peer, inColumn(rows, peer)?.oursToIt)).join('')}</tr>`;
};

const glance = (cases) => `<div class="wide"><table class="glance">
<thead><tr><th></th><th scope="col">wireql</th>${peers.map((peer) => `<th scope="col">÷&nbsp;${escape(peer)}</th>`).join('')}</tr></thead>
${cases
  .map(
    ({ name, title, figures }) =>
      `<tbody><tr><th scope="rowgroup" colspan="${peers.length + 2}"><a href="#${idOf(name)}">${escape(title)}</a></th></tr>
${figures.map((one) => glanceRow(name, one)).join('\n')}</tbody>`,
  )
  .join('\n')}
</table></div>`;

// ---- the page ------------------------------------------------------------------------

const legend = `<ul class="legend">
<li><svg width="96" height="26" aria-hidden="true"><rect class="peer" y="6" height="14" rx="2" width="60"/><line class="spread" x1="50" x2="84" y1="13" y2="13"/><circle cx="50" cy="13" r="2"/><circle cx="57" cy="13" r="2"/><circle cx="60" cy="13" r="2"/><circle cx="66" cy="13" r="2"/><circle cx="84" cy="13" r="2"/></svg> the bar is the median, each dot a round</li>
<li><svg width="24" height="26" aria-hidden="true"><line class="mark" x1="12" x2="12" y1="0" y2="26"/></svg> what the limit takes</li>
<li><svg width="24" height="26" aria-hidden="true"><line class="bound met" x1="6" x2="6" y1="0" y2="26"/><line class="bound missed" x1="18" x2="18" y1="0" y2="26"/></svg> a bound that wireql is held to: met, missed</li>
<li><svg width="64" height="26" aria-hidden="true"><rect class="peer" y="6" height="14" rx="2" width="64"/><svg x="46" overflow="visible"><path class="cut" d="M0 -4l8 15l-6 4l8 15"/></svg></svg> a bar too long to show</li>
</ul>`;

/** Terms in plain text, and what stands behind them in HTML. */
const list = (entries) => `<dl>${entries.map(([term, html]) => `<dt>${escape(term)}</dt><dd>${html}</dd>`).join('\n')}</dl>`;

const inWords = (versions) =>
  Object.entries(versions)
    .map(([name, version]) => escape(`${name} ${version}`))
    .join(', ');

export const page = (result) => {
  const cases = summarise(result);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wireql: benchmarks</title>
<link rel="icon" href="data:,">
<style>
${style}</style>
</head>
<body>
<header>
<h1>wireql: benchmarks</h1>
<p>wireql is a client for GraphQL over WebSocket, written in Rust and compiled to WebAssembly. Here is what it costs,
in time and in memory, beside other clients that do the same work. <b>Less is better throughout.</b></p>
${result.quick ? '<p class="missed">This was a quick run, one round of less work: its figures are not to be trusted.</p>' : ''}
</header>
<main>
<section>
<h2>At a glance</h2>
<p>Behind what wireql takes, the ratio to what each of the others takes: 0.50 is half of it, 2.00 is twice as much.
The limit is what no client can get much below: 1.00 there would be perfect. A dot is where there is nothing to compare with.
${escape(tally(cases))}; they stand below the plots.</p>
${glance(cases)}
</section>
<section>
<h2>What was compared, and how</h2>
${list(Object.entries(descriptions).map(([name, text]) => [name, escape(text)]))}
<p>Each case runs in a process of its own. The contenders take turns, in an order that changes from round to round;
garbage is collected before each clock starts. All do the same with the results, and what their consumers add up
is checked, so that nobody skips work. Everything stays on one machine.</p>
${list([
  ['Run', escape(conditions(result).join(', '))],
  ['Hosts', inWords(result.hosts)],
  ['Packages', inWords(result.versions)],
  ['All rounds', '<a href="benchmarks.json">benchmarks.json</a>, from which this page is made; <code>make bench</code> makes both anew'],
])}
<h3>How to read the plots</h3>
${legend}
</section>
${cases.map(section).join('\n')}
</main>
</body>
</html>
`;
};

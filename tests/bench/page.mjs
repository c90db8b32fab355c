// The results as a page with plots: one file, no script, nothing to load.
import { conditions, summarise } from './report.mjs';

const escape = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

// The plots' measures, in pixels. From left to right: names, bars, and the numbers in columns.
const width = 1000;
const bars = { from: 190, to: 560 };
const columns = [650, 790, 870, 980];
const row = 26;
const head = 24;

/** A bar longer than this many times ours is cut off, or it would flatten all others. */
const longest = 4;

const bar = ({ name, why, median, text, spread, toLimit, oursToIt, values }, index, most, limit) => {
  const y = head + index * row;
  const middle = y + row / 2;
  const label = `<text x="${bars.from - 10}" y="${middle}" class="name">${escape(name)}</text>`;
  if (why) return `${label}<text x="${bars.from}" y="${middle}" class="faint">not measured: ${escape(why)}</text>`;
  const x = (value) => bars.from + (Math.max(0, Math.min(value, most)) / most) * (bars.to - bars.from);
  const kind = name === 'wireql' ? 'ours' : name === 'limit' ? 'limit' : 'peer';
  const cut = median > most ? `<text x="${bars.to - 6}" y="${middle}" class="cut">⟩⟩</text>` : '';
  const numbers = [text, spread, toLimit, oursToIt]
    .map((cell, column) => `<text x="${columns[column]}" y="${middle}" class="number${column === 1 ? ' faint' : ''}">${cell}</text>`)
    .join('');
  const spans = `<path d="M${x(Math.min(...values))} ${middle}H${x(Math.max(...values))}" class="spread"/>`;
  const line = limit > 0 && limit <= most ? `<path d="M${x(limit)} ${y}v${row}" class="mark"/>` : '';
  return `${label}<rect x="${bars.from}" y="${y + 5}" width="${Math.max(1, x(median) - bars.from)}" height="${row - 10}" rx="2" class="${kind}"/>${spans}${line}${cut}${numbers}`;
};

const plot = ({ label, unit, rows }) => {
  const medians = rows.filter(({ why }) => !why).map(({ median }) => median);
  const reference = Math.max(...rows.filter(({ name, why }) => !why && ['limit', 'wireql'].includes(name)).map(({ median }) => median));
  const most = Math.min(Math.max(...medians), longest * reference) * 1.02 || 1;
  const limit = rows.find(({ name }) => name === 'limit')?.median;
  const titles = [`median, ${unit}`, 'min–max', '× limit', 'wireql × it']
    .map((title, column) => `<text x="${columns[column]}" y="${head / 2}" class="number faint">${title}</text>`)
    .join('');
  const verdicts = rows.flatMap(({ name, verdicts }) => verdicts.map((verdict) => ({ name, verdict })));
  return `<figure>
<figcaption>${escape(label)}</figcaption>
<svg viewBox="0 0 ${width} ${head + rows.length * row}" role="img" aria-label="${escape(label)}">${titles}${rows
    .map((one, index) => bar(one, index, most, limit))
    .join('')}</svg>
${verdicts.map(({ name, verdict }) => `<span class="${verdict.includes('MISSED') ? 'missed' : 'met'}">${name === 'wireql' ? '' : `beside ${escape(name)} `}${escape(verdict)}</span>`).join('\n')}
</figure>`;
};

const style = `
:root { color-scheme: light dark; --ours: light-dark(#c2410c, #fb923c); --peer: light-dark(#94a3b8, #64748b);
  --limit: light-dark(#334155, #cbd5e1); --text: light-dark(#1e293b, #e2e8f0); --faint: light-dark(#64748b, #94a3b8);
  --back: light-dark(#ffffff, #0f172a); --good: light-dark(#15803d, #4ade80); --bad: light-dark(#b91c1c, #f87171); }
body { margin: 2rem auto; max-width: 66rem; padding: 0 1rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin-bottom: 0; } h2 { margin: 2.5rem 0 0.5rem; font-size: 1.25rem; } p { margin: 0.25rem 0; }
figure { margin: 1rem 0 1.5rem; } figcaption { font-weight: 600; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--text); font-size: 13px; dominant-baseline: central; font-variant-numeric: tabular-nums; }
svg .name, svg .number { text-anchor: end; } svg .faint { fill: var(--faint); }
.ours { fill: var(--ours); } .limit { fill: var(--limit); } .peer { fill: var(--peer); }
svg .cut { text-anchor: end; fill: var(--back); }
.spread { stroke: var(--text); stroke-width: 1.5; opacity: 0.6; }
.mark { stroke: var(--limit); stroke-width: 1; stroke-dasharray: 3 2; }
.met, .missed { display: inline-block; margin-right: 0.75rem; font-size: 0.875rem; }
.met { color: var(--good); } .missed { color: var(--bad); font-weight: 600; }
.faint { color: var(--faint); }`;

export const page = (result) => {
  const cases = summarise(result);
  const verdicts = cases.flatMap(({ figures }) => figures.flatMap(({ rows }) => rows.flatMap(({ verdicts }) => verdicts)));
  const met = verdicts.filter((verdict) => !verdict.includes('MISSED')).length;
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>wireql: benchmarks</title>
<style>${style}
</style>
<h1>wireql beside its peers</h1>
<p>${escape(conditions(result))}</p>
<p>Bars are medians, the lines on them the spread over the rounds; less is better throughout. The limit is the
same work by hand with <code>JSON.parse</code> and nothing that is not needed. ${met} of ${verdicts.length} bounds are met.</p>
<p class="faint">${escape(versions.join(', '))}</p>
${cases
  .map(
    ({ name, title, why, figures }) =>
      `<h2>${escape(name)}: ${escape(title)}</h2>\n${why ? `<p>not measured: ${escape(why)}</p>\n` : ''}${figures.map(plot).join('\n')}`,
  )
  .join('\n')}
</html>
`;
};

// The results as a table for a terminal.
import { conditions, summarise } from './report.mjs';

const columns = ['contender', 'median', 'min–max', '× limit', 'wireql × it', 'bound'];
const leftAligned = new Set(['contender', 'bound']);

export const table = (result) => {
  const cases = summarise(result);
  const figures = cases.flatMap(({ figures }) => figures);
  const cells = ({ name, why, text, spread, toLimit, oursToIt, verdicts }) =>
    why ? [name, `not measured: ${why}`] : [name, text, spread, toLimit, oursToIt, verdicts.join(', ')];
  const measured = figures.flatMap(({ rows }) => rows.filter(({ why }) => !why));
  const all = [columns, ...measured.map(cells)];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => (leftAligned.has(columns[column]) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd();
  const lines = [conditions(result), 'median and spread over the rounds; less is better throughout'];
  for (const { name, title, absent, why, figures } of cases) {
    lines.push('', `${name}: ${title}`);
    if (why) lines.push(`  not measured: ${why}`);
    if (absent.length > 0) lines.push(`  not here: ${absent.join('; ')}`);
    for (const { label, unit, rows } of figures) {
      lines.push(`  ${label}, ${unit}`, `    ${line(columns)}`);
      for (const row of rows) {
        const [contender, ...rest] = cells(row);
        lines.push(`    ${row.why ? `${contender.padEnd(widths[0])}  ${rest[0]}` : line([contender, ...rest])}`);
      }
    }
  }
  return lines.join('\n');
};

// The results as a table for a terminal.
import { conditions, summarise, tally, times } from './report.mjs';

const columns = ['contender', 'median', 'min–max', '× limit', 'wireql ÷ it'];

const cells = ({ name, text, spread, toLimit, oursToIt }) => [name, text, spread, times(toLimit), times(oursToIt)];

export const table = (result) => {
  const cases = summarise(result);
  const rows = cases.flatMap(({ figures }) => figures.flatMap(({ rows }) => rows));
  const all = [columns, ...rows.filter(({ why }) => !why).map(cells)];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = ([name, ...numbers]) =>
    [name.padEnd(widths[0]), ...numbers.map((cell, column) => cell.padStart(widths[column + 1]))].join('  ').trimEnd();
  const lines = [...conditions(result), 'median and spread over the rounds; less is better throughout'];
  for (const { name, title, absent, why, figures } of cases) {
    lines.push('', `${name}: ${title}`);
    if (why) lines.push(`  not measured: ${why}`);
    if (absent.length > 0) lines.push(`  not here: ${absent.join('; ')}`);
    for (const { label, unit, rows, verdicts } of figures) {
      lines.push(`  ${label}, ${unit}`, `    ${line(columns)}`);
      for (const row of rows) {
        lines.push(`    ${row.why ? `${row.name.padEnd(widths[0])}  not measured: ${row.why}` : line(cells(row))}`);
      }
      for (const { met, asked, reached } of verdicts) lines.push(`    ${met ? 'met' : 'MISSED'}: ${asked}: ${reached}`);
    }
  }
  lines.push('', tally(cases));
  return lines.join('\n');
};

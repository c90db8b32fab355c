// Compares two builds of wireql in interleaved rounds, and prints a Markdown table.
//
//   node tests/bench/compare.mjs BEFORE AFTER [case…] [--quick]
//
// BEFORE and AFTER are folders that hold a package, such as `pkg` in two checkouts. tests/bench/node_modules has
// to be there (scripts/setup.sh bench).
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { divide, summarise, times } from './report.mjs';
import { runCase } from './run-case.mjs';

const names = ['small', 'callback', 'backlog', 'fan-in', 'churn', 'memory'];

const words = process.argv.slice(2).filter((word) => word !== '--quick');
const [before, after, ...asked] = words;
if (!after || asked.some((name) => !names.includes(name))) {
  console.error(`usage: node tests/bench/compare.mjs BEFORE AFTER [case…] [--quick]; the cases are ${names.join(', ')}`);
  process.exit(2);
}
const chosen = asked.length > 0 ? asked : names;

/** The URL of the package's main entry. Links are resolved, as Node would load the same file only once. */
const entryOf = (folder) => {
  const manifest = join(realpathSync(folder), 'package.json');
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8'));
  return new URL(exports['.'].import.default, pathToFileURL(manifest)).href;
};

const contenders = [
  ['before', entryOf(before)],
  ['after', entryOf(after)],
];
if (contenders[0][1] === contenders[1][1]) {
  console.error(`${before} and ${after} are the same folder; copy it to compare a build with itself`);
  process.exit(2);
}

const cases = [];
for (const [index, name] of chosen.entries()) {
  const options = { quick: process.argv.includes('--quick'), contenders };
  cases.push(await runCase(name, options, `${index + 1}/${chosen.length}`));
}

/** Whether the spreads are apart. One round has no spread. */
const verdict = (before, after) => {
  if (before.values.length < 2) return '';
  if (Math.min(...after.values) > Math.max(...before.values)) return 'worse';
  return Math.max(...after.values) < Math.min(...before.values) ? 'better' : '';
};

const cell = ({ text, spread }, unit) => `${text} ${unit} (${spread})`;

console.log(`| case | figure | before: median (min–max) | after | after ÷ before | beyond the spread |
|---|---|---|---|---|---|`);
for (const { name, figures, why } of summarise({ cases })) {
  if (why) {
    console.log(`| ${name} | not measured: ${why} | | | | |`);
    process.exitCode = 1;
  }
  for (const { label, unit, rows } of figures) {
    const [before, after] = rows;
    const ratio = times(divide(after.median, before.median));
    console.log(`| ${name} | ${label} | ${cell(before, unit)} | ${cell(after, unit)} | ${ratio} | ${verdict(before, after)} |`);
  }
}

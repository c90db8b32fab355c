// `make bench`: runs the cases one after the other, each in a process of its own, and writes what
// they found to `target/bench`: `benchmarks.json` and, made from it, the page `benchmarks.html`. A
// complete run also writes `summary.md`, which is committed.
//
//   node tests/bench/run.mjs [case…] [--quick]
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { browsers, versionOf } from './browsers.mjs';
import { page } from './page.mjs';
import { pythonVersion } from './processes.mjs';
import { runCase } from './run-case.mjs';
import { summary } from './summary.mjs';
import { table } from './table.mjs';

const names = [
  'small',
  'callback',
  'large',
  'fan-in',
  'backlog',
  'churn',
  'memory',
  'start',
  'page-start',
  'loopback',
  'page',
];
const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const words = process.argv.slice(2);
const quick = words.includes('--quick');
const asked = words.filter((word) => word !== '--quick');
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no such case: ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  process.exit(2);
}
const chosen = asked.length > 0 ? asked : names;

/** In which versions the cases run; undefined for a host that is not there. */
const hosts = {
  Node: process.versions.node,
  ...Object.fromEntries(browsers.map((browser) => [browser.name, versionOf(browser)])),
  Python: pythonVersion(),
};

/** What was compared, and which versions of it. */
const versions = () => {
  const { dependencies } = JSON.parse(readFileSync(here('package.json'), 'utf8'));
  const { version } = JSON.parse(readFileSync(here('../node_modules/wireql/package.json'), 'utf8'));
  const [, gql] = /^gql==(.*)$/m.exec(readFileSync(here('requirements.txt'), 'utf8'));
  return { wireql: version, ...dependencies, 'Python gql': gql };
};

const git = (...words) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();

const changed = git('status', '--porcelain', '--', 'src', 'pkg-template', 'Cargo.lock');
const result = {
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  commit: git('rev-parse', '--short', 'HEAD') + (changed ? ' and changes' : ''),
  quick,
  machine: {
    cores: cpus().length,
    processor: cpus()[0].model.trim(),
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${type()} on ${arch()}`,
    load: Number(loadavg()[0].toFixed(1)),
  },
  hosts,
  versions: versions(),
  cases: [],
};

/** The run as JSON: no more digits than clocks have, and the rounds of a contender in one line. */
const toJson = () => {
  const shorten = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
  return JSON.stringify(result, shorten, 1).replace(/\[[-\d.,\s]+\]/g, (values) => values.replace(/\s+/g, ' '));
};

const folder = `${root}target/bench`;

const write = () => {
  const json = toJson();
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/benchmarks.json`, `${json}\n`);
  writeFileSync(`${folder}/benchmarks.html`, page(JSON.parse(json)));
};

for (const [index, name] of chosen.entries()) {
  result.cases.push(await runCase(name, { quick }, `${index + 1}/${chosen.length}`));
  // After each, so that a run that is broken off leaves what it has found.
  write();
}
console.log(table(result));
console.log('\ntarget/bench/benchmarks.json has all rounds, target/bench/benchmarks.html the plots');

const failed = result.cases.some(({ why }) => why);
if (chosen === names && !quick && !failed && Object.values(hosts).every((version) => version)) {
  writeFileSync(here('summary.md'), summary(result));
  console.log('this was a complete run: its summary is in tests/bench/summary.md');
}
if (failed) process.exitCode = 1;

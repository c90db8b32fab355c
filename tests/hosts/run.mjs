// Installs the packed package in every host, bundler and test runner there is and runs a real
// subscription in each: `node tests/hosts/run.mjs` all of them, `… vite webpack` those, `… --quick` the
// few that `make test` runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../servers/demo/server.mjs';
import { unusedUrl } from '../e2e/servers.mjs';
import { closeBrowsers } from './browsers.mjs';
import { NotTested, contextOf, endProcesses, install, target } from './context.mjs';
import { rows as appsync } from './rows/appsync.mjs';
import { rows as bundlers } from './rows/bundlers.mjs';
import { rows as checks } from './rows/checks.mjs';
import { rows as hosts } from './rows/hosts.mjs';
import { rows as next } from './rows/next.mjs';
import { rows as pages } from './rows/pages.mjs';
import { rows as reactNative } from './rows/react-native.mjs';
import { rows as runners } from './rows/runners.mjs';
import { rows as sveltekit } from './rows/sveltekit.mjs';
import { rows as workerd } from './rows/workerd.mjs';

// A new entry of the package: fixtures that use it, and a row wherever `wireql/slim` or `wireql/web` has one.
const limit = 120_000;
const all = [...hosts, ...bundlers, ...pages, ...runners, ...checks, ...next, ...sveltekit, ...workerd, ...appsync, ...reactNative];

/** `vite` means "vite 8.3.8" and "vite 7.3.8", and not "vitest 5.1.1". */
const isMeant = (argument) => {
  const wanted = argument.toLowerCase();
  return ({ name }) => {
    const given = name.toLowerCase();
    return given.startsWith(wanted) && !/[a-z0-9]/.test(given.charAt(wanted.length));
  };
};

/**
 * One row each for what goes wrong by itself: both kinds of module in the oldest Node and in a newer one, each
 * entry in a browser, types, package.json, size. They need no tool beside those of the build and of the other tests.
 */
const quick = [
  /^Node 20\S*, import, with ws$/,
  /^Node 20\S*, require, with ws$/,
  /^Node 24\S*, import$/,
  /^Node 24\S*, require$/,
  /^esbuild \S+, esm, in Chromium$/,
  /^Node 24\S*, import of wireql\/graphql-ws$/,
  /^esbuild \S+, esm, wireql\/graphql-ws, in Chromium$/,
  /^esbuild \S+, esm, wireql\/slim, in Chromium$/,
  /^Chromium, page, import map, wireql\/web$/,
  /^typescript 5\S+, --strict, moduleResolution nodenext/,
  /^typescript 5\S+, --strict, moduleResolution bundler/,
  /^typescript 7\S+, --strict, moduleResolution nodenext/,
  /^typescript 7\S+, --strict, moduleResolution bundler/,
  /^publint \S+, --strict/,
  /^size, what a bundler ships .* from 'wireql'/,
  /^size, what a bundler ships .* from 'wireql\/js'/,
  /^Chromium with a Content-Security-Policy, wireql\/js, script-src 'self'$/,
  /^size of wireql\/graphql-ws/,
];

const theOne = (pattern) => {
  const [row, ...others] = all.filter(({ name, what }) => pattern.test(`${name}, ${what}`));
  if (row === undefined || others.length > 0) throw new Error(`${pattern} has to be one row of those there are`);
  return row;
};

const isQuick = process.argv[2] === '--quick';
const wanted = isQuick ? [] : process.argv.slice(2);
const strange = wanted.filter((argument) => !all.some(isMeant(argument)));
if (strange.length > 0) {
  console.error(`there is no row ${strange.join(', ')}; there are: ${[...new Set(all.map(({ name }) => name))].join(', ')}`);
  process.exit(2);
}
const given = wanted.length === 0 ? all : all.filter((row) => wanted.some((argument) => isMeant(argument)(row)));
const rows = isQuick ? quick.map(theOne) : given;

/** Runs the row for at most two minutes and ends what it started, in whichever way it went. */
const attempt = async (row, server) => {
  const context = contextOf(row, { url: server.url, refused: await unusedUrl() });
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${limit / 1000} s`)), limit);
  });
  try {
    return { result: 'passed', detail: await Promise.race([row.run(context), late]) };
  } catch (error) {
    if (error instanceof NotTested) return { result: 'not tested', detail: error.message };
    return { result: 'FAILED', detail: error.message };
  } finally {
    clearTimeout(timer);
    await context.end();
  }
};

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    endProcesses();
    process.exit(130);
  });
}

const server = await startServer({ port: 0 });
const outcomes = [];
try {
  await install();
  for (const row of rows) {
    const started = performance.now();
    const { result, detail } = await attempt(row, server);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    outcomes.push({ ...row, result, detail, seconds });
    console.log(`${result}: ${row.name}, ${row.what}, ${seconds} s${detail ? `\n  ${detail.replaceAll('\n', '\n  ')}` : ''}`);
  }
} finally {
  await closeBrowsers();
  await server.close();
}

// ---- the table ------------------------------------------------------------------

/** A line is enough for a table; the whole is above it. */
const brief = (text) => {
  const [first] = text.split('\n', 1);
  return first.length > 120 ? `${first.slice(0, 119)}…` : first;
};
const cells = outcomes.map(({ name, what, result, detail, seconds }) => [
  name,
  what,
  seconds,
  detail ? `${result}: ${brief(detail)}` : result,
]);
const head = ['host, bundler or check', 'what was done', 'seconds', 'result'];
const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column].length)));
const line = (row) => row.map((text, column) => text.padEnd(widths[column])).join('  ').trimEnd();
const count = (result) => outcomes.filter((row) => row.result === result).length;
const table = [
  'The packed package in hosts, bundlers, test runners and checkers',
  '',
  line(head),
  line(widths.map((width) => '-'.repeat(width))),
  ...cells.map(line),
  '',
  `${count('passed')} passed, ${count('FAILED')} failed, ${count('not tested')} not tested`,
  '',
].join('\n');
mkdirSync(join(target, 'tables'), { recursive: true });
writeFileSync(join(target, 'tables', 'package.txt'), table);
console.log(`\n${table}`);
// Set-up has installed all that the few need: one that was not tested is no success.
process.exitCode = count('FAILED') + (isQuick ? count('not tested') : 0) > 0 ? 1 : 0;

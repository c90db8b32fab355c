// What the tests of AppSync and of Phoenix have in common: a case for each client, and the table in which ours stand beside
// the outcomes of clients that nobody here wrote (tests/oracles).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Client, WebSocketTransport } from 'wireql';
import { startTable } from './table.mjs';

const oracles = JSON.parse(readFileSync(new URL('../oracles/expected.json', import.meta.url), 'utf8'));

export const named = (error) => `${error.name} ${error.code}, ends ${error.ends}`;

export const queryError = 'TransportQueryError QUERY_ERROR, ends operation';

/** Both of ours. The client does not connect again, so that it says what a connection ended of. */
export const makers = {
  'a transport': (url, options) => {
    const transport = new WebSocketTransport(url, options);
    return { endpoint: transport, ready: () => transport.connect() };
  },
  'a client': (url, options) => ({ endpoint: new Client(url, { retry: false, ...options }), ready: async () => {} }),
};

/** Runs the body with one of them, and closes it whatever happens. */
export const using = async (make, url, options, body) => {
  const made = make(url, options);
  try {
    return await body(made);
  } finally {
    await made.endpoint.close();
  }
};

/** Runs the body with a connected transport. */
export const withTransport = (url, options, body) =>
  using(makers['a transport'], url, options, async ({ endpoint, ready }) => {
    await ready();
    return body(endpoint);
  });

/** Runs the body with a client as it comes. */
export const withClient = (url, options, body) =>
  using((url, options) => ({ endpoint: new Client(url, options) }), url, options, ({ endpoint }) => body(endpoint));

/** The value of the only field of a result. */
export const only = ({ data }) => Object.values(data)[0];

/** Reads up to `take` results: what came, and how it ended, with the error if it was one. */
export const read = async ({ endpoint, ready }, query, take = 2) => {
  const got = [];
  try {
    await ready();
    for await (const result of endpoint.subscribe(query)) {
      got.push(only(result));
      if (got.length === take) return { got, how: 'enough' };
    }
    return { got, how: 'complete' };
  } catch (error) {
    return { got, how: named(error), error };
  }
};

/** What is sent and received, from a trace: by way (`>` or `<`), what stands behind the time. */
export const traced = () => {
  const lines = [];
  const said = (way, what) => lines.findIndex((line) => line.includes(` ${way} `) && line.includes(what));
  return { lines, trace: (line) => lines.push(line), at: said, has: (way, what) => said(way, what) >= 0 };
};

/** No line has any of these. */
export const assertRedacted = (lines, secrets) => {
  assert.ok(lines.length > 0);
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(secret.length > 3, what);
    const found = lines.find((line) => line.includes(secret));
    assert.equal(found, undefined, `${what} in ${found}`);
  }
};

/** What an oracle says of a case, as a cell. */
const cell = (outcome) => {
  if (outcome === undefined) return '';
  const { got, how } = outcome;
  const parts = how === undefined ? [outcome] : [...got, how];
  const text = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(', ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};

/**
 * The table of a dialect. `clients` are the oracles, by their column. `add` makes a test for each of ours: `run(make)` gives
 * what was seen, as it is compared with `expected` and shown; `names` are what the oracles call it, if not by its title.
 */
export const comparison = (name, title, clients) => {
  const table = startTable(name, title, [...Object.keys(makers), ...Object.keys(clients)]);
  return (title, expected, run, names = {}) => {
    for (const [column, make] of Object.entries(makers)) {
      test(`${title}: ${column}`, async () => {
        table.set(title, column, 'did not end as expected', false);
        const seen = await run(make);
        assert.deepEqual(seen, expected);
        table.set(title, column, cell(seen));
      });
    }
    for (const [column, client] of Object.entries(clients)) {
      const told = cell(oracles[client][names[column] ?? title]);
      if (told !== '') table.set(title, column, told);
    }
  };
};

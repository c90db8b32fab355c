// The scripted Phoenix server against a recording of a real one (Phoenix 1.7.21, Absinthe 1.7.9, absinthe_phoenix 2.0.2):
// what the client said then is said again, and what comes back is what came then, frame by frame. Left out are texts of
// errors and their places in the document, which are of each GraphQL library's own, and subscription ids, of which only who
// has the same is compared.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { startServer } from '../servers/index.mjs';
import { until } from './servers.mjs';

const file = new URL('../servers/recordings/phoenix.jsonl', import.meta.url);
const rows = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
/** By name, the rows `[scenario, milliseconds, way, frame]`. */
const scenarios = new Map();
for (const row of rows) scenarios.set(row[0], [...(scenarios.get(row[0]) ?? []), row]);

let server;
before(async () => {
  server = await startServer('phoenix-recorded');
});
after(() => server.stop());

// ---- what is compared ------------------------------------------------------------------

const ID = /__absinthe__:doc:-?\w+:[0-9A-F]{64}/g;

/** With keys in one order, and of errors no more than their paths. */
const plain = (value, name) => {
  if (Array.isArray(value)) return name === 'errors' ? value.map(({ path }) => ({ path })) : value.map((part) => plain(part));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key], key)]));
};

/** Frames as text, in which each subscription id is a number: they are counted as they come. */
class Frames {
  #numbers = new Map();

  text(frame) {
    return JSON.stringify(plain(frame)).replace(ID, (id) => {
      if (!this.#numbers.has(id)) this.#numbers.set(id, `#${this.#numbers.size + 1}`);
      return this.#numbers.get(id);
    });
  }

  /** The id of today in place of that of the recording. */
  translate(text, recorded) {
    const today = new Map([...this.#numbers].map(([id, number]) => [number, id]));
    return text.replace(ID, (id) => today.get(recorded.#numbers.get(id)) ?? id);
  }
}

/** A long frame was recorded by its length alone, of which the digits of an id are a part. */
const long = (length) => `a frame of about ${Math.round(length / 1000)} kB`;

/** Results of one event for several subscriptions come in no particular order. */
const withoutOrder = (frames) => {
  const isResult = (text) => text.includes('"subscription:data"') && text.includes('"onSend"');
  const ordered = [];
  for (let n = 0; n < frames.length; ) {
    let end = n;
    while (end < frames.length && isResult(frames[end])) end += 1;
    ordered.push(...frames.slice(n, end).sort());
    if (end < frames.length) ordered.push(frames[end]);
    n = end + 1;
  }
  return ordered;
};

// ---- playing --------------------------------------------------------------------------------

/** What the recording has only in words. */
const upload = () => {
  const payload = { query: 'mutation M($t: String!) { echo(text: $t) }', variables: { t: 'y'.repeat(3e6) } };
  return JSON.stringify(['1', '2', '__absinthe__:control', 'doc', payload]);
};

const spoken = (frame) => {
  if (frame === '[3MB variable]') return upload();
  return typeof frame === 'string' ? frame : JSON.stringify(frame);
};

const play = async (rows) => {
  const [, , , { path, subprotocols }] = rows[0];
  const socket = new WebSocket(`${new URL(server.url).origin}${path}${path.includes('?') ? '&' : '?'}phoenix=1.7`, subprotocols);
  const [then, now] = [new Frames(), new Frames()];
  const expected = [];
  const got = [];
  socket.on('error', ({ message }) => got.push(`error ${message}`));
  socket.on('open', () => got.push(`open ${socket.protocol}`));
  socket.on('close', (code) => got.push(`close ${code}`));
  socket.on('message', (data) => got.push(data.length > 900 ? long(data.length) : now.text(JSON.parse(data))));
  // The client speaks when as much has come as had come then.
  const reach = () => until(() => got.length >= expected.length, `as much as ${JSON.stringify(expected)}; came ${JSON.stringify(got)}`);
  const steps = {
    '>': async (frame) => {
      await reach();
      socket.send(now.translate(spoken(frame), then));
    },
    '<': (frame) => expected.push(frame.length === undefined || Array.isArray(frame) ? then.text(frame) : long(frame.length)),
    '=': ({ subprotocol }) => expected.push(`open ${subprotocol}`),
    '!': (message) => expected.push(`error ${message}`),
    x: async ({ code }) => {
      await reach();
      if (code === 1000) socket.close(1000);
      expected.push(`close ${code}`);
      // All that the server said before has come by then.
      await reach();
    },
  };
  for (const [, , way, frame] of rows.slice(1)) await steps[way](frame);
  assert.deepEqual(withoutOrder(got), withoutOrder(expected));
};

for (const [name, rows] of scenarios) test(`as recorded: ${name.replaceAll('_', ' ')}`, () => play(rows));

test('there are 31 scenarios', () => assert.equal(scenarios.size, 31));

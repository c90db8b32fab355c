// Results that real servers deliver in parts, in every format: what comes of them, and that it is what the same
// document without `@defer` and `@stream` gives.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocketTransport } from 'wireql';
import { startServer } from '../servers/index.mjs';
import { startTable } from './table.mjs';

/** Where, and what tells the format of its parts: `id`, `path`, or a path in the result itself. */
const ENDPOINTS = {
  'graphql-17': 'id',
  'graphql-17-legacy': 'path',
  'graphql-17-alpha': 'path',
  yoga: 'path',
  'graphql-16-experimental': 'result',
};

const plain = (document) => document.replace(/@(defer|stream)(\([^)]*\))?/g, '');

const QUERIES = {
  'one fragment': '{ person { id ... @defer { slow } } }',
  'a named fragment': '{ person { id ...F @defer(label: "F") } } fragment F on Person { slow name }',
  'at the root': '{ ... @defer { person { name } numbers } nothing }',
  'everything': '{ ... @defer { person { slow } } }',
  'labelled, the later first': `{ person {
    ... @defer(label: "a") { slow(ms: 8) } ... @defer(label: "b") { address { city(ms: 1) } } } }`,
  'nested': '{ person { id ... @defer { slow friend { id ... @defer { slow(ms: 3) friend { ... @defer { name slow } } } } } } }',
  'nested, the inner one first': '{ person { ... @defer(label: "a") { slow(ms: 8) ... @defer(label: "b") { address { street } } } } }',
  'in a list': '{ person { friends { id ... @defer { slow } } } }',
  'in a list, nested': '{ person { friends { id ... @defer { slow friends { id ... @defer { name } } } } } }',
  'in a list with nulls': '{ people { id ... @defer { slow } } }',
  'overlapping fields': '{ person { id address { street } ... @defer { address { street city } name } } }',
  'overlapping fragments': `{ person { ... @defer(label: "a") { address { street city } slow(ms: 4) }
    ... @defer(label: "b") { address { city failing } name } } }`,
  'overlapping, at two depths': `{ person { friend { id } ... @defer(label: "a") { friend { slow friend { id } } } }
    ... @defer(label: "b") { person { friend { friend { name } } } } }`,
  'overlapping lists': '{ person { friends { id } tags ... @defer { friends { name slow } tags } } }',
  'the same twice': '{ person { ... @defer(label: "a") { slow } ... @defer(label: "b") { slow } } }',
  'under an alias': '{ p: person { x: id ... @defer { y: slow x: id } } }',
  'under the alias __proto__': '{ __proto__: person { id ... @defer { __proto__: address { street } constructor: slow } } }',
  'with variables': 'query ($ms: Int = 2) { person(id: "7") { ... @defer(if: true) { slow(ms: $ms) } } }',
  'switched off': '{ person { id ... @defer(if: false) { slow } } numbers @stream(if: false) }',
  'of a mutation': 'mutation { rename(name: "Ada") { name ... @defer { slow } } }',
  'a null field': '{ person { id ... @defer { nobody { id } } } }',
  'in a null': '{ nobody { id ... @defer { slow } } person { nobody { ... @defer { name } } } }',
  'a failing field': '{ person { id ... @defer { failing name } } }',
  'a failing field before': '{ person { failing ... @defer { slow } } }',
  'failing fields, everywhere': `{ person { failing address { failing } ... @defer { failing(ms: 4) address { failing street }
    friend { failing ... @defer { failing(ms: 2) name } } } } }`,
  'a null that an error has left': '{ person { friend { required } ... @defer { slow } } }',
  'a null that another fragment selects too': '{ person { friend { required } ... @defer { friend { name } slow } } }',
  'a null above': '{ person { required ... @defer { slow } } numbers }',
  'a null that an error leaves later, inside': '{ person { ... @defer { friend { name required } slow } } }',
  'a stream': '{ numbers @stream }',
  'an initial count': '{ numbers @stream(initialCount: 2) }',
  'an initial count above the length': '{ numbers @stream(initialCount: 9) }',
  'a stream of nothing': '{ nothing @stream numbers }',
  'a stream of lists': '{ matrix @stream(initialCount: 1) }',
  'a stream of objects': '{ people @stream(initialCount: 1, label: "s") { id slow } }',
  'two streams': '{ numbers @stream people @stream(initialCount: 2) { id } }',
  'a stream in a list': '{ person { friends { id friends @stream(initialCount: 1) { id } } } }',
  'a stream in a stream': '{ person { friends @stream { id friends @stream(initialCount: 1) { slow } } } }',
  'a stream with errors in its items': '{ people @stream { id failing } }',
  'a fragment in a stream': '{ people @stream(initialCount: 1) { id ... @defer { slow failing } } }',
  'a stream in a fragment': '{ person { id ... @defer { name friends @stream(initialCount: 1) { id } } } }',
  'both, nested': `{ person { ... @defer(label: "a") { friends @stream(initialCount: 1, label: "b") {
    id ... @defer(label: "c") { slow friends @stream(label: "d") { name } } } } } strict: numbers @stream }`,
};

/** Where an error ends a part as a whole: what does not come is not there, and the rest stays. What differs, by format. */
const BROKEN = {
  'a fragment that fails': ['{ person { id ... @defer { name required } } }', { person: { id: '1' } }],
  'one of two fragments': [
    '{ person { ... @defer(label: "a") { required } ... @defer(label: "b") { name } } }',
    { person: { name: 'Name 1' } },
  ],
  'a fragment in a list': [
    '{ person { friends { id ... @defer { required } } } }',
    { person: { friends: [{ id: '11' }, { id: '12' }, { id: '13' }] } },
  ],
  // The older format has its object carried out twice, and ends as without the directive.
  'an object that fails in a fragment': [
    '{ person { friend { name } ... @defer { friend { required } } } }',
    { person: { friend: { name: 'Name 10' } } },
    { path: { person: { friend: null } }, result: { person: { friend: null } } },
  ],
  // The oldest one goes on.
  'a stream that ends': [
    '{ strictNumbers @stream(initialCount: 1) }',
    { strictNumbers: [1, 2] },
    { result: { strictNumbers: [1, 2, null, 4] } },
  ],
};

const SUBSCRIPTION = 'subscription { met(count: 3) { id ... @defer { slow friends @stream(initialCount: 1) { id } } } }';

/** Errors come in no certain order, and where they are in the document is another place without the directives. */
const comparable = ({ data, errors = [] }) => ({
  data,
  errors: errors.map(({ message, path }) => JSON.stringify([path, message])).sort(),
});

const formatOf = (parts) => {
  const entries = parts.flatMap(({ incremental = [], completed = [] }) => [...incremental, ...completed]);
  if (parts.some(({ path }) => path !== undefined)) return 'result';
  if (entries.some(({ id }) => id !== undefined)) return 'id';
  return entries.some(({ path }) => path !== undefined) ? 'path' : 'whole';
};

const ended = async (results) => {
  const all = [];
  for await (const result of results) all.push(result);
  return all;
};

const table = startTable('incremental', 'Incremental delivery: parts in their format, and the whole they make');

let server;
before(async () => (server = await startServer('incremental')));
after(() => server.stop());

const connected = async (t, name) => {
  const transport = new WebSocketTransport(new URL(name, server.url));
  await transport.connect();
  t.after(() => transport.close());
  return transport;
};

/** Runs a document in every way. All make the same whole, which `check` is called with. */
const run = async (transport, name, scenario, document, check) => {
  table.set(scenario, name, 'did not end', false);
  const parts = await ended(transport.subscribe(document, { incremental: 'raw' }));
  // What was handed out must stay as it was, so it is written down at once.
  const seen = [];
  for await (const whole of transport.subscribe(document)) seen.push([whole, JSON.stringify(whole)]);
  for (const [whole, text] of seen) {
    assert.equal(JSON.stringify(whole), text);
    for (const name of ['pending', 'incremental', 'completed', 'path', 'label', 'items']) assert.ok(!(name in whole), name);
  }
  const wholes = seen.map(([whole]) => whole);
  const last = wholes.at(-1);
  const format = formatOf(parts);
  const flags = wholes.map(({ hasNext }) => hasNext);
  if (flags.length === 1) assert.deepEqual(flags, [undefined]);
  else assert.deepEqual(flags, [...flags.slice(1).fill(true), false]);
  if (format !== 'whole') assert.equal(format, ENDPOINTS[name]);
  const observed = await new Promise((resolve, reject) => {
    let latest;
    transport.observe(document).subscribe({ next: (whole) => (latest = whole), error: reject, complete: () => resolve(latest) });
  });
  for (const whole of [last, observed, await transport.execute(document)]) {
    check(comparable(whole));
    assert.equal(whole.hasNext, last.hasNext);
  }
  assert.equal(transport.state, 'ready');
  table.set(scenario, name, format === 'whole' ? 'whole' : `${parts.length} by ${format}`);
  return parts.length;
};

for (const name of Object.keys(ENDPOINTS)) {
  test(`${name}: the whole is the result without @defer and @stream`, async (t) => {
    const transport = await connected(t, name);
    let incremental = 0;
    for (const [scenario, document] of Object.entries(QUERIES)) {
      await t.test(scenario, async () => {
        const expected = comparable(await transport.execute(plain(document)));
        const parts = await run(transport, name, scenario, document, (whole) => assert.deepEqual(whole, expected));
        if (parts > 1) incremental += 1;
      });
    }
    // Else all this would show nothing.
    assert.ok(incremental > Object.keys(QUERIES).length - 6, `only ${incremental} came in parts`);
  });

  test(`${name}: what fails as a part is not there, and its error is`, async (t) => {
    const transport = await connected(t, name);
    for (const [scenario, [document, data, others]] of Object.entries(BROKEN)) {
      await t.test(scenario, async () => {
        const { errors } = comparable(await transport.execute(plain(document)));
        const expected = others?.[ENDPOINTS[name]] ?? data;
        await run(transport, name, scenario, document, (whole) => {
          assert.deepEqual(whole.data, expected);
          // Without the directive the first error in a list is the last.
          assert.deepEqual(whole.errors.slice(0, errors.length), errors);
        });
      });
    }
  });
}

for (const name of ['graphql-17-alpha', 'yoga', 'graphql-16-experimental']) {
  test(`${name}: each event of a subscription is a whole of its own`, async (t) => {
    const transport = await connected(t, name);
    table.set('subscription', name, 'did not end', false);
    const expected = await ended(transport.subscribe(plain(SUBSCRIPTION)));
    const wholes = await ended(transport.subscribe(SUBSCRIPTION));
    const complete = wholes.filter(({ hasNext }) => !hasNext);
    assert.ok(wholes.length > complete.length);
    assert.deepEqual(complete.map(comparable), expected.map(comparable));
    assert.deepEqual(comparable(await transport.execute(SUBSCRIPTION)), comparable(expected[0]));
    table.set('subscription', name, `${wholes.length} for ${expected.length} events`);
  });
}

test('a server that sends { initialResult, subsequentResults } as one result is told, in so many words', async (t) => {
  const transport = await connected(t, 'unflattened');
  const document = QUERIES['one fragment'];
  const error = { name: 'TransportProtocolError', code: 'INVALID_INCREMENTAL', ends: 'operation', message: /one by one/ };
  await assert.rejects(transport.execute(document), error);
  await assert.rejects(ended(transport.subscribe(document)), error);
  await assert.rejects(
    new Promise((complete, error) => transport.observe(document).subscribe({ error, complete })),
    error,
  );
  const [raw] = await ended(transport.subscribe(document, { incremental: 'raw' }));
  assert.deepEqual(Object.keys(raw), ['initialResult', 'subsequentResults']);
  assert.equal(transport.state, 'ready');
});

test('execute of the raw results takes the first part', async (t) => {
  const transport = await connected(t, 'graphql-17');
  const { pending, hasNext } = await transport.execute(QUERIES['one fragment'], { incremental: 'raw' });
  assert.deepEqual({ pending, hasNext }, { pending: [{ id: '0', path: ['person'] }], hasNext: true });
});

// What servers send, and what the consumers add up of it.

/** The words of each dialect for the same messages. */
export const dialects = {
  'graphql-transport-ws': { subscribe: 'subscribe', next: 'next' },
  'graphql-ws': { subscribe: 'start', next: 'data' },
};

/** What all subscribe to. */
export const request = (n) => ({ query: 'subscription ($n: Int!) { tick(n: $n) { n code bid } }', variables: { n } });

/** A small result, and what a consumer reads of it. */
export const small = {
  payload: (n) => ({ data: { tick: { n, code: 'ACME', bid: 99.5 } } }),
  read: ({ data }) => data.tick.n,
};

/** A list of records, `kib` KiB of JSON. */
export const large = (kib) => {
  const items = [];
  for (let size = 0; size < kib * 1024; size += JSON.stringify(items.at(-1)).length + 1) {
    const n = items.length;
    const name = `The ${n}th "thing"`;
    items.push({ id: `item-${n}`, n, name, price: n / 8, tags: ['new', 'blue'], sold: null, open: n % 2 === 0 });
  }
  return {
    payload: (n) => ({ data: { n, items } }),
    read: ({ data }) => data.n + data.items.at(-1).n,
  };
};

// `JSON.stringify` gives flat text, as sockets do. Text put together by `+` would be flattened by
// whoever parses it, within the time that is measured.
export const nextFrame = (dialect, id, payload) => JSON.stringify({ id, type: dialects[dialect].next, payload });
export const completeFrame = (id) => JSON.stringify({ id, type: 'complete' });

/** `count` frames for the ids in turn, no two with the same text. */
export const nextFrames = (dialect, ids, count, { payload }) =>
  Array.from({ length: count }, (_, index) => nextFrame(dialect, ids[index % ids.length], payload(first + index)));

/** What the consumers of `count` frames come to. */
export const sumOf = (count, { payload, read }) => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += read(payload(first + index));
  return sum;
};

/** All numbers have six digits: with an id of one character a small frame has 90 bytes. */
const first = 100_000;

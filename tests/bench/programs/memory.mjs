// What a client holds on to, in bytes: `idle` operations with a callback, `waiting` ones with
// `for await`; or what is left of so many `finished` ones: after a fifth of them, and the growth from there.
import { openClient } from '../clients.mjs';
import { completeFrame, nextFrame, request, small } from '../frames.mjs';
import { collect, turn } from '../harness.mjs';
import { churned } from '../rounds.mjs';
import { inProcess } from '../socket.mjs';

const [client, what, count] = process.argv.slice(2);

/** The heap, and what is outside it: V8 counts the whole memory of WebAssembly there. */
const used = async () => {
  // V8 keeps the last text that was searched, and the server searches each.
  /x/.exec('x');
  // Finalizers run between collections, and set more free.
  for (let time = 0; time < 4; time += 1) {
    await turn();
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const read = async (results) => {
  for await (const result of results) throw new Error(`nothing was sent, but ${JSON.stringify(result)} came`);
};

/** From before the client is loaded: its code and its WebAssembly count too. */
const idle = async (begin) => {
  const before = await used();
  let subscribed = 0;
  const opened = await openClient(client, inProcess({ onSubscribe: () => (subscribed += 1) }));
  for (let n = 0; n < count; n += 1) begin(opened, n);
  const after = await used();
  if (subscribed !== Number(count)) throw new Error(`${subscribed} operations were begun`);
  // It must live until here.
  return opened && [after - before];
};

const programs = {
  idle: () => idle(({ observe }, n) => observe(request(n), { next() {}, error() {}, complete() {} })),
  waiting: () => idle(({ iterate }, n) => read(iterate(request(n)))),
  async large() {
    let server;
    const answer = (id) => {
      server.send(nextFrame(server.dialect, id, small.payload(1)));
      server.send(completeFrame(id));
    };
    server = inProcess({ onSubscribe: (id) => queueMicrotask(() => answer(id)) });
    const opened = await openClient(client, server);
    const send = (size) =>
      new Promise((complete, error) => {
        const { query, variables } = request(Math.round(size));
        opened.observe({ query, variables: { ...variables, text: 'x'.repeat(size) } }, { next() {}, error, complete });
      });
    await send(1);
    const before = await used();
    const parts = Array.from({ length: 8 }, (_, n) => (n + 1) / 8);
    const scattered = parts.map((_, n) => (n * 0.618) % 1);
    for (const part of [...parts, ...parts.toReversed(), ...scattered]) await send(Math.round(part * count));
    return opened && [(await used()) - before];
  },
  async finished() {
    const { setup, round } = churned(client, { count: count / 5, inFlight: 100 });
    const before = await used();
    const state = await setup();
    await round(state);
    const after = await used();
    for (let time = 1; time < 5; time += 1) await round(state);
    return [after - before, (await used()) - after];
  },
};

console.log(JSON.stringify(await programs[what]()));
process.exit();

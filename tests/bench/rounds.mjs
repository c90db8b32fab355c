// The rounds of the cases with a socket in this process.
import { openClient } from './clients.mjs';
import { completeFrame, nextFrame, nextFrames, request, small, sumOf } from './frames.mjs';
import { check, collect, turn } from './harness.mjs';
import { inProcess } from './socket.mjs';

const connect = async (client) => {
  const server = inProcess();
  return { server, client: await openClient(client, server) };
};

/**
 * One operation, `count` frames and its end, read with `for await`; nanoseconds a message. With
 * `backlog` all frames are there before the consumer begins to read. `times` as often in a round.
 */
export const iterated = (client, { count, payload, backlog = false, times = 1 }) => {
  const expected = sumOf(count, payload);
  return {
    setup: () => connect(client),

    async round({ client, server }) {
      let took = 0;
      for (let time = 0; time < times; time += 1) {
        const results = client.iterate(request(time));
        const ids = await server.subscribed(1);
        const frames = nextFrames(server.dialect, ids, count, payload);
        frames.push(completeFrame(ids[0]));
        collect();
        const begin = performance.now();
        const delivered = server.deliver(frames);
        if (backlog) await delivered;
        let sum = 0;
        for await (const result of results) sum += payload.read(result);
        took += performance.now() - begin;
        await delivered;
        check('the sum', sum, expected);
      }
      return (took / times / count) * 1e6;
    },
  };
};

/**
 * So many operations that last, `count` frames for them in turn, each handed to the callback of its
 * own; nanoseconds a message.
 */
export const observed = (client, { count, payload, operations = 1 }) => {
  const expected = sumOf(count, payload);
  return {
    async setup() {
      const connected = await connect(client);
      const state = { ...connected, sum: 0, failed: undefined };
      for (let n = 0; n < operations; n += 1) {
        connected.client.observe(request(n), {
          next: (result) => (state.sum += payload.read(result)),
          error: (error) => (state.failed = error),
          complete: () => (state.failed = new Error('it ended')),
        });
      }
      state.ids = await state.server.subscribed(operations);
      return state;
    },

    async round(state) {
      const { server, ids } = state;
      const frames = nextFrames(server.dialect, ids, count, payload);
      state.sum = 0;
      collect();
      const begin = performance.now();
      await server.deliver(frames);
      const took = performance.now() - begin;
      if (state.failed) throw state.failed;
      check('the sum', state.sum, expected);
      return (took / count) * 1e6;
    },
  };
};

// Never the same request twice at once: Apollo Client and urql would make one operation of them.
let last = 0;

/** Begins `count` operations, `inFlight` of them at once; resolves with the sum when all are over. */
const churn = (client, { count, inFlight }) =>
  new Promise((resolve, reject) => {
    let begun = 0;
    let ended = 0;
    let sum = 0;
    const sink = {
      next: (result) => (sum += small.read(result)),
      error: reject,
      complete() {
        ended += 1;
        if (ended === count) resolve(sum);
        else if (begun < count) begin();
      },
    };
    const begin = () => {
      begun += 1;
      client.observe(request((last += 1)), sink);
    };
    for (let n = 0; n < inFlight; n += 1) begin();
  });

/**
 * So many operations that are over after one result each; nanoseconds an operation. The server's
 * answer is part of the time, and the same for all.
 */
export const churned = (client, { count, inFlight }) => {
  const result = small.payload(100_000);
  return {
    async setup() {
      // All that have come in one turn are answered in the next, one alone at once.
      let ids = [];
      const answer = async () => {
        if (inFlight > 1) await turn();
        const asked = ids;
        ids = [];
        for (const id of asked) {
          server.send(nextFrame(server.dialect, id, result));
          server.send(completeFrame(id));
        }
      };
      const server = inProcess({
        onSubscribe(id) {
          if (ids.push(id) === 1) queueMicrotask(answer);
        },
      });
      return openClient(client, server);
    },

    async round(client) {
      collect();
      const begin = performance.now();
      const sum = await churn(client, { count, inFlight });
      const took = performance.now() - begin;
      check('the sum', sum, count * small.read(result));
      return (took / count) * 1e6;
    },
  };
};

// What operations hold on to while they wait, and what is left of those that are over.
import { noIterator, noPython, withIterator, withManyCallbacks } from '../clients.mjs';
import { ask, nodeProgram } from '../processes.mjs';

export const title = 'heap and WebAssembly memory';
export const about = `
Bytes in the JavaScript heap and outside of it, WebAssembly's memory included, each in a process of its own:
for 10,000 operations that wait for their first result, from before the client was loaded; for what is left of
operations that are over, and whether more is left the more there were; and for what requests of rising, falling and
random sizes up to 50 MB leave behind.`;
export const absent = [noIterator, noPython];

const slow = new Set(['Apollo Client', 'urql']);

// Bytes differ little from round to round, and a round takes seconds.
const roundsOfFinished = { limit: 1, wireql: 3, 'wireql transport': 3, 'graphql-ws': 1, 'subscriptions-transport-ws': 1 };

// It takes a quarter of a minute to begin them.
const roundsOfIdle = { urql: 1 };

/** Each round is a new process, which prints one number per figure. */
const round = (client, what, count) => async () => (await ask(nodeProgram('memory.mjs', client, what, count))).said;

export const groups = ({ quick, contenders }) =>
  [
    {
      labels: ['after 200,000 finished', 'growth from 200,000 to 1,000,000 finished'],
      contenders: (contenders ?? withManyCallbacks).map(([name, client]) => ({
        name,
        round: round(client, 'finished', quick ? 50_000 : 1_000_000),
        rounds: roundsOfFinished[name],
        why: slow.has(name) ? 'would take minutes' : undefined,
      })),
    },
    {
      labels: ['after requests up to 50 MB'],
      contenders: (contenders ?? withManyCallbacks).map(([name, client]) => ({
        name,
        round: round(client, 'large', 50_000_000),
        rounds: 1,
      })),
    },
    {
      labels: ['10,000 idle, callback'],
      contenders: (contenders ?? withManyCallbacks).map(([name, client]) => ({
        name,
        round: round(client, 'idle', 10_000),
        rounds: roundsOfIdle[name],
      })),
    },
    {
      labels: ['10,000 idle, for await'],
      contenders: (contenders ?? withIterator).map(([name, client]) => ({
        name,
        round: round(client, 'waiting', 10_000),
        why: name === 'limit' ? 'it knows one operation' : undefined,
      })),
    },
  ].map(({ labels, contenders }) => ({
    warmups: 0,
    figures: labels.map((label) => ({ label, unit: 'bytes' })),
    contenders,
  }));

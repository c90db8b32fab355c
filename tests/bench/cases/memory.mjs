// What operations hold on to while they wait, and what is left of those that are over.
import { withIterator, withManyCallbacks } from '../clients.mjs';
import { ask, nodeProgram } from '../processes.mjs';

export const title = 'heap and WebAssembly memory';

// Each round is a new process.
const warmups = 0;

const contender = (name, client, what, count) => ({
  name,
  round: async () => (await ask(nodeProgram('memory.mjs', client, what, count))).said,
});

const slow = new Set(['Apollo Client', 'urql']);

export const groups = ({ quick }) => [
  {
    warmups,
    figures: [{ label: '10,000 idle, callback', unit: 'bytes' }],
    contenders: withManyCallbacks.map(([name, client]) => ({
      ...contender(name, client, 'idle', 10_000),
      why: name === 'urql' ? 'beginning them takes half a minute' : undefined,
    })),
  },
  {
    warmups,
    figures: [{ label: '10,000 idle, for await', unit: 'bytes' }],
    // The limit knows only one.
    contenders: withIterator
      .filter(([name]) => name !== 'limit')
      .map(([name, client]) => contender(name, client, 'waiting', 10_000)),
  },
  {
    warmups,
    figures: [{ label: 'growth from 200,000 to 1,000,000 finished', unit: 'bytes' }],
    contenders: withManyCallbacks.map(([name, client]) => ({
      ...contender(name, client, 'finished', quick ? 50_000 : 1_000_000),
      // A million take a quarter of a minute, and the peers only show what flat is.
      rounds: name === 'wireql' ? 3 : 1,
      why: slow.has(name) ? 'would take minutes' : undefined,
    })),
  },
];

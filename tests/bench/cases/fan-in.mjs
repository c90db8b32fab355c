// 10,000 operations on one connection, which get a frame each in turn, and the same with one.
import { withManyCallbacks } from '../clients.mjs';
import { small } from '../frames.mjs';
import { observed } from '../rounds.mjs';

export const title = 'many live operations on one connection, frames in turn';

// urql shows each result to each operation: 1.8 ms a message with 2,000 of them.
const why = (name, operations) => (name === 'urql' && operations > 1 ? 'a message takes time with the operations' : undefined);

export const groups = ({ quick }) =>
  [
    { label: 'one operation', operations: 1 },
    { label: '10,000 operations', operations: 10_000 },
  ].map(({ label, operations }) => ({
    figures: [{ label, unit: 'ns' }],
    contenders: withManyCallbacks.map(([name, client]) => ({
      name,
      why: why(name, operations),
      ...observed(client, { count: quick ? 20_000 : 100_000, payload: small, operations }),
    })),
  }));

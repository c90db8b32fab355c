// 10,000 operations on one connection, which get a frame each in turn, and the same with one.
import { noPython, withManyCallbacks } from '../clients.mjs';
import { small } from '../frames.mjs';
import { observed } from '../rounds.mjs';

export const title = 'many live operations on one connection, frames in turn';
export const about = `
10,000 subscriptions on one connection, whose results come in turn: each message has to find its operation
among all of them. Beside it the same number of messages for a single operation.`;
export const absent = [noPython];

// 18 ms with 10,000 of them, and the heap that it fills would slow down the others.
const why = (name, operations) =>
  name === 'urql' && operations > 1 ? 'it shows each message to each operation, which takes milliseconds' : undefined;

export const groups = ({ quick, contenders = withManyCallbacks }) =>
  [
    { label: 'one operation', operations: 1 },
    { label: '10,000 operations', operations: 10_000 },
  ].map(({ label, operations }) => ({
    figures: [{ label, unit: 'ns' }],
    contenders: contenders.map(([name, client]) => ({
      name,
      why: why(name, operations),
      ...observed(client, { count: quick ? 20_000 : 100_000, payload: small, operations }),
    })),
  }));

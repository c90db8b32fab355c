// Frames queue up before the consumer reads; what a message costs from its arrival to the end.
import { noIterator, noPython, withIterator } from '../clients.mjs';
import { small } from '../frames.mjs';
import { iterated } from '../rounds.mjs';

export const title = 'a backlog, read with for await';
export const about = `
All results have arrived before the consumer takes the first. What a message costs must not grow with the
number of those that wait.`;
export const absent = [noIterator, noPython];

// graphql-ws takes time with the square of the backlog: a round can take a minute.
const slow = (name, count) => name === 'graphql-ws iterate' && count > 50_000;

export const groups = ({ quick, contenders = withIterator }) =>
  [
    { count: 1_000, times: quick ? 10 : 50 },
    { count: 10_000, times: quick ? 2 : 5 },
    { count: 50_000, times: 1 },
    { count: 200_000, times: 1 },
  ].map(({ count, times }) => ({
    figures: [{ label: `${count.toLocaleString('en')} frames`, unit: 'ns' }],
    contenders: contenders.map(([name, client]) => ({
      name,
      why: slow(name, count) && quick ? 'it would take a minute' : undefined,
      rounds: slow(name, count) ? 1 : undefined,
      ...iterated(client, { count, payload: small, backlog: true, times }),
    })),
  }));

// Frames queue up before the consumer reads; what a message costs from its arrival to the end.
import { withIterator } from '../clients.mjs';
import { small } from '../frames.mjs';
import { iterated } from '../rounds.mjs';

export const title = 'a backlog, read with for await';

// graphql-ws takes time with the square of the backlog.
const why = (name, count) => (name === 'graphql-ws iterate' && count > 50_000 ? 'would take a minute' : undefined);

export const groups = ({ quick }) =>
  [
    { count: 1_000, times: quick ? 10 : 50 },
    { count: 10_000, times: quick ? 2 : 5 },
    { count: 50_000, times: 1 },
    { count: 200_000, times: 1 },
  ].map(({ count, times }) => ({
    figures: [{ label: `${count.toLocaleString('en')} frames`, unit: 'ns' }],
    contenders: withIterator.map(([name, client]) => ({
      name,
      why: why(name, count),
      ...iterated(client, { count, payload: small, backlog: true, times }),
    })),
  }));

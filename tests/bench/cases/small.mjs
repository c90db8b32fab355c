// 90-byte frames, read with `for await` as they come.
import { noIterator, noPython, withIterator } from '../clients.mjs';
import { small } from '../frames.mjs';
import { iterated } from '../rounds.mjs';

export const title = '90-byte frames, read with for await';
export const about = `
A server sends 100,000 results of 90 bytes for one operation, and the consumer takes each with for await as
it comes. The socket is in the same process, so that nothing but the client is measured: the time from the
first frame to the last, by message.`;
export const absent = [noIterator, noPython];

export const groups = ({ quick, contenders = withIterator }) => [
  {
    figures: [{ label: 'a message', unit: 'ns' }],
    contenders: contenders.map(([name, client]) => ({
      name,
      ...iterated(client, { count: quick ? 20_000 : 100_000, payload: small }),
    })),
  },
];

// 90-byte frames, read with `for await` as they come.
import { noIterator, noPython, withIterator } from '../clients.mjs';
import { small } from '../frames.mjs';
import { iterated } from '../rounds.mjs';

export const title = '90-byte frames, read with for await';
export const absent = [noIterator, noPython];

export const groups = ({ quick }) => [
  {
    figures: [{ label: 'a message', unit: 'ns' }],
    contenders: withIterator.map(([name, client]) => ({
      name,
      ...iterated(client, { count: quick ? 20_000 : 100_000, payload: small }),
    })),
  },
];

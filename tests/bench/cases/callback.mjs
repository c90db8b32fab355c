// 90-byte frames, handed to a callback as they come.
import { noPython, withCallback } from '../clients.mjs';
import { small } from '../frames.mjs';
import { observed } from '../rounds.mjs';

export const title = '90-byte frames, handed to a callback';
export const about = `
What the case small sends, taken by a callback, which every client has: no promise a message.`;
export const absent = [noPython];

export const groups = ({ quick, contenders = withCallback }) => [
  {
    figures: [{ label: 'a message', unit: 'ns' }],
    contenders: contenders.map(([name, client]) => ({
      name,
      ...observed(client, { count: quick ? 20_000 : 100_000, payload: small }),
    })),
  },
];

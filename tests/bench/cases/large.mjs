// Payloads that take long to parse, handed to a callback: the client's own work should vanish.
import { noPython, withCallback } from '../clients.mjs';
import { large } from '../frames.mjs';
import { observed } from '../rounds.mjs';

export const title = 'large payloads, handed to a callback';
export const about = `
Results of 2 KB, 64 KB and 1 MB. Nearly all of the time is JSON.parse; what a client adds should vanish in
it.`;
export const absent = [noPython];

const sizes = [
  { label: '2 KB', kib: 2, count: 2_000 },
  { label: '64 KB', kib: 64, count: 80 },
  { label: '1 MB', kib: 1024, count: 8 },
];

export const groups = ({ quick }) =>
  sizes.map(({ label, kib, count }) => ({
    figures: [{ label, unit: 'ns' }],
    contenders: withCallback.map(([name, client]) => ({
      name,
      ...observed(client, { count: quick ? count / 4 : count, payload: large(kib) }),
    })),
  }));

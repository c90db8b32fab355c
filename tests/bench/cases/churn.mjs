// Operations that are over after one result, one after the other and many at once.
import { noPython, withManyCallbacks } from '../clients.mjs';
import { churned } from '../rounds.mjs';

export const title = 'subscribe, one result, complete';
export const about = `
Operations that end after one result, as queries do. The time is that of a whole operation, with the server's
answer, which is the same for all.`;
export const absent = [noPython];

// How many times fewer operations a round has for those that would take minutes.
const fewer = { 'Apollo Client': 4, urql: 10 };

export const groups = ({ quick, contenders = withManyCallbacks }) =>
  [
    { label: 'one after the other', inFlight: 1 },
    { label: '1,000 in flight', inFlight: 1_000 },
  ].map(({ label, inFlight }) => ({
    figures: [{ label, unit: 'ns' }],
    contenders: contenders.map(([name, client]) => ({
      name,
      ...churned(client, { inFlight, count: (quick ? 10_000 : 20_000) / (fewer[name] ?? 1) }),
    })),
  }));

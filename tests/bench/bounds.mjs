// What must be reached: each line bounds a figure of wireql's, by a ratio (`times`) to the median of
// another contender (`of`) or of itself in another figure, by a sum (`plus`), or as such (`atMost`).
const limit = 'limit';
const iterate = 'graphql-ws iterate';
const sink = 'graphql-ws';

/** Pages are held to the same ratios as Node. */
const inPage = (bounds) =>
  ['Chromium', 'Firefox'].flatMap((browser) =>
    bounds.map((bound) => ({ ...bound, case: 'page', figure: `${browser}: ${bound.case}, ${bound.figure}` })),
  );

const small = [
  { case: 'small', figure: 'a message', of: limit, times: 1.3 },
  { case: 'small', figure: 'a message', of: iterate, times: 0.65 },
];

const backlog = (sizes) => sizes.map((size) => ({ case: 'backlog', figure: `${size} frames`, of: limit, times: 1.25 }));

export const bounds = [
  ...small,
  { case: 'callback', figure: 'a message', of: sink, times: 1 },
  ...['2 KB', '64 KB', '1 MB'].map((figure) => ({ case: 'large', figure, of: limit, times: 1.05 })),
  { case: 'fan-in', figure: '10,000 operations', of: 'wireql', in: 'one operation', times: 1.15 },
  ...backlog(['1,000', '10,000', '200,000']),
  { case: 'churn', figure: 'one after the other', of: sink, times: 1 },
  { case: 'churn', figure: '1,000 in flight', of: sink, times: 1 },
  { case: 'memory', figure: '10,000 idle, callback', of: sink, times: 0.5 },
  { case: 'memory', figure: '10,000 idle, for await', of: iterate, times: 0.5 },
  // Flat: a quarter of a byte for each of the 800,000 operations, which no leak can stay under.
  { case: 'memory', figure: 'growth from 200,000 to 1,000,000 finished', atMost: 200_000 },
  // What a client has copied of them, or kept.
  { case: 'memory', figure: 'after requests up to 50 MB', atMost: 4_000_000 },
  { case: 'loopback', figure: 'callback, first frame to last', of: limit, times: 1.15 },
  { case: 'loopback', figure: 'callback, first frame to last', of: sink, times: 0.85 },
  { case: 'start', figure: 'process start to first result', of: sink, plus: 15 },
  { case: 'start', figure: 'the first new WebSocketTransport', of: 'node -e 0', times: 0.2 },
  { case: 'page-start', figure: 'plain: navigation to first result', of: sink, times: 1.7 },
  { case: 'page-start', figure: 'mobile: navigation to first result', of: sink, times: 1.5 },
  { case: 'page-start', figure: 'mobile: longest task', atMost: 60 },
  ...inPage([...small, ...backlog(['1,000', '10,000', '200,000'])]),
  ...['Chromium', 'Firefox'].map((browser) => ({
    case: 'page',
    figure: `${browser}: longest task of the client while 100,000 frames arrive`,
    atMost: 50,
  })),
];

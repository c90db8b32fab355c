// A server in another process sends small frames as fast as it can: the processor time of the client's
// process, with the same `ws` in all of them.
import { noIterator, withCallback, withIterator } from '../clients.mjs';
import { startFlood } from '../flood.mjs';
import { small, sumOf } from '../frames.mjs';
import { check } from '../harness.mjs';
import { ask, noPythonHere, nodeProgram, pythonProgram } from '../processes.mjs';

export const title = 'small frames over TCP, processor time of the client';
export const about = `
A server in another process floods the client over TCP with 500,000 small results; the processor time of the
client's process, most of which is the socket's. The clients in JavaScript all use the same ws.`;
export const absent = [noIterator, 'Python gql has no callback'];

export const groups = async ({ quick }) => {
  const { url } = await startFlood();
  const count = quick ? 50_000 : 500_000;
  const expected = sumOf(count, small);
  const round = (command) => async () => {
    const { said } = await ask(command);
    check('the sum', said.sum, expected);
    return said.values;
  };
  const group = (way, contenders) => ({
    // Each round is a new process.
    warmups: 0,
    figures: ['first frame to last', 'in all'].map((part) => ({ label: `${way}, ${part}`, unit: 's' })),
    contenders,
  });
  return [
    group(
      'callback',
      withCallback.map(([name, client]) => ({ name, round: round(nodeProgram('client.mjs', client, 'callback', url, count)) })),
    ),
    group('for await', [
      ...withIterator.map(([name, client]) => ({
        name,
        round: round(nodeProgram('client.mjs', client, 'iterator', url, count)),
      })),
      {
        name: 'Python gql',
        why: noPythonHere,
        rounds: 3,
        round: round(pythonProgram('client.py', url, count)),
      },
    ]),
  ];
};

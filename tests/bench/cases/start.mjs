// How long a process takes until the first result, and what of it is WebAssembly's.
import { withCallback } from '../clients.mjs';
import { startFlood } from '../flood.mjs';
import { small } from '../frames.mjs';
import { check } from '../harness.mjs';
import { ask, noPythonHere, nodeProgram, pythonProgram } from '../processes.mjs';

export const title = 'a process that wants one result';
export const about = `
What a script pays that wants one result from a server on the same machine: the time from the start of the
process to the first result. What of it is compiling WebAssembly stands below.`;

export const groups = async ({ quick }) => {
  const { url } = await startFlood();
  // Milliseconds of whole processes differ more than those of loops.
  const rounds = quick ? 1 : 15;
  const round = (command) => async () => {
    const { took, said } = await ask(command);
    check('the result', small.read(said), 100_000);
    return took;
  };
  return [
    {
      rounds,
      figures: [{ label: 'process start to first result', unit: 'ms' }],
      contenders: [
        ...withCallback.map(([name, client]) => ({ name, round: round(nodeProgram('start.mjs', client, url)) })),
        {
          name: 'Python gql',
          why: noPythonHere,
          round: round(pythonProgram('start.py', url)),
        },
      ],
    },
    {
      rounds,
      figures: [{ label: 'the first new WebSocketTransport', unit: 'ms' }],
      contenders: [{ name: 'wireql', round: async () => (await ask(nodeProgram('instantiate.mjs'))).said }],
    },
  ];
};

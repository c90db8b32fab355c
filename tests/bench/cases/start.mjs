// How long a process takes until the first result, and how long the first transport.
import { spawnSync } from 'node:child_process';
import { withCallback } from '../clients.mjs';
import { startFlood } from '../flood.mjs';
import { small } from '../frames.mjs';
import { check } from '../harness.mjs';
import { ask, noPythonHere, nodeProgram, pythonProgram } from '../processes.mjs';

export const title = 'a process that wants one result';
export const about = `
What a script pays that wants one result from a server on the same machine: the time from the start of the
process to the first result. The first transport of a process compiles the WebAssembly, or starts what wireql/js has in its place: what that
takes stands below, beside the whole of a Node process that does nothing.`;

/** Milliseconds that a Node process takes to start and exit. */
const nothing = () => {
  const begin = performance.now();
  const { status } = spawnSync(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  check('its exit code', status, 0);
  return performance.now() - begin;
};

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
      contenders: [
        ...['wireql', 'wireql/js'].map((name) => ({
          name,
          round: async () => (await ask(nodeProgram('instantiate.mjs', name))).said,
        })),
        { name: 'node -e 0', round: nothing },
      ],
    },
  ];
};

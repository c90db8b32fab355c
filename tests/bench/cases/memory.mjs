// What operations hold on to while they wait, and what is left of those that are over.
import { noIterator, noPython, withIterator, withManyCallbacks } from '../clients.mjs';
import { askAll, nodeProgram } from '../processes.mjs';

export const title = 'heap and WebAssembly memory';
export const about = `
Bytes in the JavaScript heap and outside of it, WebAssembly's memory included, each in a process of its own:
for 10,000 operations that wait for their first result, from before the client was loaded; for what is left of
operations that are over, and whether more is left the more there were.`;
export const absent = [noIterator, noPython];

const slow = new Set(['Apollo Client', 'urql']);

/** Each round of a contender is a process, whose command line is `command`; it prints a number a figure. */
const groups = ({ quick }) => [
  // The slowest first, that the last processes end together.
  {
    figures: ['after 200,000 finished', 'growth from 200,000 to 1,000,000 finished'],
    contenders: withManyCallbacks.map(([name, client]) => ({
      name,
      command: nodeProgram('memory.mjs', client, 'finished', quick ? 50_000 : 1_000_000),
      // The peers only show what flat is.
      rounds: name === 'wireql' ? 3 : 1,
      why: slow.has(name) ? 'would take minutes' : undefined,
    })),
  },
  {
    figures: ['10,000 idle, callback'],
    contenders: withManyCallbacks.map(([name, client]) => ({
      name,
      command: nodeProgram('memory.mjs', client, 'idle', 10_000),
      // It takes a quarter of a minute to begin them.
      rounds: name === 'urql' ? 1 : 3,
    })),
  },
  {
    figures: ['10,000 idle, for await'],
    contenders: withIterator.map(([name, client]) => ({
      name,
      command: nodeProgram('memory.mjs', client, 'waiting', 10_000),
      rounds: 3,
      why: name === 'limit' ? 'it knows one operation' : undefined,
    })),
  },
];

/**
 * Bytes, unlike times, do not depend on what else the machine does: as many processes run at once as it
 * has cores. Nor do they differ much from round to round.
 */
export const measure = async ({ quick }, progress) => {
  const wanted = groups({ quick });
  const processes = wanted.flatMap(({ contenders }) =>
    contenders
      .filter(({ why }) => !why)
      .flatMap(({ command, rounds }) => Array.from({ length: quick ? 1 : rounds }, () => command)),
  );
  const answers = await askAll(processes, (done) => progress(`${done} of ${processes.length} processes`));
  const valuesOf = (command) => answers.filter((_, index) => processes[index] === command);
  return wanted.flatMap(({ figures, contenders }) =>
    figures.map((label, index) => ({
      label,
      unit: 'bytes',
      contenders: contenders.map(({ name, why, command }) => ({
        name,
        why,
        values: valuesOf(command).map(({ said }) => said[index]),
      })),
    })),
  );
};

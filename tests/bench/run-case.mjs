// Runs one case in a process of its own.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeOptions } from './processes.mjs';

const program = fileURLToPath(new URL('case.mjs', import.meta.url));

/** Gives what the case found. Reports progress on stderr, each line beginning with `place`, such as `2/5`. */
export const runCase = (name, options, place) =>
  new Promise((resolve) => {
    const begin = Date.now();
    let said = 0;
    const say = (text) => console.error(`[${place}] ${name}: ${text}`);
    const child = fork(program, [name, JSON.stringify(options)], nodeOptions);
    let outcome = { title: name, about: '', absent: [], figures: [], why: 'it failed, see above' };
    say('begins');
    child.on('message', ({ far, ...found }) => {
      if (!far) outcome = found;
      else if (Date.now() - said > 5_000) {
        said = Date.now();
        say(far);
      }
    });
    child.on('close', () => {
      say(`${((Date.now() - begin) / 1000).toFixed(1)} s`);
      resolve({ name, ...outcome });
    });
  });

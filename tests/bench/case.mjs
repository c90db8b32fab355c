// One case, in a process of its own: `run-case.mjs` starts it, and is told of each step by a message.
import { compare } from './harness.mjs';

const [name, json] = process.argv.slice(2);
const given = JSON.parse(json);
const options = { ...given, plan: given.quick ? { warmups: 0, rounds: 1 } : { warmups: 2, rounds: 7 } };
const tell = (message) => new Promise((resolve) => process.send(message, resolve));
const progress = (far) => tell({ far });

// Browsers are in process groups of their own: they are stopped at `exit`, so that has to come.
for (const end of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(end, () => process.exit(1));

/** Most cases are groups that run here; the one of the browsers measures elsewhere. */
const runHere = async (groups) => {
  const figures = [];
  for (const [index, group] of groups.entries()) {
    const which = `${group.figures[0].label} (${index + 1} of ${groups.length})`;
    figures.push(...(await compare(group, options.plan, (far) => progress(`${which}, ${far}`))));
  }
  return figures;
};

const { title, about, absent = [], groups, measure } = await import(`./cases/${name}.mjs`);
const figures = await (measure ? measure(options, progress) : runHere(await groups(options)));
await tell({ title, about: about.trim().replaceAll('\n', ' '), absent, figures });
// Some clients keep timers, and with them the process, alive.
process.exit();

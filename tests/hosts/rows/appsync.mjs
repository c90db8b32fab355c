// AWS's own simulator of AppSync: a folder of its own, as it is large and wants an old `graphql`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolNode } from '../context.mjs';

const source = fileURLToPath(new URL('../appsync', import.meta.url));
const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
const [[name, version]] = Object.entries(manifest.dependencies);

const simulator = {
  name: `${name} ${version}`,
  what: 'a subscription to what a mutation returns, by the carrier that it knows',
  async run(context) {
    await context.projectOf(source, { ws: true, parts: ['simulator.js', 'program.js'] });
    const url = await context.serve([toolNode, 'simulator.js'], /listening at (http:\S+)/);
    const said = (await context.output([toolNode, 'program.js', url])).trim();
    if (said !== 'done') throw new Error(said);
  },
};

export const rows = [simulator];

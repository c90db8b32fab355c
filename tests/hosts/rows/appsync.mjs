// AWS's own simulator of AppSync: a folder of its own, as it is large and wants an old `graphql`.
import { cpSync, existsSync, readFileSync } from 'node:fs';
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
    const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
    const noted = join(context.folder, 'node_modules', '.installed-lock.json');
    if (!existsSync(noted) || readFileSync(noted, 'utf8') !== lock) {
      context.project();
      cpSync(source, context.folder, { recursive: true });
      await context.run(['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund']);
      context.write('node_modules/.installed-lock.json', lock);
    }
    context.project({ manifest, ws: true, keep: ['node_modules', 'package-lock.json'] });
    for (const file of ['simulator.js', 'program.js']) cpSync(join(source, file), join(context.folder, file));
    const url = await context.serve([toolNode, 'simulator.js'], /listening at (http:\S+)/);
    const said = (await context.output([toolNode, 'program.js', url])).trim();
    if (said !== 'done') throw new Error(said);
  },
};

export const rows = [simulator];

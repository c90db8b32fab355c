// Next.js: a folder of its own, since it wants to be installed in its project.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, runStory } from '../browsers.mjs';
import { documented, toolNode } from '../context.mjs';

const source = fileURLToPath(new URL('../next', import.meta.url));
const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));

const next = {
  name: `Next.js ${manifest.dependencies.next}`,
  what: 'build and start; client components in Chromium, server component, route',
  async run(context) {
    await context.projectOf(source, { fixtures: ['story.js', 'page-file.js'], parts: ['app'] });

    context.write('app/live.jsx', documented('next', context.url));

    const command = [toolNode, join('node_modules', 'next', 'dist', 'bin', 'next')];
    const said = await context.run([...command, 'build']);
    const line = [...command, 'start', '--hostname', '127.0.0.1', '--port', await context.freePort()];
    const url = await context.serve(line, /Local:\s+(http:\S+)[\s\S]*Ready/);
    for (const page of ['/', '/slim', '/web']) await runStory(context, chromium, new URL(page, url).href);

    const evaluate = await chromium.open(new URL('/countdown', url).href, context);
    await evaluate(`new Promise((resolve) => {
      const look = () => (document.querySelector('output')?.textContent === '0' ? resolve() : requestAnimationFrame(look));
      look();
    })`);

    const route = new URL('/story', url);
    route.searchParams.set('url', context.url);
    route.searchParams.set('refused', context.refused);
    const answer = await (await fetch(route)).text();
    if (answer !== 'done') throw new Error(`in a route: ${answer}`);
    return /warn.*/i.exec(said)?.[0];
  },
};

export const rows = [next];

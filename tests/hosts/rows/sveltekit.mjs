// SvelteKit: a folder of its own, which is installed as that for Next.js is. Its page and its store are
// those of libraries.md, built for Node and served by what adapter-node makes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipe } from '../../e2e/recipes.mjs';
import { startServer } from '../../servers/demo/server.mjs';
import { chromium } from '../browsers.mjs';
import { documented, toolNode } from '../context.mjs';

const source = fileURLToPath(new URL('../sveltekit', import.meta.url));
const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));

const sveltekit = {
  name: `SvelteKit ${manifest.devDependencies['@sveltejs/kit']}`,
  what: 'build and adapter-node; a page that its server renders, in Chromium',
  async run(context) {
    await context.projectOf(source, { parts: ['src', 'vite.config.js'] });

    // A server of its own, whose connections are this page's.
    const server = await startServer();
    context.onEnd(() => server.close());
    let connections = 0;
    server.sockets.on('connection', () => (connections += 1));
    context.write('src/lib/live.js', recipe('Svelte', server.url));
    context.write('src/routes/+page.svelte', documented('sveltekit', server.url));

    const said = await context.run([toolNode, join('node_modules', 'vite', 'bin', 'vite.js'), 'build']);
    context.write('server.env', `HOST=127.0.0.1\nPORT=${await context.freePort()}\n`);
    const url = await context.serve([toolNode, '--env-file=server.env', 'build'], /Listening on (http:\S+)/);
    const html = await (await fetch(url)).text();
    if (!html.includes('<output>waiting</output>')) throw new Error(`the server renders ${html}`);

    const evaluate = await chromium.open(url, context);
    const shows = (selector, text) =>
      evaluate(`new Promise((resolve) => {
        const look = () =>
          document.querySelector('${selector}')?.textContent === '${text}' ? resolve() : requestAnimationFrame(look);
        look();
      })`);
    await shows('output', '0');
    // A connection of the SvelteKit server's would have come before that of the page.
    if (connections !== 1) throw new Error(`expected the one connection of the page, received ${connections}`);

    // By the router, which keeps the page's modules and with them the connection.
    const go = (path) => evaluate(`document.querySelector('a[href="${path}"]').click()`);
    await go('/other');
    await shows('p', 'nothing live here');
    await go('/');
    await shows('output', '3');
    if (server.running.count !== 1) throw new Error(`expected one subscription, received ${server.running.count}`);
    const [socket] = server.sockets.clients;
    const left = new Promise((resolve) => socket.on('message', (text) => JSON.parse(text).type === 'complete' && resolve()));
    await go('/other');
    await left;
    if (connections !== 1) throw new Error(`expected the same connection, received ${connections}`);
    return /warn.*/i.exec(said)?.[0];
  },
};

export const rows = [sveltekit];

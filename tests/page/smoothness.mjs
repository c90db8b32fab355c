// How smooth the page is, measured by hand: `node tests/page/smoothness.mjs [SECONDS]`. 20,000 results at once, then 5,000
// a second. Prints the tasks of over 50 ms, as the browser's Performance API tells them, and the times between frames.
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { withBrowser } from './browser.mjs';

const seconds = Number(process.argv[2] ?? 60);
/** So many results each 10 ms are 5,000 a second. */
const BATCH = 50;

const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
await once(sockets, 'listening');
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type, id } = JSON.parse(data);
    const send = (message) => socket.send(JSON.stringify(message));
    if (type === 'connection_init') send({ type: 'connection_ack' });
    if (type === 'ping') send({ type: 'pong' });
    if (type !== 'subscribe') return;
    const began = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(seconds * 5_000, Math.floor(((performance.now() - began) / 10) * BATCH));
      for (; sent < due; sent += 1) send({ id, type: 'next', payload: { data: { n: sent, price: 100.25, symbol: 'ABC' } } });
      if (sent < seconds * 5_000) return;
      clearInterval(timer);
      send({ id, type: 'complete' });
    }, 10);
  });
});

await withBrowser(async ({ browser, server }) => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(server.url);
  const measure = async (what, url, document, expected) => {
    await page.fill('#url', url);
    await page.fill('#query', document);
    await page.evaluate(() => {
      globalThis.seen = { tasks: [], gaps: [] };
      globalThis.observer = new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration)));
      observer.observe({ type: 'longtask' });
      let before = performance.now();
      const frame = (now) => {
        seen.gaps.push(now - before);
        before = now;
        globalThis.frame = requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    await page.click('#run');
    await page.locator('.operation:first-child .summary').filter({ hasText: expected }).waitFor({ timeout: 200_000 });
    const { tasks, gaps } = await page.evaluate(() => (observer.disconnect(), cancelAnimationFrame(frame), seen));
    gaps.sort((a, b) => a - b);
    const [summary] = await page.locator('.operation:first-child .summary').allTextContents();
    const heap = await page.evaluate(() => performance.memory.usedJSHeapSize);
    console.log(`${what}: ${summary}`);
    console.log(`  tasks over 50 ms: ${tasks.length === 0 ? 'none' : tasks.map(Math.round).join(', ')}`);
    console.log(`  between frames: 50 % ${gaps[gaps.length >> 1].toFixed(1)} ms, 99 % ${gaps[Math.floor(gaps.length * 0.99)].toFixed(1)} ms, most ${gaps.at(-1).toFixed(1)} ms`);
    console.log(`  heap ${(heap / 2 ** 20).toFixed(0)} MiB, elements ${await page.evaluate(() => document.querySelectorAll('*').length)}`);
  };
  await measure('the first operation, with which WebAssembly is compiled', server.graphql.url, '{ hello }', 'Ended');
  await measure('20,000 at once', server.graphql.url, 'subscription { burst(count: 20000) }', 'Ended: 20,000');
  const url = `ws://127.0.0.1:${sockets.address().port}`;
  await measure(`5,000 a second for ${seconds} s`, url, 'subscription { price }', /Ended/);
});
for (const socket of sockets.clients) socket.terminate();
sockets.close();

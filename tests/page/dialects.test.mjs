// The cases of tests/scripted/dialects.js in Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cases } from '../scripted/dialects.js';
import { startBrowser } from './browser.mjs';

let browsing;
let page;

before(async () => {
  browsing = await startBrowser();
  page = await browsing.browser.newPage();
  const { url } = browsing.server;
  await page.route(`${url}tests/**`, (route) =>
    route.fulfill({ path: fileURLToPath(new URL(`../..${new URL(route.request().url()).pathname}`, import.meta.url)) }),
  );
  await page.goto(`${url}server.json`);
});

after(() => browsing?.stop());

for (const name of Object.keys(cases)) {
  test(name.replaceAll('_', ' '), async () => {
    const failure = await page.evaluate(async (name) => {
      const [{ cases }, wireql, vectors] = await Promise.all([
        import('/tests/scripted/dialects.js'),
        import('/wireql/index.js'),
        fetch('/tests/scripted/sigv4-vectors.json').then((response) => response.json()),
      ]);
      try {
        await cases[name](wireql, vectors);
        return undefined;
      } catch (error) {
        return error.stack ?? String(error);
      }
    }, name);
    assert.equal(failure, undefined);
  });
}

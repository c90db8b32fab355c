// The cases of tests/scripted in Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cases } from '../scripted/cases.js';
import { openTests, startBrowser } from './browser.mjs';

let browsing;
let page;

before(async () => {
  browsing = await startBrowser();
  page = await openTests(browsing);
});

after(() => browsing?.stop());

for (const name of Object.keys(cases)) {
  test(name.replaceAll('_', ' '), async () => {
    const failure = await page.evaluate(async (name) => {
      const [{ cases }, { WebSocketTransport }] = await Promise.all([
        import('/tests/scripted/cases.js'),
        import('/wireql/index.js'),
      ]);
      try {
        await cases[name]((url, options) => new WebSocketTransport(url, options));
        return undefined;
      } catch (error) {
        return error.stack ?? String(error);
      }
    }, name);
    assert.equal(failure, undefined);
  });
}

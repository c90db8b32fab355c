// The README's example for a page, as it stands there but for the address.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withBrowser } from './browser.mjs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, example] = /```html\n([^]*?)```/.exec(readme);

test('the example of the README runs in a page', () =>
  withBrowser(async ({ browser, server }) => {
    const page = await browser.newPage();
    const body = `<!doctype html>${example.replace('ws://127.0.0.1:4000/graphql', server.graphql.url)}`;
    // A page of the origin that has no content of its own; the browser bars invented pages from loopback.
    await page.goto(`${server.url}server.json`);
    await page.setContent(body);
    await page.locator('li:nth-child(4)').waitFor();
    assert.deepEqual(await page.locator('li').allTextContents(), ['3', '2', '1', '0']);
  }));

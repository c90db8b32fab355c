// Chromium, and the page's servers.
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { startPage } from '../../scripts/www.mjs';

const find = (name) => {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

const launch = () =>
  chromium.launch({
    executablePath: find('chromium') ?? find('chromium-browser') ?? find('google-chrome'),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  });

/** Runs the body with a browser and the servers of `make www`, and stops both whatever happens. */
export const withBrowser = async (body) => {
  const server = await startPage();
  let browser;
  try {
    browser = await launch();
    await body({ browser, server });
  } finally {
    await browser?.close();
    await server.close();
  }
};

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

/** A browser and the servers of `make www`, which `stop` ends. */
export const startBrowser = async () => {
  const server = await startPage();
  try {
    const browser = await launch();
    const stop = async () => {
      await browser.close();
      await server.close();
    };
    return { browser, server, stop };
  } catch (error) {
    await server.close();
    throw error;
  }
};

/** Runs the body with both, and stops them whatever happens. */
export const withBrowser = async (body) => {
  const { browser, server, stop } = await startBrowser();
  try {
    await body({ browser, server });
  } finally {
    await stop();
  }
};

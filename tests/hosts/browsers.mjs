// The browsers of this machine, each behind `open(url, context)`, which opens a page and gives a
// function that evaluates an expression there. The row's context ends what was started for it.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium as playwright } from 'playwright-core';
import { WebSocket } from 'ws';
import { NotTested } from './context.mjs';

const find = (...names) => {
  for (const name of names) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // The next one, then.
    }
  }
  throw new NotTested(`there is no ${names[0]} on the PATH`);
};

// ---- Chromium, by Playwright -----------------------------------------------------------

let launched;

export const chromium = {
  name: 'Chromium',
  async open(url, { onEnd }) {
    launched ??= await playwright.launch({
      executablePath: find('chromium', 'chromium-browser', 'google-chrome'),
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
    });
    const page = await launched.newPage();
    onEnd(() => page.close());
    const errors = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(url);
    return async (expression) => {
      const value = await page.evaluate(expression);
      return errors.length > 0 ? `the page reports ${errors.join('; ')}` : value;
    };
  },
};

// ---- stock browsers, which are spoken to by a port of theirs --------------------------------

/** By WebDriver BiDi, which Firefox speaks itself. */
const firefox = {
  name: 'Firefox',
  async open(pageUrl, { folder, serve, onEnd }) {
    const profile = join(folder, 'profile');
    mkdirSync(profile);
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
    const url = await serve([find('firefox', 'firefox-esr'), ...args], /WebDriver BiDi listening on (ws:\S+)/);
    const socket = new WebSocket(`${url}/session`);
    onEnd(() => socket.terminate());
    await once(socket, 'open');
    const waiting = new Map();
    socket.on('message', (text) => {
      const { id, result, message } = JSON.parse(text);
      const { resolve, reject } = waiting.get(id) ?? {};
      if (result) resolve?.(result);
      else reject?.(new Error(message));
    });
    const ask = (method, params) =>
      new Promise((resolve, reject) => {
        const id = waiting.size + 1;
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params }));
      });
    await ask('session.new', { capabilities: {} });
    const { contexts } = await ask('browsingContext.getTree', {});
    const [{ context }] = contexts;
    await ask('browsingContext.navigate', { context, url: pageUrl, wait: 'complete' });
    return async (expression) => {
      const params = { expression, target: { context }, awaitPromise: true };
      const { result, exceptionDetails } = await ask('script.evaluate', params);
      return exceptionDetails?.text ?? result.value;
    };
  },
};

/** Resolves when somebody listens; asked again at each refusal, since WebKit's driver does not say. */
const listening = async (port) => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(50);
    } finally {
      socket.destroy();
    }
  }
};

/** By WebDriver: WebKitGTK's, which needs a display; one without a screen will do. */
const webkit = {
  name: 'WebKitGTK',
  async open(pageUrl, { freePort, start, onEnd }) {
    const driver = find('WebKitWebDriver');
    const display = process.env.DISPLAY ? [] : [find('xvfb-run'), '--auto-servernum'];
    const port = await freePort();
    start([...display, driver, `--port=${port}`]);
    const ask = async (method, path, body) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
      const { value } = await response.json();
      if (value?.error) throw new Error(`${value.error}: ${value.message}`);
      return value;
    };
    await listening(port);
    const { sessionId } = await ask('POST', '/session', { capabilities: {} });
    const session = `/session/${sessionId}`;
    onEnd(() => ask('DELETE', session));
    await ask('POST', `${session}/timeouts`, { script: 60_000 });
    await ask('POST', `${session}/url`, { url: pageUrl });
    return (expression) =>
      ask('POST', `${session}/execute/async`, { script: `${expression}.then(arguments[0])`, args: [] });
  },
};

export const browsers = [chromium, firefox, webkit];

export const closeBrowsers = async () => launched?.close();

/**
 * Calls the `runStory` of the page at the URL and expects it to say `done`. A framework may set it
 * some time after the page has loaded: asked for at each frame, as long as the row has time.
 */
export const runStory = async (context, browser, pageUrl) => {
  const evaluate = await browser.open(pageUrl, context);
  const said = await evaluate(`new Promise((resolve) => {
    const attempt = () => globalThis.runStory
      ? resolve(runStory(${JSON.stringify(context.url)}, ${JSON.stringify(context.refused)}))
      : requestAnimationFrame(attempt);
    attempt();
  })`);
  if (said !== 'done') throw new Error(said);
};

// Loads a page in Chromium with empty caches, as on a first visit.
import { chromium } from 'playwright-core';
import { browsers, find } from './browsers.mjs';

const executablePath = find(browsers.find(({ name }) => name === 'Chromium'));

/** Why no page can be loaded; undefined if Chromium is there. */
export const noChromium = executablePath ? undefined : 'no Chromium on the PATH';

export const launch = () =>
  chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  });

/**
 * The devices of visitors, in the parameters of Chromium's DevTools protocol. `rate` is how many times slower the
 * processor is; latency is in milliseconds, throughput in bytes per second, and −1 does not limit it.
 */
export const profiles = {
  plain: undefined,
  mobile: {
    cpu: { rate: 4 },
    network: { offline: false, latency: 40, downloadThroughput: 10_000_000 / 8, uploadThroughput: -1 },
  },
};

const emulate = async (page, { cpu, network }) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', network);
  await session.send('Emulation.setCPUThrottlingRate', cpu);
};

/** The first line that the page writes to its console. Throws if the page, or loading it, fails. */
const saidBy = async (page) => {
  const failed = new Promise((_, reject) => page.once('pageerror', reject));
  const message = await Promise.race([page.waitForEvent('console'), failed]);
  if (message.type() === 'error') throw new Error(message.text());
  return message.text();
};

/** What a trace records: tasks, and the page's milestones and marks. */
const categories = ['disabled-by-default-devtools.timeline', 'blink.user_timing'];

/**
 * The longest task of the page's main thread in milliseconds, from the end of the navigation's commit to the task
 * that set the mark. It is read from a trace because `PerformanceObserver` omits tasks under 50 ms. The commit is
 * the browser's own work, and can take longer than any task of a client.
 */
const longestTask = (trace, markName) => {
  const { traceEvents } = JSON.parse(trace);
  const mark = traceEvents.find(({ name }) => name === markName);
  const events = traceEvents.filter(({ pid, tid, ts }) => pid === mark.pid && tid === mark.tid && ts <= mark.ts);
  // A tab begins with an empty document, so the last commit is the page's.
  const committed = events.filter(({ name }) => name === 'commitNavigationEnd').map(({ ts }) => ts);
  const tasks = events.filter(({ name, ts }) => name === 'RunTask' && ts > Math.max(...committed));
  const longest = Math.max(...tasks.map(({ dur }) => dur)) / 1000;
  if (!(longest > 0)) throw new Error('the trace is not complete');
  return longest;
};

/** Loads the page. Gives the line that it wrote to its console, and the longest task until the mark. */
export const loadCold = async (browser, url, { profile, mark }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (profile) await emulate(page, profile);
  await browser.startTracing(undefined, { categories });
  const [said] = await Promise.all([saidBy(page), page.goto(url)]);
  // The page answers when the task that wrote to the console is over, and so in the trace.
  await page.evaluate(() => {});
  const trace = await browser.stopTracing();
  await context.close();
  return { said, longestTask: longestTask(trace, mark) };
};

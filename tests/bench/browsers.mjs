// The browsers of this machine. `show` needs no remote control: a page tells us by `fetch` what it found.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Nothing may load or run in the background of a fresh profile. */
const firefoxPreferences = `
user_pref('app.normandy.enabled', false);
user_pref('app.update.enabled', false);
user_pref('browser.aboutwelcome.enabled', false);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('browser.startup.homepage_override.mstone', 'ignore');
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('toolkit.telemetry.reportingpolicy.firstRun', false);
`;

export const browsers = [
  {
    name: 'Chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    words: (profile, url) => [
      '--headless=new',
      '--no-sandbox',
      '--no-first-run',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-extensions',
      '--js-flags=--expose-gc',
      `--user-data-dir=${profile}`,
      url,
    ],
  },
  {
    name: 'Firefox',
    commands: ['firefox', 'firefox-esr'],
    words: (profile, url) => ['--headless', '--no-remote', '--profile', profile, url],
  },
];

/** The path of a browser's program, if it is there. */
export const find = ({ commands }) => {
  for (const command of commands) {
    try {
      return execFileSync('which', [command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // The next one may be there.
    }
  }
  return undefined;
};

/** Its version; undefined if it is not there. */
export const versionOf = (browser) => {
  const command = find(browser);
  return command && /\d[\w.]*/.exec(execFileSync(command, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))[0];
};

/** Shows the page in a browser with a new profile. `stop` ends it; `ended` rejects when it ends itself. */
export const show = (browser, url) => {
  const profile = mkdtempSync(join(tmpdir(), 'wireql-bench-'));
  writeFileSync(join(profile, 'user.js'), firefoxPreferences);
  // A group of its own, as browsers are several processes.
  const child = spawn(find(browser), browser.words(profile, url), { detached: true, stdio: 'ignore' });
  const closed = once(child, 'close');
  const clear = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  process.once('exit', clear);
  return {
    ended: closed.then(([code]) => Promise.reject(new Error(`${browser.name} ended with code ${code}`))),
    async stop() {
      process.off('exit', clear);
      clear();
      await closed;
    },
  };
};

// AppSync and Phoenix in Chromium: the cases of tests/scripted/dialects.js, and both against their servers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cases } from '../scripted/dialects.js';
import { startServer } from '../servers/index.mjs';
import { openTests, startBrowser } from './browser.mjs';

let browsing;
let page;
let servers;

before(async () => {
  servers = { appsync: await startServer('appsync'), phoenix: await startServer('phoenix') };
  browsing = await startBrowser();
  page = await openTests(browsing);
});

after(async () => {
  await browsing?.stop();
  for (const server of Object.values(servers ?? {})) await server.stop();
});

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

// ---- against the servers -----------------------------------------------------------------

const region = 'eu-west-1';
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const temporary = { ...keys, accessKeyId: 'ASIDEXAMPLE', sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//+session/token==' };
const auths = {
  'API key': { apiKey: 'da2-good' },
  IAM: { credentials: keys, region },
  'IAM, session token': { credentials: temporary, region },
  Lambda: { token: 'lambda-token' },
};
/** By name: the server, where, and the options of the dialect. */
const ways = Object.fromEntries([
  ...Object.entries(auths).flatMap(([name, auth]) =>
    ['subprotocol', 'query'].map((carrier) => [`AppSync, ${name} in the ${carrier}`, ['appsync', '/graphql', { auth, carrier }]]),
  ),
  ['Phoenix, a parameter', ['phoenix', '/socket', { params: { token: 'good' } }]],
  ['Phoenix, a token in a subprotocol', ['phoenix', '/token', { authToken: 'good' }]],
]);

for (const [way, [name, path, options]] of Object.entries(ways)) {
  for (const kind of ['WebSocketTransport', 'Client']) {
    test(`${way}: ${kind}`, async () => {
      const url = `${new URL(servers[name].url).origin}${path}`;
      const seen = await page.evaluate(
        async ([kind, url, name, options]) => {
          const wireql = await import('/wireql/index.js');
          const dialect = name === 'appsync' ? wireql.appSync(options) : wireql.phoenix(options);
          const endpoint = new wireql[kind](url, { dialect });
          if (kind === 'WebSocketTransport') await endpoint.connect();
          const got = [];
          for await (const { data } of endpoint.subscribe('subscription { ticks }')) {
            got.push(data.ticks);
            if (got.length === 3) break;
          }
          await endpoint.close();
          return got;
        },
        [kind, url, name, options],
      );
      assert.deepEqual(seen, [1, 2, 3]);
    });
  }
}

test('a page that did not come over HTTPS is told what to do about IAM', async () => {
  // `wireql.test` is loopback, but not so called.
  const { port } = new URL(browsing.server.url);
  const insecure = await browsing.browser.newPage();
  try {
    await insecure.route('http://wireql.test/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await insecure.goto('http://wireql.test/');
    assert.equal(await insecure.evaluate(() => globalThis.isSecureContext), false);
    await insecure.route('http://wireql.test/index.js', (route) =>
      route.fulfill({ path: fileURLToPath(new URL('../../pkg/index.js', import.meta.url)) }),
    );
    const message = await insecure.evaluate(async ([url, auth]) => {
      const { WebSocketTransport, appSync } = await import('/index.js');
      try {
        return String(new WebSocketTransport(url, { dialect: appSync({ auth }) }));
      } catch ({ code, message }) {
        return `${code}: ${message}`;
      }
    }, [`http://127.0.0.1:${port}/graphql`, auths.IAM]);
    assert.match(message, /^NO_WEB_CRYPTO: .*HTTPS.*localhost.*`auth`/);
  } finally {
    await insecure.close();
  }
});

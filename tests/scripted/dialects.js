// What `appSync` and `phoenix` give to a transport, which no server sees directly: URLs, subprotocols, signatures. Run in
// Node by tests/e2e/dialects.test.mjs, in Chromium by tests/page/dialects.test.mjs; each case gets the package.

const fail = (message) => {
  throw new Error(message);
};
const show = (value) => (typeof value === 'string' ? `\`${value}\`` : JSON.stringify(value) ?? String(value));
const equal = (actual, expected, what = 'value') => {
  if (show(actual) !== show(expected)) fail(`${what}: expected ${show(expected)}, came ${show(actual)}`);
};
const rejected = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return fail('expected a rejection');
};
const thrown = (action) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return fail('expected a throw');
};
/** An error with exactly this message, which tells nothing that is secret. */
const saying = (error, name, message) => equal(`${error.name}: ${error.message}`, `${name}: ${message}`);

const decoded = (base64) => {
  const bytes = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
  // Not by `TextDecoder`, which the host may lack.
  return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''));
};
/** The authorization object that a handshake carries. */
const carried = ({ url, subprotocols }) => {
  const inQuery = new URL(url).searchParams.get('header');
  return JSON.parse(decoded(inQuery ?? subprotocols[1].slice('header-'.length)));
};

/** Runs the body with the clock standing still. */
const at = async (time, body) => {
  const Clock = globalThis.Date;
  globalThis.Date = class extends Clock {
    constructor(...args) {
      super(...(args.length === 0 ? [time] : args));
    }
  };
  try {
    return await body();
  } finally {
    globalThis.Date = Clock;
  }
};

/** Runs the body in a host whose `crypto` is this. */
const withCrypto = async (crypto, body) => {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
  try {
    return await body();
  } finally {
    // In browsers it is the prototype's.
    if (original === undefined) delete globalThis.crypto;
    else Object.defineProperty(globalThis, 'crypto', original);
  }
};

const endpoint = 'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql';
const host = new URL(endpoint).host;
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const request = '{"query":"subscription { ticks }"}';

export const cases = {
  // ---- AppSync: where ------------------------------------------------------------------

  async the_socket_of_an_endpoint_is_where_aws_has_it({ appSync }) {
    const urls = {
      [endpoint]: 'wss://abcdefghijklmnopqrstuvwxyz.appsync-realtime-api.eu-west-1.amazonaws.com/graphql',
      'https://a.appsync-api.cn-north-1.amazonaws.com.cn/graphql': 'wss://a.appsync-realtime-api.cn-north-1.amazonaws.com.cn/graphql',
      // As a transport's URL is passed on.
      'wss://a.appsync-api.eu-west-1.amazonaws.com/graphql': 'wss://a.appsync-realtime-api.eu-west-1.amazonaws.com/graphql',
      // The socket's own URL.
      'wss://a.appsync-realtime-api.eu-west-1.amazonaws.com/graphql': 'wss://a.appsync-realtime-api.eu-west-1.amazonaws.com/graphql',
      'wss://api.example.com/graphql/realtime': 'wss://api.example.com/graphql/realtime',
      'https://api.example.com/graphql': 'wss://api.example.com/graphql/realtime',
      'https://api.example.com/graphql/': 'wss://api.example.com/graphql/realtime',
      'https://api.example.com/': 'wss://api.example.com/realtime',
      'https://api.example.com/graphql?stage=a%2Fb': 'wss://api.example.com/graphql/realtime?stage=a%2Fb',
      'http://127.0.0.1:4000/graphql': 'ws://127.0.0.1:4000/graphql/realtime',
      'http://[::1]:4000/graphql': 'ws://[::1]:4000/graphql/realtime',
      // In a VPC one host serves both, as the header `Host` says.
      'https://vpce-1-a.appsync-api.eu-west-1.vpce.amazonaws.com/graphql': 'wss://vpce-1-a.appsync-api.eu-west-1.vpce.amazonaws.com/graphql',
    };
    const dialect = appSync({ auth: { apiKey: 'da2-key' } });
    for (const [given, expected] of Object.entries(urls)) {
      const { url, subprotocols } = await dialect.prepare(given);
      equal(url, expected, given);
      equal(subprotocols[0], 'graphql-ws');
    }
  },

  async what_is_authorized_is_the_endpoint_and_never_its_socket({ appSync }) {
    const hosts = {
      [endpoint]: host,
      'wss://a.appsync-realtime-api.eu-west-1.amazonaws.com/graphql': 'a.appsync-api.eu-west-1.amazonaws.com',
      'https://api.example.com:8443/graphql': 'api.example.com:8443',
      'https://api.example.com:443/graphql': 'api.example.com',
      'http://[::1]:4000/graphql': '[::1]:4000',
    };
    const dialect = appSync({ auth: { apiKey: 'da2-key' } });
    for (const [given, expected] of Object.entries(hosts)) {
      equal(carried(await dialect.prepare(given)), { host: expected, 'x-api-key': 'da2-key' });
      const { extensions } = JSON.parse(await dialect.authorise(given, request));
      equal(extensions.authorization, { host: expected, 'x-api-key': 'da2-key' });
    }
  },

  // ---- AppSync: the two carriers ----------------------------------------------------------

  async a_subprotocol_carries_base64url_without_padding({ appSync }) {
    // Each length of padding, and what is `+` and `/` in the standard alphabet.
    for (const token of ['a', 'ab', 'abc', '???>>>~~~', 'Zoë – € 😀']) {
      const handshake = await appSync({ auth: { token } }).prepare(endpoint);
      equal(/^header-[\w-]+$/.test(handshake.subprotocols[1]), true, handshake.subprotocols[1]);
      equal(handshake.subprotocols.length, 2);
      equal(new URL(handshake.url).search, '');
      equal(carried(handshake), { host, Authorization: token });
    }
  },

  async a_query_carries_base64_that_is_escaped({ appSync }) {
    for (const token of ['a', 'ab', 'abc', '???>>>~~~', 'Zoë – € 😀']) {
      const dialect = appSync({ auth: { token }, carrier: 'query' });
      const handshake = await dialect.prepare('https://api.example.com/graphql?a=1&header=old');
      equal(handshake.subprotocols, ['graphql-ws']);
      equal(/[+/]|==?$/.test(new URL(handshake.url).search), false, 'raw signs of base64');
      equal(new URL(handshake.url).searchParams.get('a'), '1');
      equal(new URL(handshake.url).searchParams.getAll('header').length, 1);
      equal(new URL(handshake.url).searchParams.get('payload'), 'e30=');
      equal(carried(handshake), { host: 'api.example.com', Authorization: token });
    }
  },

  // ---- AppSync: who asks ---------------------------------------------------------------------

  async a_start_carries_the_text_of_the_request_as_it_is({ appSync }) {
    const text = '{"query":"subscription { a(b: \\"\\\\u20ac \\n\\") }", "variables":{ "€":"😀"}}';
    const payload = JSON.parse(await appSync({ auth: { token: 't' } }).authorise(endpoint, text));
    equal(payload, { data: text, extensions: { authorization: { host, Authorization: 't' } } });
  },

  async signatures_are_those_of_an_independent_signer({ appSync }, vectors) {
    for (const { name, input, header } of vectors) {
      const dialect = appSync({ auth: { credentials: input.credentials, region: input.region } });
      const made = await at(input.now, async () => {
        if (input.url.endsWith('/connect')) return carried(await dialect.prepare(input.endpoint));
        return JSON.parse(await dialect.authorise(input.endpoint, input.body)).extensions.authorization;
      });
      equal(Object.entries(made).sort(), Object.entries(header).sort(), name);
    }
  },

  async the_region_stands_in_the_host_of_aws({ appSync }) {
    const scope = async (url, region) => {
      const auth = { credentials: keys, ...(region && { region }) };
      return carried(await appSync({ auth }).prepare(url)).Authorization.split('/')[2];
    };
    equal(await scope(endpoint), 'eu-west-1');
    equal(await scope('https://a.appsync-api.cn-north-1.amazonaws.com.cn/graphql'), 'cn-north-1');
    equal(await scope('wss://a.appsync-realtime-api.us-gov-west-1.amazonaws.com/graphql'), 'us-gov-west-1');
    equal(await scope('https://api.example.com/graphql', 'us-east-1'), 'us-east-1');
    equal(await scope(endpoint, 'us-east-1'), 'us-east-1');
    saying(
      await rejected(scope('https://api.example.com/graphql')),
      'TypeError',
      'the endpoint does not name its AWS region, as a custom domain does not: give it as the option `auth.region`, such as `eu-west-1`',
    );
  },

  async each_request_is_signed_by_the_clock_when_it_is_made({ appSync }) {
    const dialect = appSync({ auth: { credentials: keys } });
    const first = await at('2026-11-25T23:59:59Z', () => dialect.authorise(endpoint, request));
    const second = await at('2026-11-26T00:00:00.999Z', () => dialect.authorise(endpoint, request));
    const [a, b] = [first, second].map((text) => JSON.parse(text).extensions.authorization);
    equal([a['x-amz-date'], b['x-amz-date']], ['20261125T235959Z', '20261126T000000Z']);
    equal([a, b].map(({ Authorization }) => Authorization.split('/')[1]), ['20261125', '20261126']);
  },

  async a_host_without_web_crypto_is_told_what_to_do({ appSync, TransportError }) {
    for (const crypto of [undefined, {}]) {
      const dialect = appSync({ auth: { credentials: keys } });
      for (const asked of [() => dialect.prepare(endpoint), () => dialect.authorise(endpoint, request)]) {
        const error = await withCrypto(crypto, () => rejected(asked()));
        equal([error instanceof TransportError, error.code], [true, 'NO_WEB_CRYPTO']);
        for (const part of ['`crypto.subtle`', 'HTTPS', 'localhost', 'a function that signs', '`auth`']) {
          equal(error.message.includes(part), true, `${error.message} has ${part}`);
        }
      }
      // What needs none works there.
      await withCrypto(crypto, () => appSync({ auth: { apiKey: 'da2-key' } }).prepare(endpoint));
    }
  },

  async sources_are_asked_for_each_connect_and_each_start({ appSync }) {
    let asked = 0;
    const next = () => `secret-${(asked += 1)}`;
    for (const source of [next, async () => next()]) {
      asked = 0;
      const dialect = appSync({ auth: { token: source } });
      equal(asked, 0, 'before it is needed');
      const first = carried(await dialect.prepare(endpoint));
      const second = JSON.parse(await dialect.authorise(endpoint, request)).extensions.authorization;
      const third = JSON.parse(await dialect.authorise(endpoint, request)).extensions.authorization;
      equal([first, second, third].map(({ Authorization }) => Authorization), ['secret-1', 'secret-2', 'secret-3']);
    }
  },

  async temporary_keys_may_come_with_more_than_is_read({ appSync }) {
    // As providers of AWS's SDK return them.
    const given = { ...keys, sessionToken: 'session', expiration: new Date(), accountId: '1', $source: {} };
    const object = carried(await appSync({ auth: { credentials: async () => given } }).prepare(endpoint));
    equal(object['x-amz-security-token'], 'session');
    const unset = carried(await appSync({ auth: { credentials: { ...keys, sessionToken: undefined } } }).prepare(endpoint));
    equal('x-amz-security-token' in unset, false);
  },

  async a_function_is_told_what_to_sign_and_the_host_is_added({ appSync }) {
    const asked = [];
    const dialect = appSync({ auth: (post) => (asked.push(post), { 'x-mine': 'a' }) });
    equal(carried(await dialect.prepare(`${endpoint}?a=1`)), { host, 'x-mine': 'a' });
    equal(JSON.parse(await dialect.authorise(`${endpoint}//`, request)).extensions.authorization, { host, 'x-mine': 'a' });
    equal(asked, [
      { kind: 'connect', url: `${endpoint}/connect`, host, body: '{}' },
      { kind: 'start', url: endpoint, host, body: request },
    ]);
    const named = appSync({ auth: async () => ({ Host: 'api.internal', Authorization: 't' }) });
    equal(carried(await named.prepare(endpoint)), { Host: 'api.internal', Authorization: 't' });
  },

  async what_a_function_may_not_return_is_a_type_error({ appSync }) {
    const message = async (value) => (await rejected(appSync({ auth: () => value }).prepare(endpoint))).message;
    equal(await message(undefined), 'the function `auth` must return an object, but returned undefined');
    equal(await message('secret'), 'the function `auth` must return an object, but returned a string');
    equal(await message(['secret']), 'the function `auth` must return an object, but returned an array');
    equal(
      await message(new Headers({ authorization: 'secret' })),
      'what the function `auth` returned must be an object, but is a Headers, of which JSON makes {}',
    );
  },

  async what_a_source_may_not_return_is_a_type_error_that_tells_no_secret({ appSync }) {
    const asked = async (auth) => {
      const dialect = appSync({ auth });
      const errors = [await rejected(dialect.prepare(endpoint)), await rejected(dialect.authorise(endpoint, request))];
      equal(errors[0].message, errors[1].message);
      equal(errors[0] instanceof TypeError, true, 'a TypeError');
      return errors[0].message;
    };
    equal(await asked({ token: () => undefined }), 'what `auth.token` returned must be a string, but is undefined');
    equal(await asked({ token: async () => '' }), 'what `auth.token` returned must be a string, but is empty');
    equal(await asked({ apiKey: () => ({ secret: 1 }) }), 'what `auth.apiKey` returned must be a string, but is an object');
    equal(await asked({ credentials: () => null }), 'what `auth.credentials` returned must be an object with AWS keys, but is null');
    equal(
      await asked({ credentials: async () => ({ ...keys, secretAccessKey: undefined }) }),
      'what `auth.credentials` returned: `secretAccessKey` must be a string, but is undefined',
    );
    equal(
      await asked({ credentials: () => ({ ...keys, sessionToken: 7 }) }),
      'what `auth.credentials` returned: `sessionToken` must be a string, but is a number',
    );
  },

  async what_a_source_throws_is_what_is_rejected_with({ appSync }) {
    const error = new Error('signed out');
    const sources = [() => { throw error; }, async () => { throw error; }];
    for (const source of sources) {
      for (const auth of [{ token: source }, { apiKey: source }, { credentials: source }, source]) {
        const dialect = appSync({ auth });
        equal((await rejected(dialect.prepare(endpoint))) === error, true);
        equal((await rejected(dialect.authorise(endpoint, request))) === error, true);
      }
    }
  },

  async options_of_app_sync_that_cannot_be_are_refused({ appSync }) {
    const expected = 'an object with one of `apiKey`, `token` and `credentials`, or a function';
    const refused = [
      [undefined, `option \`auth\` must be ${expected}, but is undefined`],
      [{}, `option \`auth\` must be ${expected}, but is undefined`],
      ['da2-secret', 'options must be an object, but are a string'],
      [{ auth: 'da2-secret' }, `option \`auth\` must be ${expected}, but is a string`],
      [{ auth: {} }, `option \`auth\` must be ${expected}, but has none of them`],
      [{ auth: { apiKey: undefined } }, `option \`auth\` must be ${expected}, but has none of them`],
      [{ auth: { apiKey: 'a', token: 'b' } }, `option \`auth\` must be ${expected}, but has \`apiKey\` and \`token\``],
      [{ auth: { apikey: 'a' } }, 'unknown option `auth.apikey`: did you mean `auth.apiKey`?'],
      [{ auth: { apiKey: 'a' }, carier: 'query' }, 'unknown option `carier`: did you mean `carrier`?'],
      [{ auth: { apiKey: 'a' }, carrier: 'header' }, 'option `carrier` must be `subprotocol` or `query`, but is a string'],
      [{ auth: { apiKey: '' } }, 'option `auth.apiKey` must be a string, but is empty'],
      [{ auth: { token: null } }, 'option `auth.token` must be a string, but is null'],
      [{ auth: { token: Promise.resolve('a') } }, 'option `auth.token` must be a string, but is a promise, which has to be awaited'],
      [{ auth: { token: 'a', region: 'eu-west-1' } }, 'option `auth.region` is only for `auth.credentials`'],
      [{ auth: { credentials: keys, region: 'EU West' } }, 'option `auth.region` must be the name of an AWS region, such as `eu-west-1`, but is a string'],
      [{ auth: { credentials: { ...keys, accessKeyId: 7 } } }, 'option `auth.credentials`: `accessKeyId` must be a string, but is a number'],
    ];
    for (const [options, message] of refused) saying(thrown(() => appSync(options)), 'TypeError', message);
  },

  // ---- Phoenix -------------------------------------------------------------------------------

  async the_socket_of_phoenix_is_below_its_mount({ phoenix }) {
    const urls = {
      'wss://example.com/socket': 'wss://example.com/socket/websocket?vsn=2.0.0',
      'https://example.com/socket': 'wss://example.com/socket/websocket?vsn=2.0.0',
      'ws://127.0.0.1:4000/socket/': 'ws://127.0.0.1:4000/socket/websocket?vsn=2.0.0',
      'ws://[::1]:4000/socket/websocket': 'ws://[::1]:4000/socket/websocket?vsn=2.0.0',
      'wss://example.com/socket/websocket/': 'wss://example.com/socket/websocket?vsn=2.0.0',
      'wss://example.com/': 'wss://example.com/websocket?vsn=2.0.0',
      // gql's users have this one there.
      'wss://example.com/socket/websocket?vsn=1.0.0': 'wss://example.com/socket/websocket?vsn=2.0.0',
      'wss://example.com/socket?a=b&vsn=1.0.0&vsn=1.0.0': 'wss://example.com/socket/websocket?a=b&vsn=2.0.0',
    };
    for (const [given, expected] of Object.entries(urls)) {
      equal(await phoenix().prepare(given), { url: expected, subprotocols: [] }, given);
    }
  },

  async parameters_go_into_the_url_escaped_and_in_place_of_those_there({ phoenix }) {
    const params = { token: 'a+b/c=&d ü', vsn: '1.0.0' };
    const sources = [params, () => params, async () => params];
    for (const source of sources) {
      const { url } = await phoenix({ params: source }).prepare('wss://example.com/socket?token=old&kept=1');
      const { searchParams } = new URL(url);
      equal([...searchParams], [['token', 'a+b/c=&d ü'], ['kept', '1'], ['vsn', '2.0.0']]);
    }
    let asked = 0;
    const dialect = phoenix({ params: () => ({ n: String((asked += 1)) }) });
    await dialect.prepare('wss://example.com/socket');
    equal((await dialect.prepare('wss://example.com/socket')).url.includes('?n=2&'), true, 'asked again');
  },

  async a_token_goes_into_a_subprotocol_in_the_standard_alphabet({ phoenix }) {
    const tokens = { good: 'Z29vZA', ab: 'YWI', abc: 'YWJj', '>>>': 'Pj4+' };
    for (const [token, base64] of Object.entries(tokens)) {
      for (const authToken of [token, () => token, async () => token]) {
        const { subprotocols } = await phoenix({ authToken }).prepare('wss://example.com/socket');
        equal(subprotocols, ['phoenix', `base64url.bearer.phx.${base64}`]);
      }
    }
  },

  async a_token_that_no_subprotocol_can_carry_is_a_type_error({ phoenix }) {
    for (const authToken of ['a secret???', 'ÿÿÿ secret', async () => 'secret???']) {
      // At once, if it can be told at once.
      const error = await rejected((async () => phoenix({ authToken }).prepare('wss://example.com/socket'))());
      saying(
        error,
        'TypeError',
        'the base64 of `authToken` has a `/`, which a subprotocol cannot have: the token may have no `?` and nothing beyond ' +
          'ASCII in such a place. Those that Phoenix itself signs have neither',
      );
    }
  },

  async the_topic_is_absinthes_unless_it_is_given({ phoenix }) {
    equal([phoenix().topic, phoenix({ topic: 'mine' }).topic], ['__absinthe__:control', 'mine']);
  },

  async what_a_source_of_phoenix_may_not_return_is_a_type_error_that_tells_no_secret({ phoenix }) {
    const asked = async (options) => (await rejected(phoenix(options).prepare('wss://example.com/socket'))).message;
    equal(await asked({ params: () => 'secret' }), 'what `params` returned must be an object of strings, but is a string');
    equal(await asked({ params: async () => ({ token: undefined }) }), 'what `params` returned: `token` must be a string, but is undefined');
    equal(await asked({ authToken: () => null }), 'what `authToken` returned must be a string, but is null');
    const error = new Error('signed out');
    for (const options of [{ params: () => { throw error; } }, { authToken: async () => { throw error; } }]) {
      equal((await rejected(phoenix(options).prepare('wss://example.com/socket'))) === error, true);
    }
  },

  async options_of_phoenix_that_cannot_be_are_refused({ phoenix }) {
    const refused = [
      [null, 'options must be an object, but are null'],
      [{ parms: {} }, 'unknown option `parms`: did you mean `params`?'],
      [{ params: null }, 'option `params` must be an object of strings, but is null'],
      [{ params: { n: 7 } }, 'option `params`: `n` must be a string, but is a number'],
      [{ params: new URLSearchParams('token=secret') }, 'option `params` must be an object of strings: make one of pairs by `Object.fromEntries`'],
      [{ authToken: '' }, 'option `authToken` must be a string, but is empty'],
      [{ authToken: 7 }, 'option `authToken` must be a string, but is a number'],
      [{ topic: '' }, 'option `topic` must be a string, but is empty'],
      [{ topic: null }, 'option `topic` must be a string, but is null'],
    ];
    for (const [options, message] of refused) saying(thrown(() => phoenix(options)), 'TypeError', message);
  },

  // ---- both ------------------------------------------------------------------------------------

  async a_dialect_shows_no_secret_and_cannot_be_changed({ appSync, phoenix }) {
    const dialects = [
      appSync({ auth: { apiKey: 'secret' } }),
      appSync({ auth: { credentials: { ...keys, secretAccessKey: 'secret' } } }),
      phoenix({ params: { token: 'secret' }, authToken: 'secret' }),
    ];
    for (const dialect of dialects) {
      equal(JSON.stringify(dialect).includes('secret'), false);
      equal(Object.isFrozen(dialect), true);
    }
  },
};

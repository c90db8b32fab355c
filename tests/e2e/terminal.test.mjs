// The program `wireql` of the packed package, in processes of its own, against the servers of the tests.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lastingPort, startServer } from '../servers/index.mjs';
import { until, unusedUrl, withAck, withGraphqlWs, withHttp, withScript } from './servers.mjs';

const program = fileURLToPath(new URL('../node_modules/wireql/cli.cjs', import.meta.url));

/** Variables that would be read as credentials. */
const { WIREQL_INIT, WIREQL_TOKEN, WIREQL_API_KEY, WIREQL_PARAMS, AWS_ACCESS_KEY_ID, AWS_REGION, ...inherited } = process.env;

/** Starts the program. `end` resolves with what it has written and how it ended. */
const start = (args, { env = {}, stdin, ...options } = {}) => {
  const child = spawn(process.execPath, [program, ...args], { env: { ...inherited, ...env }, ...options });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name]?.setEncoding('utf8').on('data', (text) => (said[name] += text));
  child.stdin.on('error', () => {}).end(stdin);
  const end = once(child, 'close').then(([code, signal]) => ({ ...said, code, signal }));
  return { child, said, end };
};

const run = (args, options) => start(args, options).end;
const lines = (text) => text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));

const withServer = async (name, body) => {
  const server = await startServer(name);
  try {
    await body(server);
  } finally {
    await server.kill();
  }
};

/** A folder for files, which goes with the test. */
const withFolder = async (body) => {
  const folder = mkdtempSync(join(tmpdir(), 'wireql-cli-'));
  try {
    await body((name, text) => {
      const file = join(folder, name);
      if (text !== undefined) writeFileSync(file, text);
      return file;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

for (const name of ['graphql-ws', 'mercurius', 'subscriptions-transport-ws']) {
  test(`a subscription prints a line a result, and the program ends with it: ${name}`, () =>
    withServer(name, async ({ url }) => {
      const { stdout, stderr, code } = await run([url, 'subscription { countdown(from: 2) }']);
      assert.deepEqual(lines(stdout), [2, 1, 0].map((countdown) => ({ data: { countdown } })));
      assert.deepEqual([stderr, code], ['', 0]);
    }));
}

test('variables come as values, as text and from a file, and the document from a file or standard input', () =>
  withGraphqlWs(({ url }) =>
    withFolder(async (file) => {
      const document = 'query A { message } query B($name: String, $length: Int!) { hello(name: $name) text(length: $length) }';
      const from = ['-v', `@${file('variables.json', '\ufeff{ "name": "Ada", "length": 1 }')}`, '-v', 'length=3', '--operation', 'B'];
      for (const [given, stdin] of [[document], [`@${file('app.graphql', document)}`], ['-', document]]) {
        const { stdout, code } = await run([url, given, ...from], { stdin });
        assert.deepEqual([lines(stdout), code], [[{ data: { hello: 'Hello, Ada!', text: 'xxx' } }], 0]);
      }
      const { stdout } = await run([url, 'query ($name: String) { hello(name: $name) }', '-v', 'name="3"', '--select', 'data.hello']);
      assert.equal(stdout, '"Hello, 3!"\n');
    })));

test('`--count` leaves after so many results, `--select` prints one field, `--pretty` indents', () =>
  withGraphqlWs(async (server) => {
    const some = await run([server.url, 'subscription { countdown(from: 9, ms: 1) }', '--count', '2', '--select', 'data.countdown']);
    assert.deepEqual([some.stdout, some.code], ['9\n8\n', 0]);
    await until(() => server.running.count === 0, 'the server has stopped');
    const pretty = await run([server.url, '{ hello }', '--pretty']);
    assert.equal(pretty.stdout, '{\n  "data": {\n    "hello": "Hello, world!"\n  }\n}\n');
  }));

test('a result with errors is printed, and told by the exit code; so it is when a field alone is printed', () =>
  withGraphqlWs(async ({ url }) => {
    const whole = await run([url, '{ failing }']);
    assert.equal(lines(whole.stdout)[0].errors[0].message, 'this resolver fails');
    assert.deepEqual([whole.stderr, whole.code], ['', 1]);
    const field = await run([url, '{ failing }', '--select', 'data.failing']);
    assert.deepEqual([field.stdout, field.code], ['null\n', 1]);
    assert.match(field.stderr, /^wireql: result 1 has errors: \[\{"message":"this resolver fails"/);
  }));

test('an operation that the server breaks off ends with 1, after the results before', () =>
  withGraphqlWs(async ({ url }) => {
    const { stdout, stderr, code } = await run([url, 'subscription { breaking(after: 1) }']);
    assert.deepEqual([lines(stdout), code], [[{ data: { breaking: 1 } }], 1]);
    assert.match(stderr, /^wireql: the server ended the operation with an error: this stream breaks \(QUERY_ERROR\)\n$/);
  }));

test('no server, a wrong path and a server without WebSocket end with 3 at once', () =>
  withGraphqlWs(({ url }) =>
    withHttp(async (http) => {
      for (const wrong of [await unusedUrl(), `${url}/wrong`, http.url]) {
        const { stdout, stderr, code } = await run([wrong, '{ hello }']);
        assert.deepEqual([stdout, code], ['', 3]);
        assert.match(stderr, /^wireql: could not open a WebSocket to .*\(CONNECTION_REFUSED\)\n$/);
      }
    })));

test('`--timeout` ends it with 4', () =>
  withGraphqlWs(async (server) => {
    const { stderr, code } = await run([server.url, 'subscription { silent }', '--timeout', '0.2']);
    assert.deepEqual([stderr, code], ['wireql: --timeout: 0.2 s have passed\n', 4]);
    await until(() => server.running.count === 0, 'the server has stopped');
  }));

test('what is wrong with the arguments is one line on stderr, and ends with 2', () =>
  withFolder(async (file) => {
    const [url, document] = ['ws://127.0.0.1:1/graphql', '{ hello }'];
    for (const [args, expected] of [
      [['--bogus', url, document], /Unknown option '--bogus'/],
      [[url, document, '--count'], /'--count <value>' argument missing/],
      [[url, document, '--count', '1.5'], /--count takes a whole number above 0, but was given `1\.5`/],
      [[url, document, '--timeout', 'soon'], /--timeout takes a number above 0, but was given `soon`/],
      [[url], /which operation\?/],
      [[url, ''], /the document is empty/],
      [[url, 'query', 'A', '{'], /too many arguments: is the document in quotation marks\?/],
      [[url, 'query A { a } query B { b }'], /has 2 operations: choose one by --operation NAME. It has A, B/],
      [[url, 'query A { a } { b }', '--operation', 'C'], /has no operation C: it has A, one without a name/],
      [[url, `@${file('none')}`], /the document: cannot read .*none: there is no such file/],
      [[url, `@${file('')}`], /the document: cannot read .*: it is a directory/],
      [[url, document, '-v', 'name'], /-v takes name=value, or @file\.json/],
      [[url, document, '-v', `@${file('list.json', '[1]')}`], /must be a JSON object, such as .*, but is an array/],
      [[url, document, '--init', '{ "token": secret'], /--init is not valid JSON.*: give a JSON object/],
      [[url, document, '-H', 'secret'], /-H takes 'name: value'/],
      [[url, document, '-H', `@${file('headers', 'a: 1\nsecret')}`], /headers, line 2: expected 'name: value'/],
      [['ftp://server', document], /the url's scheme must be ws, wss, http or https, but is ftp/],
      [[url, document, '--dialect', 'mqtt'], /--dialect is graphql-transport-ws, graphql-ws, appsync or phoenix, but was given `mqtt`/],
      [[url, document, '--dialect', 'appsync'], /AppSync needs credentials/],
      [[url, document, '--token-file', file('token', 'secret')], /--token-file is for --dialect appsync or phoenix/],
      [[url, document, '--trace', file('no/such/folder')], /cannot write the transcript/],
      [['--schema', url, document], /--schema runs its own query/],
      [['record', file('out')], /which server\?/],
      [['serve'], /serve takes one FILE/],
      [['serve', file('none')], /cannot read .*none: there is no such file/],
      [['serve', file('no.txt', 'hello\n')], /line 1 is no line of a transcript, which looks like/],
      [['serve', file('empty.txt', '# nothing\n')], /the transcript has no connection/],
      [['serve', file('list.json'), '--port', 'http'], /--port takes a number from 0/],
    ]) {
      const { stdout, stderr, code } = await run(args);
      assert.match(stderr, expected, args.join(' '));
      assert.deepEqual([stdout, code, stderr.trim().split('\n').length], ['', 2, 1], args.join(' '));
      assert.doesNotMatch(stderr, /secret/);
    }
  }));

test('`--help` teaches by examples, and no arguments are wrong ones', async () => {
  for (const args of [['--help'], ['record', '-h']]) {
    const { stdout, code } = await run(args);
    assert.match(stdout, /Examples\n\n {2}wireql ws:.*'subscription/);
    assert.equal(code, 0);
  }
  const { stdout, stderr, code } = await run([]);
  assert.deepEqual([stdout, code], ['', 2]);
  assert.match(stderr, /^wireql: which server, and which operation\?\n\nwireql: GraphQL over WebSocket/);
  const { version } = JSON.parse(readFileSync(join(program, '../package.json'), 'utf8'));
  assert.equal((await run(['--version'])).stdout, `${version}\n`);
});

test('Ctrl-C leaves the operation, closes, and ends with 130; a second one does not wait', () =>
  withGraphqlWs(async (server) => {
    const polite = start([server.url, 'subscription { price(ms: 5) }']);
    await until(() => polite.said.stdout.split('\n').length > 2, 'two results');
    polite.child.kill('SIGINT');
    const { code, signal, stderr } = await polite.end;
    assert.deepEqual([code, signal, stderr], [130, null, '']);
    await until(() => server.running.count === 0, 'the server has stopped');
  }));

test('Ctrl-C twice ends it even if the server answers nothing', () =>
  withAck(async ({ url, received, sockets }) => {
    const stuck = start([url, 'subscription { a }']);
    await until(() => received.some(({ type }) => type === 'subscribe'), 'it has subscribed');
    for (const socket of sockets.clients) socket.pause();
    stuck.child.kill('SIGINT');
    await until(() => stuck.child.exitCode !== null || stuck.child.kill('SIGINT') && false, 'it has ended');
    assert.equal((await stuck.end).code, 130);
  }));

test('a reader that goes away ends it quietly with 0', () =>
  withGraphqlWs(async (server) => {
    const reading = start([server.url, 'subscription { price(ms: 5) }']);
    await until(() => reading.said.stdout !== '', 'a result');
    reading.child.stdout.destroy();
    const { code, stderr } = await reading.end;
    assert.deepEqual([code, stderr], [0, '']);
    await until(() => server.running.count === 0, 'the server has stopped');
  }));

test('20,000 results arrive complete through a pipe that is read late', () =>
  withGraphqlWs(async ({ url }) => {
    const late = start([url, 'subscription { burst(count: 20000) }', '--select', 'data.burst']);
    late.child.stdout.pause();
    await once(late.child.stdout, 'readable');
    late.child.stdout.resume();
    const { stdout, code } = await late.end;
    assert.equal(code, 0);
    assert.deepEqual(lines(stdout), Array.from({ length: 20_000 }, (_, at) => at + 1));
  }));

test('a restart of the server is told, and the subscription goes on', async () => {
  const port = await lastingPort();
  let server = await startServer('graphql-ws', { port });
  try {
    const going = start([server.url, 'subscription { ticks(ms: 5) }']);
    await until(() => going.said.stdout !== '', 'a result');
    await server.kill();
    await until(() => going.said.stderr.includes('interrupted'), 'it is told');
    const before = going.said.stdout.length;
    server = await startServer('graphql-ws', { port });
    await until(() => going.said.stdout.length > before, 'results after the restart');
    going.child.kill('SIGTERM');
    const { code, stderr } = await going.end;
    assert.equal(code, 143);
    assert.match(stderr, /^wireql: interrupted: .*\nwireql: resumed after \d+ ms, \d+ attempts?; results of that time are missing\n$/);
  } finally {
    await server.kill();
  }
});

test('with `--no-reconnect` a lost connection ends it with 3', () =>
  withScript(
    async ({ url }) => {
      const { stdout, stderr, code } = await run([url, 'subscription { a }', '--no-reconnect']);
      assert.deepEqual([lines(stdout), code], [[{ data: { a: 1 } }], 3]);
      assert.match(stderr, /\(CONNECTION_LOST\)\n$/);
    },
    ({ send, socket }, message) => {
      if (message?.type === 'connection_init') send({ type: 'connection_ack' });
      if (message?.type !== 'subscribe') return;
      send({ id: message.id, type: 'next', payload: { data: { a: 1 } } });
      socket.close(1011, 'oops');
    },
  ));

test('numbers are printed as the server wrote them, and what a terminal would obey is escaped', () =>
  withAck(
    async ({ url }) => {
      const { stdout } = await run([url, '{ a }']);
      // JSON.rawJSON came with Node 22.
      const numbers = JSON.rawJSON === undefined ? '[12345678901234567000,1]' : '[12345678901234567890,1.0]';
      assert.equal(stdout, `{"data":{"a":${numbers},"b":"\\u001b[2J\\u009b2J\\u202e"}}\n`);
      assert.equal(JSON.parse(stdout).data.b, '\u001b[2J\u009b2J\u202e');
    },
    ({ send }, message) => {
      if (message?.type !== 'subscribe') return;
      const data = '{"a":[12345678901234567890,1.0],"b":"\\u001b[2J\u009b2J\u202e"}';
      send(`{"id":"${message.id}","type":"next","payload":{"data":${data}}}`);
      send({ id: message.id, type: 'complete' });
    },
  ));

test('headers and the payload of connection_init come from arguments, files and the environment', () =>
  withFolder((file) =>
    withAck(
      async ({ url, received, sockets }) => {
        const headers = [];
        sockets.on('headers', (_, request) => headers.push([request.headers.a, request.headers.b]));
        const init = JSON.stringify({ token: 'x' });
        const more = ['-H', 'a: 1', '-H', `@${file('headers', 'b: two words\r\n\r\n')}`];
        for (const [args, env] of [
          [['--init', init], {}],
          [['--init', `@${file('init.json', init)}`], {}],
          [[], { WIREQL_INIT: init }],
        ]) {
          const { code, stderr } = await run([url, '{ a }', ...args, ...more], { env });
          assert.deepEqual([code, stderr], [0, '']);
          assert.deepEqual(received.splice(0)[0], { type: 'connection_init', payload: { token: 'x' } });
          assert.deepEqual(headers.pop(), ['1', 'two words']);
        }
      },
      ({ send }, message) => message?.type === 'subscribe' && send({ id: message.id, type: 'complete' }),
    ),
  ));

test('AppSync and Phoenix take credentials from files and the environment, and nothing shows them', () =>
  withFolder((file) =>
    withServer('appsync', (appsync) =>
      withServer('phoenix', async (phoenix) => {
        const secret = 'da2-good';
        const asked = 'subscription { countdown(from: 1) }';
        const [key, token] = [file('key', `${secret}\n`), file('token', 'lambda-token\n')];
        for (const [url, args, env] of [
          [appsync.url, ['--dialect', 'appsync'], { WIREQL_API_KEY: secret }],
          [appsync.url, ['--dialect', 'appsync', '--api-key-file', key], {}],
          [appsync.url, ['--dialect', 'appsync', '--token-file', token, '--carrier', 'query'], {}],
          [phoenix.url, ['--dialect', 'phoenix'], { WIREQL_TOKEN: secret }],
          [phoenix.url, ['--dialect', 'phoenix', '--token-file', key], {}],
          [phoenix.url, ['--dialect', 'phoenix'], { WIREQL_PARAMS: JSON.stringify({ token: secret }) }],
          [phoenix.url.replace('/socket', '/token'), ['--dialect', 'phoenix', '--token-file', key, '--carrier', 'subprotocol'], {}],
        ]) {
          const trace = file('trace');
          // Neither dialect says that a subscription is over.
          const { stdout, stderr, code } = await run([url, asked, '--count', '2', '--trace', trace, ...args], { env });
          assert.deepEqual([stderr, code], ['', 0], args.join(' '));
          assert.deepEqual(lines(stdout).map(({ data }) => data.countdown), [1, 0]);
          assert.doesNotMatch(readFileSync(trace, 'utf8'), /da2-good|lambda-token|ZGEyLWdvb2|bGFtYmRhLX/);
        }
        const failing = await run([await unusedUrl(), asked, '--dialect', 'phoenix'], { env: { WIREQL_TOKEN: secret } });
        assert.equal(failing.code, 3);
        assert.doesNotMatch(failing.stderr, /da2-good/);
      })),
  ));

test('credentials in the URL and the payload of connection_init are in no message and no transcript', () =>
  withFolder(async (file) => {
    const url = (await unusedUrl()).replace('ws://', 'ws://user:secret1@');
    const trace = file('trace');
    const { stderr } = await run([`${url}/?token=secret2`, '{ a }', '--init', '{"a":"secret3"}', '-H', 'a: secret4', '--trace', trace]);
    assert.match(stderr, /CONNECTION_REFUSED/);
    assert.doesNotMatch(stderr + readFileSync(trace, 'utf8'), /secret\d/);
  }));

test('`--schema` prints the schema of the server', () =>
  withGraphqlWs(async ({ url }) => {
    const { stdout, code } = await run(['--schema', url]);
    assert.match(stdout, /^type Subscription \{\n {2}"""Counts down to 0/m);
    assert.equal(code, 0);
  }));

test('what a server says of itself is escaped too; a schema that is none is told', async () => {
  let answer = { errors: [{ message: 'no\u001b[2J\u009b2J' }] };
  await withAck(
    async ({ url }) => {
      const refused = await run(['--schema', url]);
      assert.deepEqual([refused.stdout, refused.code], ['', 1]);
      assert.equal(refused.stderr, 'wireql: the server does not tell its schema: no\\u001b[2J\\u009b2J\n');
      answer = { data: {} };
      const empty = await run(['--schema', url]);
      assert.match(empty.stderr, /^wireql: the server does not tell its schema: .*\n$/);
      assert.equal(empty.code, 1);
      const fields = [{ name: 'a', args: [], type: { kind: 'SCALAR', name: 'String' } }];
      const Query = { kind: 'OBJECT', name: 'Query', description: 'a\u001b[2Jb', interfaces: [], fields };
      answer = { data: { __schema: { queryType: Query, types: [Query, { kind: 'SCALAR', name: 'String' }], directives: [] } } };
      const { stdout, stderr } = await run(['--schema', url]);
      assert.equal(stderr, '');
      assert.match(stdout, /^"""a\ufffd\[2Jb"""\ntype Query \{/);
    },
    ({ send }, message) => {
      if (message?.type !== 'subscribe') return;
      send({ id: message.id, type: 'next', payload: answer });
      send({ id: message.id, type: 'complete' });
    },
  );
});

test('`record` writes over no file, and wrong arguments leave the file of `--trace` alone', () =>
  withFolder(async (file) => {
    const kept = file('kept.txt', 'kept');
    const recorded = await run(['record', kept, 'ws://127.0.0.1:1/', '{ a }']);
    assert.match(recorded.stderr, /cannot write the transcript .*kept\.txt: it is there already/);
    const traced = await run(['ws://[', '{ a }', '--trace', kept]);
    assert.deepEqual([recorded.code, traced.code], [2, 2]);
    assert.equal(readFileSync(kept, 'utf8'), 'kept');
  }));

test('a recording is served again: to the program itself, with its losses, and to the end', () =>
  withFolder(async (file) => {
    const recorded = file('recorded.txt');
    let connections = 0;
    await withScript(
      async ({ url }) => {
        const { stdout, code } = await run(['record', recorded, url, 'subscription { a }', '--count', '2']);
        assert.deepEqual([stdout, code], ['', 0]);
      },
      ({ send, socket }, message) => {
        if (message === undefined) connections += 1;
        if (message?.type === 'connection_init') send({ type: 'connection_ack' });
        if (message?.type !== 'subscribe') return;
        send({ id: message.id, type: 'next', payload: { data: { a: connections } } });
        if (connections === 1) socket.close(1012, 'restart');
      },
    );
    const serving = start(['serve', recorded, '--port', '0', '--speed', 'none', '--once']);
    await until(() => serving.said.stdout.includes('\n'), 'it listens');
    const played = await run([serving.said.stdout.trim(), 'subscription {\n  a # the same\n}', '--count', '2']);
    assert.deepEqual([lines(played.stdout), played.code], [[{ data: { a: 1 } }, { data: { a: 2 } }], 0]);
    assert.match(played.stderr, /interrupted: .*restart.*\nwireql: resumed/);
    const { code, stderr } = await serving.end;
    assert.deepEqual([code, stderr], [0, '']);
  }));

test('a client that does not fit what is served is shown beside it, with the line', () =>
  withFolder(async (file) => {
    const recorded = file('recorded.txt');
    await withGraphqlWs(({ url }) => run(['record', recorded, url, 'subscription { countdown(from: 1) }']));
    const serving = start(['serve', recorded, '--port', '0', '--speed', '1000']);
    await until(() => serving.said.stdout.includes('\n'), 'it listens');
    const other = await run([serving.said.stdout.trim(), '{ hello }']);
    assert.match(other.stderr, /the transcript has no such operation/);
    serving.child.kill('SIGINT');
    const { code, stderr } = await serving.end;
    const [, line] = /^wireql: the client does not fit the transcript at line (\d+)\n {2}expected: .*countdown.*\n {2}received: .*\{ hello \}.*\n$/.exec(stderr);
    assert.match(readFileSync(recorded, 'utf8').split('\n')[line - 1], /"subscribe".*countdown/);
    assert.equal(code, 1);
  }));

test('on a terminal a line tells how it goes, and is taken away', () =>
  withGraphqlWs(async ({ url }) => {
    // Python gives it a terminal.
    const terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:], lambda fd: __import__('os').read(fd, 1024)) >> 8)";
    const args = ['-c', terminal, process.execPath, program, url, 'subscription { countdown(from: 3, ms: 120) }'];
    const child = spawn(process.env.WIREQL_PYTHON ?? 'python3', args, { env: { ...inherited, COLUMNS: '80' } });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more) => (text += more));
    const [code] = await once(child, 'close');
    assert.equal(code, 0, text);
    assert.match(text, /\r\x1b\[2Kready · [1-4] results? · \d+\.\d\/s/);
    // What is left on the screen, once the line was taken away each time.
    const screen = text.split('\n').map((line) => line.slice(line.lastIndexOf('\x1b[2K') + 1).replace(/^\[2K/, '').trim());
    assert.deepEqual(screen.filter(Boolean), [3, 2, 1, 0].map((n) => `{"data":{"countdown":${n}}}`));
  }));

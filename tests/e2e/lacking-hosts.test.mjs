// Hosts that lack something: importing does nothing there, and the first use names what is missing.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withAck } from './servers.mjs';

const runs = (program, ...args) => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout.trim();
};

for (const [name, help] of Object.entries({
  WebAssembly: 'import `wireql/js`',
  WeakRef: 'a newer one',
  TextDecoder: 'a polyfill',
  TextEncoder: 'a polyfill',
})) {
  test(`a host without ${name} is told so by the first transport, not by the import`, () => {
    const said = runs(`
      const host = globalThis.${name};
      globalThis.${name} = undefined;
      const { Client, WebSocketTransport } = await import('wireql');
      for (const Class of [WebSocketTransport, Client]) {
        try { new Class('ws://server'); } catch ({ code, ends, message }) { console.log(code, ends, message); }
      }
      // As by a polyfill that is loaded later.
      globalThis.${name} = host;
      console.log(new WebSocketTransport('ws://server').state, new Client('ws://server').status.state);
    `).split('\n');
    assert.equal(said.length, 3);
    for (const line of said.slice(0, 2)) {
      assert.ok(line.startsWith('WEBASSEMBLY_FAILED nothing ') && line.includes(`no \`${name}\``) && line.includes(help), line);
    }
    assert.equal(said[2], 'idle idle');
  });
}

test('a host that forbids WebAssembly names both ways out', () => {
  const said = runs(`
    const { Client } = await import('wireql');
    // As Chromium words it.
    WebAssembly.Module = class { constructor() { throw new WebAssembly.CompileError("violates the directive script-src 'self'"); } };
    try { new Client('ws://server'); } catch ({ code, message }) { console.log(code, message); }
  `);
  assert.match(said, /^WEBASSEMBLY_FAILED .*'wasm-unsafe-eval' in its script-src, or import `wireql\/js`.*violates the directive/);
});

// What other hosts lack that `wireql/js` is for.
for (const lacking of [
  ['WebAssembly', 'TextDecoder', 'TextEncoder', 'FinalizationRegistry', 'WeakRef', 'structuredClone', 'DOMException', 'reportError'],
  ['URL'],
]) {
  test(`wireql/js needs no ${lacking.join(', ')}`, () => {
    const said = runs(`
      import { scripted } from './wasm/scripted.js';
      for (const name of ${JSON.stringify(lacking)}) globalThis[name] = undefined;
      const { Client } = await import('wireql/js');
      const webSocket = scripted();
      const client = new Client('HTTPS://server/gr?a#b', { webSocket, waitTimeout: 2000 });
      const answer = client.execute('query { größe(text: "\\ud800") }');
      await new Promise(setImmediate);
      const [socket] = webSocket.sockets;
      socket.open();
      // As a proxy may send it.
      const bytes = (...given) => socket.onmessage({ data: Uint8Array.from(given).buffer });
      bytes(0xef, 0xbb, 0xbf, ...Buffer.from('{"type":"connection_ack","payload":{"text":"100 % größer"}}'));
      await new Promise(setImmediate);
      socket.say({ type: 'next', id: '1', payload: { data: 1 } });
      console.log(socket.args[0], (await answer).data, client.payloads.connectionAck.text);
      console.log(JSON.parse(socket.sent[1]).payload.query);
      const controller = new AbortController();
      Object.defineProperty(controller.signal, 'reason', { value: undefined });
      const given = client.execute('{ a }', { signal: controller.signal });
      controller.abort();
      console.log(await given.catch(({ name }) => name));
      // What is no UTF-8 is no message.
      bytes(0xc0, 0x80);
      console.log(client.closeReason?.error?.message ?? 'no error');
      client.close();
    `);
    assert.deepEqual(said.split('\n'), [
      'wss://server/gr?a 1 100 % größer',
      'query { größe(text: "\ufffd") }',
      'AbortError',
      'expected a text message from the server, received a binary one',
    ]);
  });
}

test('a host without FinalizationRegistry does without', () =>
  withAck(
    async ({ url }) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', `
        globalThis.FinalizationRegistry = undefined;
        const { WebSocketTransport } = await import('wireql');
        const { WebSocket } = await import('ws');
        const transport = new WebSocketTransport(process.argv[1], { webSocket: WebSocket });
        await transport.connect();
        for await (const { data } of transport.subscribe('{ n }')) console.log(data.n);
        await transport.close();
      `, '--', url], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      for await (const text of child.stdout) said += text;
      assert.equal(said.trim(), '1');
    },
    ({ send }, message) => {
      if (message?.type !== 'subscribe') return;
      send({ id: message.id, type: 'next', payload: { data: { n: 1 } } });
      send({ id: message.id, type: 'complete' });
    },
  ));

test('a host without a WebSocket is told so by the attempt to connect', () => {
  const said = runs(`
    globalThis.WebSocket = undefined;
    process.getBuiltinModule = undefined;
    const { WebSocketTransport } = await import('wireql');
    await new WebSocketTransport('ws://server').connect().catch(({ code, message }) => console.log(code, message));
  `);
  assert.match(said, /^SOCKET_FAILED .*no WebSocket.*`ws`.*`webSocket`/);
});

// Where the package `graphql` cannot be found, as in browsers.
test('documents are printed without the package `graphql`, and never sent as an old text', () => {
  const said = runs(`
    import assert from 'node:assert/strict';
    import { parse, print, visit } from 'graphql';
    import { WebSocketTransport } from 'wireql';
    import { scripted } from './wasm/scripted.js';
    process.getBuiltinModule = undefined;
    const webSocket = scripted();
    const transport = new WebSocketTransport('ws://server', { webSocket });
    const connecting = transport.connect();
    const [socket] = webSocket.sockets;
    socket.open();
    socket.say({ type: 'connection_ack' });
    await connecting;
    const sent = async (document) => {
      transport.subscribe(document);
      // Starts are sent when the turn is over.
      await null;
      return JSON.parse(socket.sent.at(-1)).payload.query;
    };
    for (const text of [
      '{ a }',
      'query { a }',
      'query Q { a(x: 1, y: [1.5, "t\\\\n\\\\"", true, null, E, { a: $v }]) @include(if: $v) { b: c ... on T { d } ...F } } fragment F on T { e }',
      'subscription S($a: [Int!]! = [1, 2] @d, $b: T) @live { a }',
      'mutation($a: String = """block "x" {text}""") { ... @skip(if: false) { a } }',
      '# a comment\\n{ a }',
    ]) {
      // A block string may be printed as another string.
      const same = (document) => print(visit(document, { StringValue: (node) => ({ ...node, block: false }) }));
      assert.equal(same(parse(await sent(parse(text)))), same(parse(text)));
    }
    const source = 'query Q {\\n\\n   a,  b\\n}\\n';
    assert.equal(await sent(parse(source)), source, 'a text that fits is sent as it was');
    const without = (name) => (document) => visit(document, { Field: ({ name: { value } }) => (value === name ? null : undefined) });
    assert.equal(await sent(without('local')(parse('query Q { local @client other }'))), 'query Q { other }');
    const joined = structuredClone(JSON.parse(JSON.stringify(parse('{ a b }', { noLocation: true }))));
    joined.definitions[0].selectionSet.selections = [{ kind: 'Field', name: { kind: 'Name', value: 'ab' } }];
    joined.loc = { source: { body: '{ a b }' } };
    assert.equal(await sent(joined), '{ ab }');
    await assert.rejects(() => sent(parse('type T { a: Int }')), { name: 'TypeError', message: /option \`print\`/ });
    console.log('done');
  `);
  assert.equal(said, 'done');
});

test('a description of 16 MB may stand before the keyword', () => {
  const said = runs(`
    import { WebSocketTransport } from 'wireql';
    import { scripted } from './wasm/scripted.js';
    const webSocket = scripted();
    const transport = new WebSocketTransport('ws://server', { webSocket });
    const connecting = transport.connect();
    webSocket.sockets[0].open();
    webSocket.sockets[0].say({ type: 'connection_ack' });
    await connecting;
    for (const quotes of ['"', '"""']) transport.subscribe(quotes + 'x'.repeat(2 ** 24) + quotes + ' subscription { n }');
    await null;
    console.log(webSocket.sockets[0].sent.length, transport.state);
  `);
  assert.equal(said, '3 ready');
});

// Runs a situation with npm `graphql-ws` and with `wireql/graphql-ws`, each against a server of its own with the same
// script, and compares all that users and servers see. What is expected is what the original does: nothing is typed
// here. Where the two may differ is a named difference, with its own check of both.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { createClient as theirs } from 'graphql-ws';
import { createClient as ours } from 'wireql/graphql-ws';
import { WebSocket } from 'ws';
import { until, withScript } from './servers.mjs';
import { startTable } from './table.mjs';

const EVENTS = ['connecting', 'opened', 'connected', 'message', 'ping', 'pong', 'closed', 'error'];

/** A problem as a text: the host's events, what a user threw, the server's errors. */
const told = (problem) => {
  if (Array.isArray(problem)) return `errors ${JSON.stringify(problem)}`;
  const { constructor, code, reason, wasClean, type, message } = problem ?? {};
  if (code !== undefined && reason !== undefined) {
    return `${constructor.name} ${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'unclean'}`;
  }
  // The text of a refused connection has a port in it.
  if (type === 'error') return `${constructor.name} ${/[A-Z]{4,}/.exec(message)?.[0] ?? message}`;
  return problem instanceof Error ? `${constructor.name}: ${message}` : JSON.stringify(problem);
};

/** What an event tells. */
const details = (event, args) => {
  switch (event) {
    case 'opened':
      return [args[0] instanceof WebSocket];
    case 'connected':
      return [args[0] instanceof WebSocket, JSON.stringify(args[1]), args[2]];
    case 'message':
      return [args[0].type];
    case 'closed':
    case 'error':
      return [told(args[0])];
    default:
      return args.map((value) => JSON.stringify(value));
  }
};

/**
 * What a server does with its connections. `faults`: one for each of the first connections, with when it comes (`at`: the
 * socket is `open`, the `init` has come, behind the `ack`, an operation is there by a `subscribe`, or behind a `result`)
 * and what it is: a close code, `lost`, `bare` for a close without a code, `silent`, or a function of the peer.
 */
export const serverOf = (faults = [], { ack = { type: 'connection_ack' }, results = 1 } = {}) => {
  let connections = 0;
  const numbers = new WeakMap();
  const harm = (peer, what, message) => {
    if (typeof what === 'function') what(peer, message);
    else if (what === 'lost') peer.socket.terminate();
    else if (what === 'bare') peer.socket.close();
    else if (what !== 'silent') peer.socket.close(what, `closed by ${what}`);
  };
  return (peer, message) => {
    if (message === undefined) numbers.set(peer.socket, (connections += 1));
    const n = numbers.get(peer.socket);
    const fault = faults[n - 1] ?? faults.always;
    const strikes = (at) => {
      if (fault?.at !== at) return false;
      harm(peer, fault.is, message);
      return true;
    };
    const { type, id } = message ?? {};
    if (type === undefined) return void strikes('open');
    if (type === 'connection_init') {
      if (strikes('init')) return;
      peer.send(ack);
      strikes('ack');
    } else if (type === 'subscribe') {
      if (strikes('subscribe')) return;
      for (let result = 1; result <= results; result += 1) peer.send({ id, type: 'next', payload: { data: { n, result } } });
      if (!strikes('result')) peer.send({ id, type: 'complete' });
    }
  };
};

/** Runs the situation with one of the two, and returns what was seen. */
const seenBy = (createClient, situation) => {
  const { server = () => serverOf(), options = {}, user = (act) => act.subscribe(), isOver = (act) => act.allEnded() } = situation;
  return withScript(
    async ({ url, received, closes, sockets }) => {
      const log = [];
      let connections = 0;
      sockets.on('connection', () => (connections += 1));
      const given = typeof options === 'function' ? options({ log, url }) : options;
      const on = Object.fromEntries(
        EVENTS.map((event) => [
          event,
          (...args) => {
            log.push([event, ...details(event, args)].join(' '));
            return given.on?.[event]?.(...args);
          },
        ]),
      );
      const retryWait = async (retries) => void log.push(`retryWait ${retries}`);
      const client = createClient({ url, webSocketImpl: WebSocket, retryWait, onNonLazyError: (problem) => log.push(`onNonLazyError ${told(problem)}`), ...given, on });
      let begun = 0;
      let ended = 0;
      const act = {
        client,
        log,
        note: (text) => log.push(text),
        has: (text) => log.some((line) => line.startsWith(text)),
        count: (text) => log.filter((line) => line.startsWith(text)).length,
        allEnded: () => begun > 0 && ended === begun,
        begin: () => (begun += 1),
        end: () => (ended += 1),
        subscribe(payload = { query: 'subscription { n }' }, also = {}) {
          const name = (begun += 1);
          return client.subscribe(payload, {
            next(result) {
              log.push(`next of ${name} ${JSON.stringify(result)}`);
              also.next?.(result);
            },
            error(problem) {
              log.push(`error of ${name} ${told(problem)}`);
              ended += 1;
              also.error?.(problem);
            },
            complete() {
              log.push(`complete of ${name}`);
              ended += 1;
              also.complete?.();
            },
          });
        },
        until: (text, times = 1) => until(() => act.count(text) >= times, `${text}, ${times} times; but ${JSON.stringify(log)}`),
      };
      await user(act);
      await until(() => isOver(act), `the end of the situation; but ${JSON.stringify(log)}`);
      // Where it may still be connected, it is left so by both.
      client.dispose().catch(() => {});
      await until(() => act.count('closed') >= act.count('opened') && sockets.clients.size === 0, `closed sockets; but ${JSON.stringify(log)}`);
      await setImmediate();
      const ids = new Map();
      const frames = received.map(({ id, ...rest }) => {
        if (id !== undefined && !ids.has(id)) ids.set(id, `#${ids.size + 1}`);
        return JSON.stringify(id === undefined ? rest : { id: ids.get(id), ...rest });
      });
      return { log, frames, closes: closes.map((close) => close.join(' ')), connections };
    },
    server(),
  );
};

/** Takes what is said of the client's own delays out of a log. */
const withoutWaits = (log) => log.filter((line) => !line.startsWith('retryWait'));

/** What may differ, and why. Each is in changing-over.md. */
export const differences = {
  equal: { check: (theirs, ours) => assert.deepEqual(ours, theirs) },
  'a close with 1000 is waited behind': {
    check(theirs, ours) {
      assert.deepEqual({ ...ours, log: withoutWaits(ours.log) }, { ...theirs, log: withoutWaits(theirs.log) });
      assert.notDeepEqual(ours.log, theirs.log);
    },
  },
  'a mutation is not sent again': {
    check(theirs, ours) {
      const sent = ({ frames }) => frames.filter((frame) => frame.includes('mutation')).length;
      assert.equal(sent(ours), 1);
      assert.equal(sent(theirs), 2);
      const problem = ours.log.find((line) => line.startsWith('closed')).slice('closed '.length);
      assert.ok(ours.log.includes(`error of 1 ${problem}`), ours.log.join('\n'));
      assert.ok(theirs.log.includes('complete of 1'));
    },
  },
  'nothing comes behind the end': {
    check(theirs, ours) {
      // Results go on, and a sink hears of no more of them.
      const behind = (log) => log.slice(1 + log.findIndex((line) => line.startsWith('error of') || line.startsWith('next of')));
      const isResult = (line) => line.startsWith('next of');
      assert.ok(behind(theirs.log).some(isResult));
      const { log, ...rest } = theirs;
      const heard = behind(ours.log).filter(isResult).length;
      assert.ok(heard < behind(log).filter(isResult).length);
      assert.deepEqual({ ...ours, log: ours.log.filter((line) => !isResult(line)) }, { ...rest, log: log.filter((line) => !isResult(line)) });
    },
  },
  'a connection is kept for what is begun at once': {
    check(theirs, ours) {
      assert.equal(theirs.connections, 2);
      assert.equal(ours.connections, 1);
      const sinks = ({ log }) => log.filter((line) => line.includes(' of '));
      assert.deepEqual(sinks(ours).length, sinks(theirs).length);
    },
  },
  'a sink is completed as soon as it is left': {
    check(theirs, ours) {
      const others = (log) => log.filter((line) => line !== 'complete of 1');
      assert.deepEqual({ ...ours, log: others(ours.log) }, { ...theirs, log: others(theirs.log) });
      const at = ({ log }) => log.indexOf('complete of 1');
      assert.ok(at(ours) >= 0 && at(ours) < at(theirs));
    },
  },
  'dispose does not wait for the ack': {
    check(theirs, ours) {
      assert.equal(ours.log.at(-1), 'complete of 1');
      assert.equal(theirs.log.at(-1), 'complete of 1');
      assert.ok(theirs.log.some((line) => line.startsWith('connected')));
      assert.ok(!ours.log.some((line) => line.startsWith('connected')));
    },
  },
  'throw of an iterator tells the server': {
    check(theirs, ours) {
      assert.deepEqual(ours.log, theirs.log);
      assert.ok(ours.frames.some((frame) => frame.includes('complete')));
      assert.ok(!theirs.frames.some((frame) => frame.includes('complete')));
    },
  },
};

/** Makes one test of each situation, named `name → situation`; and prints how many there were. */
export const compare = (theme, situations) => {
  const table = startTable(`graphql-ws-${theme.replaceAll(' ', '-')}`, `wireql/graphql-ws beside npm graphql-ws 6.4.2: ${theme}`);
  // A function makes one that remembers something.
  for (const [name, given] of Object.entries(situations)) {
    const make = typeof given === 'function' ? given : () => given;
    const { difference = 'equal' } = make();
    test(`${theme}: ${name}`, async () => {
      table.set(name, 'seen', 'not as expected', false);
      const [expected, seen] = await Promise.all([seenBy(theirs, make()), seenBy(ours, make())]);
      differences[difference].check(expected, seen);
      const end = expected.log.findLast((line) => /^(error|complete) of|^onNonLazyError/.test(line)) ?? 'nothing ends';
      table.set(name, 'seen', `${difference}; the original: ${end}`);
    });
  }
};

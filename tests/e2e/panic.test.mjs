// A panic of Rust, or a host that throws through it, in the package as it is shipped: nothing hangs, and everything says what happened.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('panicking.mjs', import.meta.url));

/** Which entry `wireql` is, and what the host lacks: see tests/js. */
const likeThis = process.execArgv.filter((argument) => /^--(conditions|import)=/.test(argument));

const OPEN = [
  'a connect that waits',
  'an iterator that waits',
  'an execute that waits',
  'a waitClosed that waits',
  'an observer',
  'a listener to closed',
];
const LATER = [
  'a later next()',
  'a later next() on another transport',
  'a later execute()',
  'a later close()',
  'a later subscribe()',
  'a later state',
  'a new transport',
];

for (const [trigger, when] of [
  ['frame', 'a frame is read'],
  ['call', 'a method is called'],
  ['next', 'a result is asked for'],
  ['timer', 'a timer fires'],
  ['host', 'the host throws'],
]) {
  test(`a panic while ${when} ends everything with an error that says so`, () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...likeThis, program, trigger], { encoding: 'utf8', timeout: 30_000 });
    assert.equal(stderr, '');
    assert.equal(status, 0, 'it ends by itself');
    const { 'sockets that are closed': closed, ...told } = JSON.parse(stdout);
    const called = ['call', 'next', 'host'].includes(trigger) ? ['the call'] : [];
    assert.deepEqual(Object.keys(told).sort(), [...OPEN, ...LATER, ...called].sort());
    // wasm-bindgen sees for itself that an object is borrowed already; and JavaScript fails in its own ways.
    for (const [what, error] of Object.entries(told)) assert.match(error, /^PANICKED connection \w*Error$/, what);
    assert.equal(closed, 3);
  });
}

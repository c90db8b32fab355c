// Random programs, for so many seconds: `run.mjs SECONDS`. Each has a seed, and WIREQL_SEED runs that one again. With
// WIREQL_GC=1 garbage is collected all the while.
import { Thrown, run } from './program.mjs';
import { time } from './virtual.mjs';
import * as wireql from 'wireql';

const now = process.hrtime.bigint.bind(process.hrtime);
const [seconds = '10'] = process.argv.slice(2);
const { WIREQL_SEED, WIREQL_GC } = process.env;
const collects = WIREQL_GC === '1';
if (collects && globalThis.gc === undefined) throw new Error('this takes node --expose-gc');

let seed = WIREQL_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(WIREQL_SEED);
let log = [];

const fail = (why) => {
  console.error(log.slice(WIREQL_SEED === undefined ? -60 : 0).join('\n'));
  console.error(why);
  console.error(`again: WIREQL_SEED=${seed}${collects ? ' WIREQL_GC=1' : ''} node --expose-gc tests/fuzz/run.mjs`);
  process.exit(1);
};
process.on('uncaughtException', (error) => {
  if (!(error instanceof Thrown)) fail(error);
});
process.on('unhandledRejection', fail);

const end = now() + BigInt(seconds) * 1_000_000_000n;
const done = { programs: 0, steps: 0, operations: 0 };
console.log(`from seed ${seed}${collects ? ', with garbage collected' : ''}`);
do {
  log = [];
  time.reset();
  try {
    const { steps, operations } = await run(wireql, seed, { collects, log });
    done.programs += 1;
    done.steps += steps;
    done.operations += operations;
  } catch (error) {
    fail(error);
  }
  seed += 1;
} while (WIREQL_SEED === undefined && now() < end);
console.log(`${done.programs} passed, 0 failed, 0 not tested`);
console.log(`${done.steps} steps, ${done.operations} operations`);
process.exit();

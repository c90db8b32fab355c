// `wireql/graphql-ws` beside npm `graphql-ws`: what follows from the end of a connection. Close codes × when they come ×
// options.
import { compare, serverOf } from './oracle.mjs';

/** All that a server can send; and those that need none. */
const codes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3003, 4000, 4004, 4005, 4400, 4401, 4403,
  4406, 4408, 4409, 4429, 4499, 4500, 4504, 'lost', 'bare',
];

const waited = 'a close with 1000 is waited behind';

const situations = {};

const add = (name, situation) => {
  if (name in situations) throw new Error(`there are two of ${name}`);
  situations[name] = situation;
};

for (const is of codes) {
  const difference = is === 1000 ? waited : undefined;
  for (const at of ['open', 'init', 'subscribe', 'result']) {
    add(`${is} at ${at}`, { server: () => serverOf([{ at, is }]), difference });
  }
  add(`${is} twice, at init and at a result`, {
    server: () => serverOf([{ at: 'init', is }, { at: 'result', is }]),
    difference,
  });
  add(`${is} with retryAttempts 0`, {
    server: () => serverOf([{ at: 'result', is }]),
    options: { retryAttempts: 0 },
    difference,
  });
  add(`${is} with a shouldRetry that says no`, {
    server: () => serverOf([{ at: 'subscribe', is }]),
    options: { shouldRetry: () => false },
    difference,
  });
  add(`${is} without lazy and without an operation`, {
    server: () => serverOf([{ at: 'ack', is }]),
    options: { lazy: false },
    user() {},
    isOver: (act) => act.has('onNonLazyError') || act.count('connected') === 2,
    difference,
  });
}

// Those after which another attempt is made: until there were too many.
for (const is of [1001, 1006, 1012, 4403, 4499, 4504, 3000]) {
  const fault = { is: is === 1006 ? 'lost' : is };
  for (const at of ['open', 'init']) {
    for (const retryAttempts of [0, 1, 3]) {
      add(`${is} always, at ${at}, with retryAttempts ${retryAttempts}`, {
        server: () => serverOf({ always: { ...fault, at } }),
        options: { retryAttempts },
      });
    }
  }
  add(`${is} always behind an ack, which forgets the retries`, {
    server: () => serverOf([1, 2, 3, 4].map(() => ({ ...fault, at: 'result' }))),
    options: { retryAttempts: 1 },
  });
}

// Mutations, which are sent again only if nothing was sent.
const mutation = { query: 'mutation { n }' };
for (const is of codes.filter((code) => code !== 1000)) {
  const goesOn = [1001, 1012, 1013, 1014, 3000, 3003, 4000, 4403, 4408, 4499, 4504, 'lost', 'bare'].includes(is);
  add(`a mutation that was not sent, ${is}`, {
    server: () => serverOf([{ at: 'init', is }]),
    user: (act) => act.subscribe(mutation),
  });
  add(`a mutation that was sent, ${is}`, {
    server: () => serverOf([{ at: 'subscribe', is }]),
    user: (act) => act.subscribe(mutation),
    difference: goesOn ? 'a mutation is not sent again' : undefined,
  });
  if (!goesOn) continue;
  add(`a mutation that was sent, ${is}, with repeatMutations`, {
    server: () => serverOf([{ at: 'subscribe', is }]),
    options: { repeatMutations: true },
    user: (act) => act.subscribe(mutation),
  });
  add(`a query that was sent, four times ${is}`, {
    server: () => serverOf([1, 2, 3, 4].map(() => ({ at: 'subscribe', is }))),
    user: (act) => act.subscribe({ query: '{ n }' }),
  });
}

compare('ends of connections', situations);

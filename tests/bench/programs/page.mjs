// What runs in the page: the cases small and backlog as in Node, and how long the page is kept busy
// while a real server floods it.
import { openClient, withCallback } from '../clients.mjs';
import { groups as backlog } from '../cases/backlog.mjs';
import { groups as small } from '../cases/small.mjs';
import { request, small as payload, sumOf } from '../frames.mjs';
import { check, compare } from '../harness.mjs';

const post = (path, body) => fetch(path, { method: 'POST', body: JSON.stringify(body) });

/** The longest time that a client kept its socket's event, and with it the page. */
let longest = 0;

class TimedWebSocket extends WebSocket {
  get onmessage() {
    return super.onmessage;
  }

  set onmessage(handle) {
    super.onmessage =
      handle &&
      ((event) => {
        const begin = performance.now();
        handle.call(this, event);
        longest = Math.max(longest, performance.now() - begin);
      });
  }
}

/** Runs the body, and gives the longest time between two turns of the page meanwhile. */
const longestGap = async (body) => {
  const { port1, port2 } = new MessageChannel();
  let gap = 0;
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    gap = Math.max(gap, now - last);
    last = now;
    port2.postMessage(0);
  };
  port2.postMessage(0);
  await body();
  port1.close();
  return gap;
};

const count = 100_000;

// A round takes seconds.
const flooded = (url, quick) => ({
  warmups: 0,
  rounds: quick ? 1 : 5,
  // The browser gives many frames their turns before it gives others theirs, hence the second.
  figures: ['longest task of the client', 'longest gap'].map((what) => ({
    label: `${what} while 100,000 frames arrive`,
    unit: 'ms',
  })),
  contenders: withCallback.map(([name, client]) => ({
    name,
    setup: () => openClient(client, { url, WebSocket: TimedWebSocket }),
    async round({ observe }) {
      let sum = 0;
      longest = 0;
      const gap = await longestGap(
        () =>
          new Promise((resolve, reject) => {
            observe(request(count), {
              next: (result) => (sum += payload.read(result)),
              error: reject,
              complete: resolve,
            });
          }),
      );
      check('the sum', sum, sumOf(count, payload));
      return [longest, gap];
    },
  })),
});

try {
  const { url, quick, plan } = await (await fetch('options')).json();
  const labelled = (name, groups) =>
    groups.map(({ figures, ...rest }) => ({
      ...rest,
      figures: figures.map((figure) => ({ ...figure, label: `${name}, ${figure.label}` })),
    }));
  const all = [...labelled('small', small({ quick })), ...labelled('backlog', backlog({ quick })), flooded(url, quick)];
  const figures = [];
  for (const group of all) {
    figures.push(...(await compare(group, plan, (far) => post('far', `${group.figures[0].label}, ${far}`))));
  }
  await post('figures', figures);
} catch (error) {
  await post('failed', String(error.stack ?? error));
}

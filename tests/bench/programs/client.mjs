// Takes what a server floods it with; prints the seconds of processor time of this process, from the
// first result to the last and in all, and the sum.
import { WebSocket } from 'ws';
import { openClient } from '../clients.mjs';
import { request, small } from '../frames.mjs';

const [name, way, url, count] = process.argv.slice(2);

const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const ways = {
  callback: (client, next) =>
    new Promise((resolve, reject) => {
      client.observe(request(Number(count)), { next, error: reject, complete: resolve });
    }),
  async iterator(client, next) {
    for await (const result of client.iterate(request(Number(count)))) next(result);
  },
};

let first;
let sum = 0;
await ways[way](await openClient(name, { url, WebSocket }), (result) => {
  first ??= spent();
  sum += small.read(result);
});
const last = spent();
console.log(JSON.stringify({ sum, values: [last - first, last] }));
process.exit();

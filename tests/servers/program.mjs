// What the programs that run these servers have in common.
import { once } from 'node:events';

/** Where they listen: on any free port, unless they are told one. */
export const address = { host: '127.0.0.1', port: Number(process.env.PORT ?? 0) };

/** Whether an init payload gives access: all do but one. */
export const accepts = (payload) => payload?.token !== 'wrong';

/** Whether a value is a JSON object. */
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Closes all sockets with this code, and waits for their ends. */
export const closeAll = (sockets, code) =>
  Promise.all([...sockets.clients].map((socket) => (socket.close(code), once(socket, 'close'))));

/** To be called when the server listens. `stop` closes its sockets as this kind of server does. */
export function serving(http, stop, path = '/graphql') {
  process.once('SIGTERM', async () => {
    await stop();
    process.exit();
  });
  // Whoever started the program holds its stdin open; it must not outlive them.
  process.stdin.once('end', () => process.exit()).resume();
  console.log(JSON.stringify({ url: `ws://127.0.0.1:${http.address().port}${path}` }));
}

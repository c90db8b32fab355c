// What the programs that run these servers have in common.

/** Where they listen: on any free port, unless they are told one. */
export const address = { host: '127.0.0.1', port: Number(process.env.PORT ?? 0) };

/** Whether an init payload gives access: all do but one. */
export const accepts = (payload) => payload?.token !== 'wrong';

/** To be called when the server listens. `stop` closes its sockets as this kind of server does. */
export function serving(http, stop) {
  process.once('SIGTERM', async () => {
    await stop();
    process.exit();
  });
  // Whoever started the program holds its stdin open; it must not outlive them.
  process.stdin.once('end', () => process.exit()).resume();
  console.log(JSON.stringify({ url: `ws://127.0.0.1:${http.address().port}/graphql` }));
}

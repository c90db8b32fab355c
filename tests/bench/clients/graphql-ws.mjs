import { createClient } from 'graphql-ws';

/** Connected, and it stays so: by default the client hangs up whenever no operation is left. */
export const connected = ({ url, WebSocket }) =>
  new Promise((resolve, reject) => {
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: false,
      onNonLazyError: reject,
      on: { connected: () => resolve(client) },
    });
  });

export async function open(options) {
  const client = await connected(options);
  return {
    observe: (request, sink) => client.subscribe(request, sink),
    iterate: (request) => client.iterate(request),
  };
}

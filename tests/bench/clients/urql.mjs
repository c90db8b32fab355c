import { Client, subscriptionExchange } from '@urql/core';
import { onEnd, pipe, subscribe } from 'wonka';
import { connected } from './graphql-ws.mjs';

export async function open(options) {
  const socket = await connected(options);
  const client = new Client({
    url: options.url,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }),
        }),
      }),
    ],
  });
  return {
    // At the end it gives the last result once more, without `hasNext`.
    observe: ({ query, variables }, { next, complete }) =>
      pipe(
        client.subscription(query, variables),
        onEnd(complete),
        subscribe((result) => result.hasNext && next(result)),
      ),
  };
}

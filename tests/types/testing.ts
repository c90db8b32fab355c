// The types of wireql/testing.
import { Client } from 'wireql';
import { mockServer, type MockOperation, type MockServer, type Received } from 'wireql/testing';

const server: MockServer = mockServer({
  operations: {
    hello: { data: { hello: 'world' } },
    price: [{ data: { price: 1 } }],
    async *Countdown({ variables }) {
      yield { data: { from: variables.from } };
    },
    async later() {
      return { data: null };
    },
    secret: (operation: MockOperation) => operation.error('not for you'),
  },
  onConnect: ({ token }) => token === 'x',
  dialects: ['graphql-transport-ws', 'phoenix'],
  timeout: 50,
});
new Client(server.url, { webSocket: server.WebSocket });
const socket: WebSocket = new server.WebSocket(server.url, ['graphql-ws']);
socket.close();

export const use = async (): Promise<void> => {
  const url: string = await server.listen({ port: 0 });
  const operation = await server.operation('price');
  operation.next({ data: url });
  const state: 'live' | 'completed' | 'failed' | 'left' | 'lost' = await operation.ended;
  const { frame, connection }: Received = await server.waitFor('start');
  const { code, by } = await connection.closed;
  server.on('mismatch', ({ line, message }) => [line, message, state, frame, code, by]);
  await server.played;
};

// @ts-expect-error: no such option
mockServer({ handlers: {} });
// @ts-expect-error: no such kind
void server.waitFor('subscribe');
// @ts-expect-error: no such dialect
mockServer({ dialects: ['mqtt'] });
// @ts-expect-error: a result is an object
mockServer({ operations: { price: [1] } });

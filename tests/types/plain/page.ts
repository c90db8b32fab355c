// A page's project as it comes: no `lib`, no `@types/node`.
import { WebSocketTransport } from 'wireql';
import { createClient } from 'wireql/graphql-ws';

const transport = new WebSocketTransport(new URL('ws://server'));
for await (const result of transport.subscribe<{ n: number }>('subscription { n }')) {
  const n: number | undefined = result.data?.n;
  console.log(n);
}
await transport.close();

const client = createClient({ url: 'ws://server' });
for await (const { data } of client.iterate<{ n: number }>({ query: '{ n }' })) {
  const n: number | undefined = data?.n;
  console.log(n);
}
await client.dispose();

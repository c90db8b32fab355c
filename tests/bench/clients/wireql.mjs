import { WebSocketTransport } from 'wireql';

export async function open({ url, WebSocket }) {
  const transport = new WebSocketTransport(url, { webSocket: WebSocket });
  await transport.connect();
  return {
    observe: ({ query, variables }, sink) => transport.observe(query, { variables }).subscribe(sink),
    iterate: ({ query, variables }) => transport.subscribe(query, { variables }),
  };
}

/** A client over the class `WebSocketTransport` of a build of wireql. */
export async function openTransport(WebSocketTransport, { url, WebSocket }) {
  const transport = new WebSocketTransport(url, { webSocket: WebSocket });
  await transport.connect();
  return {
    observe: ({ query, variables }, sink) => transport.observe(query, { variables }).subscribe(sink),
    iterate: ({ query, variables }) => transport.subscribe(query, { variables }),
  };
}

/** A client of wireql that keeps its connection: by default it hangs up when no operation is left. */
export async function openKept(Client, { url, WebSocket }) {
  const client = new Client(url, { webSocket: WebSocket, lazy: false });
  await client.connect();
  return {
    observe: ({ query, variables }, sink) => client.observe(query, { variables }).subscribe(sink),
    iterate: ({ query, variables }) => client.subscribe(query, { variables }),
  };
}

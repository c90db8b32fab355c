// The limit for several operations at once: a `Map` of their sinks by id, beside what `limit.mjs`
// does. It leaves out the same.
export async function open({ url, WebSocket }) {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  await new Promise((resolve) => {
    socket.onopen = () => socket.send('{"type":"connection_init"}');
    socket.onmessage = resolve;
  });
  const sinks = new Map();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { type, id, payload } = JSON.parse(data);
    const sink = sinks.get(id);
    if (type === 'complete') {
      sinks.delete(id);
      sink.complete();
    } else {
      sink.next(payload);
    }
  };
  return {
    observe(payload, sink) {
      const id = String((last += 1));
      sinks.set(id, sink);
      socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
    },
  };
}

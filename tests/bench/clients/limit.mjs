// The limit: one operation by hand. What it leaves out of a client's work: whose frame it is, what
// kind of frame it is but for the end, whether it is valid, errors, leaving early, timeouts, a
// connection that ends.
export async function open({ url, WebSocket }) {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  await new Promise((resolve) => {
    socket.onopen = () => socket.send('{"type":"connection_init"}');
    socket.onmessage = resolve;
  });
  const subscribe = (payload) => socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  return {
    observe(request, { next, complete }) {
      socket.onmessage = ({ data }) => {
        const { type, payload } = JSON.parse(data);
        if (type === 'complete') complete();
        else next(payload);
      };
      subscribe(request);
    },

    iterate(request) {
      // It keeps its room, and what was read until that is written over.
      const queue = [];
      let head = 0;
      let tail = 0;
      let waiting;
      socket.onmessage = ({ data }) => {
        const { type, payload } = JSON.parse(data);
        const result = { value: payload, done: type === 'complete' };
        if (waiting) {
          waiting(result);
          waiting = undefined;
        } else {
          queue[tail++] = result;
        }
      };
      subscribe(request);
      return {
        next() {
          if (head < tail) return queue[head++];
          head = tail = 0;
          return new Promise((resolve) => (waiting = resolve));
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}

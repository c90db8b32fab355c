// For clients in a page, a worker or an iframe: writes down what happens to them, and waits for it.
import { Client } from '/wireql/index.js';

/**
 * A client, and a line for each thing that was told of it, in order. `from` counts lines: what has been told before
 * is not waited for.
 */
export const record = (url, options) => {
  const lines = [];
  const waiting = new Set();
  const tell = (line) => {
    lines.push(line);
    for (const look of waiting) look();
  };
  /** Resolves once the line has been told, with what came before it from there on, and with it. */
  const until = (line, from = 0) =>
    new Promise((resolve, reject) => {
      const look = () => {
        const at = lines.indexOf(line, from);
        if (at < 0) return;
        settle();
        resolve(lines.slice(from, at + 1));
      };
      const giveUp = () => {
        settle();
        reject(new Error(`after 10 s still not "${line}", but ${JSON.stringify(lines.slice(from).slice(0, 50))}`));
      };
      const settle = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      const timer = setTimeout(giveUp, 10_000);
      waiting.add(look);
      look();
    });
  const client = new Client(url, options);
  client.on('status', ({ state }) => tell(state));
  client.on('connecting', ({ number, reason }) => tell(`attempt ${number}: ${reason}`));
  client.on('disconnected', ({ code, sent, verdict, error }) => tell(`disconnected: ${code ?? `sent ${sent?.code}`} ${error?.code ?? 'no error'}, ${verdict}`));
  client.on('ping', ({ received }) => received || tell('ping'));
  client.on('pong', ({ received }) => received && tell('pong'));
  /** Follows a subscription for ever; its results become lines. */
  const follow = (query, name) =>
    client.observe(query, { onNotice: ({ type }) => tell(`${name} ${type}`) }).subscribe({
      next: ({ data }) => tell(`${name} ${Object.keys(data)}`),
      error: ({ code }) => tell(`${name} failed: ${code}`),
      complete: () => tell(`${name} ended`),
    });
  return { client, lines, until, follow };
};

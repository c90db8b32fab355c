// Connects, and prints the first result.
import { WebSocket } from 'ws';
import { openClient } from '../clients.mjs';
import { request } from '../frames.mjs';

const [name, url] = process.argv.slice(2);
const client = await openClient(name, { url, WebSocket });
client.observe(request(1), {
  next(result) {
    console.log(JSON.stringify(result));
    process.exit();
  },
  error(error) {
    throw error;
  },
  complete() {},
});

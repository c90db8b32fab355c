// Subscribes, has the simulator publish what a mutation returns, leaves: `node program.js URL`. Prints `done`.
import assert from 'node:assert/strict';
import { Client, appSync } from 'wireql';
import { WebSocket } from 'ws';

const [, , url] = process.argv;
const apiKey = 'da2-simulated';

const send = async (room, text) => {
  const query = 'mutation Send($room: String!, $text: String!) { send(id: "1", room: $room, text: $text) { id room text } }';
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables: { room, text } }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data.send;
};

// The simulator knows this carrier alone.
const dialect = appSync({ auth: { apiKey }, carrier: 'query' });
const client = new Client(url, { dialect, webSocket: WebSocket });
const messages = client.subscribe('subscription OnSend($room: String) { onSend(room: $room) { id room text } }', {
  variables: { room: 'a' },
});
assert.equal(await messages.active, 'confirmed');
const sent = await send('a', 'hello \u00e9');
assert.deepEqual(await messages.next(), { value: { data: { onSend: sent } }, done: false });
await messages.return();
await client.close();
console.log('done');

import { init, WebSocketTransport } from 'wireql/web';
import { openTransport } from './transport.mjs';

export async function open(options) {
  await init();
  return openTransport(WebSocketTransport, options);
}

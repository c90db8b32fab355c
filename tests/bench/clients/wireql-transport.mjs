import { WebSocketTransport } from 'wireql';
import { openTransport } from './transport.mjs';

export const open = (options) => openTransport(WebSocketTransport, options);

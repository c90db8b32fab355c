import wireql = require('wireql');

export const transport: wireql.WebSocketTransport = new wireql.WebSocketTransport('ws://server');
export const error: Error = new wireql.TransportError();

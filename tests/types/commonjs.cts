import wireql = require('wireql');
import graphqlWs = require('wireql/graphql-ws');

export const transport: wireql.WebSocketTransport = new wireql.WebSocketTransport('ws://server');
export const error: Error = new wireql.TransportError();
export const client: graphqlWs.Client = graphqlWs.createClient({ url: 'ws://server' });

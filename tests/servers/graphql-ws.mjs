import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { accepts, address, serving } from './program.mjs';
import { schema } from './schema.mjs';

const http = createServer();
const sockets = new WebSocketServer({ server: http, path: '/graphql' });
const graphql = useServer({ schema, onConnect: (context) => accepts(context.connectionParams) }, sockets);
http.listen(address, () => serving(http, () => graphql.dispose()));

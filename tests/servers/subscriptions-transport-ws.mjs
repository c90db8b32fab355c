import { createServer } from 'node:http';
import { execute, subscribe } from 'graphql';
import { SubscriptionServer } from 'subscriptions-transport-ws';
import { accepts, address, serving } from './program.mjs';
import { schema } from './schema.mjs';

const onConnect = (payload) => {
  if (!accepts(payload)) throw new Error('wrong token');
};

const http = createServer();
const graphql = SubscriptionServer.create(
  { schema, execute, subscribe, onConnect, keepAlive: 200 },
  { server: http, path: '/graphql' },
);
http.listen(address, () => serving(http, () => graphql.close()));

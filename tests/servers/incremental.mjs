// Servers that deliver results in parts (`@defer`, `@stream`), each at a path of its own, over graphql-ws: every format
// in which the package `graphql` and graphql-yoga have sent them.
import { createServer } from 'node:http';
import * as graphql16 from 'graphql-16-experimental';
import * as graphql17 from 'graphql-17';
import * as graphqlAlpha from 'graphql-17-alpha';
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { rootValue, typeDefs } from './incremental-schema.mjs';
import { address, serving } from './program.mjs';

/** What these versions give is no stream yet: graphql-ws sends one result for each value of one. */
const flattened = async (executing) => {
  const result = await executing;
  if (!('initialResult' in result)) return result;
  return (async function* () {
    yield result.initialResult;
    yield* result.subsequentResults;
  })();
};

/** By a version of the package `graphql`; its functions take and give what graphql-ws passes on. */
const served = (graphql, execute, subscribe) => {
  const schema = graphql.buildSchema(typeDefs, { enableDeferStream: true });
  return {
    execute,
    subscribe,
    onSubscribe: (_context, _id, { query, variables, operationName }) => ({
      schema,
      operationName,
      document: graphql.parse(query),
      variableValues: variables,
      rootValue,
    }),
  };
};

/** By graphql-yoga, joined to graphql-ws as in yoga.mjs. */
const yoga = () => {
  const schema = createSchema({ typeDefs });
  const { getEnveloped } = createYoga({ schema, plugins: [useDeferStream()], maskedErrors: false });
  return {
    execute: ({ run, ...args }) => run.execute(args),
    subscribe: ({ run, ...args }) => run.subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse } = getEnveloped({ ...context, params });
      return {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue,
        run: { execute, subscribe },
      };
    },
  };
};

const endpoints = {
  'graphql-17': served(graphql17, (args) => flattened(graphql17.experimentalExecuteIncrementally(args)), graphql17.subscribe),
  'graphql-17-legacy': served(graphql17, (args) => flattened(graphql17.legacyExecuteIncrementally(args)), graphql17.subscribe),
  'graphql-17-alpha': served(
    graphqlAlpha,
    (args) => flattened(graphqlAlpha.experimentalExecuteIncrementally(args)),
    graphqlAlpha.experimentalSubscribeIncrementally,
  ),
  'graphql-16-experimental': served(graphql16, graphql16.execute, graphql16.subscribe),
  yoga: yoga(),
  // As a server that knows nothing of it.
  unflattened: served(graphql17, graphql17.experimentalExecuteIncrementally, graphql17.subscribe),
};

const http = createServer();
const servers = new Map();
for (const [name, options] of Object.entries(endpoints)) {
  const sockets = new WebSocketServer({ noServer: true });
  servers.set(`/${name}`, { sockets, server: useServer(options, sockets) });
}
http.on('upgrade', (request, socket, head) => {
  const { sockets } = servers.get(request.url) ?? {};
  if (sockets === undefined) socket.destroy();
  else sockets.handleUpgrade(request, socket, head, (open) => sockets.emit('connection', open, request));
});
http.listen(address, () => serving(http, () => Promise.all([...servers.values()].map(({ server }) => server.dispose()))));

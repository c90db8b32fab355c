// `make demo`: a query, a mutation and a subscription through the built package, each result one
// line of JSON. With URL and QUERY in the environment, one operation against that server.
import { TransportError, WebSocketTransport } from 'wireql';

const { URL: url, QUERY: query } = process.env;

/** Runs one operation to its end; Ctrl-C leaves it and closes the connection. */
async function run(transport, document, options) {
  const results = transport.subscribe(document, options);
  const interrupted = () => results.return();
  process.once('SIGINT', interrupted);
  try {
    for await (const result of results) console.log(JSON.stringify(result));
  } finally {
    process.off('SIGINT', interrupted);
  }
}

/** Connects, and closes whatever happens: an open connection keeps the process alive. */
async function withTransport(url, body) {
  const transport = new WebSocketTransport(url);
  await transport.connect();
  try {
    await body(transport);
  } finally {
    await transport.close();
  }
}

async function main() {
  if (Boolean(url) !== Boolean(query)) {
    throw new TypeError("give both URL and QUERY: make demo URL=ws://… QUERY='subscription { … }'");
  }
  if (url) {
    await withTransport(url, (transport) => run(transport, query));
    return;
  }
  const { startServer } = await import('../tests/servers/demo/server.mjs');
  const server = await startServer();
  console.error(`a GraphQL server (npm graphql-ws) listens at ${server.url}`);
  try {
    await withTransport(server.url, async (transport) => {
      await run(transport, 'query ($name: String) { hello(name: $name) }', { variables: { name: 'wireql' } });
      await run(transport, 'mutation { setMessage(message: "set by the demo") }');
      await run(transport, 'subscription { countdown(from: 3) }');
    });
  } finally {
    await server.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TransportError || error instanceof TypeError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}

// `make demo`: a query, a mutation and a subscription through the built package, each result one line of JSON, and a
// restart of the server that the subscription outlives. With URL and QUERY in the environment, one operation against
// that server.
import { Client, TransportError } from 'wireql';

const { URL: url, QUERY: query } = process.env;

const tell = ({ type, error, lostAt, resumedAt }) =>
  console.error(type === 'interrupted' ? `interrupted: ${error.message}` : `resumed after ${resumedAt - lostAt} ms`);

/** Runs one operation to its end; Ctrl-C leaves it and closes the connection. */
async function run(client, document, { variables, onResult = () => {} } = {}) {
  const results = client.subscribe(document, { variables, onNotice: tell });
  const interrupted = () => results.return();
  process.once('SIGINT', interrupted);
  try {
    for await (const result of results) {
      console.log(JSON.stringify(result));
      onResult(result);
    }
  } finally {
    process.off('SIGINT', interrupted);
  }
}

/** Closes the client whatever happens: the process need not wait until the connection is idle. */
async function withClient(url, body) {
  // A wrong URL is to show itself at once.
  const client = new Client(url, { retry: { initialAttempts: 1 } });
  try {
    await body(client);
  } finally {
    await client.close();
  }
}

async function main() {
  if (Boolean(url) !== Boolean(query)) {
    throw new TypeError("give both URL and QUERY: make demo URL=ws://… QUERY='subscription { … }'");
  }
  if (url) {
    await withClient(url, (client) => run(client, query));
    return;
  }
  const { startServer } = await import('../tests/servers/demo/server.mjs');
  let server = await startServer();
  console.error(`a GraphQL server (npm graphql-ws) listens at ${server.url}`);
  const restart = async () => {
    console.error('the server is restarted; it knows nothing of the countdown then, which begins anew');
    const { port } = server.http.address();
    await server.close();
    server = await startServer({ port });
  };
  let restarted;
  try {
    await withClient(server.url, async (client) => {
      await run(client, 'query ($name: String) { hello(name: $name) }', { variables: { name: 'wireql' } });
      await run(client, 'mutation { setMessage(message: "set by the demo") }');
      await run(client, 'subscription { countdown(from: 3) }', {
        onResult: ({ data }) => {
          if (data.countdown === 2) restarted ??= restart();
        },
      });
    });
  } finally {
    await restarted;
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

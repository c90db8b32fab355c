import fastify from 'fastify';
import mercurius from 'mercurius';
import { accepts, address, serving } from './program.mjs';
import { schema } from './schema.mjs';

const app = fastify();
app.register(mercurius, {
  schema,
  subscription: {
    fullWsTransport: true,
    keepAlive: 200,
    onConnect: ({ payload }) => accepts(payload),
  },
});
await app.listen(address);
serving(app.server, () => app.close());

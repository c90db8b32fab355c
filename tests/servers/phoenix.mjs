import { serveAbsinthe } from './absinthe.mjs';
import { pushingSchema } from './schema.mjs';

const typeDefs = `
  extend type Query {
    """Crashes the channel."""
    crash: Boolean
  }

  extend type Mutation {
    """Closes this connection."""
    hangUp(code: Int!): Boolean
  }
`;

const resolvers = {
  Query: { crash: (_, args, { crash }) => crash() },
  Mutation: {
    hangUp(_, { code }, { socket }) {
      // Behind the answer.
      setTimeout(() => socket.close(code), 10);
      return true;
    },
  },
};

serveAbsinthe(pushingSchema(typeDefs, resolvers));

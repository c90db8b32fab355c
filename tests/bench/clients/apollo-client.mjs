import { ApolloClient, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { connected } from './graphql-ws.mjs';

export async function open(options) {
  const client = new ApolloClient({ link: new GraphQLWsLink(await connected(options)), cache: new InMemoryCache() });
  return {
    // The cache is work that no other contender has: by default each result would be written to it.
    observe: ({ query, variables }, sink) =>
      client.subscribe({ query: gql(query), variables, fetchPolicy: 'no-cache' }).subscribe(sink),
  };
}

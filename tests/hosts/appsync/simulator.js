// The simulator with a mutation and a subscription to it; prints where it listens.
import { createRequire } from 'node:module';

const { AmplifyAppSyncSimulator } = createRequire(import.meta.url)('@aws-amplify/amplify-appsync-simulator');

const content = `
  type Message { id: ID! room: String! text: String! }
  type Query { hello: String }
  type Mutation { send(id: ID!, room: String!, text: String!): Message }
  type Subscription { onSend(room: String): Message @aws_subscribe(mutations: ["send"]) }
`;

const simulator = new AmplifyAppSyncSimulator({ port: 0, wsPort: 0 });
await simulator.start();
simulator.init({
  schema: { content },
  appSync: {
    name: 'simulated',
    apiKey: 'da2-simulated',
    defaultAuthenticationType: { authenticationType: 'API_KEY' },
    additionalAuthenticationProviders: [],
  },
  mappingTemplates: [],
  functions: [],
  tables: [],
  dataSources: [{ type: 'NONE', name: 'none' }],
  resolvers: [
    {
      kind: 'UNIT',
      typeName: 'Mutation',
      fieldName: 'send',
      dataSourceName: 'none',
      requestMappingTemplate: '{ "version": "2018-05-29", "payload": $util.toJson($ctx.args) }',
      responseMappingTemplate: '$util.toJson($ctx.result)',
    },
  ],
});
// It names the machine by its address.
const { port } = new URL(simulator.url);
console.log(`listening at http://127.0.0.1:${port}/graphql`);

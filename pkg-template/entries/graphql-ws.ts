// The entry `wireql/graphql-ws`: the client of npm `graphql-ws`, over the core of this package. It has no WebAssembly of
// its own: see `src/graphql-ws/shared.ts`.

export { createClient } from '../src/graphql-ws/client.js';
export { TerminatedCloseEvent } from '../src/graphql-ws/problems.js';
export {
  CloseCode,
  DEPRECATED_GRAPHQL_WS_PROTOCOL,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  MessageType,
  parseMessage,
  stringifyMessage,
  validateMessage,
} from '../src/graphql-ws/protocol.js';
export type * from '../src/graphql-ws/protocol.js';
export type * from '../src/graphql-ws/types.js';

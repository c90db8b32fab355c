// The options that the commands which connect have in common, and the client that they make.
import { statSync } from 'node:fs';
import type { ParseArgsConfig } from 'node:util';
import { WebSocket } from 'ws';
import { Client, appSync, phoenix, type AppSyncOptions, type ClientOptions } from 'wireql';
import { Failure, checked } from './failure.js';
import { readHeaders, readObject, readText } from './read.js';

export const connecting = {
  header: { type: 'string', short: 'H', multiple: true },
  init: { type: 'string' },
  dialect: { type: 'string' },
  'api-key-file': { type: 'string' },
  'token-file': { type: 'string' },
  params: { type: 'string' },
  carrier: { type: 'string' },
  region: { type: 'string' },
  topic: { type: 'string' },
  'no-reconnect': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

/** What was given of {@link connecting}. */
export type Connecting = {
  readonly [Name in keyof typeof connecting]?: (typeof connecting)[Name] extends { multiple: true }
    ? string[]
    : (typeof connecting)[Name] extends { type: 'boolean' }
      ? boolean
      : string;
};

const { env } = process;

/** Reads a secret from a file at each attempt, since tokens are renewed; at once, to see that it can be read. */
const secretFile = (file: string, option: string): (() => string) => {
  const read = () => readText(file, option).trim();
  // What is not a regular file, such as `<(pass show token)` of a shell, can be read once.
  const first = read();
  return statSync(file).isFile() ? read : () => first;
};

const secret = (file: string | undefined, option: string, variable: string): (() => string) | string | undefined =>
  file === undefined ? env[variable] || undefined : secretFile(file, option);

const appSyncAuth = (given: Connecting): AppSyncOptions['auth'] => {
  const { 'api-key-file': keyFile, 'token-file': tokenFile } = given;
  if (keyFile !== undefined && tokenFile !== undefined) throw new Failure('give one of --api-key-file and --token-file');
  const apiKey = tokenFile === undefined ? secret(keyFile, '--api-key-file', 'WIREQL_API_KEY') : undefined;
  if (apiKey !== undefined) return { apiKey };
  const token = secret(tokenFile, '--token-file', 'WIREQL_TOKEN');
  if (token !== undefined) return { token };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Failure(
      'AppSync needs credentials: --api-key-file FILE or --token-file FILE, or in the environment WIREQL_API_KEY, ' +
        'WIREQL_TOKEN, or AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY',
    );
  }
  const region = given.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  return region === undefined ? { credentials } : { credentials, region };
};

const readCarrier = (carrier: string | undefined): 'query' | 'subprotocol' | undefined => {
  if (carrier === undefined || carrier === 'query' || carrier === 'subprotocol') return carrier;
  throw new Failure(`--carrier is query or subprotocol, but was given \`${carrier}\``);
};

/** Which options only one of the dialects has. */
const ofDialects: [option: keyof Connecting, dialects: string[]][] = [
  ['api-key-file', ['appsync']],
  ['region', ['appsync']],
  ['token-file', ['appsync', 'phoenix']],
  ['carrier', ['appsync', 'phoenix']],
  ['params', ['phoenix']],
  ['topic', ['phoenix']],
  ['init', ['graphql-transport-ws', 'graphql-ws', 'phoenix']],
];

const dialectOf = (given: Connecting): Pick<ClientOptions, 'dialect' | 'subprotocols'> => {
  const { dialect, topic } = given;
  for (const [option, dialects] of ofDialects) {
    if (given[option] === undefined || dialects.includes(dialect ?? 'graphql-transport-ws')) continue;
    throw new Failure(`--${option} is for --dialect ${dialects.join(' or ')}`);
  }
  const carrier = readCarrier(given.carrier);
  switch (dialect) {
    case undefined:
      return {};
    case 'graphql-transport-ws':
    case 'graphql-ws':
      return { subprotocols: [dialect] };
    case 'appsync':
      return { dialect: checked(() => appSync({ auth: appSyncAuth(given), ...(carrier && { carrier }) })) };
    case 'phoenix': {
      const params = { ...(env.WIREQL_PARAMS && readObject(env.WIREQL_PARAMS, 'WIREQL_PARAMS')) } as { [name: string]: string };
      if (given.params !== undefined) Object.assign(params, readObject(given.params, '--params'));
      const token = secret(given['token-file'], '--token-file', 'WIREQL_TOKEN');
      const read = typeof token === 'function' ? token : () => token!;
      const carried =
        token === undefined ? { params }
        : carrier === 'subprotocol' ? { params, authToken: read }
        : { params: () => ({ ...params, token: read() }) };
      return { dialect: checked(() => phoenix({ ...carried, ...(topic !== undefined && { topic }) })) };
    }
    default:
      throw new Failure(
        `--dialect is graphql-transport-ws, graphql-ws, appsync or phoenix, but was given \`${dialect}\``,
      );
  }
};

/** Reads numbers as they were written, where the host can: `12345678901234567890` and `1.0` stay what they are. */
const exactly = (_: string, value: unknown, context?: { source?: string }): unknown => {
  const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };
  if (typeof value !== 'number' || rawJSON === undefined || context?.source === undefined) return value;
  return String(value) === context.source ? value : rawJSON(context.source);
};

/** Makes the client. A wrong URL is to show itself at once; what was connected once is connected again for ever. */
export const clientOf = (url: string, given: Connecting, trace?: (line: string) => void): Client => {
  const init = given.init ?? (given.dialect === 'appsync' ? undefined : env.WIREQL_INIT || undefined);
  const initPayload = init && readObject(init, given.init === undefined ? 'WIREQL_INIT' : '--init');
  const options: ClientOptions = {
    closeTimeout: 2_000,
    // Node has one of its own since version 22.
    webSocket: globalThis.WebSocket ?? WebSocket,
    retry: given['no-reconnect'] ? false : { initialAttempts: 1 },
    jsonMessageReviver: exactly as NonNullable<ClientOptions['jsonMessageReviver']>,
    ...dialectOf(given),
    ...(initPayload && { initPayload }),
    ...(given.header && { headers: readHeaders(given.header) }),
    ...(trace && { trace }),
  };
  return checked(() => new Client(url, options));
};

// The options of `appSync` and `phoenix`: each way to give credentials, and what must not compile.
import {
  appSync,
  type AppSyncDialect,
  type AppSyncOptions,
  type AwsCredentials,
  Client,
  phoenix,
  type PhoenixDialect,
  type PhoenixOptions,
  type Sign,
  type SignRequest,
  type TransportErrorCode,
  WebSocketTransport,
} from 'wireql';

const is = <Type>(_: Type) => {};

/** As providers of AWS's SDK have it. */
interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
declare const provider: (options?: { forceRefresh?: boolean }) => Promise<Identity>;
declare const keys: AwsCredentials;
declare const token: () => Promise<string>;

is<AppSyncDialect>(appSync({ auth: { apiKey: 'da2-key' } }));
appSync({ auth: { apiKey: () => 'da2-key' }, carrier: 'query' });
appSync({ auth: { token }, carrier: 'subprotocol' });
appSync({ auth: { credentials: keys } });
appSync({ auth: { credentials: provider, region: 'eu-west-1' } });
appSync({ auth: { credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: undefined } } });
appSync({ auth: ({ kind, url, host, body }) => ({ Authorization: `${kind} ${url} ${host} ${body}` }) });
const sign: Sign = async (request: SignRequest) => ({ Authorization: request.body });
appSync({ auth: sign });
is<AppSyncOptions>({ auth: sign });

// @ts-expect-error: nothing authorizes
appSync({});
// @ts-expect-error: nothing authorizes
appSync();
// @ts-expect-error: a promise has to be awaited
appSync({ auth: { token: token() } });
// @ts-expect-error: may be undefined
appSync({ auth: { apiKey: undefined as string | undefined } });
// @ts-expect-error: unknown
appSync({ auth: { apikey: 'da2-key' } });
// @ts-expect-error: unknown
appSync({ auth: { apiKey: 'da2-key' }, carrier: 'header' });
// @ts-expect-error: keys are missing
appSync({ auth: { credentials: { accessKeyId: 'a' } } });
// @ts-expect-error: it has to be an object
appSync({ auth: () => 'token' });

is<PhoenixDialect>(phoenix());
phoenix({ params: { token: 'a' } });
phoenix({ params: async () => ({ token: await token() }), topic: 'mine' });
phoenix({ authToken: token });
is<PhoenixOptions>({});

// @ts-expect-error: not a string
phoenix({ params: { n: 7 } });
// @ts-expect-error: a promise has to be awaited
phoenix({ authToken: token() });
// @ts-expect-error: unknown
phoenix({ vsn: '2.0.0' });

// @ts-expect-error: no object that merely looks like one
is<AppSyncDialect>({});
// @ts-expect-error: another dialect
is<AppSyncDialect>(phoenix());
// @ts-expect-error: another dialect
is<PhoenixDialect>(appSync({ auth: sign }));

// ---- where they go --------------------------------------------------------------------

const appSyncDialect = appSync({ auth: sign });
new WebSocketTransport('https://example.com/graphql', { dialect: appSyncDialect, subscribeTimeout: 5_000 });
new Client('https://example.com/graphql', { dialect: appSyncDialect, subscribeTimeout: null });
new WebSocketTransport('wss://example.com/socket', { dialect: phoenix(), initPayload: { device: 'a' } });
new Client(() => 'wss://example.com/socket', { dialect: phoenix() });

// @ts-expect-error: no object that merely looks like one
new WebSocketTransport('wss://example.com', { dialect: { name: 'appsync' } });
// @ts-expect-error: it has to be called
new WebSocketTransport('wss://example.com', { dialect: phoenix });
// @ts-expect-error: not by its name
new WebSocketTransport('wss://example.com', { dialect: 'appsync' });

is<TransportErrorCode>('NO_WEB_CRYPTO');
is<TransportErrorCode>('CREDENTIALS_FAILED');
is<TransportErrorCode>('SUBSCRIBE_TIMEOUT');
is<TransportErrorCode>('UNSUPPORTED_OPERATION');
is<TransportErrorCode>('CHANNEL_CLOSED');

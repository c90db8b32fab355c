// Signature Version 4 of AWS by WebCrypto, as far as AppSync's realtime endpoint asks for it.

import { TransportError } from './errors.js';

/** Keys of AWS: of a user, or temporary ones. What else such an object has is ignored. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'appsync';

/** What AppSync has signed beside the host, the time and the session token. */
const HEADERS = {
  accept: 'application/json, text/javascript',
  'content-encoding': 'amz-1.0',
  'content-type': 'application/json; charset=UTF-8',
};

export const webCrypto = (): SubtleCrypto => {
  const { crypto } = globalThis as { crypto?: Crypto };
  if (crypto?.subtle !== undefined) return crypto.subtle;
  throw new TransportError(
    'this host has no `crypto.subtle`, which signing with AWS credentials needs: browsers have it only in pages that ' +
      'come over HTTPS or from localhost. Serve the page over HTTPS, or give a function that signs as the option `auth`',
    { code: 'NO_WEB_CRYPTO', ends: 'nothing' },
  );
};

const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

const toHex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

const hash = async (subtle: SubtleCrypto, text: string): Promise<string> =>
  toHex(await subtle.digest('SHA-256', utf8(text)));

const hmac = async (subtle: SubtleCrypto, key: BufferSource, text: string): Promise<ArrayBuffer> => {
  const imported = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return subtle.sign('HMAC', imported, utf8(text));
};

/** Encoded once more: of all services S3 alone takes a path as it stands. */
const canonicalPath = (pathname: string): string =>
  encodeURIComponent(pathname)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/');

/**
 * The headers of a signed POST, `Authorization` among them. The query of the URL is not signed, as AppSync has none
 * there.
 */
export const sign = async (
  url: URL,
  body: string,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
): Promise<{ [name: string]: string }> => {
  const subtle = webCrypto();
  // 2015-08-30T12:36:00.000Z becomes 20150830T123600Z.
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers: { [name: string]: string } = { ...HEADERS, host: url.host, 'x-amz-date': time };
  if (sessionToken) headers['x-amz-security-token'] = sessionToken;

  // They stand in the order of their names.
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ['POST', canonicalPath(url.pathname), '', lines.join(''), names, await hash(subtle, body)].join('\n');

  const steps = [time.slice(0, 8), region, SERVICE, 'aws4_request'];
  const scope = steps.join('/');
  const signed = [ALGORITHM, time, scope, await hash(subtle, request)].join('\n');
  let key: BufferSource = utf8(`AWS4${secretAccessKey}`);
  for (const step of steps) key = await hmac(subtle, key, step);
  const signature = toHex(await hmac(subtle, key, signed));

  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, Authorization: authorization };
};

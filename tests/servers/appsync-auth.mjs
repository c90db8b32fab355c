// Whom the scripted AppSync server knows, and how it is told: credentials choose how a connection goes.
import { isObject } from './program.mjs';
import { wrongWith } from './sigv4.mjs';

const region = 'eu-west-1';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** The keys of IAM: a user's, and temporary ones. */
const keys = {
  AKIDEXAMPLE: { secretAccessKey },
  ASIDEXAMPLE: { secretAccessKey, sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//+session/token==' },
};

/** How a connection goes unless its API key says otherwise. Times are in milliseconds. */
const habits = { ack: true, late: false, abrupt: false, timeout: 300_000, ka: 60_000, max: 100 };

const apiKeys = {
  'da2-good': {},
  /** Is refused, and the connection is closed in the same breath. */
  'da2-abrupt': { abrupt: true },
  /** Is refused only in answer to `connection_init`. */
  'da2-late': { late: true },
  'da2-no-ack': { ack: false },
  /** 300 ms of silence are the end, and it is silent. */
  'da2-no-ka': { timeout: 300, ka: Infinity },
  /** 300 ms of silence are the end, and it sends a `ka` each 100 ms. */
  'da2-ka': { timeout: 300, ka: 100 },
  'da2-max-2': { max: 2 },
};

/** JSON in base64 of either alphabet, with or without padding; undefined if it is none. */
const decode = (text) => {
  if (!/^[\w+/-]+={0,2}$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
};

const refused = (wrong) => ({ wrong, habits });

/** Checks an authorization object: what is `wrong` with it in words, if anything, and the habits of the connection. */
export async function check(given, path, body, host) {
  if (!isObject(given)) return refused('there is no authorization object');
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  if (headers.host !== host) return refused(`host is ${headers.host}, not ${host}`);
  const { authorization, 'x-api-key': apiKey } = headers;
  if (apiKey !== undefined) {
    return Object.hasOwn(apiKeys, apiKey) ? { habits: { ...habits, ...apiKeys[apiKey] } } : refused('the API key is not known');
  }
  if (typeof authorization !== 'string') return refused('there is neither x-api-key nor Authorization');
  if (authorization.startsWith('AWS4-')) return refused(await wrongWith({ headers, path, body, keys, region, service: 'appsync' }));
  if (authorization === 'lambda-token') return { habits };
  // Cognito user pools and OIDC: of a JWT the signature is not checked, as a client only hands it on.
  const parts = authorization.split('.');
  const claims = parts.length === 3 ? decode(parts[1]) : undefined;
  if (!isObject(claims)) return refused('the Authorization is none of ours');
  return claims.exp * 1000 > Date.now() ? { habits } : refused('Token has expired.');
}

/** The authorization object of a handshake: in the query, or in a second subprotocol. Undefined if it cannot be read. */
export function carried(request, offered) {
  const { searchParams } = new URL(request.url, 'http://server');
  if (!searchParams.has('header')) {
    const subprotocol = offered.find((name) => name.startsWith('header-'));
    if (subprotocol === undefined) return null;
    // The alphabet of base64url without padding is all that a subprotocol can have.
    return /^[\w-]+$/.test(subprotocol) ? decode(subprotocol.slice('header-'.length)) : undefined;
  }
  const payload = decode(searchParams.get('payload') ?? '');
  const isEmpty = isObject(payload) && Object.keys(payload).length === 0;
  return isEmpty ? decode(searchParams.get('header')) : undefined;
}

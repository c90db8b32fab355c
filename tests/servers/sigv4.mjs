// Checks a SigV4 signature by making it anew, with a library that AWS's own SDK uses.
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * What is wrong with a signed request, in words; undefined if it is right. Names of headers are in lower case; `keys` has
 * the secrets by access key; times are in milliseconds.
 */
export async function wrongWith({ headers, path, body, keys, region, service, now = Date.now(), skew = 300_000 }) {
  const parts = FORM.exec(headers.authorization ?? '');
  if (parts === null) return 'the Authorization is not of the form that SigV4 has';
  const [, accessKeyId, day, signedRegion, signedService, list, signature] = parts;
  const known = keys[accessKeyId];
  if (known === undefined) return 'the access key is not known';
  if (signedRegion !== region) return `it is signed for the region ${signedRegion}, not ${region}`;
  if (signedService !== service) return `it is signed for the service ${signedService}, not ${service}`;
  const date = headers['x-amz-date'] ?? '';
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(time)) return 'there is no x-amz-date of the form 20150830T123600Z';
  if (!date.startsWith(day)) return 'x-amz-date and the credential have different days';
  if (Math.abs(now - time) > skew) return 'the signature has expired, or is not valid yet';
  if (headers['x-amz-security-token'] !== known.sessionToken) return 'the session token is not the right one';
  const names = list.split(';');
  if (names.join() !== [...names].sort().join()) return 'SignedHeaders are not in order';
  for (const name of ['host', 'x-amz-date', ...(known.sessionToken ? ['x-amz-security-token'] : [])]) {
    if (!names.includes(name)) return `${name} is not signed`;
  }
  const absent = names.find((name) => headers[name] === undefined);
  if (absent !== undefined) return `${absent} is signed but not there`;
  const credentials = { accessKeyId, ...known };
  const signer = new SignatureV4({ service, region, sha256: Sha256, applyChecksum: false, credentials });
  const signed = Object.fromEntries(names.map((name) => [name, headers[name]]));
  const { hostname, port } = new URL(`http://${headers.host}`);
  const request = { method: 'POST', protocol: 'https:', hostname, path, query: {}, headers: signed, body };
  if (port !== '') request.port = Number(port);
  const again = await signer.sign(request, { signingDate: new Date(time) });
  return FORM.exec(again.headers.authorization)[6] === signature ? undefined : 'the signature does not fit';
}

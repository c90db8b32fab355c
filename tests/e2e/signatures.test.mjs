// Whether the scripted AppSync server tells a right signature from a wrong one: it takes each of the vectors, and refuses it
// with anything changed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { wrongWith } from '../servers/sigv4.mjs';

const vectors = JSON.parse(readFileSync(new URL('../scripted/sigv4-vectors.json', import.meta.url), 'utf8'));

for (const { name, input, header } of vectors) {
  const { accessKeyId, ...secret } = input.credentials;
  const headers = Object.fromEntries(Object.entries(header).map(([name, value]) => [name.toLowerCase(), value]));
  const { region, service, body } = input;
  const now = Date.parse(input.now);
  const path = new URL(input.url).pathname;
  const request = { headers, path, body, keys: { [accessKeyId]: secret }, region, service, now };
  const unfit = 'the signature does not fit';
  const changed = [
    ['body', { body: `${body} ` }, unfit],
    ['path', { path: '/graphql/other' }, unfit],
    ['header', { headers: { ...headers, accept: 'text/plain' } }, unfit],
    ['host', { headers: { ...headers, host: 'elsewhere' } }, unfit],
    ['secret', { keys: { [accessKeyId]: { ...secret, secretAccessKey: 'wrong' } } }, unfit],
    ['region', { region: 'us-west-2' }, `it is signed for the region ${region}, not us-west-2`],
    ['time', { now: now + 600_000 }, 'the signature has expired, or is not valid yet'],
    ['token', { keys: { [accessKeyId]: { ...secret, sessionToken: 'wrong' } } }, 'the session token is not the right one'],
    ['key', { keys: {} }, 'the access key is not known'],
  ];

  test(`the server takes the signature: ${name}`, async () => {
    assert.equal(await wrongWith(request), undefined);
    for (const [what, change, wrong] of changed) assert.equal(await wrongWith({ ...request, ...change }), wrong, what);
  });
}

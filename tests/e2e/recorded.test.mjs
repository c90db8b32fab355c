// The transcripts that tests/core plays of recordings have what the recordings have: the server's lines and the user's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { recorded } from '../core/recorded.mjs';

for (const [file, blocks] of Object.entries(recorded)) {
  test(`${file} has all that was recorded`, () => {
    const text = readFileSync(new URL(`../core/transcripts/${file}`, import.meta.url), 'utf8');
    const given = text.trimEnd().split('\n\n').map((block) => block.split('\n').filter((line) => /^(#|at \d+ +[!<])/.test(line)));
    assert.deepEqual(given, blocks);
    // And what the core makes of it, which is filled in by blessing.
    assert.match(text, /^at \d+ +> /m);
    assert.match(text, /^at \d+ +=/m);
  });
}

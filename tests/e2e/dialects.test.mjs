// The cases of tests/scripted/dialects.js in Node.
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as wireql from 'wireql';
import { cases } from '../scripted/dialects.js';

const vectors = JSON.parse(readFileSync(new URL('../scripted/sigv4-vectors.json', import.meta.url), 'utf8'));

for (const [name, run] of Object.entries(cases)) test(name.replaceAll('_', ' '), () => run(wireql, vectors));

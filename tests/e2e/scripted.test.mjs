// The cases of tests/scripted in Node.
import { test } from 'node:test';
import { WebSocketTransport } from 'wireql';
import { cases } from '../scripted/cases.js';

const make = (url, options) => new WebSocketTransport(url, options);

for (const [name, run] of Object.entries(cases)) test(name.replaceAll('_', ' '), () => run(make));

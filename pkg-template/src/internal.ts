// What the entry `wireql/graphql-ws` takes from the default one, so that a program which imports both has one
// WebAssembly, one table of what it refers to, and one net under a panic.

import { Handle } from '#glue';
import { Failing, enter, notify } from './panic.js';
import { start } from './start.js';
import { hostWebSocket } from './web-socket.js';
import { reviveMessages } from '../../src/driver/socket.js';

/** @internal */
export const internal = { Failing, Handle, enter, hostWebSocket, notify, reviveMessages, start };

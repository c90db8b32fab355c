// What this entry shares with the default one. It is imported from there, and not bundled a second time: see
// `internal.ts`, and `scripts/package.mjs`.

import { internal } from '../../entries/index.js';

export const { Failing, Handle, enter, hostWebSocket, notify, reviveMessages, start } = internal;

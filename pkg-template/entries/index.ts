// The entry `wireql`: WebAssembly is inline, so that the package needs no plugin, no second download, and no
// `await` before it can be used.

import base64 from '#wasm-base64';
import { startFrom } from '../src/start.js';

/** ECMAScript 2026, some 20 times as fast. */
const { fromBase64 } = Uint8Array as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };

const decode = (text: string): Uint8Array<ArrayBuffer> => {
  const decoded = atob(text);
  const bytes = new Uint8Array(decoded.length);
  for (let at = 0; at < decoded.length; at += 1) bytes[at] = decoded.charCodeAt(at);
  return bytes;
};

startFrom(() => fromBase64?.call(Uint8Array, base64) ?? decode(base64));

export * from './public.js';

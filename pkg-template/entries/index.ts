// The entry `wireql`: WebAssembly is inline, so that the package needs no plugin, no second download, and no
// `await` before it can be used.

import hex from '#wasm-hex';
import { startFrom } from '../src/webassembly.js';

/** What newer hosts decode hexadecimal text by (ECMAScript 2026), and what Node does. */
interface Decoders {
  Uint8Array: { fromHex?(text: string): Uint8Array<ArrayBuffer> };
  Buffer?: { from(text: string, encoding: 'hex'): Uint8Array<ArrayBuffer> };
}

/** Of the digits 0 to 9 and a to f. */
const digit = (code: number): number => (code < 58 ? code - 48 : code - 87);

const decode = (text: string): Uint8Array<ArrayBuffer> => {
  const { Uint8Array, Buffer } = globalThis as Decoders;
  if (Uint8Array.fromHex !== undefined) return Uint8Array.fromHex(text);
  if (Buffer !== undefined) return Buffer.from(text, 'hex');
  const bytes = new globalThis.Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = digit(text.charCodeAt(2 * at)) * 16 + digit(text.charCodeAt(2 * at + 1));
  }
  return bytes;
};

startFrom(() => decode(hex));

/** @internal */
export { internal } from '../src/internal.js';
export * from './public.js';

// Packs a WebAssembly module as pkg-template/packing/ does, and sees to it that what comes back works as well.
import { readFileSync } from 'node:fs';
import { unpack } from '../pkg-template/unpack.js';
import { CODE, leb128, moduleOf, reader, sectionsOf } from './wasm.mjs';

/** As packing/src/lib.rs has it. */
const MOST = 2 ** 18;

/** A number as LEB128 in three bytes, the shortest form or not. */
const padded = (value) => [(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14];

/** The module with the sizes of functions in three bytes each, and where their bodies begin and end. */
const withPaddedSizes = (wasm) => {
  let bodies;
  const sections = sectionsOf(wasm).map(({ id, body }) => {
    if (id !== CODE) return { id, body };
    const code = reader(body);
    const functions = code.all(() => code.take(code.number()));
    bodies = Buffer.concat(functions.flatMap((one) => [Buffer.from(padded(one.length)), one]));
    return { id, body: Buffer.concat([Buffer.from(leb128(functions.length)), bodies]) };
  });
  const bytes = moduleOf(sections);
  const code = bytes.indexOf(bodies);
  return { bytes, bounds: [code, code + bodies.length, bytes.length] };
};

/** The digits of what the module is packed into. */
const digits = (bytes, bounds, packer) => {
  const found = [];
  let at = 0;
  const env = { next: () => bytes[at++], put: (digit) => found.push(digit) };
  new WebAssembly.Instance(new WebAssembly.Module(readFileSync(packer)), { env }).exports.run(...bounds);
  // The first four are always 0.
  return found.slice(4);
};

/** As `unpack.js` reads them. */
const letter = (digit) => String.fromCharCode(digit + 35 + (digit > 56));

/** What `pkg-template/unpack.js` takes. `packer`, `unpacker`: the files of both builds of the packing. */
export const packed = (wasm, packer, unpacker) => {
  const { bytes, bounds } = withPaddedSizes(wasm);
  if (bytes.length >= MOST) throw new Error(`the module has ${bytes.length} bytes, and packing/src/lib.rs takes ${MOST}`);
  const inline = {
    packed: digits(bytes, bounds, packer).map(letter).join(''),
    unpacker: readFileSync(unpacker, 'hex'),
    bounds,
  };
  if (Buffer.compare(unpack(inline), bytes) !== 0) {
    throw new Error('what was packed is not what is unpacked: has the module an instruction that packing/src/place.rs does not know?');
  }
  return inline;
};

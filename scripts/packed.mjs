// Packs a WebAssembly module as pkg-template/packing/ does, and sees to it that what comes back works as well.
import { readFileSync } from 'node:fs';
import { unpack } from '../pkg-template/unpack.js';

/** The bytes of a module in parts: its sections, or what stands in one of them. */
const reader = (bytes) => {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const take = (length) => bytes.subarray(at, (at += length));
  return { number, take, isAtEnd: () => at >= bytes.length };
};

/** A number as LEB128: WebAssembly specification, section 5.2.2. */
const number = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]);

/** The same in three bytes. */
const padded = (value) => [(value & 127) | 128, ((value >> 7) & 127) | 128, value >> 14];

const CODE = 10;

/** As packing/src/lib.rs has it. */
const MOST = 2 ** 18;

/** The module with the sizes of functions in three bytes each, and where their bodies begin and end. */
const withPaddedSizes = (wasm) => {
  const sections = reader(wasm);
  const bytes = [...sections.take(8)];
  let code, codeEnd;
  while (!sections.isAtEnd()) {
    const id = sections.number();
    let body = [...sections.take(sections.number())];
    if (id === CODE) {
      const functions = reader(Uint8Array.from(body));
      const count = functions.number();
      const bodies = Array.from({ length: count }, () => {
        const length = functions.number();
        return [...padded(length), ...functions.take(length)];
      }).flat();
      body = [...number(count), ...bodies];
      code = bytes.length + 1 + number(body.length).length + body.length - bodies.length;
      codeEnd = code + bodies.length;
    }
    bytes.push(id, ...number(body.length), ...body);
  }
  return { bytes: Uint8Array.from(bytes), bounds: [code, codeEnd, bytes.length] };
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

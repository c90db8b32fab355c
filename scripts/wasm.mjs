// The little of WebAssembly's binary format that the build reads and writes itself: specification, section 5.

/** The numbers of the sections that are looked into; 0 has a name of its own. */
export const CUSTOM = 0;
export const EXPORTS = 7;
export const ELEMENTS = 9;
export const CODE = 10;

/** A number as LEB128. */
export const leb128 = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...leb128(Math.floor(value / 128))]);

/** Takes bytes apart, from the first to the last. */
export const reader = (bytes) => {
  let at = 0;
  const take = (length) => bytes.subarray(at, (at += length));
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  return {
    take,
    number,
    text: () => Buffer.from(take(number())).toString(),
    /** So many of what `read` reads. */
    all: (read) => Array.from({ length: number() }, () => read()),
    isAtEnd: () => at >= bytes.length,
  };
};

/** The sections of a module: the number and the body of each. */
export const sectionsOf = (wasm) => {
  const sections = reader(wasm.subarray(8));
  const found = [];
  while (!sections.isAtEnd()) found.push({ id: sections.number(), body: sections.take(sections.number()) });
  return found;
};

/** The module of these sections. */
export const moduleOf = (sections) => {
  const parts = sections.flatMap(({ id, body }) => [Buffer.from([id, ...leb128(body.length)]), body]);
  return Buffer.concat([Buffer.from('\0asm\x01\0\0\0', 'latin1'), ...parts]);
};

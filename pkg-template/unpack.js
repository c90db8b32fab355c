// The package's WebAssembly out of the text that is inline: see packing/.

/**
 * `packed`: digits, each a letter from `#` to `~`, but for the backslash. `unpacker`: the WebAssembly that unpacks
 * them, in hexadecimal, which gzip gets smaller than base64. `bounds`: where in the module the bodies of
 * functions begin and end, and how long it is.
 */
export const unpack = ({ packed, unpacker, bounds }) => {
  let at = 0;
  const next = () => {
    const letter = packed.charCodeAt(at++);
    return letter - 35 - (letter > 92);
  };
  const code = Uint8Array.from(unpacker.match(/../g), (byte) => Number.parseInt(byte, 16));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { next } });
  return new Uint8Array(exports.memory.buffer, exports.run(...bounds), bounds[2]);
};

// The package's WebAssembly out of the text that is inline: see packing/.

/** `unpacker`: the WebAssembly that unpacks, in hexadecimal, which gzip gets smaller than base64; `bounds`: where code begins and ends in the module, and how long it is. */
export const unpack = ({ unpacker, packed, bounds }) => {
  let at = 0;
  /** Each letter is a digit: those from `#` to `~`, but for the backslash. */
  const next = () => {
    const letter = packed.charCodeAt(at++);
    return letter - 35 - (letter > 92);
  };
  const code = Uint8Array.from(unpacker.match(/../g), (byte) => Number.parseInt(byte, 16));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { next } });
  return new Uint8Array(exports.memory.buffer, exports.run(...bounds), bounds[2]);
};

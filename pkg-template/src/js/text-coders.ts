// `TextDecoder` and `TextEncoder` for hosts that may lack them, as those of React Native do: esbuild puts these in the
// place of the globals (`inject` in scripts/package.mjs). The host's are used if they are there.

const host = globalThis as Partial<Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder'>>;

/** For UTF-8. It is always `fatal`: text of the core's is valid. */
class Utf8Decoder {
  readonly #ignoreBOM: boolean;

  constructor(_label?: string, { ignoreBOM = false }: TextDecoderOptions = {}) {
    this.#ignoreBOM = ignoreBOM;
  }

  decode(given: ArrayBuffer | Uint8Array = new Uint8Array()): string {
    const bytes = given instanceof Uint8Array ? given : new Uint8Array(given);
    let escaped = '';
    for (const byte of bytes) {
      escaped += byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16)}`;
    }
    // It knows UTF-8 in all its strictness.
    const text = decodeURIComponent(escaped);
    return this.#ignoreBOM ? text : text.replace(/^\ufeff/, '');
  }
}

/** The glue brings its own `encodeInto`. */
class Utf8Encoder {
  encode(text: string): Uint8Array {
    // A surrogate without the other cannot be encoded.
    const whole = text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) => (found.length === 2 ? found : '\ufffd'));
    const escaped = encodeURIComponent(whole);
    const bytes: number[] = [];
    for (let at = 0; at < escaped.length; at += 1) {
      const isByte = escaped[at] === '%';
      bytes.push(isByte ? parseInt(escaped.slice(at + 1, at + 3), 16) : escaped.charCodeAt(at));
      if (isByte) at += 2;
    }
    return Uint8Array.from(bytes);
  }
}

/** Whether it is one: some polyfills throw when they are asked for more than the default, or give no text. */
const decodes = (Decoder: typeof globalThis.TextDecoder): boolean => {
  try {
    return new Decoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.of(119)) === 'w';
  } catch {
    return false;
  }
};

const { TextDecoder: HostDecoder, TextEncoder: HostEncoder } = host;

export const TextDecoder = HostDecoder !== undefined && decodes(HostDecoder) ? HostDecoder : Utf8Decoder;
export const TextEncoder = HostEncoder ?? Utf8Encoder;

// `TextDecoder` and `TextEncoder` as wasm-bindgen's glue finds them, which makes one of each when it is imported: esbuild
// puts these in the place of the globals (`inject` in scripts/package.mjs), so that importing does nothing in hosts that
// have none. `start` says what is missing.

/** What the host has, or gets by a polyfill that is loaded later. */
const host = globalThis as Partial<Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder'>>;

export class TextDecoder {
  readonly #args: ConstructorParameters<typeof globalThis.TextDecoder>;
  #decoder: globalThis.TextDecoder | undefined;

  constructor(...args: ConstructorParameters<typeof globalThis.TextDecoder>) {
    this.#args = args;
  }

  decode(bytes?: AllowSharedBufferSource): string {
    // The glue does so when it is imported.
    if (bytes === undefined) return '';
    this.#decoder ??= new host.TextDecoder!(...this.#args);
    return this.#decoder.decode(bytes);
  }
}

export class TextEncoder {
  #encoder: globalThis.TextEncoder | undefined;

  get #host(): globalThis.TextEncoder {
    return (this.#encoder ??= new host.TextEncoder!());
  }

  encode(text: string): Uint8Array {
    return this.#host.encode(text);
  }

  encodeInto(text: string, bytes: Uint8Array): TextEncoderEncodeIntoResult {
    const encoder = this.#host;
    if (typeof encoder.encodeInto === 'function') return encoder.encodeInto(text, bytes);
    // Of polyfills.
    const encoded = encoder.encode(text);
    bytes.set(encoded);
    return { read: text.length, written: encoded.length };
  }
}

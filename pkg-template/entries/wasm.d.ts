// The module as the entries import it: inlined as hexadecimal text, and as a file beside the entry.

declare module '#wasm-hex' {
  const hex: string;
  export default hex;
}

declare module '*/wireql.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

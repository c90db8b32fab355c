// The module as the entries import it: inlined as base64, and as a file beside the entry.

declare module '#wasm-base64' {
  const base64: string;
  export default base64;
}

declare module '*/wireql.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

// The types of `wireql/slim`: those of `wireql`, and `init`.
export * from './index.js';

// Node's types know no `WebAssembly`: there, no program can name a module of it.
type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : never;

/**
 * Where WebAssembly comes from: the address of the package's `wireql.wasm`, a `Response` with it, its bytes,
 * or a `WebAssembly.Module` of it.
 */
export type WebAssemblySource = string | URL | Response | ArrayBuffer | ArrayBufferView | Module;

/**
 * Starts WebAssembly; to be awaited before the first transport is made. Further calls wait for the first,
 * and what they give is not looked at; after a failure it can be called again.
 *
 * Rejects with a {@link TransportError} (`WEBASSEMBLY_FAILED`) if it cannot be fetched, is no WebAssembly or
 * that of another version, or if the host forbids it.
 */
export function init(source: WebAssemblySource | PromiseLike<WebAssemblySource>): Promise<void>;

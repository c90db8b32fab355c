#!/usr/bin/env bash
# Builds the npm package into pkg/, ready for `npm pack`. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

out=target/glue
echo "compiling to WebAssembly"
cargo build --locked --release --lib --target wasm32-unknown-unknown
echo "generating the glue, optimising, packaging"
rm -rf "$out"
wasm-bindgen --target web --omit-default-module-path --no-typescript \
  --out-dir "$out" --out-name wireql target/wasm32-unknown-unknown/release/wireql.wasm
# binaryen from npm, as distributions' older ones break the output.
scripts/node_modules/.bin/wasm-opt -Oz "$out/wireql_bg.wasm" -o "$out/wireql_bg.wasm"
node scripts/package.mjs "$out"

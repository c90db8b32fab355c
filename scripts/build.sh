#!/usr/bin/env bash
# Builds the npm package into pkg/, ready for `npm pack`. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

out=target/glue
echo "compiling to WebAssembly"
cargo build --locked --release --lib --target wasm32-unknown-unknown

# What the package is made of; `npm ci` removes the installed copies.
made_of=$(cat target/wasm32-unknown-unknown/release/wireql.wasm pkg-template/* scripts/build.sh scripts/package.mjs \
  scripts/package-lock.json Cargo.toml README.md CHANGELOG.md LICENSE-* | cksum)
is_installed() { [ ! -d "$1/node_modules" ] || [ -e "$1/node_modules/wireql/index.js" ]; }
if [ "$(cat target/package.made-of 2>/dev/null)" = "$made_of" ] && [ -e pkg/index.js ] &&
  is_installed scripts && is_installed tests; then
  echo "the package in pkg/ is up to date"
  exit
fi

echo "generating the glue, optimising, packaging"
rm -rf "$out" target/package.made-of
wasm-bindgen --target web --omit-default-module-path --no-typescript \
  --out-dir "$out" --out-name wireql target/wasm32-unknown-unknown/release/wireql.wasm
# binaryen from npm, as distributions' older ones break the output.
scripts/node_modules/.bin/wasm-opt -Oz "$out/wireql_bg.wasm" -o "$out/wireql_bg.wasm"
node scripts/package.mjs "$out"
printf '%s\n' "$made_of" >target/package.made-of

#!/usr/bin/env bash
# Builds the npm package into pkg/, ready for `npm pack`. Set-up has been done. With DEVELOPMENT=1 in the
# environment, functions keep their names, and a panic is told on the console.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

out=target/glue
wasm=wasm32-unknown-unknown
compiled=target/package/$wasm/release/wireql.wasm

features=() names=(--strip-debug)
if [ -n "${DEVELOPMENT:-}" ]; then
  features=(--features development) names=(-g)
fi

# The id of this build, which the crate puts into WebAssembly: JavaScript refuses that of another build.
WIREQL_BUILD=$(find src -type f -print0 | LC_ALL=C sort -z | xargs -0 cat |
  cat - Cargo.toml Cargo.lock <(rustc --version) <(printf '%s' "${features[*]-}") | cksum | tr ' ' -)
export WIREQL_BUILD

echo "compiling to WebAssembly (half a minute the first time)"
# The texts of panics name files: remapped, so that builds are reproducible and reveal no local paths.
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates --remap-path-prefix=$(rustc --print sysroot)=rust"
cargo build --locked --release --lib --target $wasm --target-dir target/package ${features[@]+"${features[@]}"}

# What the package is made of; `npm ci` removes the installed copies.
made_of=$(find pkg-template src/driver -type f -print0 | LC_ALL=C sort -z | xargs -0 cat |
  cat "$compiled" - scripts/{build.sh,package.mjs,declarations.mjs,licenses.mjs,package-lock.json} Cargo.lock Cargo.toml README.md CHANGELOG.md LICENSE-* |
  cksum)
is_installed() { [ ! -d "$1/node_modules" ] || [ -e "$1/node_modules/wireql/index.js" ]; }
if [ "$(cat target/package.made-of 2>/dev/null)" = "$made_of" ] && [ -e pkg/index.js ] &&
  is_installed scripts && is_installed tests; then
  echo "the package in pkg/ is up to date"
  exit
fi
rm -rf "$out" target/package.made-of

echo "generating the JavaScript around it (wasm-bindgen)"
wasm-bindgen --target web --omit-default-module-path --out-dir "$out" --out-name wireql "$compiled"

echo "optimising for size (wasm-opt, a few seconds)"
# From npm, as distributions' older ones break the output.
scripts/node_modules/.bin/wasm-opt -Oz "${names[@]}" --strip-producers --strip-target-features \
  "$out/wireql_bg.wasm" -o "$out/wireql_bg.wasm"

echo "checking types, bundling, packing"
node scripts/package.mjs
printf '%s\n' "$made_of" >target/package.made-of

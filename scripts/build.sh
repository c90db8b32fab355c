#!/usr/bin/env bash
# Builds the npm package into pkg/, ready for `npm pack`. Set-up has been done. With DEVELOPMENT=1 in the
# environment, functions keep their names, and a panic is told on the console.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

out=target/glue
wasm=wasm32-unknown-unknown
compiled=target/package/$wasm/release/wireql.wasm
wasm2js=target/wasm2js
compiled_for_js=target/package-js/$wasm/release/wireql.wasm

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

echo "compiling again for wireql/js (half a minute the first time)"
# JavaScript has no table of references: wasm-bindgen then keeps them in an array.
RUSTFLAGS="$RUSTFLAGS -C target-feature=-reference-types" \
  cargo build --locked --release --lib --target $wasm --target-dir target/package-js ${features[@]+"${features[@]}"}

# What the package is made of; `npm ci` removes the installed copies.
made_of=$(find pkg-template src/driver tests/servers/demo/server.mjs tests/servers/demo/package-lock.json -type f -print0 | LC_ALL=C sort -z | xargs -0 cat |
  cat "$compiled" "$compiled_for_js" - scripts/{build.sh,package.mjs,declarations.mjs,licenses.mjs,package-lock.json} Cargo.lock Cargo.toml README.md CHANGELOG.md LICENSE-* |
  cksum)
is_installed() { [ ! -d "$1/node_modules" ] || [ -e "$1/node_modules/wireql/index.js" ]; }
if [ "$(cat target/package.made-of 2>/dev/null)" = "$made_of" ] && [ -e pkg/index.js ] &&
  is_installed scripts && is_installed tests; then
  echo "the package in pkg/ is up to date"
  exit
fi
rm -rf "$out" "$wasm2js" target/package.made-of

echo "generating the JavaScript around it (wasm-bindgen)"
wasm-bindgen --target web --omit-default-module-path --out-dir "$out" --out-name wireql "$compiled"

echo "optimising for size (wasm-opt, a few seconds)"
# From npm, as distributions' older ones break the output.
optimise() { scripts/node_modules/.bin/wasm-opt "$@"; }
optimise -Oz "${names[@]}" --strip-producers --strip-target-features \
  "$out/wireql_bg.wasm" -o "$out/wireql_bg.wasm"

echo "making JavaScript of it for wireql/js (wasm2js, a few seconds)"
mkdir -p "$wasm2js"
# The standard library names features that the crate was built without; wasm-bindgen would go by that.
optimise "$compiled_for_js" --strip-target-features -o "$wasm2js/wireql.wasm"
wasm-bindgen --target bundler --no-typescript --out-dir "$wasm2js/bindgen" --out-name wireql "$wasm2js/wireql.wasm"
# wasm2js knows the first version of WebAssembly, so what newer ones have is put in its words.
optimise -Oz "${names[@]}" --strip-producers \
  --enable-sign-ext --enable-nontrapping-float-to-int --enable-bulk-memory \
  --signext-lowering --llvm-nontrapping-fptoint-lowering --llvm-memory-copy-fill-lowering \
  "$wasm2js/bindgen/wireql_bg.wasm" -o "$wasm2js/lowered.wasm"
scripts/node_modules/.bin/wasm2js -Oz "$wasm2js/lowered.wasm" -o "$wasm2js/core.js"

echo "checking types, bundling, packing"
node scripts/package.mjs
printf '%s\n' "$made_of" >target/package.made-of

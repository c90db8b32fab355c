#!/usr/bin/env bash
# Builds the npm package into pkg/, ready for `npm pack`. Set-up has been done. With DEVELOPMENT=1 in the
# environment, functions keep their names, and a panic is told on the console.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

out=target/glue
wasm=wasm32-unknown-unknown
compiled=target/package/$wasm/release/wireql.wasm

# For the package the standard library is compiled too: for size, and so that a panic is one instruction
# without a text. That is a third of WebAssembly. The compiler does so only when told that it may.
small=(
  env RUSTC_BOOTSTRAP=1
  RUSTFLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none"
)
small_std=(-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
if [ ! -e "$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ] ||
  ! "${small[@]}" rustc -Zunstable-options -Cpanic=immediate-abort --print cfg >/dev/null 2>&1; then
  echo "the package comes out larger than it could be: for that, rustc needs rust-src (rustup component add rust-src)"
  small=(env) small_std=()
fi
names=(--strip-debug)
if [ -n "${DEVELOPMENT:-}" ]; then
  small=(env) small_std=(--features development) names=(-g)
fi

# Compiled as both that packs and that unpacks. It needs no stack in memory, which leaves it the small addresses.
packing() {
  cargo rustc --locked --release -p packing --target $wasm --target-dir "target/$1" "${@:2}" -- -Clink-arg=-zstack-size=0
}

echo "compiling to WebAssembly (from nothing a minute)"
"${small[@]}" cargo build --locked --release --lib --target $wasm --target-dir target/package ${small_std[@]+"${small_std[@]}"}
packing pack --features pack
packing unpack

# What the package is made of; `npm ci` removes the installed copies.
made_of=$(find pkg-template -type f -print0 | sort -z | xargs -0 cat | cat "$compiled" - scripts/build.sh scripts/*.mjs \
  scripts/package-lock.json Cargo.toml README.md CHANGELOG.md LICENSE-* | cksum)
is_installed() { [ ! -d "$1/node_modules" ] || [ -e "$1/node_modules/wireql/index.js" ]; }
if [ "$(cat target/package.made-of 2>/dev/null)" = "$made_of" ] && [ -e pkg/index.js ] &&
  is_installed scripts && is_installed tests; then
  echo "the package in pkg/ is up to date"
  exit
fi

echo "generating the glue, optimising, packaging"
rm -rf "$out" target/package.made-of
wasm-bindgen --target web --omit-default-module-path --no-typescript --keep-debug \
  --out-dir "$out" --out-name wireql "$compiled"
node scripts/unreferenced.mjs "$out/wireql_bg.wasm" "$out/wireql.js"
# binaryen from npm, as distributions' older ones break the output.
bin=scripts/node_modules/.bin
wasm_opt() { $bin/wasm-opt "$out/wireql_bg.wasm" -o "$out/wireql_bg.wasm" "$@"; }
# What is repeated costs next to nothing when it is packed: so a little less is shared than would be shortest.
wasm_opt -Oz --converge --low-memory-unused --one-caller-inline-max-function-size=80 --skip-pass=local-cse \
  "${names[@]}" --strip-producers
wasm_opt --minify-imports-and-exports-and-modules "${names[@]}" --strip-target-features >"$out/names.json"
# Of the packing, what the package does not call is not exported; one function stays apart: see its model.rs.
echo '[{"name": "package", "root": true, "reaches": ["run", "memory"]},
  {"name": "run", "export": "run"}, {"name": "memory", "export": "memory"}]' >"$out/exports.json"
for how in pack unpack; do
  $bin/wasm-metadce "target/$how/$wasm/release/packing.wasm" -o "$out/$how.wasm" --graph-file "$out/exports.json" >/dev/null
  $bin/wasm-opt "$out/$how.wasm" -o "$out/$how.wasm" -Oz --converge --one-caller-inline-max-function-size=0 \
    --strip-debug --strip-producers --strip-target-features
done
node scripts/package.mjs "$out"
printf '%s\n' "$made_of" >target/package.made-of

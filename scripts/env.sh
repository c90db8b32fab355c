# Sourced, never run: puts the tools that set-up made on the PATH of this shell.
# By hand, and always from the root of the checkout:  . scripts/env.sh
#
# Everything set-up makes stands in one folder of the user's cache, each tool in
# a folder named after its version, so that checkouts share it and a new version
# never meets an old one.

WIREQL_CACHE="${WIREQL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wireql}"
WIREQL_WASM_PACK_VERSION=0.15.1
WIREQL_BUNDLE_LICENSES_VERSION=5.0.0

# wasm-bindgen's CLI and crate must be the same version, so the lock file decides.
WIREQL_WASM_BINDGEN_VERSION=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)

# Environments of Python's, which belong to one version of it: for the one test server that is no JavaScript, for
# the one client in the benchmarks, and for those that AppSync's and Phoenix's servers are tried with.
WIREQL_STRAWBERRY_VERSION=$(sed -n 's/^strawberry-graphql==//p' tests/servers/requirements.txt)
WIREQL_GQL_VERSION=$(sed -n 's/^gql==//p' tests/bench/requirements.txt)
WIREQL_VENV="$WIREQL_CACHE/strawberry-$WIREQL_STRAWBERRY_VERSION-py$(python3 --version 2>/dev/null | tr -cd '0-9.' || true)"
WIREQL_BENCH_VENV="$WIREQL_CACHE/gql-$WIREQL_GQL_VERSION-py${WIREQL_VENV##*-py}"
WIREQL_ORACLES_VENV="$WIREQL_CACHE/oracles-gql-$(sed -n 's/^gql==//p' tests/oracles/requirements.txt)-py${WIREQL_VENV##*-py}"
export WIREQL_ORACLES_PYTHON="$WIREQL_ORACLES_VENV/bin/python"
export WIREQL_PYTHON="$WIREQL_VENV/bin/python" WIREQL_BENCH_PYTHON="$WIREQL_BENCH_VENV/bin/python"

# Wherever the user's cargo puts what it builds, the scripts look here.
export CARGO_TARGET_DIR="$PWD/target"

# Exists only where set-up had to build the target's standard library itself.
WIREQL_SYSROOT="$WIREQL_CACHE/sysroot"

PATH="$WIREQL_CACHE/wasm-bindgen-$WIREQL_WASM_BINDGEN_VERSION/bin:$PATH"
PATH="$WIREQL_CACHE/wasm-pack-$WIREQL_WASM_PACK_VERSION/bin:$PATH"
PATH="$WIREQL_CACHE/cargo-bundle-licenses-$WIREQL_BUNDLE_LICENSES_VERSION/bin:$PATH"
if [ -x "$WIREQL_SYSROOT/bin/rustc" ]; then
  PATH="$WIREQL_SYSROOT/bin:$PATH"
fi
export PATH WIREQL_CACHE

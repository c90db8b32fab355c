#!/usr/bin/env bash
# Runs random programs on the built package for so many seconds, half of them while garbage is collected:
# `fuzz.sh SECONDS`. WIREQL_SEED=… in the environment runs one program again. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# The build installs the package where there is such a folder.
mkdir -p tests/node_modules
scripts/build.sh
if [ -n "${WIREQL_SEED:-}" ]; then
  exec node --expose-gc tests/fuzz/run.mjs
fi
half=$(((${1:-60} + 1) / 2))
node --expose-gc tests/fuzz/run.mjs "$half"
WIREQL_GC=1 node --expose-gc tests/fuzz/run.mjs "$half"

#!/usr/bin/env bash
# Compares the package with its peers: builds it and runs tests/bench/run.mjs with the words given, such
# as `bench.sh small churn --quick`. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# The build installs the package where there is such a folder.
mkdir -p tests/node_modules
scripts/build.sh
node tests/bench/run.mjs "$@"

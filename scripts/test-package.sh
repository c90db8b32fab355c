#!/usr/bin/env bash
# Tries the packed package in hosts, bundlers, test runners and checkers: `scripts/test-package.sh` in all
# of them, `scripts/test-package.sh vite webpack` in those. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh
node tests/hosts/run.mjs "$@"

#!/usr/bin/env bash
# Compares the package with its peers: builds it, installs the peers, runs tests/bench/run.mjs with
# the words given: `bench.sh small churn --quick`. Set-up for the build has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

logs="$WIREQL_CACHE/logs"
mkdir -p "$logs"

# The build installs the package where there is such a folder.
mkdir -p tests/node_modules
scripts/build.sh

here=tests/bench
if ! cmp -s $here/package-lock.json $here/node_modules/.installed-lock.json; then
  echo "npm ci in $here"
  npm ci --prefix $here --no-audit --no-fund >"$logs/npm-ci-in-tests-bench.log" 2>&1 || {
    cat "$logs/npm-ci-in-tests-bench.log" >&2
    exit 1
  }
  cp $here/package-lock.json $here/node_modules/.installed-lock.json
fi

# Python gql, in an environment of its own. Without it the rest is still measured.
wanted=$here/requirements.txt
venv="$WIREQL_CACHE/gql-$(sed -n 's/^gql==//p' $wanted)-py$(python3 --version 2>/dev/null | tr -cd '0-9.')"
if ! cmp -s $wanted "$venv/.installed-requirements.txt"; then
  echo "python3 -m venv, pip install -r $wanted"
  rm -rf "$venv"
  if python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q --disable-pip-version-check -r $wanted; then
    cp $wanted "$venv/.installed-requirements.txt"
  else
    rm -rf "$venv"
  fi
fi
export WIREQL_BENCH_PYTHON="$venv/bin/python"

node $here/run.mjs "$@"

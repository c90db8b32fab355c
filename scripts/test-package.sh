#!/usr/bin/env bash
# Builds and packs the package, and tries it in hosts, bundlers, test runners and checkers:
# `scripts/test-package.sh` in all of them, `scripts/test-package.sh vite webpack` in those.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
scripts/build.sh
. scripts/env.sh

logs="$WIREQL_CACHE/logs"
mkdir -p "$logs"

tools=tests/package
printf 'npm packages in %s/: ' "$tools"
if cmp -s "$tools/package-lock.json" "$tools/node_modules/.installed-lock.json"; then
  echo "there"
else
  printf 'not there yet, about 1 GB, two minutes …\n'
  if ! npm ci --prefix "$tools" --no-audit --no-fund >"$logs/npm-ci-in-tests-package.log" 2>&1; then
    echo "npm ci failed in $tools/; see $logs/npm-ci-in-tests-package.log" >&2
    exit 1
  fi
  cp "$tools/package-lock.json" "$tools/node_modules/.installed-lock.json"
fi

# Firefox and WebKit: a row without its browser is listed as not tested.
printf 'Firefox and WebKit: '
if (command -v firefox || command -v firefox-esr) >/dev/null && command -v WebKitWebDriver >/dev/null; then
  echo "there"
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "not there yet, installing firefox-esr and webkit2gtk-driver …"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    firefox-esr webkit2gtk-driver xvfb xauth; } >"$logs/apt-get-install-firefox-esr-webkit2gtk-driver.log" 2>&1 ||
    echo "apt-get could not install them; see $logs"
else
  echo "not there; on Debian: apt-get install firefox-esr webkit2gtk-driver xvfb xauth"
fi

node tests/package/run.mjs "$@"

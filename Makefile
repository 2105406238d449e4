# The front door. Needs git, make and Python 3.11 or newer; everything else is installed into .venv from the lock file.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup serve test check unit bench conformance docs lock clean

help: ## show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(READY) ## prepare the environment in .venv and nothing else

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Moorings needs Python 3.11 or newer; name one: make PYTHON=python3.12 setup")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

serve: setup ## start the server on 127.0.0.1:8700 (ARGS="--emulators" to try it without any account)
	@$(BIN)/python -m compileall -q src
	@$(BIN)/moorings serve $(ARGS)

test: check unit ## run all checks and tests, PostgreSQL included

check: setup ## ruff, mypy, import contracts and the house's own checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python checks/house.py
	$(BIN)/python checks/docs.py --check

unit: setup ## the tests, with the coverage floor
	$(BIN)/python checks/unit.py

bench: setup ## measure everything against the floor of this machine
	$(BIN)/python -m compileall -q src
	$(BIN)/python bench/run.py $(ARGS)

conformance: setup ## judge MCP by its public conformance suite and official inspector (needs npx)
	$(BIN)/python checks/conformance/suite.py
	$(BIN)/python checks/conformance/inspector.py

docs: setup ## write the reference pages from the code
	$(BIN)/python checks/docs.py

lock: ## resolve the dependencies anew and write requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" --group dev --extra mcp --extra otel --extra procrastinate --output-file requirements.lock pyproject.toml

clean: ## remove everything that was made; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* dist

# Everything a developer or CI does; needs Python ≥ 3.11 and make, nothing else.
PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKED := requirements/dev.txt requirements/build.txt

.DEFAULT_GOAL := help
.PHONY: help setup check test sabotage run stack stack-down openapi docs

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv from the locked requirements

$(READY): $(LOCKED) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed: name one with make PYTHON=/path/to/python3.11'; exit 1; }
	@echo 'Setting up $(VENV) …'
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(LOCKED:%=-r %)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

check: $(READY) ## Formatting, lint, types, layers, known holes; generated documents are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive gateway --configfile pyproject.toml --severity-level medium
	$(BIN)/python .ci/audit.py requirements/*.txt requirements/clients/*.txt
	@made=$$(mktemp -d) && trap 'rm -r "$$made"' EXIT && \
	  $(BIN)/python -m gateway openapi --write "$$made/api" && \
	  $(BIN)/python -m gateway settings --markdown > "$$made/settings.md" && \
	  diff -ru docs/api "$$made/api" && diff -u docs/settings.md "$$made/settings.md" || \
	  { echo 'docs/ is not what the code says: run make openapi docs'; exit 1; }

test: $(READY) ## Run the tests on real servers (ARGS="tests/web -k body" for some)
	$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

sabotage: $(READY) ## See whether the tests notice faults that are put into the code (ARGS="S23" for some)
	@$(BIN)/python -m tests.sabotage $(ARGS)

run: $(READY) ## Keycloak, Redis, a mail catcher and the gateway until Ctrl-C
	@$(BIN)/python -m devstack run $(ARGS)

stack: $(READY) ## The same without the gateway, in the background; addresses in .stack/env
	@$(BIN)/python -m devstack up

stack-down: $(READY) ## Stop it
	@$(BIN)/python -m devstack down

openapi: $(READY) ## Write docs/api from the code
	@$(BIN)/python -m gateway openapi --write docs/api

docs: $(READY) ## Write docs/settings.md from the code
	@$(BIN)/python -m gateway settings --markdown > docs/settings.md

# `make` prints the targets. Everything installs into .venv (SAM CLI into .venv-sam).
.DEFAULT_GOAL := help
.PHONY: help run test lint types check manage clean lock

INTEGRATION ?= http
PORT ?= 8000
WEBSOCKET_PORT ?= 8001
# Not taken from the environment, which may name another project's database.
DATABASE_URL = sqlite:///$(CURDIR)/db.sqlite3
OPTIONS =
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
UV = UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy $(BIN)/uv
EMULATOR = $(BIN)/python -m gateway_emulator --template template.yaml --parameter WebSocketIntegration=$(INTEGRATION) --http-port $(PORT) --websocket-port $(WEBSOCKET_PORT) --env "DATABASE_URL=$(DATABASE_URL)" $(OPTIONS)
IN_SITE_ENVIRONMENT = variables=$$(mktemp) && trap 'rm -f "$$variables"' EXIT && $(EMULATOR) --print-environment SiteFunction > "$$variables" && while IFS= read -r line; do export "$$line"; done < "$$variables" &&

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run ## Run the demo on the gateway emulator (INTEGRATION=lambda, PORT=, WEBSOCKET_PORT=, OPTIONS=)
	@$(IN_SITE_ENVIRONMENT) $(BIN)/python django_app/manage.py migrate --verbosity 0
	@exec $(EMULATOR)

test: .venv/dev ## Run every test
	@$(BIN)/coverage run -m pytest && $(BIN)/coverage report

lint: .venv/dev ## Check style, formatting and import contracts
	@$(BIN)/ruff check && $(BIN)/ruff format --check && PYTHONPATH=.:django_app $(BIN)/lint-imports

types: .venv/dev ## Check types
	@$(BIN)/mypy

check: .venv/dev .venv-sam/sam ## Check template.yaml with SAM CLI, samtranslator and cfn-lint
	@$(BIN)/python -m tests.template.check --sam .venv-sam/bin/sam

manage: .venv/run ## Run a management command, after make run: make manage COMMAND="createsuperuser"
	@$(IN_SITE_ENVIRONMENT) $(BIN)/python django_app/manage.py $(COMMAND)

clean: ## Remove what the other targets made, the local database too
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
	@rm -rf .venv .venv-sam .gateway-emulator .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis db.sqlite3*

lock: .venv/uv ## Renew the hash-locked requirements after a change of pyproject.toml
	@for lock in run:requirements.txt dev:requirements-dev.txt site:requirements-lambda.txt lambda-runtime:requirements-lambda-runtime.txt sam:requirements-sam.txt uv:requirements-uv.txt; do $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --group $${lock%%:*} -o $${lock##*:} || exit 1; done

.venv/uv: requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer, and none is on the PATH: install one and run make again."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) comes without venv: install it (on Debian: apt-get install python3-venv) and run make again."; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv --clear .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

.venv/run: .venv/uv requirements.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt && touch $@

.venv/dev: .venv/uv .venv/run requirements-dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt && touch $@

.venv-sam/sam: .venv/uv requirements-sam.txt
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-sam && $(UV) pip install --quiet --python .venv-sam/bin/python --require-hashes -r requirements-sam.txt && touch $@

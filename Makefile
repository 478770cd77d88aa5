# `make app` starts Saccade; `make test` checks all of it. Both set up what they need.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Threads that wait must not spin: another visitor's forward pass needs the core. Freed memory
# stays with the process instead of being zeroed again for every activation.
RUN_ENV := OMP_WAIT_POLICY=PASSIVE OPENBLAS_NUM_THREADS=1 \
	MALLOC_TRIM_THRESHOLD_=268435456 MALLOC_MMAP_THRESHOLD_=268435456

.PHONY: app test format check pytest browser benchmarks clean
app: $(VENV)/app.stamp
	$(RUN_ENV) $(BIN)/python -m pages._ui.launch --server.port $(PORT)

test: check pytest

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

pytest: $(VENV)/dev.stamp browser
	$(RUN_ENV) $(BIN)/pytest

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

benchmarks: $(VENV)/dev.stamp
	$(RUN_ENV) $(BIN)/python -m benchmarks

browser: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.chromium

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Saccade needs Python 3.11, 3.12 or 3.13: install one, or name it: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/app.stamp: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/app.stamp

clean:
	rm -rf $(VENV)

# `make demo` trains, evaluates and predicts on real data, `make test` runs every check but the slow tests, which `make
# test-slow` runs, and `make rehearsal` goes through good and bad nights. All set up .venv themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
AIRLINE := $(CURDIR)/sample_data/air_passengers.csv

ROOM ?= evaluation
COUNT ?= 40
SEED ?= 0
FILES ?= 2000
JOBS ?= auto

# what Python compiled once, the next process and the next run take from the disk
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-slow slow-tests coverage fuzz rehearsal mutants format clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Python compiles what is imported, once: compiling all of torch and pandas here would take longer than installing them
$(VENV)/.installed: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --no-compile --editable .
	$(BIN)/python -m compileall -q forecaster
	touch $@

# two packages are compiled here, as they warn while they are compiled, which fails a test
$(VENV)/.installed-tests: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[test]'
	$(BIN)/python -m compileall -q $(addprefix $(VENV)/lib/python3*/site-packages/,lets_plot utilsforecast)
	touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	mkdir -p $(DEMO)
	cd $(DEMO) && $(CURDIR)/$(BIN)/forecast train $(AIRLINE) --until 1959-12 --horizon 12
	cd $(DEMO) && $(CURDIR)/$(BIN)/forecast evaluate
	cd $(DEMO) && $(CURDIR)/$(BIN)/forecast predict

test: $(VENV)/.installed-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	@# the audit waits for its service while the types are checked
	$(BIN)/python -m benchmarks.audit & audit=$$!; $(BIN)/mypy && wait $$audit
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m 'not slow'

test-slow: $(VENV)/.installed-tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m slow

# measures which tests are slow
slow-tests: $(VENV)/.installed-tests
	$(BIN)/python -m benchmarks.slow_tests

coverage: $(VENV)/.installed-tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term:skip-covered

fuzz: $(VENV)/.installed-tests
	FUZZ_FILES=$(FILES) $(BIN)/python -m pytest -q --hypothesis-seed=$(SEED) \
		tests/test_written_tables.py tests/test_written_forecasts.py

rehearsal: $(VENV)/.installed
	$(BIN)/python -m benchmarks.rehearsal

$(VENV)/.installed-mutants: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[mutants]'
	touch $@ $(VENV)/.installed-tests $(VENV)/.installed

mutants: $(VENV)/.installed-mutants
	$(BIN)/python -m benchmarks.mutants $(ROOM) --count $(COUNT) --seed $(SEED)

format: $(VENV)/.installed-tests
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(DEMO) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage*

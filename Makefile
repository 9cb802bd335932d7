# Two commands: `make demo` and `make test`. The rest are the small ones behind them.
PYTHON ?= python3
UV := 0.13.9
BIN := .venv/bin
# The machine's own list of authorities, where there is one: offices sit behind inspecting proxies.
INSTALL := $(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python \
	$(if $(wildcard /etc/ssl/certs/ca-certificates.crt),--system-certs)

.PHONY: demo test lint format types catalogues lock bench proof clean

demo: .venv/demo catalogues
	@$(BIN)/python -m portal.demo

test: .venv/test catalogues
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m tests.machine
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy identity onboarding
	$(BIN)/djlint --lint --quiet portal

format: .venv/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/test catalogues
	$(BIN)/python -m tests.load.bench

# What takes long: a hundred processes killed at random moments of an officers' day, on each database, then fifty officers and two thousand applicants.
proof: .venv/test catalogues
	CRASHES=100 $(BIN)/python -m pytest -p no:xdist -q -rP tests/crash/test_officers_day.py
	$(BIN)/python -m tests.load.office --officers 50 --applicants 2000
	$(BIN)/python -m tests.load.figures --events 1000000 --database sqlite --check
	$(BIN)/python -m tests.load.figures --events 5000000 --database postgresql --check

# Message catalogues are compiled, not kept: translations/*/LC_MESSAGES/messages.mo
catalogues: .venv/demo
	@$(BIN)/pybabel -q compile -d translations 2>/dev/null

# Hashed requirements, without any download address inside.
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links
lock: .venv/uv
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.txt

.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 demo")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@touch $@

.venv/demo: .venv/uv requirements.txt
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/test: .venv/uv requirements-dev.txt
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ .venv/demo

# Data of the demonstration and caches; the environment stays.
clean:
	rm -rf var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# Two commands: `make run` starts the house, `make test` proves it. Neither asks anything.
# `make check` is the quick half of the proof; `make lock` renews requirements/ from pyproject.toml.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
# Each test has a bound of its own (tests/bounds.py); this one is for whatever else might wait for ever.
TEST_MINUTES ?= 40

.PHONY: run test check kernels lock run-environment test-environment

run: run-environment
	@$(BIN)/fanzha warm
	@$(BIN)/fanzha demo

test:
	@$(MAKE) --no-print-directory -j2 check kernels
	@timeout --foreground --signal=INT --kill-after=60 $(TEST_MINUTES)m $(BIN)/python -m pytest -n 2 || { \
	  status=$$?; \
	  if [ $$status = 124 ] || [ $$status = 137 ]; then \
	    echo "The tests did not end within $(TEST_MINUTES) minutes and were stopped. To give them longer: make test TEST_MINUTES=90" >&2; \
	    echo "测试没有在 $(TEST_MINUTES) 分钟内结束，已被停止。需要更长时间：make test TEST_MINUTES=90" >&2; \
	  fi; \
	  exit $$status; }

kernels: test-environment
	@$(BIN)/fanzha warm

check: test-environment
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

run-environment test-environment: %-environment:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not installed; Fanzha needs Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv)" >&2; \
	  echo "没有找到 $(PYTHON):需要 Python 3.11 或更新版本(Debian、Ubuntu:apt-get install python3 python3-venv)" >&2; exit 1; }
	@$(PYTHON) deploy/environment.py $*

# Addresses of package indexes stay out of the files: whoever installs uses an index of their own; the hashes hold.
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock:
	@command -v $(UV) >/dev/null || { echo "uv is not installed: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(UV) $(LOCK) --extra build pyproject.toml --output-file requirements/run.txt
	$(UV) $(LOCK) --extra build --extra dev pyproject.toml --output-file requirements/dev.txt

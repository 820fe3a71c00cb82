# The two commands that do everything are `make demo` and `make test`; the rest is for those who work on Headwater.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test lint check audit fuzz bench faults screenshots fmt requirements clean

demo: ## set up what the product needs, start it whole, and send example traffic
	@PYTHON=$(PYTHON) bin/setup demo
	@$(BIN)/python manage.py demo

test: ## set up what the tests need, and run all of them, lint beside them: it is told last
	@PYTHON=$(PYTHON) bin/setup test
	@mkdir -p .headwater; nice $(MAKE) --no-print-directory lint >.headwater/lint.log 2>&1 & lint=$$!; \
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --hypothesis-profile=ci; tests=$$?; \
	wait $$lint; linted=$$?; cat .headwater/lint.log; exit $$((tests + linted))

lint:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy .

check: lint ## the quick loop: format, lint, types, import contracts, unit tests
	@$(BIN)/python -m pytest -m "not kafka and not browser and not fault" -q

audit: ## ask which locked packages have known vulnerabilities; fails when it cannot find out
	@$(PYTHON) -m venv .headwater/audit
	@.headwater/audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.txt
	@PATH="$(CURDIR)/.headwater/audit/bin:$$PATH" .headwater/audit/bin/python bin/audit

fuzz: ## the property tests alone, with other and more examples each time (make test takes the same ones)
	@FUZZ_EXAMPLES=30 $(BIN)/python -m pytest -m hypothesis -n 2 --dist loadfile

bench: ## measure the figures of benchmarks/README.md
	@PYTHON=$(PYTHON) bin/setup test
	@$(BIN)/python -m benchmarks

faults: ## run the whole fault suite, and write docs/faults.md
	@PYTHON=$(PYTHON) bin/setup test
	@$(BIN)/python -m tests.faults

screenshots: ## take the pictures of docs/screenshots anew, of the demo that runs meanwhile
	@PYTHON=$(PYTHON) bin/setup test
	@$(BIN)/python -m tests.e2e.screenshots

fmt: ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

requirements: ## lock the requirements anew, with hashes (needs uv)
	@for set in base ldap sources analytics demo dev audit; do \
	  uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11 \
	    requirements/$$set.in -o requirements/$$set.txt || exit 1; done

clean: ## remove the set-up and what the demo made
	@test ! -f .headwater/postgres/place || rm -rf "$$(cat .headwater/postgres/place)"
	@rm -rf .venv .headwater tests/sdk/node_modules

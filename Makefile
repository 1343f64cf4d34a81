.PHONY: test test-all lint types floors gallery bench
test: ## fast tests
	pytest
test-all: ## slow tests too
	pytest -m "slow or not slow"
lint:
	ruff check . && ruff format --check .
types:
	mypy
floors:
	lint-imports
gallery: ## write gallery/ anew
	optviz gallery
bench: ## ratios against peers, measured side by side
	for file in tests/benchmarks/bench_*.py; do python $$file || exit 1; done

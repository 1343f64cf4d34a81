.PHONY: test test-all simulate ptx lint types floors gallery docs bench gpu-check gpu-bench
test: ## fast tests
	pytest
test-all: ## slow tests too
	pytest -m "slow or not slow"
simulate: ## tests of the CUDA kernels, in Numba's simulator
	NUMBA_ENABLE_CUDASIM=1 pytest tests/cuda
ptx: ## every CUDA kernel compiled and assembled for every architecture; needs .[cuda13], no GPU
	pytest tests/ptx -m "slow or not slow"
lint:
	ruff check . && ruff format --check .
types:
	mypy
floors:
	lint-imports
gallery: ## write gallery/ anew
	optviz gallery
docs: ## the documentation, docs/_build/html; needs .[docs]
	python -m sphinx -M html docs docs/_build -n -W --keep-going -j auto
bench: ## ratios against peers, measured side by side
	for module in $(subst /,.,$(basename $(wildcard tests/benchmarks/bench_*.py))); do python -m $$module || exit 1; done
gpu-check: ## does it compute rightly on this machine's NVIDIA GPU? at most 8 minutes; writes gpu-check.md
	python -m tests.gpu.check
gpu-bench: ## how fast is it there, beside torch, JAX and docs/gpu.md? at most 8 minutes; writes gpu-bench.md
	python -m tests.gpu.bench

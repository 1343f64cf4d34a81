"""Derived gradients against those that were written: seconds of the same steps, on one thread.

Run it on a quiet machine: ``python tests/benchmarks/bench_derived.py``. For each of the classic functions Adam takes
500 steps from 65,536 starts, once with the gradient that its author wrote and once with the one that is derived of its
value. The two run in turns; beside the ratio of their medians stands the median of the rounds' ratios. Below 1 the
derived gradient is the faster one. Names behind it choose functions: ``bench_derived.py rosenbrock``.
"""

import statistics
import sys
import time
from dataclasses import replace

import numpy as np

STARTS, STEPS, RATE = 65_536, 500, 0.01
ROUNDS = 5


def seconds(unit, places: np.ndarray):
    """``run()``: seconds of the engine without a threshold."""
    from optviz.optimizers import configure
    from optviz.runs.points.problem import Problem
    from optviz.runs.points.runner import Runner

    runner = Runner(Problem(configure("adam", lr=RATE), unit, STEPS, dtype=np.float64))

    def run() -> float:
        begin = time.perf_counter()
        runner.run(places, lambda *ends: None, threads=1)
        return time.perf_counter() - begin

    return run


def compare(names: list[str]) -> None:
    from optviz.functions import CLASSIC, REGISTRY

    print(f"{STARTS:,} starts, {STEPS} steps of Adam, float64, one thread; medians of {ROUNDS} rounds\n")
    print(f"{'function':18} {'written':>9} {'derived':>9} {'ratio':>7} {'of rounds':>10}")
    ratios = []
    for name in names or CLASSIC:
        unit = REGISTRY[name]
        if unit.written_gradient is None:
            raise SystemExit(f"{name} has no written gradient; those of {', '.join(CLASSIC)} do")
        low, high = np.array(unit.region).T
        places = np.random.default_rng(0).uniform(low, high, (STARTS, 2))
        derived = replace(unit, name=f"{unit.name}_derived", written_gradient=None)
        sides = seconds(unit, places), seconds(derived, places)
        for run in sides:  # compiled once, before anything is measured
            run()
        rounds = [[run() for run in sides] for _ in range(ROUNDS)]
        written, own = (statistics.median(one) for one in zip(*rounds, strict=True))
        between = statistics.median(b / a for a, b in rounds)
        ratios.append(own / written)
        print(f"{name:18} {written:8.3f}s {own:8.3f}s {own / written:7.2f} {between:10.2f}", flush=True)
    print(f"\n{'geometric mean':18} {'':9} {'':9} {statistics.geometric_mean(ratios):8.2f}")


if __name__ == "__main__":
    compare(sys.argv[1:])

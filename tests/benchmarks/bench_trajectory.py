"""One trajectory of Adam on Rosenbrock with its full history, against torch.

Run it on a quiet machine: ``python tests/benchmarks/bench_trajectory.py``. The sides run in turns on one thread; of
each side's rounds the least counts. torch keeps the same history: two coordinates and the value of each iterate.
"""

import time

import numpy as np

from optviz.runs import scalars
from optviz.runs.points.minimize import minimize

STEPS = 10_000
TORCH_STEPS = 300
RATE = 0.01


def ours(dtype) -> float:
    """Seconds a step of `minimize`, everything included that it does."""
    start = time.perf_counter()
    minimize("rosenbrock", "adam", steps=STEPS, lr=RATE, dtype=dtype)
    return (time.perf_counter() - start) / STEPS


def ours_first() -> float:
    """Likewise with hyperparameters that no run before it had: their step scalars are not kept from then."""
    scalars._table.cache_clear()
    return ours(np.float64)


def theirs() -> float:
    """Seconds a step of the usual loop in torch, with its own gradient."""
    import torch

    torch.set_num_threads(1)
    x = torch.tensor([-1.5, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=RATE)
    points, values = np.empty((TORCH_STEPS, 2)), np.empty(TORCH_STEPS)
    start = time.perf_counter()
    for t in range(TORCH_STEPS):
        optimizer.zero_grad()
        value = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        value.backward()
        optimizer.step()
        points[t], values[t] = x.detach().numpy(), value.item()
    return (time.perf_counter() - start) / TORCH_STEPS


def main() -> None:
    sides = {
        "optviz float64": lambda: ours(np.float64),
        "optviz float64, first run": ours_first,
        "optviz float32": lambda: ours(np.float32),
        "torch float64": theirs,
    }
    for side in sides.values():
        side()
    best = {name: min(side() for _ in range(20)) for name, side in sides.items()}
    print("Adam on Rosenbrock, one step with its history")
    for name, seconds in best.items():
        print(f"  {name:26} {seconds * 1e9:10.1f} ns   {seconds / best['optviz float64']:8.1f} x optviz float64")


if __name__ == "__main__":
    main()

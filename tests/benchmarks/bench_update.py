"""One step of Adam on the parameters of a 784-128-10 network and on ten million, against torch.

Run it on a quiet machine: ``python tests/benchmarks/bench_update.py``. All sides run on one thread, in turns, so that
a change of the machine's speed meets all of them; of each side's rounds the best median counts. Each side's arrays lie
where its library puts them.

Bandwidth is counted as the bytes that the formula must move: Adam reads x, g, m, v and writes x, m, v, 28 bytes a
parameter in float32; the copy reads one array and writes another, 8 bytes an element.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

import optviz.runs.arrays.optimizer as ours

NETWORK = ((784, 128), (128,), (128, 10), (10,))
LARGE = 10_000_000


def race(sides: dict[str, Callable], rounds: int, steps: int) -> dict[str, float]:
    """Seconds a call of each side: the least of its rounds' medians."""
    best = dict.fromkeys(sides, float("inf"))
    for _ in range(rounds):
        for name, call in sides.items():
            times = []
            for _ in range(steps):
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
            best[name] = min(best[name], statistics.median(times))
    return best


def adams(arrays: list[np.ndarray]) -> dict[str, Callable]:
    """A step of each Adam on arrays of its own."""
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    gradients = [rng.standard_normal(array.shape, np.float32) for array in arrays]
    optimizer = ours.optimizer("adam")
    state = optimizer.init(arrays)
    sides: dict[str, Callable] = {"optviz": lambda: optimizer.step(arrays, gradients, state)}
    for name, fused in (("torch fused", True), ("torch", None)):
        parameters = [torch.nn.Parameter(torch.tensor(array)) for array in arrays]
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = torch.tensor(gradient)
        sides[name] = torch.optim.Adam(parameters, fused=fused).step
    return sides


def report(title: str, seconds: dict[str, float]) -> None:
    print(title)
    for name, value in seconds.items():
        print(f"  {name:12} {value * 1e6:10.1f} us   {value / seconds['optviz']:5.2f} x optviz")


def main() -> None:
    rng = np.random.default_rng(1)
    network = [rng.standard_normal(shape, np.float32) for shape in NETWORK]
    count = sum(array.size for array in network)
    report(f"Adam, {count:,} float32 parameters in 4 arrays", race(adams(network), rounds=60, steps=40))
    flat = [rng.standard_normal(count, np.float32)]
    report(f"Adam, {count:,} float32 parameters in 1 array", race(adams(flat), rounds=60, steps=40))

    large = [rng.standard_normal(LARGE, np.float32)]
    target = np.empty_like(large[0])
    sides = adams(large) | {"numpy copy": lambda: np.copyto(target, large[0])}
    del sides["torch"]
    seconds = race(sides, rounds=12, steps=5)
    report(f"Adam, {LARGE:,} float32 parameters", seconds)
    speeds = {"optviz": 28 * LARGE / seconds["optviz"], "numpy copy": 8 * LARGE / seconds["numpy copy"]}
    for name, speed in speeds.items():
        print(f"  {name:12} {speed / 1e9:10.1f} GB/s")
    print(f"  share of the copy's bandwidth {speeds['optviz'] / speeds['numpy copy']:.2f}")


if __name__ == "__main__":
    main()

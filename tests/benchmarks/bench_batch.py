"""Many runs at once: optimizer steps a second, against JAX and torch with all starts as one batch.

Run it on a quiet machine: ``python tests/benchmarks/bench_batch.py``; with ``scale`` behind it, how time and memory
grow from a thousand to ten million starts, and with ``start`` what compiling a pair costs. The sides run in turns, each
on all cores; of each side's rounds the least counts, and the median of the rounds' ratios is shown beside it. JAX
compiles one ``lax.scan`` of ``optax.adam`` over all starts; torch has the starts as one tensor in its
usual loop, with its own gradient, as JAX has.

The first of ours tells also which starts arrived, when, and which diverged; the second is the bare kernel without a
threshold, which computes what the peers compute.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

STARTS, STEPS, RATE = 65_536, 500, 0.01
TORCH_STEPS = 50
ROUNDS = 7


def starts(count: int = STARTS) -> np.ndarray:
    return np.random.default_rng(0).uniform(-2, 2, (count, 2))


def ours(dtype):
    """Seconds of `minimize_many`, everything included that it does."""
    from optviz.runs.points.minimize_many import minimize_many

    places = starts().astype(dtype)

    def run() -> float:
        begin = time.perf_counter()
        minimize_many("rosenbrock", "adam", places, STEPS, lr=RATE, dtype=dtype)
        return time.perf_counter() - begin

    return run


def bare(dtype):
    """Seconds of the engine without a threshold."""
    from optviz.functions import REGISTRY
    from optviz.optimizers import configure
    from optviz.runs.points.problem import Problem
    from optviz.runs.points.runner import Runner

    places = starts().astype(dtype)
    runner = Runner(Problem(configure("adam", lr=RATE), REGISTRY["rosenbrock"], STEPS, dtype=dtype))

    def run() -> float:
        begin = time.perf_counter()
        runner.run(places, lambda *ends: None)
        return time.perf_counter() - begin

    return run


def with_jax(dtype):
    """Seconds of JAX."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    places = jax.numpy.asarray(starts().astype(dtype))
    adam = optax.adam(RATE)

    def value(points):
        x, y = points[:, 0], points[:, 1]
        return ((1 - x) ** 2 + 100 * (y - x**2) ** 2).sum()

    gradient = jax.grad(value)

    @jax.jit
    def scan(points):
        def step(carry, _):
            points, state = carry
            updates, state = adam.update(gradient(points), state, points)
            return (optax.apply_updates(points, updates), state), None

        return jax.lax.scan(step, (points, adam.init(points)), None, length=STEPS)[0][0]

    assert scan(places).dtype == dtype

    def run() -> float:
        begin = time.perf_counter()
        jax.block_until_ready(scan(places))
        return time.perf_counter() - begin

    return run


def with_torch(dtype):
    """Seconds of torch, for as many steps as the others."""
    import torch

    torch.set_num_threads(os.cpu_count() or 1)
    points = torch.tensor(starts().astype(dtype), requires_grad=True)
    adam = torch.optim.Adam([points], lr=RATE)

    def run() -> float:
        begin = time.perf_counter()
        for _ in range(TORCH_STEPS):
            adam.zero_grad()
            x, y = points[:, 0], points[:, 1]
            ((1 - x) ** 2 + 100 * (y - x**2) ** 2).sum().backward()
            adam.step()
        return (time.perf_counter() - begin) * STEPS / TORCH_STEPS

    return run


def compare() -> None:
    for dtype in (np.float32, np.float64):
        sides = {
            "optviz": ours(dtype),
            "optviz, bare": bare(dtype),
            "JAX": with_jax(dtype),
            "torch": with_torch(dtype),
        }
        for run in sides.values():
            run()
        seconds = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, run in sides.items():
                seconds[name].append(run())
        print(f"Adam on Rosenbrock, {STARTS:,} starts x {STEPS} steps, {np.dtype(dtype)}, {os.cpu_count()} cores")
        for name, rounds in seconds.items():
            pace = STARTS * STEPS / min(rounds) / 1e9
            ratios = "".join(
                f"   {min(rounds) / min(seconds[side]):6.2f} x {side} "
                f"[{statistics.median(a / b for a, b in zip(rounds, seconds[side], strict=True)):.2f}]"
                for side in ("optviz", "optviz, bare")
            )
            print(f"  {name:14} {pace:6.3f} thousand million steps a second{ratios}")


SCALE = """
import resource, sys, time
import numpy as np
from optviz.runs.points.minimize_many import minimize_many
count = int(sys.argv[1])
places = np.random.default_rng(0).uniform(-2, 2, (count, 2)).astype(np.float32)
minimize_many("rosenbrock", "adam", places[:128], 10, lr=0.01, dtype=np.float32)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begin = time.perf_counter()
minimize_many("rosenbrock", "adam", places, 500, lr=0.01, dtype=np.float32)
print(time.perf_counter() - begin, before / 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def scale() -> None:
    """Time and memory of ever more starts, each in a process of its own."""
    print("Adam on Rosenbrock, 500 steps, float32: seconds, ns a step; memory of the process before and at most, MB")
    for count in (10**3, 10**4, 10**5, 10**6, 10**7):
        output = subprocess.run([sys.executable, "-c", SCALE, str(count)], check=True, capture_output=True, text=True)
        seconds, before, most = map(float, output.stdout.split())
        print(f"  {count:12,} {seconds:9.3f} s {seconds / count / 500 * 1e9:8.3f} ns {before:8.0f} {most:8.0f}")


START = """
import time
import numpy as np
from optviz.runs.points.minimize_many import minimize_many
from optviz.functions import REGISTRY
from optviz.optimizers import configure
# What any first kernel costs is not this pair's.
minimize_many("sphere", "sgd", [(1.0, 1.0)], 1)
begin = time.perf_counter()
minimize_many("rosenbrock", "adam", [(1.0, 1.0)], 1)
print(time.perf_counter() - begin)
"""


def start() -> None:
    """What the first run of a pair costs, compiled and from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("compiled", "cached", "cached"):
            output = subprocess.run(
                [sys.executable, "-c", START],
                check=True,
                capture_output=True,
                text=True,
                env=os.environ | {"OPTVIZ_CACHE_DIR": folder},
            )
            print(f"  first run of Adam on Rosenbrock, {name}: {float(output.stdout) * 1e3:.1f} ms")


if __name__ == "__main__":
    {"scale": scale, "start": start}.get(sys.argv[-1], compare)()

"""Many runs on a test function, in steps a second, beside torch and JAX on the same GPU and optviz on the processor."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import optviz
from tests.gpu.sides import Bench, Sides, jax_here, timed, torch_here
from tests.ptx import model

TORCH_STEPS = 50  # of torch's slow loop, whose time is scaled to the steps of the others
PART = 16  # of the starts the processor has one in so many, and its time is scaled
LR, BETA1, BETA2, EPS = 0.01, 0.9, 0.999, 1e-8
NOISE = "gaussian:0.1"


def batch(bench: Bench) -> Iterator[str]:
    sizes = bench.sizes
    kinds = [("float32", None), ("float64", None), ("float32", NOISE)]
    for place, (dtype, noise) in enumerate(kinds):
        places = np.random.default_rng(0).uniform(-2, 2, (sizes.starts, 2)).astype(dtype)
        sides: Sides = {"optviz": runs(places, sizes.steps, "cuda", noise)}
        if noise is None:
            if torch_here():
                sides["torch"] = torch_runs(places, sizes.steps)
            if jax_here():
                sides["JAX"] = jax_runs(places, sizes.steps)
            sides["optviz, processor"] = scaled(runs(places[::PART], sizes.steps, "cpu", None), PART)
        micros = model.batch_time(
            sizes.starts, sizes.steps, bench.card, draws=2 if noise else 0, double=dtype == "float64"
        )
        title = f"Adam on Rosenbrock, {sizes.starts:,} starts x {sizes.steps} steps, {dtype}" + ", noise" * bool(noise)
        work = dict.fromkeys(sides, sizes.starts * sizes.steps * 1e-9)
        known = {"optviz": micros / 1e6}
        yield from bench.compare(title, sides, work, "10⁹ steps a second", known, 1 / (len(kinds) - place))
    yield "\nWith starts from the processor and ends back to it; of torch and JAX the steps alone."


def scaled(seconds: Iterator[float], times: int) -> Iterator[float]:
    return (one * times for one in seconds)


def runs(places: np.ndarray, count: int, device: str, noise: str | None) -> Iterator[float]:
    numbers = {"lr": LR, "dtype": places.dtype, "device": device, "noise": noise}
    yield from timed(lambda: optviz.minimize_many("rosenbrock", "adam", places, count, **numbers))


def torch_runs(places: np.ndarray, count: int) -> Iterator[float]:
    torch = torch_here()
    points = torch.tensor(places, device="cuda", requires_grad=True)
    adam = torch.optim.Adam([points], lr=LR, fused=True)

    def step() -> None:
        adam.zero_grad()
        x, y = points[:, 0], points[:, 1]
        ((1 - x) ** 2 + 100 * (y - x**2) ** 2).sum().backward()
        adam.step()

    for seconds in timed(step, TORCH_STEPS):
        yield seconds * count


def jax_runs(places: np.ndarray, count: int) -> Iterator[float]:
    """All steps in one compiled loop."""
    jax = jax_here()
    points = jax.device_put(places, jax.devices("gpu")[0])
    run = jax.jit(jax_loop(jax, count))
    yield from timed(lambda: run(points).block_until_ready())


def jax_loop(jax: Any, count: int) -> Any:
    """`count` steps of Adam on Rosenbrock's function from many starts."""
    jnp = jax.numpy
    gradient = jax.vmap(jax.grad(lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2))

    def loop(points: Any) -> Any:
        kind = points.dtype

        def step(i: Any, now: Any) -> Any:
            x, m, v = now
            g, t = gradient(x), (i + 1).astype(kind)
            m = BETA1 * m + (1 - BETA1) * g
            v = BETA2 * v + (1 - BETA2) * g * g
            unbias_m, unbias_v = 1 / (1 - kind.type(BETA1) ** t), 1 / (1 - kind.type(BETA2) ** t)
            return x - LR * (m * unbias_m) / (jnp.sqrt(v * unbias_v) + EPS), m, v

        zeros = jnp.zeros_like(points)
        return jax.lax.fori_loop(0, count, step, (points, zeros, zeros))[0]

    return loop

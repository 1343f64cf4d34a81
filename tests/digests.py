"""Digests of seeded results, as one JSON document: what must be the same whatever the processor can do.

`tests.test_processors` runs ``python -m tests.digests`` where NumPy and Numba may not use all of the processor.
Losses of networks are not among them: BLAS and the kernels of networks fuse and order sums as the processor likes.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import optviz
from optviz.optimizers import SEVEN, configure
from optviz.results.sweep import Axis
from optviz.runs.points.swarm import schedule
from optviz.runs.scalars import course, step_table
from tests.functions.classics import OF_EACH_KIND

STEPS = 60
NOISES = ("gaussian:0.3", "minibatch:64,8", "stable:1.5,0.1", None)


def minimized() -> list:
    """Every rule on one function, Adam on every function, and both precisions."""
    runs = [("rosenbrock", name) for name in SEVEN] + [(name, "adam") for name in OF_EACH_KIND]
    return [
        optviz.minimize(function, name, steps=STEPS, dtype=dtype, lr=1e-3)
        for function, name in runs
        for dtype in (["float64", "float32"] if function == "rosenbrock" else ["float64"])
    ]


def many() -> list:
    """Batches under every kind of noise, in two dimensions and in five."""
    starts = np.random.default_rng(0).uniform(-2, 2, (300, 5))
    return [
        optviz.minimize_many("rosenbrock", "adam", starts[:, :d], steps=STEPS, dimension=d, noise=noise, lr=0.01)
        for noise in NOISES
        for d in (2, 5)
    ]


def stepped() -> list:
    """Arrays of both precisions, with every rule."""
    found = []
    for name in SEVEN:
        for dtype in (np.float32, np.float64):
            x = np.random.default_rng(1).normal(size=37).astype(dtype)
            opt = optviz.optimizer(name, lr=0.01)
            state = opt.init(x)
            for _ in range(20):
                opt.step(x, x.copy(), state)
            found += [x, state]
    return found


def scalars() -> list:
    """Step scalars of all runs and of runs with their own hyperparameters."""
    own = {"beta1": np.linspace(0.1, 0.99, 40), "lr": np.linspace(1e-3, 1, 40)}
    settings = [configure("adam"), configure("adam", defaults="keras"), configure("momentum", dampening=0.5)]
    return [[step_table(one, np.float64, 2000), course(one.formula, one, own).columns(1, 2000)] for one in settings]


def swept() -> list:
    """Sweeps with theory, and where their axes put values."""
    axis = ("lr", 1e-3, 1.0, 24)
    return [
        optviz.sweep("quadratic", "momentum", axis, ("momentum", 0.0, 0.99, 24), steps=STEPS),
        optviz.sweep("quadratic", "adam", ("lr", 1e-2, 10.0, 24), ("beta1", 0.0, 0.99, 24), steps=STEPS),
        Axis("lr", "log", 1e-3, 1.0, np.ones(9)).place(np.linspace(0, 2, 300)),
    ]


SECTIONS: dict[str, Callable[[], Any]] = {
    "minimize": minimized,
    "minimize_many": many,
    "step": stepped,
    "step scalars": scalars,
    "sweep": swept,
    "race, tuned": lambda: optviz.race("himmelblau", steps=STEPS, resolution=16),
    "basins, tuned": lambda: optviz.basins("himmelblau", ["sgd", "adam"], steps=STEPS, resolution=16),
    "swarm": lambda: [optviz.swarm("himmelblau", ["momentum"], steps=STEPS, lr=0.01), schedule(999, 60)],
    "study": lambda: _study(),
}


def _study() -> list:
    from optviz.results.study_steps import areas

    study = optviz.study(["sphere", "booth"], ["sgd", "adam"], steps=STEPS, starts=20)
    return [study, areas(study.reached, study.steps)]


def digest(thing: Any) -> str:
    """A digest of all numbers and texts of a result."""
    sink = hashlib.sha256()
    _feed(thing, sink)
    return sink.hexdigest()[:16]


def _feed(thing: Any, sink: Any) -> None:
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            sink.update(field.name.encode())
            _feed(getattr(thing, field.name), sink)
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            sink.update(str(key).encode())
            _feed(value, sink)
    elif isinstance(thing, np.ndarray):
        sink.update(f"{thing.dtype}{thing.shape}".encode() + np.ascontiguousarray(thing).tobytes())
    elif isinstance(thing, Sequence) and not isinstance(thing, str):
        for value in thing:
            _feed(value, sink)
    else:
        sink.update(repr(thing).encode())


if __name__ == "__main__":
    print(json.dumps({name: digest(make()) for name, make in SECTIONS.items()}, indent=1))

"""Every kind of kernel once, in small sizes: ``python -m tests.gpu.every`` prints a digest of what each gave.

Short enough for a tool that watches each access to memory, and the same in every process: two of them must print the
same lines. ``--study`` makes instead one small study, whose kernels are what takes the time, and prints its seconds.
"""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

import optviz
from optviz import datasets, networks
from optviz.kernels.cuda import backend, trial
from optviz.networks import Activation, Convolution, Dense, Dropout, MaxPool, Network
from optviz.runs.points import gpu

SMALL = backend.SIMULATED
STARTS, STEPS = (5, 3) if SMALL else (300, 40)
IMAGES, BATCH, SIDE = (3, 2, 4) if SMALL else (282, 4, 28)  # on a card enough steps to be launched together
ELEMENTS = (7, 1, 20) if SMALL else (1000, 1, 40_001)
RULES = ("sgd", "adam", "lookahead(adam, k=2)", "lamb", "novograd")  # of arrays
NETWORK_RULES = ("adam", "lamb", "momo")  # of networks, one after the other
POINTS = {
    "rosenbrock": {"optimizer": "adam"},
    "himmelblau": {"optimizer": "momentum"},
    "rastrigin": {"optimizer": "rmsprop", "noise": "gaussian:0.1"},
    "booth": {"optimizer": "lamb", "noise": "minibatch:20,4"},
    "beale": {"optimizer": "sam(adam)"},
    "ackley": {"optimizer": "adahessian"},
    "bbob_f15": {"optimizer": "sgd", "dimension": 10},
    "sphere": {"optimizer": "adam", "dimension": 30 if SMALL else 200, "noise": "stable:1.5,0.1"},
}


def arrays(dtype: type) -> Iterator[np.ndarray]:
    """Steps of rules on arrays with and without gaps."""
    from tests.cuda.borrowed import Borrowed

    generator = np.random.default_rng(0)
    for rule in RULES:
        for layout in ("C", "columns"):
            params, grads = ([Borrowed(generator.normal(size=n).astype(dtype), layout) for n in ELEMENTS] for _ in "xg")
            optimizer = optviz.optimizer(rule)
            state = optimizer.init(params)
            for _ in range(3):
                optimizer.step(params, grads, state)
            yield from (param.values for param in params)


def points(dtype: type) -> Iterator[np.ndarray]:
    """Runs of many starts, with all that a run can have, and one whose iterates come back."""
    for name, options in POINTS.items():
        given: dict[str, Any] = {"lr": 1e-3, "dtype": dtype, "device": "cuda"} | options
        starts = np.random.default_rng(0).uniform(-1, 1, (STARTS, given.get("dimension", 2)))
        batch = optviz.minimize_many(name, given.pop("optimizer"), starts, STEPS, history=[0, 2], **given)
        yield from (batch.points, batch.values)
    path = optviz.minimize("rosenbrock", "adam", steps=STEPS, dtype=dtype, device="cuda")
    yield from (path.points, path.values)


def images() -> datasets.Dataset:
    """Random images, in which the classes differ."""
    generator = np.random.default_rng(0)
    labels = np.arange(2 * IMAGES, dtype=np.uint8) % 10
    shape = (2 * IMAGES, SIDE, SIDE)
    pixels = (generator.integers(0, 160, shape) * (generator.random(shape) < 0.3)).astype(np.uint8)
    pixels[np.arange(len(labels)), labels % SIDE] += 90
    halves = pixels[:IMAGES], labels[:IMAGES], pixels[IMAGES:], labels[IMAGES:]
    return datasets.Dataset("patches", "Patches", lambda: datasets.Images(*halves, 10))


def small_front(shape: tuple[int, int], classes: int) -> list[Any]:
    """A convolution that the simulator can afford."""
    return [Convolution(3), Activation("relu"), MaxPool(), Dropout(0.25), Dense(classes)]


def networks_of(kind: str) -> Iterator[np.ndarray]:
    """An epoch of a network alone, or of several at once."""
    made = (
        networks.REGISTRY["cnn"] if kind == "cnn" else networks.REGISTRY["mlp"].configure(hidden=(3 if SMALL else 40,))
    )
    if kind == "cnn" and SMALL:
        made = Network("front", "Front", small_front)
    given = {"epochs": 1 if SMALL else 2, "batch_size": BATCH, "lr": 1e-3, "device": "cuda"}
    runs = [(["sgd", "adam"], [0, 1])] if kind == "fleet" else [([rule], [0]) for rule in NETWORK_RULES]
    for rules, seeds in runs:
        for run in optviz.train(images(), made, rules, seeds=seeds, **given).runs:
            yield run.losses
            yield np.array([run.epochs[-1][name] for name in sorted(run.epochs[-1]) if name != "seconds"])


def one_trial() -> Iterator[np.ndarray]:
    trial.run()
    yield np.arange(3)


KINDS: dict[str, Callable[[], Iterator[np.ndarray]]] = {
    "trial": one_trial,
    "arrays float32": lambda: arrays(np.float32),
    "arrays float64": lambda: arrays(np.float64),
    "points float32": lambda: points(np.float32),
    "points float64": lambda: points(np.float64),
    "network mlp": lambda: networks_of("mlp"),
    "network cnn": lambda: networks_of("cnn"),
    "fleet": lambda: networks_of("fleet"),
}


def few_threads() -> None:
    """In the simulator a thread of a block is one of the processor."""
    if SMALL:
        from tests.cuda.simulator import repair
        from tests.cuda.small import shrink

        repair()
        shrink(SimpleNamespace(setattr=setattr))
        gpu.THREADS = 4


def digest(found: Iterator[np.ndarray]) -> str:
    """Of arrays with their types and shapes."""
    whole = hashlib.sha256()
    for array in found:
        array = np.ascontiguousarray(array)
        whole.update(f"{array.dtype.str} {array.shape}".encode())
        whole.update(array.tobytes())
    return whole.hexdigest()[:16]


def study() -> float:
    """Seconds of a small study, from the first call to the last result."""
    begin = time.perf_counter()
    rules = ["sgd", "adam"] if SMALL else ["sgd", "momentum", "adam", "rmsprop"]
    functions = ["sphere"] if SMALL else ["sphere", "rosenbrock", "himmelblau"]
    optviz.study(functions, rules, starts=STARTS, steps=STEPS, lr=1e-3, device="cuda")
    return time.perf_counter() - begin


def main() -> None:
    few_threads()
    if "--study" in sys.argv:
        print(f"{study():.3f}")
        return
    for name, make in KINDS.items():
        print(f"{name}: {digest(make())}", flush=True)
        backend.synchronize()


if __name__ == "__main__":
    main()

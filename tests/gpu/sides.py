"""Sides of a comparison that take turns, within a time; and what stands beside each: its ratio, and what a model said.

The device has ended all its work whenever a clock is read. A first turn, in which kernels are compiled, does not count.
"""

import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, NamedTuple

from optviz import datasets
from optviz.kernels.cuda import backend
from tests.gpu.report import Late, Wrong, table
from tests.ptx.cards import Card
from tests.ptx.model_tables import three

PEERS = ("torch", "JAX")  # how sides of others are called
OFF = 1.5  # times more or less than predicted is worth a line

Sides = dict[str, Iterator[float]]  # seconds of one call after another


class Sizes(NamedTuple):
    """How much of everything."""

    rounds: int = 7  # at most
    calls: int = 20  # of a step between two looks at the clock
    parameters: int = 1 << 25  # 134 MB an array: more than the cache of any card
    arrays: int = 50  # of a list
    small: int = 10_000  # elements of an array whose step takes less than its launch
    starts: int = 1 << 20
    steps: int = 4000
    images: int = 60_000
    side: int = 28  # of an image: what is beyond is cut off
    batch: int = 64
    hidden: int = 128  # units of the dense network
    fleet: int = 64
    few: int = 4  # networks one after the other, whose time is scaled to the fleet's
    units: int = 32  # of the networks of a fleet
    networks: tuple[str, ...] = ("mlp", "cnn")


TINY = Sizes(1, 1, 12, 2, 3, 4, 3, 2, 2, 2, 2, 2, 1, 2, ("mlp",))  # for the simulator


class Compared(NamedTuple):
    """A time and what the model said."""

    what: str
    measured: float
    predicted: float

    @property
    def ratio(self) -> float:
        return self.measured / self.predicted


class Bench:
    """What parts of a benchmark share.

    Parameters
    ----------
    card : Card
    sizes : Sizes
    end : float
        Of `time.monotonic`: when the part that runs must have ended.

    Attributes
    ----------
    compared : list of Compared
        All that was measured and predicted.
    failed, late : list of str
        Of the part that runs: sides of ours that failed, and what there was no time for.
    """

    def __init__(self, card: Card, sizes: Sizes, end: float):
        self.card, self.sizes, self.end = card, sizes, end
        self.compared: list[Compared] = []
        self.failed: list[str] = []
        self.late: list[str] = []

    def left(self) -> float:
        """Seconds of the part that runs."""
        return self.end - time.monotonic()

    def whole(self, part: Callable[["Bench"], Iterator[str]]) -> Iterator[str]:
        """What a part says; in the end it fails if a side of ours did, and is late if it had no time for all."""
        self.failed, self.late = [], []
        yield from part(self)
        if self.failed:
            raise Wrong(f"failed: {', '.join(self.failed)}")
        if self.late:
            raise Late(f"no time was left for: {'; '.join(self.late)}")

    def compare(
        self,
        title: str,
        sides: Sides,
        work: Mapping[str, float],
        unit: str,
        predicted: Mapping[str, float],
        share: float,
    ) -> Generator[str, None, dict[str, float]]:
        """Measure sides in turn, in a share of the time that is left, say what came out and return their medians.

        `work` is what each side does in a turn, in units; `predicted` has seconds.
        """
        if self.left() <= 0:
            self.late.append(title)
            return {}
        yield f"\n### {title}\n"
        seconds, absent = turns(sides, self.sizes.rounds, time.monotonic() + share * self.left())
        sides.clear()
        free_cached()
        medians = {name: statistics.median(rounds) for name, rounds in seconds.items()}
        first = next(iter(seconds.values()), [])
        rows = []
        for name, rounds in seconds.items():
            ratio = statistics.median(one / other for one, other in zip(rounds, first, strict=True))
            row = [name, three(medians[name] * 1e3), three(work[name] / medians[name]), f"{ratio:.2f}"]
            if name in predicted:
                one = Compared(f"{title}: {name}", medians[name], predicted[name])
                self.compared.append(one)
                row += [three(predicted[name] * 1e3), f"{one.ratio:.2f}"]
            rows.append([*row, *[""] * (6 - len(row))])
        if rows:
            yield table(("side", "ms", unit, "times the first", "model, ms", "measured / model"), rows)
            yield f"\nRounds: {len(first)}."
        for name, why in absent.items():
            yield f"- {name} is left out: {why}"
            if not name.startswith(PEERS):
                self.failed.append(f"{title}: {name}")
        return medians


def turns(sides: Sides, rounds: int, end: float) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Seconds of each side in each round, and why sides have none: at least a round, as many as there is time for."""
    seconds: dict[str, list[float]] = {}
    absent: dict[str, str] = {}

    def turn(name: str) -> float | None:
        try:
            return next(sides[name])
        except Exception as error:
            absent[name] = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            seconds.pop(name, None)
            return None

    for name in sides:
        if name.startswith(PEERS) and time.monotonic() > end:
            absent[name] = "no time was left"
        elif turn(name) is not None:
            seconds[name] = []
    for done in range(rounds):
        begin = time.monotonic()
        for name in list(seconds):
            took = turn(name)
            if took is not None:
                seconds[name].append(took)
        now = time.monotonic()
        if done + 1 < rounds and now + (now - begin) > end:
            break
    return seconds, absent


def timed(call: Callable[[], Any], calls: int = 1) -> Iterator[float]:
    """Seconds of one of several calls, from an idle device to an idle device."""
    while True:
        backend.synchronize()
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        backend.synchronize()
        yield (time.perf_counter() - begin) / calls


def torch_here() -> Any:
    """torch where it has a GPU, else None."""
    if backend.SIMULATED or importlib.util.find_spec("torch") is None:
        return None
    import torch

    return torch if torch.cuda.is_available() else None


def jax_here() -> Any:
    """JAX where it has a GPU, else None; it takes memory as it needs it."""
    if backend.SIMULATED or importlib.util.find_spec("jax") is None:
        return None
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax

    try:
        jax.devices("gpu")
    except RuntimeError:
        return None
    jax.config.update("jax_enable_x64", True)
    return jax


def free_cached() -> None:
    """Give back what torch keeps of memory for later."""
    if torch := torch_here():
        torch.cuda.empty_cache()


def peers() -> Iterator[str]:
    """Which peers are missing, and how to get them."""
    if backend.SIMULATED:
        yield "Peers do not run in the simulator."
        return
    if torch_here() is None:
        yield "- torch is not installed, or has no GPU here: `pip install torch` (see pytorch.org)"
    if jax_here() is None:
        yield '- JAX is not installed, or has no GPU here: `pip install "jax[cuda13]"`, or `"jax[cuda12]"`'


def mnist(sizes: Sizes) -> datasets.Images:
    """The first images of MNIST, which comes with optviz."""
    whole, n, side = datasets.REGISTRY["mnist"].load(), sizes.images, slice(sizes.side)
    tests = max(n // 60, 1)  # few: an epoch's test is not what is measured
    train, test = whole.train[:n, side, side], whole.test[:tests, side, side]
    return datasets.Images(train, whole.train_labels[:n], test, whole.test_labels[:tests], whole.classes)

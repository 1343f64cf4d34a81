"""Muon's step on a network's weights against torch's, and an epoch of MNIST with it against Adam's.

Run it on a quiet machine: ``python tests/benchmarks/bench_matrices.py``. All sides run on one thread, in turns, and the
medians of their rounds are compared. torch rounds the matrices to bfloat16 before it multiplies, which is part of its
step; ours keep float32. The bound is what the products alone take: their operations at the speed of one large product.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import itertools  # noqa: E402
import statistics  # noqa: E402 - threads are counted when NumPy is imported
import time  # noqa: E402
from collections.abc import Callable, Iterator, Mapping  # noqa: E402

import numpy as np  # noqa: E402

import optviz  # noqa: E402
from optviz import datasets  # noqa: E402
from optviz.kernels.buffers import workspace  # noqa: E402
from optviz.kernels.training import examples  # noqa: E402
from optviz.networks import REGISTRY as NETWORKS  # noqa: E402
from optviz.optimizers import configure  # noqa: E402
from optviz.runs.networks.epochs import Training  # noqa: E402

SHAPES = ((128, 784), (10, 128))  # outputs x inputs, as torch has them
ROUNDS, STEPS, EPOCHS, BATCH = 60, 10, 4, 64
ITERATIONS = 5


def turns(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median seconds of each side, measured in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            seconds[name].append(side())
    return {name: statistics.median(each[1:] or each) for name, each in seconds.items()}


def drawn() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Weights and gradients."""
    rng = np.random.default_rng(0)
    return tuple([rng.normal(size=shape).astype(np.float32) for shape in SHAPES] for _ in range(2))


def ours() -> Callable[[], float]:
    """Steps of optviz; the seconds of one."""
    weights, gradients = drawn()
    opt = optviz.optimizer("muon")
    state = opt.init(weights)
    return timed(lambda: opt.step(weights, gradients, state))


def theirs(rounded: bool) -> Callable[[], float]:
    """Steps of torch, as it is or without rounding to bfloat16."""
    import torch

    torch.set_num_threads(1)
    weights, gradients = drawn()
    tensors = [torch.nn.Parameter(torch.from_numpy(one)) for one in weights]
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.grad = torch.from_numpy(gradient)
    opt, known = torch.optim.Muon(tensors), torch.Tensor.bfloat16

    def step() -> None:
        torch.Tensor.bfloat16 = known if rounded else torch.Tensor.clone  # type: ignore[method-assign]
        opt.step()
        torch.Tensor.bfloat16 = known  # type: ignore[method-assign]

    return timed(step)


def timed(step: Callable[[], None]) -> Callable[[], float]:
    """The seconds of a step, of some."""

    def measured() -> float:
        begin = time.perf_counter()
        for _ in range(STEPS):
            step()
        return (time.perf_counter() - begin) / STEPS

    return measured


def epochs(name: str) -> Iterator[float]:
    """Seconds of one epoch of `mlp` on MNIST after another, without their tests."""
    images = datasets.REGISTRY["mnist"].load()
    plan = NETWORKS["mlp"].plan((28, 28), 10)
    training, test = examples(images.train, images.train_labels), examples(images.test[:256], images.test_labels[:256])
    run, room = (
        Training(configure(name, defaults="keras"), 0, plan, training, test, 1000, BATCH),
        workspace(plan, BATCH),
    )
    run.prepare(room)
    for count in itertools.count(1):
        while len(run.result().epochs) < count:
            run.advance(room)
        yield run.result().epochs[-1]["seconds"]


def operations(gram: bool) -> int:
    """Of the iterations on the first layer's weights, a product of n x m and m x k as 2 n m k."""
    rows, columns = SHAPES[0]
    square, wide = 2 * rows**3, 2 * rows * rows * columns
    return 2 * wide + (4 * ITERATIONS - 3) * square if gram else ITERATIONS * (2 * wide + square)


def product() -> Callable[[], float]:
    """The seconds of a product as large as the iterations' first."""
    a = np.random.default_rng(0).normal(size=SHAPES[0]).astype(np.float32)
    b = a.T.copy()
    return timed(lambda: np.matmul(a, b))


def steps() -> None:
    """A step on the weights of `mlp`."""
    sides = {"optviz": ours(), "torch": theirs(True), "torch, float32": theirs(False), "one product": product()}
    seconds = turns(sides, ROUNDS)
    speed = 2 * SHAPES[0][0] ** 2 * SHAPES[0][1] / seconds.pop("one product")
    print(f"a step on {' and '.join(f'{rows} x {columns}' for rows, columns in SHAPES)}, one thread")
    for side, each in seconds.items():
        print(f"  {side:16} {each * 1e6:8.0f} us   {each / seconds['optviz']:5.2f} x optviz")
    for name, gram in (("as written", False), ("in the Gram form", True)):
        count = operations(gram)
        print(
            f"  {name}: {count / 1e6:.0f} million operations, {count / speed * 1e6:.0f} us at {speed / 1e9:.0f} GFLOP/s"
        )


def training() -> None:
    """An epoch."""
    sides = {name: epochs(name) for name in ("adam", "muon")}
    seconds = turns({name: lambda each=each: next(each) for name, each in sides.items()}, EPOCHS)
    ratio = seconds["muon"] / seconds["adam"]
    print(f"an epoch of mlp: adam {seconds['adam']:.2f} s, muon {seconds['muon']:.2f} s, {ratio:.2f} times as long")


if __name__ == "__main__":
    steps()
    training()

"""Training a 784-128-10 network on MNIST, against PyTorch; where the time of a step goes; what a second core gives.

Run it on a quiet machine: ``python tests/benchmarks/bench_training.py``. The sides take turns, epoch by epoch, so that
a change of the machine's speed meets both; the fastest round of each counts. Both have the images in memory, start from
the same weights and see the same batches. PyTorch runs eagerly on plain tensors, without a DataLoader.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
import threadpoolctl

from optviz import datasets
from optviz.kernels import dense, sparse
from optviz.kernels.buffers import PIECE, new_state, workspace
from optviz.kernels.cache import OPTIONS
from optviz.kernels.lanes import accumulate, load, store, zeros
from optviz.kernels.training import examples, piece_kernel
from optviz.networks import parameter_count, views
from optviz.optimizers import SEVEN, configure
from optviz.runs.epochs import Training
from optviz.runs.jobs import side_by_side

SIZES = (784, 128, 10)
PARAMETERS = parameter_count(SIZES)
BATCH = 64
ROUNDS = 5
KERAS = {  # what torch calls the optimizers that optviz runs with Keras' numbers
    "sgd": ("SGD", {"lr": 0.01}),
    "momentum": ("SGD", {"lr": 0.01, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"lr": 1e-3, "initial_accumulator_value": 0.1, "eps": 1e-7}),
    "adadelta": ("Adadelta", {"lr": 1e-3, "rho": 0.95, "eps": 1e-7}),
    "rmsprop": ("RMSprop", {"lr": 1e-3, "alpha": 0.9, "eps": 1e-7}),
    "adam": ("Adam", {"lr": 1e-3, "eps": 1e-7}),
}


class Mnist:
    """The first so many images, as both sides want them."""

    def __init__(self, images: datasets.Images, count: int):
        import torch

        self.training = examples(images.train[:count], images.train_labels[:count])
        self.test = examples(images.test[:256], images.test_labels[:256])
        self.pixels = torch.from_numpy(images.train[:count].reshape(-1, 784) / np.float32(255))
        self.labels = torch.from_numpy(images.train_labels[:count].astype(np.int64))


def ours(mnist: Mnist, name: str) -> Iterator[float]:
    """Seconds of one epoch after another."""
    run = Training(configure(name, defaults="keras"), 0, SIZES, mnist.training, mnist.test, 1000, BATCH)
    room = workspace(SIZES, BATCH)
    run.prepare(room)
    for epoch in itertools.count(1):
        while len(run.result().epochs) < epoch:
            run.advance(room)
        yield run.result().epochs[-1]["seconds"]


def theirs(mnist: Mnist, name: str, **options: Any) -> Iterator[float]:
    """Likewise, in PyTorch."""
    import torch

    model = Training(configure(name), 0, SIZES, mnist.training, mnist.test, 1, BATCH)
    layers = [torch.nn.Linear(*shape) for shape in itertools.pairwise(SIZES)]
    with torch.no_grad():
        for layer, (weights, bias) in zip(layers, views(model.parameters, SIZES), strict=True):
            layer.weight.copy_(torch.from_numpy(weights.T.copy()))
            layer.bias.copy_(torch.from_numpy(bias.copy()))
    network = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])
    kind, numbers = KERAS[name]
    optimizer = getattr(torch.optim, kind)(network.parameters(), **numbers, **options)
    for epoch in itertools.count():
        order = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(1, epoch))).permutation(len(mnist.labels))
        begin = time.perf_counter()
        for batch in torch.from_numpy(order).split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(network(mnist.pixels[batch]), mnist.labels[batch])
            loss.backward()
            optimizer.step()
        yield time.perf_counter() - begin


def one_thread(mnist: Mnist) -> None:
    import torch

    torch.set_num_threads(1)
    for name in ("adam", "sgd"):
        sides = {
            "optviz": ours(mnist, name),
            "torch": theirs(mnist, name),
            "torch fused": theirs(mnist, name, fused=True),
        }
        best = dict.fromkeys(sides, float("inf"))
        for _ in range(ROUNDS):
            for side, epochs in sides.items():
                best[side] = min(best[side], next(epochs))
        print(f"{name}, one epoch, one thread")
        for side, seconds in best.items():
            print(f"  {side:12} {seconds:8.3f} s   {seconds / best['optviz']:5.2f} x optviz")


def all_cores(mnist: Mnist, threads: int) -> None:
    """The seven, one pass each: ours side by side, PyTorch's one after another with one thread and with all."""
    import torch

    sides = {name: theirs(mnist, name) for name in SEVEN}
    together, alone = f"optviz, {threads} runs at a time", "optviz, one run at a time"
    best = dict.fromkeys((together, alone, "torch, one thread", "torch, all cores"), float("inf"))
    for _ in range(3):
        for _ in range(5):
            best[together] = min(best[together], seven(mnist, threads))
            best[alone] = min(best[alone], seven(mnist, 1))
        for side, count in (("torch, one thread", 1), ("torch, all cores", threads)):
            torch.set_num_threads(count)
            best[side] = min(best[side], sum(next(epochs) for epochs in sides.values()))
    print(f"seven optimizers, a quarter of an epoch each, {threads} cores")
    for side, seconds in best.items():
        print(f"  {side:26} {seconds:8.3f} s   {seconds / best[together]:6.2f} x optviz")


def seven(mnist: Mnist, threads: int) -> float:
    runs = [
        Training(configure(name, defaults="keras"), 0, SIZES, mnist.training, mnist.test, 1, BATCH) for name in SEVEN
    ]
    begin = time.perf_counter()
    side_by_side(runs, threads, lambda: workspace(SIZES, BATCH), lambda: None)
    return time.perf_counter() - begin


def repeated(function: Any) -> Any:
    """A loop around a function of the kernels, so that what is measured is not a call from Python."""

    plain = numba.njit(**OPTIONS)(function.py_func)

    @numba.njit(nogil=True)
    def loop(times, arguments):
        for _ in range(times):
            plain(*arguments)

    return loop


def least(call: Callable[[int], Any], times: int = 50, rounds: int = 60) -> float:
    """Microseconds of one of `times` repetitions: the least of many rounds."""
    call(1)
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        call(times)
        best = min(best, time.perf_counter() - begin)
    return best / times * 1e6


def phases(mnist: Mnist) -> None:
    """The parts of a step on one batch, each by itself, beside what bounds the products."""
    data = mnist.training
    order = np.random.default_rng(0).permutation(60_000)
    run = Training(configure("adam", defaults="keras"), 0, SIZES, data, mnist.test, 1, BATCH)
    room = workspace(SIZES, BATCH)
    run.prepare(room)
    stride = room.sums.shape[2]
    batch = (data.images, order, 0, BATCH)
    weights, hidden, logits = run.parameters, room.sums[0], room.sums[1]
    deltas, out = room.deltas, np.zeros(784 * 128 + 64, np.float32)
    entries = int(sum(np.diff(data.images.starts)[i * 7 : i * 7 + 7].sum() for i in order[:BATCH]))
    parts = {
        "fetch the next batch": (sparse.fetch, batch),
        "transpose the batch": (sparse.transpose, (*batch, room.columns)),
        "first layer": (sparse.forward, (*batch, data.levels, weights, 128, hidden)),
        "its bias and ReLU": (dense.add_bias_relu, (hidden, BATCH, weights, 784 * 128, 128)),
        "unpack second weights": (
            dense.unpack,
            (weights, 784 * 128 + 128, 128, 10, room.weights[1], room.transposed[1]),
        ),
        "second layer": (dense.product, (hidden, stride, 1, room.weights[1], logits, BATCH, 10, 128)),
        "softmax cross-entropy": (dense.cross_entropy, (logits, BATCH, 10, data.labels, order, 0, deltas[1])),
        "gradient, second weights": (dense.product, (hidden, 1, stride, deltas[1], room.matrix, 128, 10, BATCH)),
        "gradient, hidden layer": (
            dense.product,
            (deltas[1], stride, 1, room.transposed[1], deltas[0], BATCH, 128, 10),
        ),
        "gradient of ReLU": (dense.relu_gradient, (hidden, deltas[0], BATCH, 128)),
        "gradients of the biases": (dense.sum_rows, (deltas[0], BATCH, room.gradient, 0, 128)),
        "gradient, first weights": (
            sparse.gradient,
            (room.columns, 0, 784, data.levels, deltas[0], 128, out),
        ),
    }
    print("microseconds a step")
    total = 0.0
    for part, (function, arguments) in parts.items():
        loop = repeated(function)
        microseconds = least(lambda times, loop=loop, arguments=arguments: loop(times, arguments))
        total += microseconds
        print(f"  {part:26} {microseconds:7.1f}")
    print(f"  {'together':26} {total:7.1f}")
    for name in ("sgd", "adam"):
        print(f"  {'update, ' + name:26} {update(name):7.1f}")
    print("a product of the first layer, forward or backward, at best")
    bounds(entries)


def update(name: str) -> float:
    """Microseconds of an update of all parameters, piece by piece, apart from their gradient."""
    formula = configure(name, defaults="keras").formula
    kernel = piece_kernel(formula)

    @numba.njit(nogil=True)
    def loop(times, state, gradient, table):
        for _ in range(times):
            for first in range(0, PARAMETERS, PIECE):
                kernel(state, gradient, first, min(PIECE, PARAMETERS - first), table, 0, table)

    gradient = np.random.default_rng(0).standard_normal(PIECE).astype(np.float32)
    arguments = new_state(PARAMETERS, len(formula.slots)), gradient, np.full((6, 1), 0.5, np.float32)
    return least(lambda times: loop(times, *arguments))


def bounds(entries: int) -> None:
    """What the hardware and BLAS would need for a product of the first layer."""

    @numba.njit(nogil=True)
    def fused(times, array):
        total = zeros(64)
        for _ in range(times):
            total = accumulate(total, np.float32(1.000001), load(total, array, 0))
        store(array, 0, total)

    array = np.zeros(64, np.float32)
    dense_images = np.random.default_rng(0).random((BATCH, 784), np.float32)
    weights, out = np.ones((784, 128), np.float32), np.zeros((BATCH, 128), np.float32)

    def blas(times: int) -> None:
        for _ in range(times):
            np.matmul(dense_images, weights, out=out)

    each = least(lambda times: fused(times, array), times=100_000) / 64
    with threadpoolctl.threadpool_limits(1):
        print(f"  the same dense, by BLAS     {least(blas):7.1f}")
    print(f"  {entries} entries x 128, at this core's peak of {1e-3 / each:.0f} fused multiply-adds a nanosecond")
    print(f"  {'':26} {entries * 128 * each:7.1f}")


def main() -> None:
    images = datasets.REGISTRY["mnist"].load()
    whole = Mnist(images, 60_000)
    phases(whole)
    one_thread(whole)
    all_cores(Mnist(images, 15_000), 2)


if __name__ == "__main__":
    main()

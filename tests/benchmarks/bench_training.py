"""Training networks on MNIST against PyTorch; what a second core gives; what bounds a step.

Run it on a quiet machine: ``python tests/benchmarks/bench_training.py``, or with names of networks behind it for these
alone. The sides take turns, part by part of an epoch, so that a change of the machine's speed meets both; the fastest
round of each counts, and beside it stands the median of the rounds' ratios. Both have the images in memory, start from
weights of the same distribution and see batches of the same size. PyTorch runs eagerly on plain tensors, without a
DataLoader.
"""

import itertools
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import threadpoolctl

from optviz import datasets
from optviz.kernels.buffers import workspace
from optviz.kernels.training import examples
from optviz.networks import REGISTRY
from optviz.optimizers import SEVEN, configure
from optviz.runs.jobs import side_by_side
from optviz.runs.networks.epochs import Training

BATCH = 64
ROUNDS = 5
SIX = [name for name in SEVEN if name != "nesterov"]  # those of the published table, and momentum
KERAS = {  # what torch calls the optimizers that optviz runs with Keras' numbers
    "sgd": ("SGD", {"lr": 0.01}),
    "momentum": ("SGD", {"lr": 0.01, "momentum": 0.9}),
    "nesterov": ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {"lr": 1e-3, "initial_accumulator_value": 0.1, "eps": 1e-7}),
    "adadelta": ("Adadelta", {"lr": 1e-3, "rho": 0.95, "eps": 1e-7}),
    "rmsprop": ("RMSprop", {"lr": 1e-3, "alpha": 0.9, "eps": 1e-7}),
    "adam": ("Adam", {"lr": 1e-3, "eps": 1e-7}),
}
EPOCH = {"logreg": 60_000, "mlp": 60_000, "mlp 512-512": 15_000, "cnn": 6_400}  # images that count as an epoch here
OPTIONS: dict[str, dict] = {"mlp 512-512": {"hidden": (512, 512)}}


def plan(network: str) -> Any:
    """The network for MNIST."""
    return REGISTRY[network.split()[0]].configure(**OPTIONS.get(network, {})).plan((28, 28), 10)


class Mnist:
    """The first so many images, as both sides want them."""

    def __init__(self, images: datasets.Images, count: int, tests: int = 256):
        import torch

        self.training = examples(images.train[:count], images.train_labels[:count])
        self.test = examples(images.test[:tests], images.test_labels[:tests])
        self.pixels = torch.from_numpy(images.train[:count] / np.float32(255)).unsqueeze(1)
        self.labels = torch.from_numpy(images.train_labels[:count].astype(np.int64))
        self.test_pixels = torch.from_numpy(images.test[:tests] / np.float32(255)).unsqueeze(1)
        self.test_labels = torch.from_numpy(images.test_labels[:tests].astype(np.int64))


def ours(mnist: Mnist, network: str, name: str) -> Iterator[float]:
    """Seconds of one epoch after another."""
    chosen = plan(network)
    run = Training(configure(name, defaults="keras"), 0, chosen, mnist.training, mnist.test, 1000, BATCH)
    room = workspace(chosen, BATCH)
    run.prepare(room)
    for epoch in itertools.count(1):
        while len(run.result().epochs) < epoch:
            run.advance(room)
        yield run.result().epochs[-1]["seconds"]


def module(network: str) -> Any:
    """The same network in PyTorch."""
    from torch import nn

    torch_layers: dict[str, list] = {
        "logreg": [nn.Flatten(), nn.Linear(784, 10)],
        "mlp": [nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)],
        "mlp 512-512": [
            nn.Flatten(),
            *(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)),
        ],
        "cnn": [
            *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()),
            *(nn.Linear(5408, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10)),
        ],
    }
    made = nn.Sequential(*torch_layers[network])
    for layer in made:
        if hasattr(layer, "weight"):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return made


def theirs(mnist: Mnist, network: str, name: str, tests: bool = False, **options: Any) -> Iterator[float]:
    """Likewise, in PyTorch; with the test after each epoch where `tests` says so."""
    import torch

    torch.manual_seed(0)
    made = module(network)
    kind, numbers = KERAS[name]
    optimizer = getattr(torch.optim, kind)(made.parameters(), **numbers, **options)
    while True:
        order = torch.randperm(len(mnist.labels))
        begin = time.perf_counter()
        made.train()
        for batch in order.split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(made(mnist.pixels[batch]), mnist.labels[batch])
            loss.backward()
            optimizer.step()
        if tests:
            made.eval()
            with torch.no_grad():
                for part in torch.arange(len(mnist.test_labels)).split(1000):
                    (made(mnist.test_pixels[part]).argmax(1) == mnist.test_labels[part]).sum().item()
        yield time.perf_counter() - begin


def one_thread(mnist: Mnist, network: str, names: Sequence[str] = ("adam", "sgd")) -> None:
    import torch

    torch.set_num_threads(1)
    for name in names:
        sides = {
            "optviz": ours(mnist, network, name),
            "torch": theirs(mnist, network, name),
            "torch fused": theirs(mnist, network, name, fused=True),
        }
        rounds = [{side: next(epochs) for side, epochs in sides.items()} for _ in range(ROUNDS)]
        best = {side: min(seconds[side] for seconds in rounds) for side in sides}
        print(f"{network}, {name}, {len(mnist.labels):,} images, one thread")
        for side, seconds in best.items():
            ratio = statistics.median(one[side] / one["optviz"] for one in rounds)
            print(f"  {side:12} {seconds:8.3f} s   {seconds / best['optviz']:5.2f} x optviz   median {ratio:5.2f}")


def whole_table(mnist: Mnist, network: str, names: Sequence[str], threads: int) -> None:
    """One epoch of each with its test: ours side by side, PyTorch's one after another with one thread and with all."""
    import torch

    sides = {name: theirs(mnist, network, name, tests=True) for name in names}
    together, alone = f"optviz, {threads} runs at a time", "optviz, one run at a time"
    best = dict.fromkeys((together, alone, "torch, one thread", "torch, all cores"), float("inf"))
    for _ in range(3):
        for _ in range(2):
            best[together] = min(best[together], table(mnist, network, names, threads))
            best[alone] = min(best[alone], table(mnist, network, names, 1))
        for side, count in (("torch, one thread", 1), ("torch, all cores", threads)):
            torch.set_num_threads(count)
            best[side] = min(best[side], sum(next(epochs) for epochs in sides.values()))
    print(f"{network}, {len(names)} optimizers, {len(mnist.labels):,} images each and the tests, {threads} cores")
    for side, seconds in best.items():
        print(f"  {side:26} {seconds:8.3f} s   {seconds / best[together]:6.2f} x optviz")


def table(mnist: Mnist, network: str, names: Sequence[str], threads: int) -> float:
    chosen = plan(network)
    settings = [configure(name, defaults="keras") for name in names]
    runs = [Training(setting, 0, chosen, mnist.training, mnist.test, 1, BATCH) for setting in settings]
    begin = time.perf_counter()
    side_by_side(runs, threads, lambda: workspace(chosen, BATCH), lambda: None)
    return time.perf_counter() - begin


def bounds(network: str) -> None:
    """What BLAS needs for the dense products of a step, on one thread."""
    sizes = plan(network).sizes
    generator = np.random.default_rng(0)
    total = 0.0
    with threadpoolctl.threadpool_limits(1):
        for layer, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            x, w, d = (
                generator.random(shape, np.float32) for shape in ((BATCH, inputs), (inputs, outputs), (BATCH, outputs))
            )
            products = [(x, w), (x.T, d)] + ([(d, w.T)] if layer or network == "cnn" else [])
            for a, b in products:
                out = np.empty((a.shape[0], b.shape[1]), np.float32)
                total += least(lambda a=a, b=b, out=out: np.matmul(a, b, out=out))
    print(f"{network}: the dense products of a step take BLAS {total * 1e3:.3f} ms")


def least(call: Any, rounds: int = 60) -> float:
    """Seconds of a call: the least of many."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> None:
    images = datasets.REGISTRY["mnist"].load()
    for network in sys.argv[1:] or EPOCH:
        mnist = Mnist(images, EPOCH[network])
        bounds(network)
        one_thread(mnist, network)
    if "cnn" in (sys.argv[1:] or EPOCH):
        whole_table(Mnist(images, 3_840, 640), "cnn", SIX, 2)
    if "mlp" in (sys.argv[1:] or EPOCH):
        whole_table(Mnist(images, 15_000, 2_500), "mlp", SEVEN, 2)


if __name__ == "__main__":
    main()

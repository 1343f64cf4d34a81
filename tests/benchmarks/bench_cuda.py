"""optviz on an NVIDIA GPU: against PyTorch on the same GPU, its own CPU side, and what the memory gives.

``python tests/benchmarks/bench_cuda.py`` runs all parts in about ten minutes; names of parts behind it run these alone:

- ``update``: a step of an optimizer on arrays, as bandwidth, beside torch's fused and multi-tensor steps and a copy;
- ``batch``: many runs on a test function, in steps a second, beside the CPU and torch on the GPU;
- ``training``: an epoch of MNIST, beside torch, eager and compiled;
- ``fleet``: many small networks at once, beside one after the other.

The sides take turns. The device has ended all its work whenever a clock is read, and a first turn, in which kernels are
compiled, does not count. The median of the rounds is shown, and the median of their ratios to the first side. What is
not installed is left out and named. Without a GPU the command ends with code 3 and says what is missing.

Bandwidth is counted as the bytes that the formula must move: in float32 a step reads parameters, gradients and state
slots and writes parameters and slots, 4 bytes each; a copy reads one array and writes another.
"""

import argparse
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import optviz
from optviz import datasets, networks
from optviz.kernels import devices, driver
from optviz.kernels.cuda import backend, memory

RULES = {  # what torch calls them
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
}
COPY = "copy of as many numbers"
SMALL = 10_000  # elements of an array whose step takes less than its launch
TORCH_STEPS = 50  # of torch's slow loop, whose time is scaled to the steps of the others
SIZES = {
    "rounds": 7,
    "calls": 20,  # of a step between two looks at the clock
    "parameters": 1 << 25,  # 134 MB an array: more than the cache of any card
    "arrays": 50,  # of a list
    "starts": 1 << 20,
    "steps": 500,
    "images": 60_000,
    "tests": 1_000,
    "side": 28,  # of an image: what is beyond is cut off
    "batch": 64,
    "hidden": 128,  # units of the dense network, as its name promises
    "fleet": 64,
    "small": 32,  # hidden units of the networks of a fleet
}

Sides = dict[str, Iterator[float]]  # seconds of one call after another


def turns(sides: Sides, rounds: int) -> dict[str, list[float]]:
    """Seconds of each side in each round. A side of torch that cannot run here says why and has none."""
    seconds: dict[str, list[float]] = {}
    for name, side in sides.items():
        try:
            next(side)
            seconds[name] = []
        except Exception as error:
            if not name.startswith("torch"):
                raise
            print(f"  {name:24} left out: {type(error).__name__}: {str(error).partition(chr(10))[0]}")
    for _ in range(rounds):
        for name, measured in seconds.items():
            measured.append(next(sides[name]))
    return seconds


def report(seconds: Mapping[str, Sequence[float]], work: Mapping[str, float], unit: str) -> None:
    """A line for each side: its time, how much of its `work` it does in a second, and the ratio to the first side."""
    first = next(iter(seconds.values()))
    for name, rounds in seconds.items():
        ratio = statistics.median(one / other for one, other in zip(rounds, first, strict=True))
        median = statistics.median(rounds)
        print(f"  {name:24} {median * 1e3:12.3f} ms {work[name] / median:12.3f} {unit} {ratio:8.2f} x the first")


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


# The step of an optimizer on arrays.


def update(sizes: argparse.Namespace) -> None:
    peak = memory_peak()
    print(f"peak of the memory by its clock and width: {f'{peak:,.0f} GB/s' if peak else 'the driver does not say'}")
    share = sizes.parameters // sizes.arrays
    for counts in ([sizes.parameters], [share] * sizes.arrays, [min(share, SMALL)] * sizes.arrays):
        for rule in RULES:
            sides: Sides = {"optviz": steps(rule, counts, sizes.calls)}
            if torch_here():
                sides["torch fused"] = torch_steps(rule, counts, sizes.calls, fused=True)
                sides["torch foreach"] = torch_steps(rule, counts, sizes.calls, foreach=True)
            sides[COPY] = copies(sum(counts), sizes.calls)
            print(f"update, {rule}, float32, arrays of {counts[0]:,}: {len(counts)}")
            seconds = turns(sides, sizes.rounds)
            slots = len(optviz.configure(rule).formula.slots)
            moved = sum(counts) * 4e-9
            work = dict.fromkeys(seconds, (3 + 2 * slots) * moved) | {COPY: 2 * moved}
            report(seconds, work, "GB/s")
            speed, copy = (work[name] / statistics.median(seconds[name]) for name in ("optviz", COPY))
            print(f"  optviz has {speed / copy:.0%} of the copy's bandwidth", end="")
            print(f", {speed / peak:.0%} of the peak" if peak else "")


def memory_peak() -> float | None:
    """GB a second of the memory, which moves twice in a clock; None where the driver does not say."""
    if backend.SIMULATED:
        return None
    device = backend.cuda.get_current_device()  # kHz and bits
    return 2 * device.MEMORY_CLOCK_RATE * device.GLOBAL_MEMORY_BUS_WIDTH / 8e6 or None


def steps(rule: str, counts: list[int], calls: int) -> Iterator[float]:
    """Ours, on torch's tensors where torch has a GPU, else on Numba's arrays."""
    torch = torch_here()
    params, grads = (
        [torch.randn(n, device="cuda") if torch else memory.full((n,), (4,), 1.0, np.float32) for n in counts]
        for _ in range(2)
    )
    optimizer = optviz.optimizer(rule)
    state = optimizer.init(params)
    yield from timed(lambda: optimizer.step(params, grads, state), calls)


def torch_steps(rule: str, counts: list[int], calls: int, **how: bool) -> Iterator[float]:
    torch = torch_here()
    params = [torch.nn.Parameter(torch.randn(n, device="cuda")) for n in counts]
    for param in params:
        param.grad = torch.randn_like(param)
    name, numbers = RULES[rule]
    yield from timed(getattr(torch.optim, name)(params, **{"lr": 1e-3} | numbers | how).step, calls)


def copies(count: int, calls: int) -> Iterator[float]:
    source, target = backend.put(np.ones(count, np.float32)), backend.empty(count, np.float32)
    yield from timed(lambda: target.copy_to_device(source), calls)


# Many runs on a test function.


def batch(sizes: argparse.Namespace) -> None:
    for dtype in ("float32", "float64"):
        places = np.random.default_rng(0).uniform(-2, 2, (sizes.starts, 2)).astype(dtype)
        sides: Sides = {f"optviz, {device}": runs(places, sizes.steps, device) for device in ("cuda", "cpu")}
        if torch_here():
            sides["torch, cuda"] = torch_runs(places, sizes.steps)
        print(f"batch, Adam on Rosenbrock, {sizes.starts:,} starts x {sizes.steps} steps, {dtype}")
        seconds = turns(sides, sizes.rounds)
        report(seconds, dict.fromkeys(seconds, sizes.starts * sizes.steps * 1e-9), "thousand million steps a second")


def runs(places: np.ndarray, count: int, device: str) -> Iterator[float]:
    numbers = {"lr": 0.01, "dtype": places.dtype, "device": device}
    yield from timed(lambda: optviz.minimize_many("rosenbrock", "adam", places, count, **numbers))


def torch_runs(places: np.ndarray, count: int) -> Iterator[float]:
    torch = torch_here()
    points = torch.tensor(places, device="cuda", requires_grad=True)
    adam = torch.optim.Adam([points], lr=0.01, fused=True)

    def step() -> None:
        adam.zero_grad()
        x, y = points[:, 0], points[:, 1]
        ((1 - x) ** 2 + 100 * (y - x**2) ** 2).sum().backward()
        adam.step()

    for seconds in timed(step, TORCH_STEPS):
        yield seconds * count


# An epoch of MNIST.


def training(sizes: argparse.Namespace) -> None:
    images = part_of_mnist(sizes)
    for network in sizes.networks:
        sides: Sides = {"optviz": epochs(images, network, sizes)}
        if torch_here():
            sides["torch, eager"] = torch_epochs(images, module(network, sizes), sizes.batch)
            sides["torch, compiled"] = torch_epochs(images, module(network, sizes), sizes.batch, compiled=True)
        print(f"training, {network}, Adam, an epoch of {sizes.images:,} images in batches of {sizes.batch}, no tests")
        seconds = turns(sides, sizes.rounds)
        report(seconds, dict.fromkeys(seconds, float(sizes.images)), "images a second")


def part_of_mnist(sizes: argparse.Namespace) -> datasets.Images:
    """The first so many images."""
    whole, n, m, side = datasets.REGISTRY["mnist"].load(), sizes.images, sizes.tests, slice(sizes.side)
    train, test = whole.train[:n, side, side], whole.test[:m, side, side]
    return datasets.Images(train, whole.train_labels[:n], test, whole.test_labels[:m], whole.classes)


def trained(images: datasets.Images, network: Any, **options: Any) -> optviz.Comparison:
    dataset = datasets.Dataset("mnist", "MNIST", lambda: images)
    return optviz.train(dataset, network, ["adam"], device="cuda", **options)


def epochs(images: datasets.Images, network: str, sizes: argparse.Namespace) -> Iterator[float]:
    """Ours: the second epoch of a run, since the first may bring the images to the device."""
    options = {"hidden": (sizes.hidden,)} if network == "mlp" else {}
    made = networks.REGISTRY[network].configure(**options)
    while True:
        yield trained(images, made, epochs=2, batch_size=sizes.batch).runs[0].epochs[-1]["seconds"]


def torch_epochs(images: datasets.Images, model: Any, size: int, compiled: bool = False) -> Iterator[float]:
    """All images are on the device, too: a DataLoader would take longer than the network."""
    torch = torch_here()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    pixels = torch.from_numpy(images.train).cuda().unsqueeze(1) / 255
    labels = torch.from_numpy(images.train_labels).cuda().long()
    call = torch.compile(model) if compiled else model

    def epoch() -> None:
        for rows in torch.randperm(len(labels), device="cuda").split(size):
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(call(pixels[rows]), labels[rows]).backward()
            optimizer.step()

    yield from timed(epoch)


def module(network: str, sizes: argparse.Namespace) -> Any:
    """The same network in torch."""
    nn = torch_here().nn
    maps = ((sizes.side - 2) // 2) ** 2 * 32
    dense = [nn.Flatten(), nn.Linear(sizes.side**2, sizes.hidden), nn.ReLU(), nn.Linear(sizes.hidden, 10)]
    front = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()]
    head = [nn.Linear(maps, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10)]
    return nn.Sequential(*{"mlp": dense, "cnn": [*front, *head]}[network]).cuda()


# Many small networks.


def fleet(sizes: argparse.Namespace) -> None:
    images, network = part_of_mnist(sizes), networks.REGISTRY["mlp"].configure(hidden=(sizes.small,))

    def run(seeds: list[int]) -> None:
        trained(images, network, epochs=1, batch_size=sizes.batch, seeds=seeds)

    seeds = list(range(sizes.fleet))
    sides: Sides = {
        "all at once": timed(lambda: run(seeds)),
        "one after the other": timed(lambda: [run([seed]) for seed in seeds]),
    }
    each = f"{sizes.small} hidden units, an epoch of {sizes.images:,} images each, with its test"
    print(f"fleet, {sizes.fleet} networks with {each}")
    seconds = turns(sides, sizes.rounds)
    report(seconds, dict.fromkeys(seconds, float(sizes.images * sizes.fleet)), "images a second")


PARTS = {"update": update, "batch": batch, "training": training, "fleet": fleet}


def header() -> None:
    """The card, its driver, and the versions of what takes part."""
    if backend.SIMULATED:
        print("Numba's simulator: nothing below is a measurement")
    else:
        said = driver.facts()
        card = said["devices"][0]
        print(f"{card['name']}, {card['memory'] / 2**30:.0f} GiB, compute capability {card['compute_capability']}")
        print(f"driver for CUDA {said['version']}")
    names = ("numba", "numba-cuda", "cuda-bindings", "numpy", "torch", "triton")
    versions = ", ".join(f"{name} {devices.version(name) or 'not installed'}" for name in names)
    print(f"optviz {optviz.__version__}, {versions}; {os.cpu_count()} cores")
    if not torch_here():
        print("left out: torch, which is not installed or has no GPU here")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"by default all: {', '.join(PARTS)}")
    for name, default in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"by default {default:,}")
    parser.add_argument("--networks", nargs="+", choices=("mlp", "cnn"), default=["mlp", "cnn"])
    sizes = parser.parse_args(arguments)
    if unknown := set(sizes.parts) - set(PARTS):
        parser.error(f"unknown part '{unknown.pop()}': choose from {', '.join(PARTS)}")
    if reason := devices.missing():
        print(". ".join(reason), file=sys.stderr)
        raise SystemExit(3)
    header()
    for part in sizes.parts or PARTS:
        PARTS[part](sizes)


if __name__ == "__main__":
    main()

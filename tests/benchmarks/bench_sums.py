"""Rules with sums: their step on a network's weights against torch and optax, and an epoch of MNIST against Adam's.

Run it on a quiet machine: ``python tests/benchmarks/bench_sums.py``. All sides run on one thread, in turns, and the
medians of their rounds are compared. optax's step is compiled as a whole and its buffers are given away, torch's is its
foreach form.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import itertools  # noqa: E402
import statistics  # noqa: E402 - threads are counted when NumPy is imported
import time  # noqa: E402
from collections.abc import Callable, Mapping  # noqa: E402

import numpy as np  # noqa: E402

import optviz  # noqa: E402
from optviz import datasets  # noqa: E402
from optviz.kernels.buffers import workspace  # noqa: E402
from optviz.kernels.training import examples  # noqa: E402
from optviz.networks import REGISTRY as NETWORKS  # noqa: E402
from optviz.optimizers import configure  # noqa: E402
from optviz.runs.networks.epochs import Training  # noqa: E402

SHAPES = ((784, 128), (128,), (128, 10), (10,))  # 101,770 parameters
OURS = ("adam", "lamb", "adafactor", "sm3", "novograd", "prodigy", "cautious_adamw", "clip_global_norm(adam)")
PEERS = {"lamb": ("optax lamb",), "adafactor": ("torch Adafactor", "optax adafactor"), "sm3": ("optax sm3",)}
PEERS |= {"novograd": ("optax novograd",), "prodigy": ("optax prodigy",), "adam": ("torch Adam", "optax adam")}
ROUNDS, EPOCHS, BATCH = 400, 7, 64

Sides = Mapping[str, Callable[[], object]]


def turns(sides: Sides, rounds: int) -> dict[str, list[float]]:
    """The seconds of each side in each round; the first call of each is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for call in sides.values():
        call()
    for _ in range(rounds):
        for name, call in sides.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def steps() -> Sides:
    """A step of each side."""
    import jax
    import optax
    import torch

    torch.set_num_threads(1)
    draws = np.random.default_rng(0)
    arrays, gradients = ([draws.normal(size=shape).astype(np.float32) for shape in SHAPES] for _ in range(2))
    sides: dict[str, Callable[[], object]] = {}
    for name in OURS:
        opt, moved = optviz.optimizer(name), [array.copy() for array in arrays]
        state = opt.init(moved)
        sides[name] = lambda opt=opt, moved=moved, state=state: opt.step(moved, gradients, state)
    parameters = [torch.nn.Parameter(torch.tensor(array)) for array in arrays]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)
    sides["torch Adam"] = torch.optim.Adam(parameters, fused=True).step
    sides["torch Adafactor"] = torch.optim.Adafactor(parameters, foreach=True).step
    made = {
        "adam": optax.adam(1e-3),
        "lamb": optax.lamb(1e-3, weight_decay=0.01),
        "adafactor": optax.adafactor(1e-3),
        "sm3": optax.sm3(0.1),
        "novograd": optax.novograd(0.01),
        "prodigy": optax.contrib.prodigy(),
    }
    for name, peer in made.items():
        sides[f"optax {name}"] = _optax(jax, optax, peer, arrays, gradients)
    return sides


def _optax(jax, optax, peer, arrays, gradients):
    def update(x, g, state):
        change, state = peer.update(g, state, x)
        return optax.apply_updates(x, change), state

    step = jax.jit(update, donate_argnums=(0, 2))
    held = [[jax.numpy.array(array) for array in arrays]]
    held.append(jax.tree.map(jax.numpy.copy, peer.init(held[0])))  # Prodigy remembers the start itself
    given = [jax.numpy.asarray(gradient) for gradient in gradients]

    def call():
        held[:] = step(held[0], given, held[1])
        jax.block_until_ready(held[0])

    return call


def epochs() -> Sides:
    """An epoch of the mlp on MNIST under each rule."""
    images = datasets.REGISTRY["mnist"].load()
    training = examples(images.train, images.train_labels)
    test = examples(images.test[:256], images.test_labels[:256])
    plan = NETWORKS["mlp"].configure().plan((28, 28), 10)
    room = workspace(plan, BATCH)

    def side(name):
        run = Training(configure(name), 0, plan, training, test, 1000, BATCH)
        run.prepare(room)
        count = itertools.count(1)

        def epoch():
            until = next(count)
            while len(run.result().epochs) < until:
                run.advance(room)

        return epoch

    return {name: side(name) for name in OURS}


if __name__ == "__main__":
    found = {name: statistics.median(each) for name, each in turns(steps(), ROUNDS).items()}
    print("a step of 101,770 parameters on one thread; peers in units of ours")
    for name in OURS:
        peers = ", ".join(f"{peer} {found[peer] / found[name]:.1f}" for peer in PEERS.get(name, ()))
        print(f"{name:24} {found[name] * 1e6:7.0f} us, {found[name] / found['adam']:.1f} times Adam's   {peers}")
    seconds = turns(epochs(), EPOCHS)
    print("an epoch of the mlp on MNIST, in units of Adam's, round by round")
    for name in OURS:
        ratios = [a / b for a, b in zip(seconds[name], seconds["adam"], strict=True)]
        print(f"{name:24} {statistics.median(seconds[name]):.3f} s, {statistics.median(ratios):.2f}")

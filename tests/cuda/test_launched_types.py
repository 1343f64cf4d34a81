"""Kernels are launched with the types for which they are compiled and assembled without a device."""

import re

import numba
import numpy as np
import pytest

import optviz
from optviz.kernels.cuda import array_sums, backend, memory, update
from optviz.runs.networks.training import train
from tests.cuda.borrowed import Borrowed
from tests.cuda.same import few_threads
from tests.cuda.small import shrink
from tests.cuda.test_training import DEEP, MLP, NETWORKS
from tests.datasets.files import blobs, write
from tests.ptx.listing import kernels

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not backend.SIMULATED, reason="a device compiles what it launches")]

NOISES = ("gaussian:0.1", "multiplicative:0.1", "minibatch:100,10", "stable:1.5,0.1")
# How many numbers a tuple of one type has is the rule's business: a template is compiled for some rules only.
ALIKE = re.compile(r"UniTuple\((\w+)(?: x |, )\d+\)|Tuple\(\)")


def template(kernel):
    return kernel.fn.__name__.partition("__")[0]


def words(kinds):
    return tuple(ALIKE.sub(lambda found: f"some {found[1]}" if found[1] else "none", str(kind)) for kind in kinds)


def kind(argument):
    if isinstance(argument, tuple):
        return numba.types.Tuple(tuple(map(kind, argument)))
    return numba.typeof(np.asarray(argument._ary) if hasattr(argument, "_ary") else argument)


@pytest.fixture
def launched(monkeypatch):
    """For each template, the types of the arguments of its launches."""
    found = {}

    def spy(kernel, blocks, threads, *arguments, **options):
        found.setdefault(template(kernel), set()).add(words(map(kind, arguments)))
        backend_launch(kernel, blocks, threads, *arguments, **options)

    backend_launch = backend.launch
    for module in (array_sums, backend, memory, update):
        monkeypatch.setattr(module, "launch", spy)
    few_threads(monkeypatch)
    shrink(monkeypatch)
    return found


def batches(dtype):
    given = {"steps": 3, "lr": 1e-3, "device": "cuda", "dtype": dtype}
    starts = np.zeros((3, 2))
    for name in ("sgd", "adam"):
        optviz.minimize_many("rosenbrock", name, starts, history=[0, 2], **given)
    for noise in NOISES:
        optviz.minimize_many("rosenbrock", "adam", starts, noise=noise, **given)
    optviz.minimize("rosenbrock", "adam", **given)
    for dimension in (4, 30):  # the state of the second is in the device's memory
        optviz.minimize_many("rosenbrock", "adam", np.zeros((3, dimension)), dimension=dimension, **given)


def steps(dtype):
    for name in ("momentum", "adam", "lamb", "novograd"):
        opt = optviz.optimizer(name, lr=0.1)
        params, grads = ([Borrowed(np.ones((2, 3), dtype), "columns"), Borrowed(np.ones(4, dtype))] for _ in range(2))
        opt.step(params, grads, opt.init(params))


def trainings(folder):
    given = {"dataset": folder, "epochs": 1, "batch_size": 2, "lr": 0.05, "device": "cuda"}
    for network in NETWORKS.values():
        train(**given, network=network, optimizers=["adam"])
    train(**given, network=DEEP, optimizers=["sgd"])
    train(**given, network=MLP, optimizers=["sgd", "adam"])
    train(**given, network=MLP, optimizers=["lamb", "polyak"])


def test_what_is_launched_is_what_is_compiled(launched, tmp_path):
    for dtype in (np.float32, np.float64):
        batches(dtype)
        steps(dtype)
    optviz.sweep("sphere", "adam", ("lr", 1e-3, 0.1, 3), ("beta1", 0.1, 0.9, 3), steps=3, device="cuda")
    trainings(write(tmp_path / "tiny", blobs(train=3, test=3, shape=(5, 5), classes=3)))
    listed = {}
    for one in kernels():
        listed.setdefault(template(one.kernel), set()).add(words(one.arguments))
    # The doctor's trial, the tests' own, and what only graphs launch.
    assert set(launched) >= set(listed) - {"_add_one", "element", "tick"}
    for name, kinds in launched.items():
        assert kinds <= listed[name], name

"""The paths of other libraries' optimizers, in float64, and how far ours are from them."""

import os
import warnings
from importlib import import_module

import numpy as np

from tests.optimizers.cases import KERAS, OPTAX, PEERS, TORCH
from tests.optimizers.driving import START, disturbed, drive, relative, settings
from tests.optimizers.reference import bowl

STEPS = 200
_rng = np.random.default_rng(1)
JUMPING = _rng.normal(size=(STEPS, len(START))) * 10.0 ** _rng.uniform(-4, 2, (STEPS, 1))


def jumping(x, t):
    """(n,) float64: a normal gradient whose scale jumps between 1e-4 and 1e2 from step to step."""
    return JUMPING[t - 1]


PROBLEMS = (disturbed, jumping)


def library(name):
    """A library; what it warns about when it is imported is not our concern."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(name)


def pairs():
    """Every (rule, variant, library) that there is a peer for."""
    yield from ((name, "torch", "torch") for name in TORCH)
    yield from ((name, "keras", "keras") for name in KERAS)
    yield from ((name.partition("/")[0], name.partition("/")[2] or "optax", "optax") for name in OPTAX)
    yield from PEERS


def difference(name, variant, peer):
    """The largest relative difference over all settings of a variant, and of how many; see `PROBLEMS`."""
    found = []
    for setting in settings(name, variant):
        for gradient in PROBLEMS:
            theirs = path(name, variant, peer, setting, gradient)
            if theirs is not None:
                found.append(relative(drive(setting, gradient, START, STEPS), theirs))
    return max(found, default=np.nan), len(found) // len(PROBLEMS)


def path(name, variant, peer, setting, gradient):
    """(steps + 1, n) float64: what the library makes of a setting; None where it lacks one of the numbers."""
    h = setting.hyperparameters
    if peer == "keras":
        return _keras(lambda optimizers: KERAS[name](optimizers, h), gradient)
    if peer == "optax":
        known = OPTAX.get(f"{name}/{variant}") or OPTAX[name]
        return _optax(lambda optax: known(optax, h), gradient)
    if peer == "torch":
        return _torch(lambda module, x: TORCH[name](module.optim, x, h), "torch", gradient)
    return _torch(lambda module, x: PEERS[name, variant, peer](module, x, h), peer, gradient)


def _torch(make, module, gradient):
    torch = library("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # of the scalars that ASGD and NAdam keep
    try:
        x = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
        optimizer = make(library(module), [x])
        if optimizer is None:
            return None
        points = [START]
        for t in range(1, STEPS + 1):
            x.grad = torch.tensor(gradient(points[-1], t))
            optimizer.step()
            points.append(x.detach().numpy().copy())
        return np.array(points)
    finally:
        torch.set_default_dtype(before)


def _keras(make, gradient):
    keras = library("keras")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        optimizer = make(keras.optimizers)
        if optimizer is None:
            return None
        x, points = keras.Variable(START, dtype="float64"), [START]
        for t in range(1, STEPS + 1):
            optimizer.apply([keras.ops.convert_to_tensor(gradient(points[-1], t), dtype="float64")], [x])
            points.append(keras.ops.convert_to_numpy(x.value).copy())
        return np.array(points)
    finally:
        keras.config.set_floatx(before)


def _optax(make, gradient):
    jax, optax = library("jax"), library("optax")
    with jax.enable_x64(True):
        optimizer = make(optax)
        if optimizer is None:
            return None
        optimizer = optax.with_extra_args_support(optimizer)

        @jax.jit
        def step(x, g, state, value):
            change, state = optimizer.update(g, state, x, value=value)
            return optax.apply_updates(x, change), state

        x = jax.numpy.asarray(START)
        state, points = optimizer.init(x), [START]
        for t in range(1, STEPS + 1):
            x, state = step(x, jax.numpy.asarray(gradient(points[-1], t)), state, bowl(points[-1], t))
            points.append(np.asarray(x))
        return np.array(points)

"""The paths of other libraries' optimizers, in float64, and how far ours are from them."""

import os
import warnings
from importlib import import_module

import numpy as np

from tests.optimizers.cases import KERAS, OPTAX, PEERS, TORCH
from tests.optimizers.driving import (
    MATRIX_START,
    REGISTRY,
    START,
    disturbed,
    drawn_matrix,
    drive,
    relative,
    settings,
)
from tests.optimizers.reference import bowl

STEPS = 200
_rng = np.random.default_rng(1)
JUMPING = _rng.normal(size=(STEPS, len(START))) * 10.0 ** _rng.uniform(-4, 2, (STEPS, 1))


def jumping(x, t):
    """(n,) float64: a normal gradient whose scale jumps between 1e-4 and 1e2 from step to step."""
    return JUMPING[t - 1]


PROBLEMS = ((disturbed, START), (jumping, START))
SQUARE = np.random.default_rng(6).normal(size=(4, 4))
WIDE = np.random.default_rng(2).normal(size=(3, 8))
OF_MATRICES = ((drawn_matrix, MATRIX_START), (drawn_matrix, MATRIX_START.T.copy()), (drawn_matrix, WIDE))


def problems(name):
    """The gradients, each with a start, on which a rule is compared."""
    if name == "soap":  # the axes that it begins with are not determined along the longer side of a matrix
        return ((drawn_matrix, SQUARE),)
    return OF_MATRICES if REGISTRY[name].kind == "matrices" else PROBLEMS


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
        for gradient, start in problems(name):
            theirs = path(name, variant, peer, setting, gradient, start)
            if theirs is not None:
                found.append(relative(drive(setting, gradient, start, STEPS), theirs))
    return max(found, default=np.nan), len(found) // len(problems(name))


def path(name, variant, peer, setting, gradient, start):
    """(steps + 1, n) float64: what the library makes of a setting; None where it lacks one of the numbers."""
    h = setting.hyperparameters
    if peer == "keras":
        return _keras(lambda optimizers: KERAS[name](optimizers, h), gradient, start)
    if peer == "optax":
        known = OPTAX.get(f"{name}/{variant}") or OPTAX[name]
        return _optax(lambda optax: known(optax, h), gradient, start)
    if peer == "torch":
        return _torch(lambda module, x: TORCH[name](module.optim, x, h), "torch", gradient, start)
    return _torch(lambda module, x: PEERS[name, variant, peer](module, x, h), peer, gradient, start)


def _torch(make, module, gradient, start):
    torch = library("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # of the scalars that ASGD and NAdam keep
    try:
        x = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
        optimizer = make(library(module), [x])
        if optimizer is None:
            return None
        points = [start]
        for t in range(1, STEPS + 1):
            x.grad = torch.tensor(gradient(points[-1], t))
            optimizer.step()
            points.append(x.detach().numpy().copy())
        return np.array(points)
    finally:
        torch.set_default_dtype(before)


def _keras(make, gradient, start):
    keras = library("keras")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        optimizer = make(keras.optimizers)
        if optimizer is None:
            return None
        x, points = keras.Variable(start, dtype="float64"), [start]
        for t in range(1, STEPS + 1):
            optimizer.apply([keras.ops.convert_to_tensor(gradient(points[-1], t), dtype="float64")], [x])
            points.append(keras.ops.convert_to_numpy(x.value).copy())
        return np.array(points)
    finally:
        keras.config.set_floatx(before)


def _optax(make, gradient, start):
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

        x = jax.numpy.asarray(start)
        state, points = optimizer.init(x), [start]
        for t in range(1, STEPS + 1):
            x, state = step(x, jax.numpy.asarray(gradient(points[-1], t)), state, bowl(points[-1], t))
            points.append(np.asarray(x))
        return np.array(points)

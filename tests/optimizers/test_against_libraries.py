"""Every formula that torch, Keras or optax has, against that library's own code, 200 steps in float64.

The libraries are optional: where one is not installed its tests are skipped.
"""

import os
import warnings

import numpy as np
import pytest

from tests.optimizers.cases import KERAS, OPTAX, PEERS, TORCH
from tests.optimizers.driving import START, disturbed, drive, relative, settings

STEPS = 200
# Where a library's own rounding forbids 1e-13: optax takes the root of the step in float32, and pytorch_optimizer
# divides a difference that is 0 but for rounding by 1e-4.
TOLERANCE = {("madgrad", "optax"): 1e-7, ("msvag", "pytorch_optimizer"): 1e-12}

# Its AdaBound rounds the bounds in another order, its LaProp adds 1e-15 to every average.
TOLERANCE |= {("adabound", "pytorch_optimizer"): 1e-12, ("laprop", "pytorch_optimizer"): 1e-8}


def library(name):
    """The library, or a skip; what it warns about when it is imported is not our concern."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


@pytest.fixture
def torch():
    """torch whose scalars are float64 as long as a test lasts: NAdam keeps its product of momenta in one."""
    torch = library("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.parametrize("name", TORCH)
def test_torch_variants_move_as_torch_does(torch, name):
    move_as_in_torch(torch, name, "torch", lambda x, h: TORCH[name](torch.optim, x, h))


@pytest.mark.slow  # these libraries take seconds to import
@pytest.mark.parametrize(("name", "variant", "peer"), PEERS)
def test_other_variants_move_as_in_their_libraries(torch, name, variant, peer):
    module = library(peer)
    tolerance = TOLERANCE.get((name, peer), 1e-12)  # they round in another order
    move_as_in_torch(torch, name, variant, lambda x, h: PEERS[name, variant, peer](module, x, h), tolerance)


def move_as_in_torch(torch, name, variant, optimizer_of, tolerance=1e-13):
    """That every setting of the variant moves as the torch optimizer that ``optimizer_of(x, hyperparameters)`` is."""
    compared = 0
    for setting in settings(name, variant):
        x = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
        optimizer = optimizer_of([x], setting.hyperparameters)
        if optimizer is None:
            continue
        path = [START]
        for t in range(1, STEPS + 1):
            x.grad = torch.from_numpy(disturbed(path[-1], t))
            optimizer.step()
            path.append(x.detach().numpy().copy())
        ours = drive(setting, disturbed, START, STEPS)
        assert relative(ours, np.array(path)) < tolerance, setting.hyperparameters
        compared += 1
    assert compared >= 2


@pytest.fixture
def keras():
    """Keras computing in float64 as long as a test lasts."""
    keras = library("keras")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)


@pytest.mark.slow  # Keras takes seconds to import
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # 2026-11: Keras 3.15 reading tensors
@pytest.mark.parametrize("name", KERAS)
def test_keras_variants_move_as_keras_does(keras, name):
    tried = settings(name, "keras")
    assert len(tried) >= 2
    for setting in tried:
        x = keras.Variable(START, dtype="float64")
        optimizer = KERAS[name](keras.optimizers, setting.hyperparameters)
        if optimizer is None:  # a number that is fixed in Keras
            continue
        path = [START]
        for t in range(1, STEPS + 1):
            optimizer.apply([keras.ops.convert_to_tensor(disturbed(path[-1], t), dtype="float64")], [x])
            path.append(keras.ops.convert_to_numpy(x.value).copy())
        ours = drive(setting, disturbed, START, STEPS)
        assert relative(ours, np.array(path)) < 1e-13, setting.hyperparameters


@pytest.mark.slow  # one compilation for each setting
@pytest.mark.parametrize("name", OPTAX)
def test_optax_variants_move_as_optax_does(name):
    jax, optax = library("jax"), library("optax")
    rule, _, mode = name.partition("/")
    tried = settings(rule, mode or "optax")
    assert len(tried) >= 2
    with jax.enable_x64(True):
        for setting in tried:
            optimizer = OPTAX[name](optax, setting.hyperparameters)
            if optimizer is None:  # a number that optax takes as a function only
                continue

            @jax.jit
            def step(x, g, state, update=optimizer.update):
                change, state = update(g, state, x)
                return optax.apply_updates(x, change), state

            x = jax.numpy.asarray(START)
            state = optimizer.init(x)
            path = [START]
            for t in range(1, STEPS + 1):
                x, state = step(x, jax.numpy.asarray(disturbed(path[-1], t)), state)
                path.append(np.asarray(x))
            ours = drive(setting, disturbed, START, STEPS)
            assert relative(ours, np.array(path)) < TOLERANCE.get((name, "optax"), 1e-13), setting.hyperparameters


@pytest.mark.slow
def test_optax_makes_no_step_while_adagrads_sum_is_zero():
    jax, optax = library("jax"), library("optax")
    with jax.enable_x64(True):
        optimizer = optax.adagrad(0.1, initial_accumulator_value=0, eps=0)
        x = jax.numpy.asarray(START)
        change, _ = optimizer.update(0 * x, optimizer.init(x), x)
        assert np.array_equal(np.asarray(change), 0 * START)

"""Every formula that torch, Keras or optax has, against that library's own code, 200 steps in float64.

The libraries are optional: where one is not installed its tests are skipped.
"""

import os
import warnings

import numpy as np
import pytest

from tests.optimizers.driving import START, disturbed, drive, relative, settings

STEPS = 200
RULES = ["sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam"]


def library(name):
    """The library, or a skip; what it warns about when it is imported is not our concern."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def torch_optimizer(torch, name, parameters, h):
    optim = torch.optim
    match name:
        case "sgd":
            return optim.SGD(parameters, lr=h["lr"])
        case "momentum":
            return optim.SGD(parameters, lr=h["lr"], momentum=h["momentum"], dampening=h["dampening"])
        case "nesterov":
            return optim.SGD(parameters, lr=h["lr"], momentum=h["momentum"], nesterov=True)
        case "adagrad":
            return optim.Adagrad(parameters, **h)
        case "adadelta":
            return optim.Adadelta(parameters, **h)
        case "rmsprop":
            other = {"alpha": h["rho"], "centered": bool(h["centered"])}
            return optim.RMSprop(parameters, lr=h["lr"], eps=h["eps"], momentum=h["momentum"], **other)
        case "adam":
            return optim.Adam(parameters, lr=h["lr"], betas=(h["beta1"], h["beta2"]), eps=h["eps"])


@pytest.mark.parametrize("name", RULES)
def test_torch_variants_move_as_torch_does(name):
    torch = library("torch")
    tried = settings(name, "torch")
    assert len(tried) >= 4
    for setting in tried:
        x = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
        optimizer = torch_optimizer(torch, name, [x], setting.hyperparameters)
        path = [START]
        for t in range(1, STEPS + 1):
            x.grad = torch.from_numpy(disturbed(path[-1], t))
            optimizer.step()
            path.append(x.detach().numpy().copy())
        ours = drive(setting, disturbed, START, STEPS)
        assert relative(ours, np.array(path)) < 1e-13, setting.hyperparameters


def keras_optimizer(keras, name, h):
    optimizers, lr = keras.optimizers, h["lr"]
    match name:
        case "sgd":
            return optimizers.SGD(lr)
        case "momentum":
            return optimizers.SGD(lr, momentum=h["momentum"])
        case "nesterov":
            return optimizers.SGD(lr, momentum=h["momentum"], nesterov=True)
        case "adagrad":
            return optimizers.Adagrad(lr, epsilon=h["eps"], initial_accumulator_value=h["initial_accumulator_value"])
        case "adadelta":
            return optimizers.Adadelta(lr, rho=h["rho"], epsilon=h["eps"])
        case "rmsprop":
            other = {"momentum": h["momentum"], "centered": bool(h["centered"])}
            return optimizers.RMSprop(lr, rho=h["rho"], epsilon=h["eps"], **other)
        case "adam":
            return optimizers.Adam(lr, beta_1=h["beta1"], beta_2=h["beta2"], epsilon=h["eps"])


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
@pytest.mark.parametrize("name", RULES)
def test_keras_variants_move_as_keras_does(keras, name):
    tried = settings(name, "keras")
    assert len(tried) >= 4
    for setting in tried:
        x = keras.Variable(START, dtype="float64")
        optimizer = keras_optimizer(keras, name, setting.hyperparameters)
        path = [START]
        for t in range(1, STEPS + 1):
            optimizer.apply([keras.ops.convert_to_tensor(disturbed(path[-1], t), dtype="float64")], [x])
            path.append(keras.ops.convert_to_numpy(x.value).copy())
        ours = drive(setting, disturbed, START, STEPS)
        assert relative(ours, np.array(path)) < 1e-13, setting.hyperparameters


def optax_optimizer(optax, name, h):
    lr = h["lr"]
    match name:
        case "sgd":
            return optax.sgd(lr)
        case "momentum":
            return optax.sgd(lr, momentum=h["momentum"])
        case "nesterov":
            return optax.sgd(lr, momentum=h["momentum"], nesterov=True)
        case "adagrad":
            return optax.adagrad(lr, initial_accumulator_value=h["initial_accumulator_value"], eps=h["eps"])
        case "adadelta":
            return optax.adadelta(lr, rho=h["rho"], eps=h["eps"])
        case "rmsprop":
            other = {"momentum": h["momentum"], "centered": bool(h["centered"])}
            return optax.rmsprop(lr, decay=h["rho"], eps=h["eps"], **other)
        case "adam":
            return optax.adam(lr, b1=h["beta1"], b2=h["beta2"], eps=h["eps"])


@pytest.mark.slow  # one compilation for each setting
@pytest.mark.parametrize("name", RULES)
def test_optax_variants_move_as_optax_does(name):
    jax, optax = library("jax"), library("optax")
    tried = settings(name, "optax")
    assert len(tried) >= 4
    with jax.enable_x64(True):
        for setting in tried:
            optimizer = optax_optimizer(optax, name, setting.hyperparameters)

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
            assert relative(ours, np.array(path)) < 1e-13, setting.hyperparameters


@pytest.mark.slow
def test_optax_makes_no_step_while_adagrads_sum_is_zero():
    jax, optax = library("jax"), library("optax")
    with jax.enable_x64(True):
        optimizer = optax.adagrad(0.1, initial_accumulator_value=0, eps=0)
        x = jax.numpy.asarray(START)
        change, _ = optimizer.update(0 * x, optimizer.init(x), x)
        assert np.array_equal(np.asarray(change), 0 * START)

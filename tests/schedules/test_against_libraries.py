"""Every schedule that torch, optax or Keras has, against that library's own, over its whole course in float64.

The libraries are optional: where one is not installed its tests are skipped.
"""

import os
import warnings

import numpy as np
import pytest

from optviz.schedules import configure
from tests.schedules.libraries import KERAS, OPTAX, STEPS, TORCH


def library(name):
    """The library, or a skip; what it warns about when it is imported is not our concern."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def course(text):
    """(STEPS,) float64: our values at every step."""
    schedule = configure(text).resolved(STEPS)
    return schedule.value * np.array(schedule.factors(1, STEPS))


def difference(ours, theirs):
    """The largest difference as a share of the largest value."""
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


def course_of_torch(torch, make, value):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=value)
    scheduler = make(torch.optim, optimizer)
    values = []
    for _ in range(STEPS):
        values.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return np.array(values)


@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step:UserWarning")  # torch's SequentialLR
@pytest.mark.parametrize(("text", "make"), TORCH, ids=[text for text, _ in TORCH])
def test_as_torch_has_it(text, make):
    theirs = course_of_torch(library("torch"), make, configure(text).value)
    assert difference(course(text), theirs) < 1e-12


@pytest.mark.parametrize(("text", "make"), OPTAX, ids=[text for text, _ in OPTAX])
def test_as_optax_has_it(text, make):
    jax, optax = library("jax"), library("optax")
    with jax.enable_x64(True):
        values = jax.vmap(make(optax))(jax.numpy.arange(STEPS))
        theirs = np.broadcast_to(np.asarray(values, np.float64), STEPS)
    assert difference(course(text), theirs) < 1e-12


@pytest.fixture
def keras():
    """Keras computing in float64 as long as a test lasts."""
    keras = library("keras")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)


@pytest.mark.slow  # Keras takes seconds to import
@pytest.mark.parametrize(("text", "make"), KERAS, ids=[text for text, _ in KERAS])
def test_as_keras_has_it(keras, text, make):
    schedule = make(keras.optimizers.schedules)
    theirs = np.array([float(schedule(done)) for done in range(STEPS)])
    assert difference(course(text), theirs) < 1e-12

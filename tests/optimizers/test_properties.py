"""Symmetries that the rules must have, on gradients that nobody chose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.optimizers import configure
from tests.optimizers.driving import PAIRS, drive, settings

moderate = hypothesis(max_examples=60, deadline=None, derandomize=True)

# Far from overflow and from denormals, so that every power of two scales exactly; gradients of exactly 0 belong too.
# Of 24 bits, so that squares are exact: Python's g**2 is the C library's pow, which may miss the nearest number.
magnitudes = st.floats(2**-20, 2**20, width=32) | st.floats(-(2**20), -(2**-20), width=32)
sequences = st.lists(magnitudes, min_size=1, max_size=30)
powers = st.integers(-20, 20).map(lambda k: 2.0**k)

# Rules whose path does not change when the objective is multiplied by a constant, without eps and accumulators.
SCALE_FREE = [
    ("adam", {"eps": 0}),
    ("adagrad", {"eps": 0, "initial_accumulator_value": 0}),
    ("rmsprop", {"eps": 0}),
    ("rmsprop", {"eps": 0, "momentum": 0.9}),
]


def path(setting, gradients, start=0.0):
    return drive(setting, lambda x, t: [gradients[t - 1]], [start], len(gradients))[:, 0]


@pytest.mark.thin(4)
@pytest.mark.parametrize(("name", "variant"), PAIRS)
@moderate
@given(gradients=st.lists(magnitudes | st.just(0.0), min_size=1, max_size=20), start=st.floats(-5, 5))
def test_maximising_is_minimising_the_negative(name, variant, gradients, start):
    for setting in settings(name, variant)[1:4]:
        mirrored = path(setting, [-g for g in gradients], -start)
        assert np.array_equal(mirrored, -path(setting, gradients, start))


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_coordinates_do_not_know_their_place(name, variant):
    gradients = np.random.default_rng(5).normal(size=(40, 6))
    order = [3, 0, 5, 1, 4, 2]
    start = np.linspace(-1, 1, 6)
    for setting in settings(name, variant):
        straight = drive(setting, lambda x, t: gradients[t - 1], start, 40)
        shuffled = drive(setting, lambda x, t: gradients[t - 1][order], start[order], 40)
        if setting.formula.sums:  # which are made in the order of the places
            np.testing.assert_allclose(shuffled, straight[:, order], rtol=1e-9, atol=1e-13)
        else:
            assert np.array_equal(shuffled, straight[:, order])


@pytest.mark.thin(4)
@pytest.mark.parametrize(("name", "hyper"), SCALE_FREE)
@pytest.mark.parametrize("variant", ["torch", "keras", "paper", "optax"])
@moderate
@given(gradients=sequences, scale=powers)
def test_scaling_the_objective_changes_nothing_bit_for_bit(name, hyper, variant, gradients, scale):
    setting = configure(name, variant=variant, lr=0.1, **hyper)
    assert np.array_equal(path(setting, [scale * g for g in gradients]), path(setting, gradients))


@pytest.mark.parametrize("name", ["adam", "adagrad", "rmsprop"])
@moderate
@given(gradients=sequences, scale=st.floats(1e-6, 1e6))
def test_scaling_the_objective_by_any_number_changes_only_roundings(name, gradients, scale):
    setting = configure(name, variant="torch", lr=0.1, eps=0)
    ours, theirs = path(setting, [scale * g for g in gradients]), path(setting, gradients)
    assert np.max(np.abs(ours - theirs)) <= 1e-12


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("variant", ["torch", "keras"])
@moderate
@given(gradients=sequences, scale=powers)
def test_displacement_is_linear_in_the_learning_rate(name, variant, gradients, scale):
    setting = configure(name, variant=variant, lr=0.01)
    larger = setting.replace(lr=0.01 * scale)
    assert np.array_equal(path(larger, gradients), scale * path(setting, gradients))


@moderate
@given(gradients=sequences, others=sequences)
def test_sgd_adds_up_gradients(gradients, others):
    setting = configure("sgd", lr=0.125)
    n = min(len(gradients), len(others))
    both = path(setting, [a + b for a, b in zip(gradients[:n], others[:n], strict=True)])
    size = 0.125 * sum(abs(g) for g in gradients[:n] + others[:n])
    assert np.max(np.abs(both - path(setting, gradients[:n]) - path(setting, others[:n]))) <= 1e-14 * n * size


@moderate
@given(gradients=sequences, momentum=st.floats(0, 0.99), lr=st.floats(1e-4, 1))
def test_both_forms_of_momentum_agree_at_a_constant_learning_rate(gradients, momentum, lr):
    for name in ("momentum", "nesterov"):
        sums, steps = (
            path(configure(name, variant=v, lr=lr, momentum=momentum), gradients) for v in ("torch", "keras")
        )
        size = lr * sum(abs(g) for g in gradients) / (1 - momentum)
        assert np.max(np.abs(sums - steps)) <= 1e-13 * size

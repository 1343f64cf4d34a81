"""Rules that sum over a network's arrays, and those that read the value, against the kernels of the CPU."""

import itertools

import numpy as np
import pytest

from optviz.formulas.adding import in_pairs
from optviz.formulas.sums import split
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.clock import clock
from optviz.kernels.cuda.network_sums import Sums, level_kernels
from optviz.kernels.rules import constant_count
from optviz.kernels.sums import fold_function, room_size
from optviz.networks import parameter_ranges
from optviz.optimizers import configure
from tests.cuda.small import shrink
from tests.cuda.test_training_kernels import both
from tests.networks.test_gradients import convolutional, plan

# One of each kind: sums of arrays; with a slot that an array shares; over all arrays, two levels; means; the value.
RULES = ["lamb", "novograd", "dadapt_sgd", "stable_adamw", "momo", "rprop"]
SMALL = plan((9, 4, 3), "tanh", 0.25)


@pytest.fixture(autouse=True)
def few_threads(monkeypatch):
    shrink(monkeypatch)


def by_arrays(plan, groups=(0,)):
    """Segments of which each is an array, in turn of one group and another."""
    ends = [part.stop for part in parameter_ranges(plan).values()]
    return np.array([ends, [groups[k % len(groups)] for k in range(len(ends))]])


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", RULES)
def test_they_agree_with_the_cpu(name):
    setting = configure(name, variant="igel" if name == "rprop" else None)
    states, losses = both(setting, SMALL, 4, 2, by_arrays(SMALL), (0.1, 0.9))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    np.testing.assert_allclose(states[1], states[0], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_groups_and_convolutions():
    cnn = convolutional((4, 4), 2, (3,), (0.25,))
    states, losses = both(configure("dadapt_sgd"), cnn, 4, 1, by_arrays(cnn, (0, 1)))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    np.testing.assert_allclose(states[1], states[0], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dtype"), [("lamb", np.float32), ("adai", np.float64), ("stable_adamw", np.float32)])
def test_sums_are_those_of_the_cpu(name, dtype):
    """Bit for bit in the simulator: of arrays with three blocks, and with a part of one."""
    formula = configure(name).formula
    ends, generator = [2 * 4096 + 77, 8300], np.random.default_rng(1)
    slots, pitch = len(formula.slots), 8320
    state, gradient = (generator.uniform(0.1, 1, (1 + slots, pitch)).astype(dtype) for _ in range(2))
    numbers = generator.uniform(0.1, 0.5, len(formula.scalar_names) + constant_count(formula)).astype(dtype)
    scalars, hyper = numbers[: len(formula.scalar_names)], numbers[len(formula.scalar_names) :]
    segments = np.array([ends, [0, 0]])
    sums = Sums(formula, dtype, segments)
    given = (scalars.reshape(1, -1, 1), clock(0, 1), hyper.reshape(-1, 1), segments)
    tables, now, constants, places = map(backend.put, given)
    row = backend.put(gradient[0])
    sums.move(backend.put(state), row, 8300, tables, now, np.uint64(0), constants, places, 0)
    found = backend.get(sums._totals)
    kernel, rows = fold_function(formula, 0, dtype), []
    for begin, end in itertools.pairwise([0, *ends]):
        x, g, *own = (part[begin:end] for part in (state[0], gradient[0], *state[1:]))
        room, expected = np.zeros(room_size(len(found), end - begin), dtype), np.zeros(len(found), dtype)
        kernel(x, g, tuple(own), tuple(scalars), tuple(hyper), expected, room, end - begin)
        rows.append(expected)
    for place, total in enumerate(split(formula).totals):
        column = [row[place] for row in rows]
        wanted = [in_pairs(total.word, column)] * 2 if total.word.everywhere else column
        np.testing.assert_allclose(found[place], wanted, rtol=0 if backend.SIMULATED else 1e-5)


def test_kernels_are_those_of_a_level():
    formula = configure("dadapt_sgd").formula
    first, second = (level_kernels(formula, number, np.float32) for number in range(2))
    assert first != second and first == level_kernels(formula, 0, np.float32)

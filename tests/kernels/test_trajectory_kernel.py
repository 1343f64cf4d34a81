"""The trajectory: equal to the formulas in plain Python, in pure float32, in pieces as in one, ended by divergence."""

import math
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest

from optviz.functions._function import FAR
from optviz.kernels.cache import OPTIONS
from optviz.kernels.trajectory import trajectory_kernel
from optviz.optimizers import configure
from tests.kernels.plain import FORMULAS, FUNCTIONS_BY_NAME, constants, zeros

STEPS = 50
PAIRS = [(name, "booth") for name in FORMULAS] + [("sgd", name) for name in FUNCTIONS_BY_NAME if name != "booth"]

every_pair = pytest.mark.parametrize(("rule", "function"), PAIRS, ids=[f"{rule}-{name}" for rule, name in PAIRS])


class Run:
    """A trajectory of one rule on one function, with the buffers that the kernel needs."""

    def __init__(self, rule, function, dtype=np.float64, steps=STEPS, rate=1e-5, start=None):
        self.formula, self.function = FORMULAS[rule], FUNCTIONS_BY_NAME[function]
        self.kernel = trajectory_kernel(self.formula, self.function, dtype)
        self.points, self.values = np.full((steps + 1, 2), np.nan, dtype), np.full(steps + 1, np.nan, dtype)
        self.points[0] = self.function.start if start is None else start
        self.state = zeros(self.formula, dtype), zeros(self.formula, dtype)
        # The first scalar changes from step to step, so that a row taken twice would show.
        t = np.arange(1, steps + 1)
        self.table = tuple((0.5 + 0.25 / (t + i)).astype(dtype) for i in range(len(self.formula.scalar_names)))
        self.hyper = constants(self.formula, dtype, **({"lr": rate} if "lr" in self.formula.hyperparameters else {}))

    def go(self, first=1, last=STEPS, kernel=None):
        return (kernel or self.kernel)(self.points, self.values, *self.state, self.table, self.hyper, first, last)

    def plain(self):
        """The same in plain Python: iterates and values."""
        x, states = self.function.start, ([0.0] * len(self.formula.slots), [0.0] * len(self.formula.slots))
        points, values = [x], [self.function.value(*x)]
        hyper = list(map(float, self.hyper[: len(self.formula.hyperparameters)]))
        for t in range(STEPS):
            gradient, after = self.function.gradient(*x), []
            scalars = [float(column[t]) for column in self.table]
            for i in range(2):
                result = self.formula.update(x[i], gradient[i], *states[i], *scalars, *hyper)
                new, *states[i][:] = result if isinstance(result, tuple) else (result,)
                after.append(new)
            x = tuple(after)
            points.append(x)
            values.append(self.function.value(*x))
        return np.array(points), np.array(values)


@pytest.mark.thin(11)
@every_pair
def test_equal_to_plain_python_over_fifty_steps(rule, function):
    run = Run(rule, function)
    assert run.go() == 0
    points, values = run.plain()
    # The rounding of exp, sin and cos may differ by a unit between Python and the kernel and is carried along.
    np.testing.assert_allclose(run.points, points, rtol=1e-12)
    np.testing.assert_allclose(run.values, values, rtol=1e-11, atol=1e-12)


@pytest.mark.thin(11)
@every_pair
def test_float32_is_pure(rule, function):
    run = Run(rule, function, np.float32)
    kernel = numba.njit(**OPTIONS)(run.kernel.py_func)
    assert run.go(kernel=kernel) == 0
    (code,) = kernel.inspect_llvm().values()
    assert "fpext" not in code
    assert np.isfinite(run.values).all()


def test_in_pieces_as_in_one():
    whole, pieces = Run("adam", "rosenbrock"), Run("adam", "rosenbrock")
    whole.go()
    for first, last in ((1, 1), (2, 20), (21, 20), (21, STEPS)):
        assert pieces.go(first, last) == 0
    np.testing.assert_array_equal(whole.points, pieces.points)
    np.testing.assert_array_equal(whole.values, pieces.values)
    for one, other in zip(whole.state, pieces.state, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_first_step_too_far_ends_it():
    run = Run("sgd", "booth", rate=0.5)
    step = run.go()
    assert 1 < step < STEPS
    assert np.abs(run.points[step - 1]).max() <= FAR < np.abs(run.points[step]).max()
    assert math.isfinite(run.values[step])
    assert np.isnan(run.points[step + 1 :]).all() and np.isnan(run.values[step + 1 :]).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("axis", [0, 1])
def test_an_iterate_that_is_not_finite_ends_it(bad, axis):
    run = Run("sgd", "booth")
    run.points[0, axis] = bad
    assert run.go() == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_rate_beyond_all_bounds_ends_it(dtype):
    assert Run("sgd", "booth", dtype, rate=3e38).go() == 1


def test_four_threads_give_what_one_gives():
    def run(_):
        one = Run("adam", "rosenbrock", steps=5000)
        one.go(1, 5000)
        return one.points.tobytes()

    alone = run(0)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(run, range(8))) == {alone}


def test_float32_past_convergence_holds_no_denormals():
    run = Run("momentum", "sphere", np.float32, steps=3000, rate=0.3)
    assert run.go(1, 3000) == 0
    tiny = np.finfo(np.float32).smallest_normal
    assert all(abs(slot[0]) == 0 or abs(slot[0]) >= tiny for slots in run.state for slot in slots)
    assert not configure("momentum").formula.scalar_names

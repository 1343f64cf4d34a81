"""Sums in kernels: one order for points, arrays and networks, whatever pieces and threads there are."""

import numpy as np
import pytest

import optviz
from optviz.formulas.adding import BLOCK, LANES, folded, moved
from optviz.formulas.sums import split
from optviz.kernels.sums import fold_function, room_size
from optviz.kernels.training import END, update_address
from optviz.kernels.whole import ROWS, whole_address
from optviz.networks import REGISTRY as NETWORKS
from optviz.networks import parameter_shapes
from optviz.optimizers import configure
from optviz.runs.networks.groups import undivided
from optviz.runs.scalars import hyperparameters

SIZES = [0, 1, 2, LANES - 1, LANES, LANES + 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 70]


def normal(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_a_pass_sums_in_the_order_that_is_told(size, dtype):
    setting = configure("fromage")
    kernel, (level,) = fold_function(setting.formula, 0, dtype), split(setting.formula).levels
    x, g = normal(2, size, dtype=dtype)
    room, found = np.empty(room_size(2, size), dtype), np.empty(2, dtype)
    sums = kernel(x, g, (), (), hyperparameters(setting, dtype), found, room, size)
    assert size == 0 or found.tolist() == [*sums]
    with np.errstate(all="ignore"):
        expected = [
            folded(one.word, [*(each * each)]) if size else 0 for one, each in zip(level.totals, (x, g), strict=True)
        ]
    assert [*sums] == [*map(float, expected)]


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", ["lamb", "prodigy", "cautious_lion"])
@pytest.mark.parametrize("dimension", [2, 3, 70])
def test_points_and_arrays_take_the_same_steps(name, dimension):
    start, lr = normal(dimension, dtype=np.float64), 0.05
    run = optviz.minimize("rosenbrock", name, dimension=dimension, start=start, steps=6, lr=lr)
    x, function = start.copy(), optviz.functions.REGISTRY["rosenbrock"].in_dimension(dimension)
    opt = optviz.optimizer(name, lr=lr)
    state = opt.init(x)
    for point in run.points[1:]:
        opt.step(x, np.array(function.gradient_at(x)), state)
        np.testing.assert_array_equal(x, point)


def test_a_run_among_many_is_what_it_is_alone():
    starts = normal(300, 2, dtype=np.float64)
    batch = optviz.minimize_many("rosenbrock", "prodigy", starts, steps=20, threads=2)
    for place in (0, 255, 256, 299):
        alone = optviz.minimize("rosenbrock", "prodigy", start=starts[place], steps=20)
        np.testing.assert_array_equal(batch.points[place], alone.points[-1])


@pytest.mark.thin(3)
@pytest.mark.parametrize("name", ["prodigy", "lamb", "novograd", "clip_global_norm(adam)", "momo"])
def test_networks_and_arrays_take_the_same_steps(name):
    plan = NETWORKS["mlp"].configure(hidden=(70,)).plan((9, 9), 10)
    setting = configure(name).resolved()
    formula, shares = setting.formula, undivided(plan, setting)
    shapes = [*parameter_shapes(plan).values()]
    count, slots = plan.parameters, len(formula.slots)
    state = np.zeros((1 + slots + ROWS, count + 2048), np.float32)
    state[: 1 + slots, :count] = shares.start(normal(count))
    ends = shares.segments[END]
    arrays = [
        one.reshape(shape).copy() for one, shape in zip(np.split(state[0, :count], ends[:-1]), shapes, strict=True)
    ]
    opt = optviz.optimizer(setting)
    held = opt.init(arrays)
    from optviz.kernels import indirect

    address = whole_address(formula)
    for step, value in enumerate((2.5, 2.25, 1.5)):
        gradient = normal(count, seed=step + 1)
        tables = shares.tables(step + 1, 1)
        if formula.takes_value:
            tables[:, 0] = value
        for first in range(0, count, 1000):  # as it comes: in pieces
            piece = gradient[first : first + 1000].copy()
            arguments = (state, piece, first, piece.size, tables, 0, shares.hyper, shares.segments)
            call_by_address(indirect, address, arguments)
        parts = [one.reshape(shape) for one, shape in zip(np.split(gradient, ends[:-1]), shapes, strict=True)]
        opt.step(arrays, parts, held, value=value if formula.takes_value else None)
        np.testing.assert_array_equal(state[0, :count], np.concatenate([one.ravel() for one in arrays]))


def call_by_address(indirect, address, arguments):
    import numba

    @numba.njit
    def caller(address, arguments):
        indirect.call(address, arguments)

    caller(np.uint64(address), arguments)


def test_element_wise_rules_are_moved_piece_by_piece_as_ever():
    assert not configure("adam").formula.sums and update_address(configure("adam").formula)


@pytest.mark.parametrize("name", ["adafactor", "sm3"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 70), (130, 66), (5, 4, 3)])
def test_matrices_by_rows_and_columns(name, shape):
    """Against NumPy, in float64."""
    opt, x = optviz.optimizer(name, lr=0.1), normal(*shape, dtype=np.float64)
    state, expected = opt.init(x), x.copy()
    r, c, m = np.zeros((x.size // shape[-1], 1)), np.zeros((1, shape[-1])), 0 * x.reshape(-1, shape[-1])
    for t in range(1, 6):
        g = normal(*shape, dtype=np.float64, seed=t)
        opt.step(x, g, state)
        h, flat = g.reshape(-1, shape[-1]), expected.reshape(-1, shape[-1])
        if name == "sm3":
            n = np.minimum(r, c) + h**2
            m = 0.9 * m + 0.1 * h / np.sqrt(n)
            flat = flat - 0.1 * m
            r, c = n.max(axis=1, keepdims=True), n.max(axis=0, keepdims=True)
        else:
            keep = 1 - t**-0.8
            r, c = (
                keep * r + (1 - keep) * np.mean(h**2, 1, keepdims=True),
                keep * c + (1 - keep) * np.mean(h**2, 0, keepdims=True),
            )
            u = h / np.sqrt(r * c / r.mean())
            u = u / max(1, np.sqrt(np.mean(u**2)))
            flat = flat - max(1e-3, np.sqrt(np.mean(flat**2))) * min(0.1, t**-0.5) * u
        expected = flat.reshape(shape)
        np.testing.assert_allclose(x, expected, rtol=1e-12)
    assert state["r"].shape == shape[:-1] and state["c"].shape == shape[-1:]


def test_plain_python_is_the_reference():
    setting = configure("lamb", lr=0.1).resolved()
    x, g = normal(2, 5, dtype=np.float64)
    opt, y = optviz.optimizer(setting), x.copy()
    opt.step(y, g, opt.init(y))
    known = setting.formula.step_scalars(1.0, setting.hyperparameters)
    hyper = [setting.hyperparameters[name] for name in setting.formula.hyperparameters]
    _, results = moved(setting.formula, x.tolist(), g.tolist(), [[0.0, 0.0]] * 5, [*known.values()], hyper)
    np.testing.assert_allclose(y, [one[0] for one in results], rtol=1e-15)

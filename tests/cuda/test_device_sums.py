"""opt.step on arrays on the device, of rules with sums: every rule and wrapper as on the CPU, over one array or all."""

import numpy as np
import pytest

from optviz.errors import OptvizError, UsageError
from optviz.kernels.cuda import array_sums, backend
from optviz.optimizers import configure
from optviz.runs.arrays.optimizer import optimizer
from optviz.wrappers import REGISTRY as WRAPPERS
from tests.cuda.borrowed import Borrowed, values_of
from tests.optimizers.driving import PAIRS

SUMMING = [(name, variant) for name, variant in PAIRS if configure(name, variant=variant).kind == "sums"]
SHAPES = [(5,), (3, 4), (0, 3)]


def around():
    """Wrappers that make a rule of single numbers one with sums."""
    for wrapper in WRAPPERS:
        try:
            formula = configure(f"{wrapper.name}(adam)").formula
        except OptvizError:
            continue
        if formula.kind == "sums" and formula.matrices is None:
            yield wrapper.name


def noise(shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def near(found, expected):
    tolerance = 200 * np.finfo(found.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def both(opt, starts, steps, *, layout="C", value=None):
    """Parameters and states after some steps on the CPU, and likewise on the device."""
    here, there = [x.copy() for x in starts], [Borrowed(x, layout if x.ndim > 1 and x.size else "C") for x in starts]
    known, state = opt.init(here), opt.init(there)
    numbers = {} if value is None else {"value": value}
    for gradients in steps:
        opt.step(here, [None if g is None else g.copy() for g in gradients], known, **numbers)
        opt.step(there, [None if g is None else Borrowed(g) for g in gradients], state, **numbers)
    return (here, known), (there, state)


def compared(opt, cpu, device):
    (here, known), (there, state) = cpu, device
    for x, y, one, other in zip(here, there, known, state, strict=True):
        near(y.values, x)
        assert one["t"] == other["t"] and list(one) == list(other)
        for slot in one.keys() - {"t"}:
            assert values_of(other[slot]).shape == one[slot].shape
            near(values_of(other[slot]), one[slot])


@pytest.mark.thin(6)
@pytest.mark.parametrize(("name", "variant"), SUMMING)
def test_every_rule_with_sums_as_on_the_cpu(name, variant, dtype):
    opt = optimizer(name, variant=variant)
    shapes = SHAPES if opt.setting.formula.matrices is None else [(5,), (0,)]
    value = 2.5 if opt.setting.formula.takes_value else None
    starts = [noise(shape, k, dtype) for k, shape in enumerate(shapes)]
    steps = [[noise(shape, 10 * t + k, dtype) for k, shape in enumerate(shapes)] for t in range(2)]
    compared(opt, *both(opt, starts, steps, value=value))


@pytest.mark.thin(3)
@pytest.mark.parametrize("name", [*around()])
def test_every_wrapper_with_sums_as_on_the_cpu(name, dtype):
    opt = optimizer(f"{name}(adam)")
    value = 2.5 if opt.setting.formula.takes_value else None
    starts = [noise(shape, k, dtype) for k, shape in enumerate([(5,), (3, 2)])]
    steps = [[noise(x.shape, 10 * t + k, dtype) for k, x in enumerate(starts)] for t in range(2)]
    compared(opt, *both(opt, starts, steps, value=value))


def test_sums_over_all_arrays_cross_groups_and_leave_out_what_has_no_gradient():
    opt = optimizer("clip_global_norm(adamw, limit=0.5)", groups={1: {"weight_decay": 0.0}, 3: {"lr": 0.5}})
    starts = [noise(shape, k) for k, shape in enumerate([(3,), (4,), (2, 2), (5,)])]
    steps = [[noise(x.shape, 10 * t + k) for k, x in enumerate(starts)] for t in range(3)]
    steps[1][2] = None
    compared(opt, *both(opt, starts, steps))


@pytest.mark.parametrize("layout", ["F", "columns", "rows", "backwards"])
def test_layouts(layout):
    opt = optimizer("lamb")
    start, steps = noise((7, 5), 1), [[noise((7, 5), 2)], [noise((7, 5), 3)]]
    compared(opt, *both(opt, [start], steps, layout=layout))


def test_two_dtypes_have_their_own_sums_unless_these_are_over_all():
    starts = [noise(4, 1, np.float32), noise(4, 2, np.float64)]
    steps = [[noise(4, 3, np.float32), noise(4, 4, np.float64)]]
    compared(optimizer("lamb"), *both(optimizer("lamb"), starts, steps))
    opt = optimizer("clip_global_norm(sgd)")
    params = [Borrowed(x) for x in starts]
    state = opt.init(params)
    with pytest.raises(UsageError, match="the arrays have dtypes float32 and float64"):
        opt.step(params, [Borrowed(g) for g in steps[0]], state)
    assert [entry["t"] for entry in state] == [0, 0] and (params[0].values == starts[0]).all()


@pytest.mark.slow
def test_more_than_a_block(dtype):
    opt = optimizer("novograd")
    starts = [noise(4097, 1, dtype), noise(3, 2, dtype)]
    compared(opt, *both(opt, starts, [[noise(4097, 3, dtype), noise(3, 4, dtype)]]))


def test_launches_do_not_grow_with_arrays_and_nothing_is_brought_back(monkeypatch):
    opt = optimizer("clip_global_norm(lamb)")
    launches = []

    def spy(kernel, *arguments, **rest):
        launches.append(kernel.py_func.__name__ if hasattr(kernel, "py_func") else kernel.fn.__name__)
        return backend.launch(kernel, *arguments, **rest)

    monkeypatch.setattr(array_sums, "launch", spy)
    counts = set()
    for count in (1, 6):
        params, gradients = ([Borrowed(noise(5, k)) for k in range(count)] for _ in range(2))
        state = opt.init(params)
        opt.step(params, gradients, state)
        launches.clear()
        with monkeypatch.context() as patch:
            for name in ("get", "put", "empty", "synchronize"):
                patch.setattr(backend, name, lambda *arguments, **rest: pytest.fail("more than launches"))
            opt.step(params, gradients, state)
        counts.add(len([name for name in launches if not name.startswith("join_arrays")]))
    assert len(counts) == 1

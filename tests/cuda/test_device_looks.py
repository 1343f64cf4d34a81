"""opt.look and opt.step on arrays on the device, of rules that take their gradients elsewhere."""

import numpy as np
import pytest

from optviz.errors import OptvizError, UsageError
from optviz.kernels.cuda import backend, memory
from optviz.optimizers import configure
from optviz.runs.arrays.optimizer import optimizer
from optviz.wrappers import REGISTRY as WRAPPERS
from tests.cuda.borrowed import Borrowed, values_of
from tests.optimizers.driving import PAIRS

RULES = [name for name, variant in PAIRS if configure(name, variant=variant).kind == "looks"]


def around():
    """Wrappers that look elsewhere."""
    for wrapper in WRAPPERS:
        try:
            setting = configure(f"{wrapper.name}(momentum)")
        except OptvizError:
            continue
        if setting.kind == "looks":
            yield f"{wrapper.name}(momentum)"


def slope(x, k):
    return (np.asarray(x) * (k + 1)).astype(x.dtype)


def near(found, expected):
    tolerance = 200 * np.finfo(found.dtype).eps
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.thin(2)
@pytest.mark.parametrize("name", [*dict.fromkeys(RULES), *around()])
def test_every_rule_as_on_the_cpu(name, dtype):
    opt = optimizer(name, lr=0.05)
    value = {"value": 2.5} if opt.setting.formula.takes_value else {}
    starts = [np.random.default_rng(k).normal(size=shape).astype(dtype) for k, shape in enumerate([(5,), (2, 3)])]
    here, there = [x.copy() for x in starts], [Borrowed(x, layout) for x, layout in zip(starts, "CF", strict=True)]
    known, state = opt.init(here), opt.init(there)
    for _ in range(2):
        grads = [slope(x, k) for k, x in enumerate(here)]
        with opt.look(here, grads, known):
            slopes = [slope(x, k) for k, x in enumerate(here)]
        opt.step(here, slopes, known, **value)
        before = [x.values for x in there]
        with opt.look(there, [Borrowed(slope(x.values, k)) for k, x in enumerate(there)], state):
            slopes = [Borrowed(slope(x.values, k)) for k, x in enumerate(there)]
        assert all((x.values == old).all() for x, old in zip(there, before, strict=True))
        opt.step(there, slopes, state, **value)
    for x, y, one, other in zip(here, there, known, state, strict=True):
        near(y.values, x)
        assert one["t"] == other["t"] == 2
        for slot in one.keys() - {"t"}:
            near(values_of(other[slot]), one[slot])


def test_a_look_that_needs_no_gradient(dtype):
    opt = optimizer("nesterov_ahead", lr=0.05)
    x, here = Borrowed(np.arange(1, 4, dtype=dtype)), np.arange(1, 4, dtype=dtype)
    state, known = opt.init(x), opt.init(here)
    for _ in range(3):
        with opt.look(x, None, state):
            g = Borrowed(x.values)
        opt.step(x, g, state)
        with opt.look(here, None, known):
            g = here.copy()
        opt.step(here, g, known)
    near(x.values, here)


def test_where_nobody_has_looked():
    opt = optimizer("sam(sgd)", lr=0.25, rho=0.5)
    x, g = Borrowed(np.ones(3)), Borrowed(np.ones(3))
    state = opt.init(x)
    with pytest.raises(UsageError, match="where nobody has looked"):
        opt.step(x, g, state)
    with opt.look(x, g, state):
        assert (x.values != 1).all()
    opt.step(x, g, state)
    assert state["t"] == 1 and (x.values != 1).all()


def test_arrays_without_a_gradient_stay_and_what_fails_inside_brings_back():
    opt = optimizer("sam(sgd)", lr=0.25, rho=0.5)
    params, g = [Borrowed(np.ones(3)), Borrowed(np.full(3, 2.0))], Borrowed(np.ones(3))
    state = opt.init(params)
    with pytest.raises(ZeroDivisionError), opt.look(params, [g, None], state):
        assert (params[0].values != 1).all() and (params[1].values == 2).all()
        raise ZeroDivisionError
    assert (params[0].values == 1).all() and (params[1].values == 2).all()


def test_copies_are_taken_once(monkeypatch):
    opt = optimizer("sam(sgd)", lr=0.25, rho=0.5)
    x, g = Borrowed(np.ones(3)), Borrowed(np.ones(3))
    state = opt.init(x)
    for _ in range(2):
        with opt.look(x, g, state):
            pass
        opt.step(x, g, state)
        for name in ("empty", "put"):
            monkeypatch.setattr(backend, name, lambda *arguments: pytest.fail("more memory"))


def test_no_graph_holds_a_look(monkeypatch):
    opt = optimizer("sam(sgd)", lr=0.25, rho=0.5)
    x, g = Borrowed(np.ones(3)), Borrowed(np.ones(3))
    state = opt.init(x)
    monkeypatch.setattr(memory, "is_captured", lambda handle: True)
    monkeypatch.setattr(memory, "copy_elements", lambda *arguments: pytest.fail("launched"))
    with pytest.raises(UsageError, match=r"opt\.look is called while a CUDA graph is captured"), opt.look(x, g, state):
        pass

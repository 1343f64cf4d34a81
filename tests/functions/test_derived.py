"""Derived gradients, Hessians and their products with vectors: of every function, by other means and by each other."""

import ast
import builtins
import functools
import math
from collections.abc import Callable
from types import FunctionType, SimpleNamespace

import numpy as np
import pytest

from optviz.errors import FormulaError
from optviz.formulas.backward import gradient_in
from optviz.formulas.derive import gradient_of
from optviz.formulas.sources import tree_of
from tests.functions.calculus import STEP, is_analytic, on_complex, width
from tests.functions.classics import GENERAL, OWN, PLANE, each, gradient_at, value_at

FIXED = [unit for unit in OWN if unit.dimension]
ALL = [unit.in_dimension(5) for unit in GENERAL] + FIXED
MANY = [unit for unit in ALL if not unit.scratch]  # what needs memory of its own has a written gradient and no product
WRITTEN = [unit for unit in PLANE if unit.written_gradient]
WRITTEN_MANY = [unit for unit in GENERAL if unit.general.gradient and not unit.general.scratch]


def inside(unit, count, seed=50):
    """(count, n) float64 inside the bounds."""
    low, high = np.array(unit.bounds).T
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


def assert_close(found, expected, tolerance, scale=0.0, where=None):
    """Of vectors, relative to the longer one; `scale` is what may have cancelled on the way."""
    found, expected = np.array(found, float).ravel(), np.array(expected, float).ravel()
    error = np.linalg.norm(found - expected)
    assert error <= tolerance * max(np.linalg.norm(found), np.linalg.norm(expected), scale), (where, found, expected)


def written_into(gradient, x):
    g = [None] * len(x)
    gradient(list(map(float, x)), g)
    return g


def product_at(unit, x, v):
    """The Hessian times a vector, and the gradient that is found with it."""
    g, h = [math.nan] * len(x), [math.nan] * len(x)
    unit.hessian(list(map(float, x)), list(map(float, v)), g, h)
    return np.array(h, float), np.array(g, float)


# Against gradients that were written


@each(WRITTEN)
def test_derived_is_written(unit):
    derived = gradient_of(unit.value)
    for x, y in inside(unit, 100).tolist():
        scale = abs(unit.value(x, y)) / width(unit)
        assert_close(derived(x, y), unit.written_gradient(x, y), 1e-12, scale, (x, y))


@pytest.mark.parametrize("n", [2, 5])
@each(WRITTEN_MANY)
def test_derived_is_written_in_n_dimensions(unit, n):
    form = unit.in_dimension(n)
    try:
        derived = gradient_in(form.value)
    except FormulaError as refused:
        assert "loop" in refused.problem or "no number" in refused.problem  # products over coordinates, and the like
        return
    for x in inside(form, 20):
        scale = abs(value_at(form, x)) / width(form)
        assert_close(written_into(derived, x), written_into(form.gradient, x), 1e-11, scale, x)


@each([unit for unit in ALL if unit.scratch])
def test_what_needs_memory_of_its_own_has_no_product(unit):
    with pytest.raises(FormulaError, match="memory of its own"):
        _ = unit.hessian


def test_most_functions_of_many_numbers_have_derived_gradients():
    assert len(WRITTEN_MANY) <= sum(not unit.general.scratch for unit in GENERAL) / 3


# Against the complex step, which is exact to rounding


def complex_rows(unit, x, directions):
    """The derivatives of a gradient along directions, by the complex step."""
    f = on_complex(unit.gradient)
    rows = []
    for v in directions:
        z = [np.complex128(complex(a, STEP * b)) for a, b in zip(x, v, strict=True)]
        if unit.dimension is None:
            slopes = f(*z)
        else:
            slopes = [None] * len(z)
            f(z, slopes)
        rows.append([np.complex128(part).imag / STEP for part in slopes])
    return np.array(rows)


@pytest.mark.thin(2)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each([unit for unit in PLANE if is_analytic(unit.gradient)])
def test_hessian_is_the_derivative_of_the_gradient(unit):
    for x, y in inside(unit, 8).tolist():
        xx, xy, yy = unit.hessian(x, y)
        expected = complex_rows(unit, (x, y), np.eye(2))
        scale = max(math.hypot(*unit.gradient(x, y)) / width(unit), abs(unit.value(x, y)) / width(unit) ** 2)
        assert_close([[xx, xy], [xy, yy]], expected, 2e-9, scale, (x, y))


@pytest.mark.thin(2)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@each([unit for unit in MANY if is_analytic(unit.gradient)])
def test_product_is_the_derivative_of_the_gradient(unit):
    for x in inside(unit, 3):
        v = np.random.default_rng(51).normal(size=len(x))
        found, gradient = product_at(unit, x, v)
        expected = complex_rows(unit, x, [v])[0]
        assert_close(found, expected, 1e-10, np.linalg.norm(gradient) / width(unit), x)
        np.testing.assert_array_equal(gradient, gradient_at(unit, x))


@each([unit for unit in MANY if not is_analytic(unit.gradient)])
def test_product_is_the_difference_of_gradients(unit):
    x = inside(unit, 1)[0]
    v = np.random.default_rng(51).normal(size=len(x))
    found, gradient = product_at(unit, x, v)
    errors = []
    for step in np.array([1e-4, 1e-5, 1e-6]) * width(unit):
        ends = [np.array(gradient_at(unit, x + side * step * v)) for side in (1, -1)]
        errors.append(np.linalg.norm((ends[0] - ends[1]) / (2 * step) - found))
    assert min(errors) <= 1e-5 * (np.linalg.norm(found) + np.linalg.norm(gradient) / width(unit))


@each([unit for unit in PLANE if not is_analytic(unit.gradient) and "rough" not in unit.traits])
def test_hessian_is_the_difference_of_gradients(unit):
    for x, y in inside(unit, 5).tolist():
        xx, xy, yy = unit.hessian(x, y)
        errors = []
        for step in np.array([1e-4, 1e-5, 1e-6]) * width(unit):
            along_x = np.subtract(unit.gradient(x + step, y), unit.gradient(x - step, y)) / (2 * step)
            along_y = np.subtract(unit.gradient(x, y + step), unit.gradient(x, y - step)) / (2 * step)
            errors.append(np.linalg.norm(np.array([along_x, along_y]) - [[xx, xy], [xy, yy]]))
        assert min(errors) <= 1e-5 * (math.hypot(xx, xy, yy) + math.hypot(*unit.gradient(x, y)) / width(unit))


# Against each other


@pytest.mark.thin(2)
@each(MANY)
def test_products_are_symmetric(unit):
    for x in inside(unit, 3, 52):
        u, v = np.random.default_rng(53).normal(size=(2, len(x)))
        (hu, _), (hv, _) = product_at(unit, x, u), product_at(unit, x, v)
        assert u @ hv == pytest.approx(v @ hu, rel=1e-9, abs=1e-10 * (np.linalg.norm(hu) + np.linalg.norm(hv)))


@pytest.mark.thin(2)
@each([unit for unit in GENERAL if not unit.general.scratch])
def test_in_two_dimensions_the_products_are_those_of_the_hessian(unit):
    flat = unit.in_dimension(2)
    for x in inside(unit, 5, 54):
        xx, xy, yy = unit.hessian(*x.tolist())
        rows = [product_at(flat, x, v)[0] for v in np.eye(2)]
        scale = math.hypot(*unit.gradient(*x.tolist())) / width(unit)
        assert_close(rows, [[xx, xy], [xy, yy]], 1e-8, scale, x)


# Against torch


def on_torch(formula: Callable, torch) -> Callable:
    """A formula with the functions of ``math`` replaced by torch's."""

    def several(first, *others, better):
        return functools.reduce(lambda a, b: b if better(b, a) else a, others, first)

    def of_tensors(function):
        return lambda *given: function(*(torch.as_tensor(one, dtype=torch.float64) for one in given))

    names = "sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh"
    known = {name: of_tensors(getattr(torch, name)) for name in names.split()}
    known |= {
        name: of_tensors(getattr(torch, name)) for name in "floor ceil trunc erf erfc lgamma hypot copysign".split()
    }
    known |= {"fabs": of_tensors(torch.abs), "gamma": lambda u: torch.exp(torch.lgamma(u)), "pow": lambda u, v: u**v}
    module = SimpleNamespace(**known, pi=math.pi, e=math.e, tau=math.tau)
    built_in = {
        "abs": of_tensors(torch.abs),
        "round": of_tensors(torch.round),
        "max": functools.partial(several, better=lambda b, a: b > a),
        "min": functools.partial(several, better=lambda b, a: b < a),
    }

    def replaced(value):
        if value is math:
            return module
        if getattr(value, "__module__", None) == "math" and callable(value):
            return known[value.__name__]
        return on_torch(value, torch) if isinstance(value, FunctionType) else value

    scope = {name: replaced(value) for name, value in formula.__globals__.items() if name in formula.__code__.co_names}
    scope |= built_in | {"__builtins__": builtins}
    definition = NothingInPlace().visit(tree_of(formula))
    definition.decorator_list = []
    exec(compile(ast.fix_missing_locations(ast.Module([definition], [])), "torch", "exec"), scope)
    return scope[definition.name]


class NothingInPlace(ast.NodeTransformer):
    """``a = a + b`` for ``a += b``, which would change a tensor that others have been made of."""

    def visit_AugAssign(self, tree):
        old = ast.parse(ast.unparse(tree.target), mode="eval").body
        return ast.Assign([tree.target], ast.BinOp(old, tree.op, tree.value))


def torch_value(unit, torch):
    f = on_torch(unit.value, torch)
    memory = [[math.nan] * unit.scratch] * bool(unit.scratch)

    def value(x):
        return torch.as_tensor(f(*x) if unit.dimension is None else f(list(x), *memory), dtype=torch.float64)

    return value


@pytest.mark.thin(3)
@pytest.mark.filterwarnings("ignore::UserWarning")  # of floor, whose result becomes a float
@each(PLANE + ALL)
def test_gradient_is_torchs(unit):
    torch = pytest.importorskip("torch")
    f = torch_value(unit, torch)
    for x in inside(unit, 4, 55).tolist():
        point = [torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in x]
        value = f(point)
        expected = [0.0] * len(x)
        if value.requires_grad:
            slopes = torch.autograd.grad(value, point, allow_unused=True)
            expected = [0.0 if slope is None else slope.item() for slope in slopes]
        # Where a gradient changes much from one double to the next, so may its rounding.
        found, beside = gradient_at(unit, x), gradient_at(unit, np.nextafter(x, np.inf))
        scale = abs(value.item()) / width(unit) + 1e12 * math.dist(found, beside)
        assert_close(found, expected, 1e-11, scale, x)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.slow
@each(PLANE)
def test_hessian_is_torchs(unit):
    torch = pytest.importorskip("torch")
    f = torch_value(unit, torch)
    for x in inside(unit, 3, 56).tolist():
        point = torch.tensor(x, dtype=torch.float64)
        expected = np.zeros((2, 2))
        if f(point.clone().requires_grad_()).requires_grad:
            expected = torch.autograd.functional.hessian(f, point).tolist()
        xx, xy, yy = unit.hessian(*x)
        scale = max(math.hypot(*unit.gradient(*x)) / width(unit), abs(unit.value(*x)) / width(unit) ** 2)
        assert_close([[xx, xy], [xy, yy]], expected, 1e-10, scale, x)

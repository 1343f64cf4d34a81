"""Test functions in n dimensions against those of two variables, the literature and their own derivatives."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.errors import UsageError, UsageTypeError
from optviz.functions import REGISTRY, General, function
from tests.functions.calculus import general_slope, is_analytic
from tests.functions.classics import GENERAL, KNOWN, each, gradient_at, value_at

SEVEN = {"sphere", "quadratic", "rosenbrock", "styblinski_tang", "rastrigin", "ackley", "eggholder"}
SUMS = ["sphere", "styblinski_tang", "rastrigin"]

each_form = each(GENERAL)
each_known = each(KNOWN)
each_dimension = pytest.mark.parametrize("n", [2, 3, 10])
EDGE = 1e-13  # of a coordinate: what is nearer to a border is on it
ROUNDED = 1e-9  # of gradients that are written in another way in n dimensions, where these cancel


def has_its_own(unit):
    """Whether a function has one gradient in two variables and a written one in n."""
    return unit.general.gradient is not None and unit.written_gradient is None


def published(name, x):
    """The functions as their n-dimensional forms are printed, on arrays."""
    n = len(x)
    first, second = x[:-1], x[1:]
    return {
        "sphere": lambda: (x**2).sum(),
        "quadratic": lambda: (100 ** (np.arange(n) / (n - 1)) * x**2).sum(),
        "rosenbrock": lambda: (100 * (second - first**2) ** 2 + (1 - first) ** 2).sum(),
        "styblinski_tang": lambda: (x**4 - 16 * x**2 + 5 * x).sum() / 2,
        "rastrigin": lambda: 10 * n + (x**2 - 10 * np.cos(2 * np.pi * x)).sum(),
        "ackley": lambda: 20 + np.e - 20 * np.exp(-0.2 * np.sqrt((x**2).mean())) - np.exp(np.cos(2 * np.pi * x).mean()),
        "eggholder": lambda: (
            -(
                (second + 47) * np.sin(np.sqrt(np.abs(first / 2 + second + 47)))
                + first * np.sin(np.sqrt(np.abs(first - second - 47)))
            ).sum()
        ),
    }[name]()


def points(unit, n, count=100, seed=30):
    """(count, n) float64 inside the bounds."""
    low, high = np.array(unit.in_dimension(n).bounds).T
    return np.random.default_rng(seed).uniform(low, high, (count, n))


def below_most(unit, n):
    """A dimension, or the highest that a function has."""
    return min(n, unit.general.most)


def slope(unit, x):
    return np.array(gradient_at(unit, x))


def test_the_seven_have_a_general_form():
    assert {unit.name for unit in GENERAL} >= SEVEN


@pytest.mark.thin(3)
@each_form
def test_in_two_dimensions_it_is_the_function_of_two_variables(unit):
    """To the rounding of what is added up on the way, which may be larger than the sum."""
    flat = unit.in_dimension(2)
    where = points(unit, 2, 200)
    values = np.array([unit.value(*point) for point in where.tolist()])
    gradients = np.array([unit.gradient(*point) for point in where.tolist()])
    sizes = np.median(np.abs(values)), np.median(np.abs(gradients))
    np.testing.assert_allclose([value_at(flat, x) for x in where], values, rtol=1e-12, atol=1e-13 * sizes[0])
    others = np.array([slope(flat, x) for x in where])
    np.testing.assert_allclose(others, gradients, rtol=1e-12, atol=(ROUNDED if has_its_own(unit) else 1e-12) * sizes[1])
    for attribute in ("name", "bounds", "view", "start", "minimizers", "minimum", "local_minimizers"):
        assert getattr(flat, attribute) == getattr(unit, attribute)


@each_dimension
@pytest.mark.parametrize("name", sorted(SEVEN))
def test_value_is_the_published_one(name, n):
    general = REGISTRY[name].in_dimension(n)
    for x in points(REGISTRY[name], n):
        assert general.value(x.tolist()) == pytest.approx(published(name, x), rel=1e-12, abs=1e-12)


@pytest.mark.thin(4)
@each_dimension
@each([unit for unit in GENERAL if is_analytic(unit.general.value)])
def test_gradient_is_the_complex_step_derivative(unit, n):
    general = unit.in_dimension(n)
    for x in points(unit, n, 10):
        expected = general_slope(general, x)
        error = np.linalg.norm(slope(general, x) - expected)
        assert error <= 1e-10 * np.linalg.norm(expected) + 1e-12 * abs(value_at(general, x)), x


@each_form
def test_gradient_leaves_the_point_alone(unit):
    x = points(unit, 5, 1)[0].tolist()
    before = list(x)
    slope_at = [0.0] * 5
    form = unit.in_dimension(5)
    form.gradient(x, slope_at, *[[0.0] * form.scratch] * bool(form.scratch))
    assert x == before


@pytest.mark.thin(3)
@pytest.mark.parametrize("n", [2, 3, 10, 100])
@each_known
def test_minimizers_are_stationary_and_of_the_stated_minimum(unit, n):
    """To the rounding of the terms: at a large minimum, or behind a steep wall, it is no smaller."""
    n = below_most(unit, n)
    general = unit.in_dimension(n)
    if n == 100 and not general.minimizers:
        return
    if not math.isfinite(value_at(general, general.minimizers[0])):
        assert n == 100  # there the largest double is too small for some
        return
    low, high = np.array(general.bounds).T
    for point in general.minimizers[:20]:
        assert len(point) == n
        assert all((low <= point) & (point <= high))
        assert value_at(general, point) == pytest.approx(general.minimum, rel=1e-12, abs=1e-12)
        if "kink" in unit.traits:
            continue
        ends = np.isclose(point, high, rtol=EDGE, atol=0) * 1 - np.isclose(point, low, rtol=EDGE, atol=0)
        gradient = slope(general, point)
        assert (gradient * ends <= 0).all()
        near = np.random.default_rng(5).uniform(-1e-3, 1e-3, n) * (high - low)
        steep = np.abs(slope(general, np.clip(point + near, low, high))).max()
        assert np.abs(gradient[ends == 0]).max(initial=0) <= max(1e-9, 1e-9 * steep)


def test_where_minimizers_are_unknown_so_is_the_minimum():
    general = REGISTRY["eggholder"].in_dimension(3)
    assert general.minimizers == () and math.isnan(general.minimum)


@pytest.mark.parametrize(("n", "value"), [(4, 3.70142861), (5, 3.93083943), (10, 3.98657911), (1000, 3.98662385)])
def test_rosenbrock_has_a_second_minimum_from_four_dimensions_on(n, value):
    """Shang & Qiu 2006, Kok & Sandrock 2009: two minima, the other one near (-1, 1, ..., 1)."""
    general = REGISTRY["rosenbrock"].in_dimension(n)
    (point,) = general.local_minimizers
    assert -1 < point[0] < -0.7 and len(point) == n
    assert general.value(point) == pytest.approx(value, abs=1e-8)
    np.testing.assert_allclose(slope(general, point), 0, atol=1e-11)
    if n <= 10:
        move = 1e-6
        rows = [slope(general, point + move * unit) - slope(general, point - move * unit) for unit in np.eye(n)]
        assert np.linalg.eigvalsh(np.array(rows) / (2 * move)).min() > 0.3


def test_rosenbrock_has_one_minimum_in_three_dimensions():
    assert REGISTRY["rosenbrock"].in_dimension(3).local_minimizers == ()


@pytest.mark.thin(3)
@each_form
def test_everything_has_the_dimension_asked_for(unit):
    for n in (2, 7, 30):
        assert_of_dimension(unit, n)


@pytest.mark.thin(13)
@each_form
def test_everything_has_a_thousand_dimensions(unit):
    assert_of_dimension(unit, 1000)


def assert_of_dimension(unit, n):
    n = below_most(unit, n)
    general = unit.in_dimension(n)
    assert general.dimension == n and general.name == unit.name and unit.dimension is None
    assert len(general.bounds) == len(general.view) == len(general.start) == n
    assert {len(point) for point in general.minimizers + general.local_minimizers} <= {n}
    assert all(low <= value <= high for value, (low, high) in zip(general.start, general.bounds, strict=True))
    value, gradient = value_at(general, general.start), slope(general, general.start)
    if n == 1000 and not (math.isfinite(value) and np.isfinite(gradient).all()):
        assert grows(unit)
        return
    assert math.isfinite(value) and (np.abs(gradient).max() > 0 or "steps" in unit.traits)
    assert str(n) in general.title


def grows(unit):
    """Whether values grow, from 7 to 20 coordinates, as the largest double cannot follow to 1000, or the point does."""
    sizes = [np.abs([value_at(unit.in_dimension(n), x) for x in points(unit, n, 20)]).max() for n in (7, 20)]
    return sizes[1] > 100 * sizes[0] or "continuum" in unit.traits


@each_form
def test_formulas_are_finite_on_kinks_and_corners(unit):
    general = unit.in_dimension(4)
    lows, highs = map(list, zip(*general.bounds, strict=True))
    middles = [min(max(0.0, low), high) for low, high in general.bounds]
    between = [highs[0], lows[1], highs[2], lows[3]]
    for x in (middles, lows, highs, between, *([[0.0, -47.0] * 2] if unit.name == "eggholder" else [])):
        assert math.isfinite(value_at(general, x))
        assert np.isfinite(slope(general, x)).all()


@each_form
def test_the_same_dimension_gives_an_equal_function(unit):
    one, other = unit.in_dimension(5), unit.in_dimension(np.int64(5))
    assert one == other and hash(one) == hash(other) and one != unit.in_dimension(6)
    assert one.value is other.value  # what kernels are told apart by
    assert one.in_dimension(5) is one


@each_form
def test_formula_is_typeset_and_fits_its_line(unit):
    from matplotlib import font_manager, ft2font

    formula = unit.in_dimension(3).formula
    assert formula.startswith("f(x) = ")
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    assert all(font.get_char_index(ord(letter)) for letter in formula)
    font.set_size(14, 72)  # pixels
    font.set_text(formula, 0.0)
    assert font.get_width_height()[0] / 64 <= 480


@pytest.mark.parametrize("n", [1, 0, -3, 1001, 10**400])
def test_a_dimension_out_of_range_is_refused(n):
    with pytest.raises(UsageError, match="dimension") as caught:
        REGISTRY["sphere"].in_dimension(n)
    assert "1,000" in caught.value.remedy


@pytest.mark.parametrize("n", [2.0, "3", True, None, math.nan, [2]])
def test_a_dimension_of_another_type_is_refused(n):
    with pytest.raises(UsageTypeError, match="dimension"):
        REGISTRY["sphere"].in_dimension(n)


def test_a_function_without_a_general_form_names_those_with_one():
    with pytest.raises(UsageError, match="booth") as caught:
        REGISTRY["booth"].in_dimension(3)
    assert all(name in caught.value.remedy for name in SEVEN)


def test_a_function_of_many_variables_keeps_its_dimension():
    with pytest.raises(UsageError, match="10 dimensions") as caught:
        REGISTRY["sphere"].in_dimension(10).in_dimension(3)
    assert "REGISTRY" in caught.value.remedy


moderate = hypothesis(max_examples=60, deadline=None, derandomize=True)
coordinates = st.lists(st.floats(-2, 2, width=32), min_size=2, max_size=12)


@moderate
@given(coordinates, coordinates)
def test_sums_and_chains_are_made_of_their_parts(x, y):
    for name in SUMS:
        left, right, whole = (REGISTRY[name].in_dimension(len(z)) for z in (x, y, x + y))
        assert whole.value(x + y) == pytest.approx(left.value(x) + right.value(y), rel=1e-12, abs=1e-11)
    for name in ("rosenbrock", "eggholder"):
        link = REGISTRY[name].value(x[-1], y[0])
        left, right, whole = (REGISTRY[name].in_dimension(len(z)) for z in (x, y, x + y))
        assert whole.value(x + y) == pytest.approx(left.value(x) + link + right.value(y), rel=1e-12, abs=1e-11)


@moderate
@given(coordinates, st.randoms(use_true_random=False))
def test_the_order_of_coordinates_does_not_matter_to_symmetric_functions(x, random):
    shuffled = random.sample(x, len(x))
    for name in (*SUMS, "ackley"):
        value = REGISTRY[name].in_dimension(len(x)).value
        assert value(shuffled) == pytest.approx(value(x), rel=1e-12, abs=1e-12)


@moderate
@given(coordinates)
def test_nothing_is_lower_than_the_minimum(x):
    for unit in KNOWN:
        general = unit.in_dimension(len(x))
        inside = [min(max(value, low), high) for value, (low, high) in zip(x, general.bounds, strict=True)]
        assert value_at(general, inside) >= general.minimum - 1e-12 * max(1.0, abs(general.minimum))


def tilted_value(x):
    total = 0.0
    for i in range(len(x)):
        total += float(i + 1) * x[i] ** 2
    return total


def tilted_gradient(x, g):
    for i in range(len(x)):
        g[i] = 2 * float(i + 1) * x[i]


def test_a_function_of_ones_own_brings_its_general_form(monkeypatch):
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))
    form = General("f(x) = Σᵢ i xᵢ²", tilted_value, lambda n: [(0.0,) * n], lambda n: 0.0, "", tilted_gradient)

    @function(
        gradient=lambda x, y: (2 * x, 4 * y),
        bounds=((-1.0, 1.0), (-2.0, 2.0)),
        start=(0.5, 1.0),
        minimizers=[(0.0, 0.0)],
        minimum=0.0,
        general=form,
    )
    def tilted(x, y):
        return x**2 + 2 * y**2

    assert tilted.general is form
    three = tilted.in_dimension(3)
    assert three.value([1.0, 1.0, 1.0]) == 6.0
    assert three.bounds == ((-1.0, 1.0), (-2.0, 2.0), (-1.0, 1.0))
    assert three.start == (0.5, 1.0, 0.5)
    assert three.minimizers == ((0.0, 0.0, 0.0),)


def test_general_forms_cannot_be_changed():
    form = REGISTRY["sphere"].general
    assert isinstance(form, General)
    with pytest.raises(AttributeError):
        form.formula = ""

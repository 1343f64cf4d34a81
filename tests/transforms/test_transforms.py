"""Transformed functions against the functions that they are made of."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import General, function, slug_of
from optviz.transforms import REGISTRY, amplified, configure, logged, mirrored, sheared, shifted, stretched, tilted
from tests.functions.calculus import central_slope, general_slope, slope

SMOOTH = ["rosenbrock", "booth", "himmelblau", "goldstein_price", "shubert", "mueller_brown", "styblinski_tang"]
FORMS = ["sphere", "rosenbrock", "rastrigin", "ackley", "shubert", "alpine2"]


def inverse(c, s):
    return lambda x, y: (c * x + s * y, c * y - s * x)


# Each transform with numbers: the point at which the inner function is asked, and the value.
CASES = {
    "shifted": (shifted, (0.3, -1.7), lambda x, y: (x - 0.3, y + 1.7), lambda f, least: f),
    "tilted": (tilted, (30,), inverse(math.sqrt(3) / 2, 0.5), lambda f, least: f),
    "turned back": (tilted, (-135,), inverse(-math.sqrt(0.5), -math.sqrt(0.5)), lambda f, least: f),
    "stretched": (stretched, (2, 0.5), lambda x, y: (x / 2, y / 0.5), lambda f, least: f),
    "sheared": (sheared, (-0.75,), lambda x, y: (x + 0.75 * y, y), lambda f, least: f),
    "logged": (logged, (), lambda x, y: (x, y), lambda f, least: np.log1p(f - least)),
    "amplified": (amplified, (3, -2), lambda x, y: (x, y), lambda f, least: 3 * f - 2),
    "mirrored": (mirrored, (), lambda x, y: (x, y), lambda f, least: f),
}
each_case = pytest.mark.parametrize("case", CASES)
each_function = pytest.mark.parametrize("name", SMOOTH)


def made_of(case, name):
    transform, numbers, at, value = CASES[case]
    inner = FUNCTIONS[name]
    return transform(inner, *numbers), inner, at, value


def points(unit, count=200, seed=5):
    low, high = np.array(unit.bounds).T
    return np.random.default_rng(seed).uniform(low, high, (count, len(low))).tolist()


@each_case
@each_function
def test_value_is_that_of_the_inner_function_elsewhere(case, name):
    unit, inner, at, value = made_of(case, name)
    for x, y in points(unit):
        expected = value(inner.value(*at(x, y)), inner.minimum)
        assert unit.value(x, y) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@each_case
@each_function
def test_gradient_is_the_slope_of_the_value(case, name):
    unit, *_ = made_of(case, name)
    for x, y in points(unit, 30):
        steepness = central_slope(lambda point: unit.value(*point), (x, y), (1e-4, 1e-4))
        assert np.allclose(unit.gradient(x, y), steepness, rtol=1e-5, atol=1e-5 * (1 + np.abs(steepness).max()))
        if case not in ("logged", "mirrored"):
            assert np.allclose(unit.gradient(x, y), slope(unit.value, x, y), rtol=1e-9, atol=1e-9)


@each_case
@each_function
def test_hessian_is_the_slope_of_the_gradient(case, name):
    unit, *_ = made_of(case, name)
    for x, y in points(unit, 10):
        xx, xy, yy = unit.hessian(x, y)
        along_x = (np.array(unit.gradient(x + 1e-5, y)) - unit.gradient(x - 1e-5, y)) / 2e-5
        along_y = (np.array(unit.gradient(x, y + 1e-5)) - unit.gradient(x, y - 1e-5)) / 2e-5
        assert np.allclose([xx, xy, xy, yy], [*along_x, *along_y], rtol=1e-4, atol=1e-4 * (1 + abs(xx) + abs(yy)))


@each_case
@each_function
def test_minimizers_are_where_the_value_is_lowest(case, name):
    unit, inner, *_ = made_of(case, name)
    assert len(unit.minimizers) == len(inner.minimizers)
    for point in unit.minimizers:
        assert unit.value(*point) == pytest.approx(unit.minimum, rel=1e-10, abs=1e-10)
    for point in (*unit.minimizers, *unit.local_minimizers):
        bound = 1e-5 * (1 + max(map(abs, unit.hessian(*point))))
        assert np.abs(unit.gradient(*point)).max() < bound
    for point in unit.local_minimizers:
        assert unit.value(*point) > unit.minimum


@each_case
@pytest.mark.parametrize("name", FUNCTIONS.names())
def test_everything_that_is_shown_lies_inside(case, name):
    inner = FUNCTIONS[name]
    if inner.dimension is not None or not math.isfinite(inner.minimum):
        pytest.skip("of another number of variables")
    unit = CASES[case][0](inner, *CASES[case][1])
    for point in (unit.start, *unit.minimizers, *unit.local_minimizers):
        assert all(low - 1e-12 <= at <= high + 1e-12 for at, (low, high) in zip(point, unit.bounds, strict=True))
    (left, right), (low, high) = unit.view
    assert right - left == pytest.approx(high - low, rel=1e-9)
    assert left < unit.start[0] < right and low < unit.start[1] < high
    assert math.isfinite(unit.value(*unit.start)) and all(map(math.isfinite, unit.gradient(*unit.start)))
    assert configure(unit.name) == unit
    assert configure(unit.name).value is unit.value
    assert len(unit.slug) <= 60 and unit.slug.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("case", [name for name in CASES if CASES[name][0] not in (tilted, sheared)])
def test_form_in_n_dimensions(case, name):
    transform, numbers, at, value = CASES[case]
    unit, inner = transform(name, *numbers), FUNCTIONS[name]
    assert unit.is_general
    flat, five, inner_five = unit.in_dimension(2), unit.in_dimension(5), inner.in_dimension(5)
    assert five.dimension == 5 and len(five.bounds) == len(five.start) == 5
    for x, y in points(unit, 20):
        assert flat.value([x, y]) == pytest.approx(unit.value(x, y), rel=1e-12, abs=1e-12)
        g = [None, None]
        flat.gradient([x, y], g)
        assert np.allclose(g, unit.gradient(x, y), rtol=1e-9, atol=1e-9)
    for x in points(five, 20):
        pairs = [at(x[k], x[k + 1] if k + 1 < 5 else 0.0) for k in range(0, 5, 2)]
        inside = [part for pair in pairs for part in pair][:5]
        expected = value(inner_five.value(inside), inner_five.minimum)
        assert five.value(x) == pytest.approx(expected, rel=1e-12, abs=1e-12)
        g = [None] * 5
        five.gradient(x, g)
        if case not in ("logged", "mirrored"):
            steepness = general_slope(five, np.array(x))
            assert np.allclose(g, steepness, rtol=1e-9, atol=1e-9 * (1 + np.abs(steepness).max()))
    for point in five.minimizers:
        rounding = 1e-12 * max(1.0, abs(inner_five.minimum))
        assert five.value(point) == pytest.approx(five.minimum, rel=1e-12, abs=rounding)


@pytest.mark.parametrize("transform", [tilted, sheared])
def test_what_mixes_x_and_y_has_two_variables(transform):
    assert not transform("rosenbrock").is_general
    with pytest.raises(UsageError, match="no form in 3 dimensions"):
        transform("rosenbrock").in_dimension(3)
    with pytest.raises(UsageError, match="hartmann3 has 3"):
        transform("hartmann3")


def test_a_fixed_number_of_variables_stays():
    unit, inner = shifted("hartmann3", 0.5, 2), FUNCTIONS["hartmann3"]
    assert unit.dimension == 3 and unit.value(unit.minimizers[0]) == pytest.approx(inner.minimum, rel=1e-12)
    assert unit.minimizers[0] == pytest.approx(np.add(inner.minimizers[0], (0.5, 2, 0.5)))
    assert logged("hartmann3").value([0.1, 0.2, 0.3]) == math.log1p(inner.value([0.1, 0.2, 0.3]) - inner.minimum)


moderate = hypothesis(max_examples=60, deadline=None, derandomize=True)
number = st.floats(-3, 3, width=32)
angle = st.floats(-180, 180, width=32)


@moderate
@given(number, number, angle, angle)
def test_tilts_add_up(x, y, one, other):
    f = FUNCTIONS["himmelblau"]
    assert tilted(tilted(f, one), other).value(x, y) == pytest.approx(
        tilted(f, one + other).value(x, y), rel=1e-9, abs=1e-9
    )
    assert tilted(tilted(f, one), -one).value(x, y) == pytest.approx(f.value(x, y), rel=1e-9, abs=1e-9)


@moderate
@given(number, number, number, number)
def test_what_is_shifted_back_is_where_it_was(x, y, dx, dy):
    f = FUNCTIONS["himmelblau"]
    back = shifted(shifted(f, dx, dy), -dx, -dy)
    assert back.value(x, y) == pytest.approx(f.value(x, y), rel=1e-9, abs=1e-9)
    assert np.allclose(back.bounds, f.bounds) and np.allclose(back.minimizers, f.minimizers)


@moderate
@given(number, number, st.floats(0.1, 10), st.floats(0.1, 10))
def test_opposite_transforms_cancel(x, y, one, other):
    f = FUNCTIONS["himmelblau"]
    pairs = [
        stretched(stretched(f, one, other), 1 / one, 1 / other),
        sheared(sheared(f, one), -one),
        amplified(amplified(f, one, other), 1 / one, -other / one),
    ]
    for pair in pairs:
        assert pair.value(x, y) == pytest.approx(f.value(x, y), rel=1e-8, abs=1e-8)


@moderate
@given(number, number)
def test_quarter_turns_are_exact(x, y):
    f = FUNCTIONS["goldstein_price"].value
    for degrees, turned in [(0, f(x, y)), (90, f(y, -x)), (180, f(-x, -y)), (-90, f(-y, x)), (360, f(x, y))]:
        assert tilted("goldstein_price", degrees).value(x, y) == turned


@moderate
@given(st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_nothing_beyond_a_mirror_is_lower(x, y):
    unit = mirrored("eggholder")
    assert unit.value(x, y) >= unit.minimum - 1e-9
    (low, high), _ = unit.bounds
    assert unit.value(2 * high - x, y) == pytest.approx(unit.value(x, y), abs=1e-6)
    assert unit.value(x, 2 * low - y) == pytest.approx(unit.value(x, y), abs=1e-6)


def test_mirrors_leave_the_inside_alone_and_say_what_they_change():
    assert "kink" in mirrored("eggholder").traits and "kink" not in mirrored("rosenbrock").traits
    assert "falls" in FUNCTIONS["alpine2"].traits and "falls" not in mirrored("alpine2").traits
    assert all(
        mirrored("eggholder").value(x, y) == FUNCTIONS["eggholder"].value(x, y)
        for x, y in points(mirrored("eggholder"))
    )


def test_texts_have_one_way_to_be_written():
    for text in ("tilted(rosenbrock)", "tilted( Rosenbrock , 30 )", "rotated(banana, degrees=30.0)"):
        if "banana" not in text or "banana" in FUNCTIONS:
            assert configure(text).name == "tilted(rosenbrock, degrees=30)"
    nested = configure("logged(tilted(shifted(rosenbrock, 1, 2), 30))")
    assert nested.name == "logged(tilted(shifted(rosenbrock, dx=1, dy=2), degrees=30))"
    assert nested == logged(tilted(shifted("rosenbrock", 1, 2), 30))
    assert "Rosenbrock" in nested.title and "30°" in nested.title
    assert configure("rosenbrock") is FUNCTIONS["rosenbrock"] is configure(FUNCTIONS["rosenbrock"])


@pytest.mark.parametrize("text", ['tilted("x**2 + y", 30)', "tilted(x**2 + y, 30)", "logged(tilted('x**2 + y', 30))"])
def test_what_is_inside_may_be_a_formula(text):
    """Another reader takes what is no name; it need not stand in quotes, and is written in them."""
    from dataclasses import replace

    def read(name):
        return FUNCTIONS[name] if name in FUNCTIONS else replace(FUNCTIONS["booth"], name=name)

    unit = configure(text, read)
    assert 'tilted("x**2 + y", degrees=30)' in unit.name
    assert configure(unit.name, read) == unit
    assert len(unit.slug) <= 60 and unit.slug != configure(text.replace("**", "*"), read).slug


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tilted(rosenbrock, 30, 40)", "is given 2 numbers"),
        ("tilted(rosenbrock, angle=30)", "no number 'angle'"),
        ("tilted(rosenbrock, 30, degrees=30)", "degrees is given twice"),
        ("tilted(rosenbrock, 400)", "degrees is 400"),
        ("tilted(rosenbrock, adam)", "degrees is"),
        ("tilted(30)", "does not say what is tilted"),
        ("tilted(degrees=30)", "does not say what is tilted"),
        ("tilted()", "unknown function 'tilted'"),
        ("tilted(rosenbrok, 30)", "unknown function 'rosenbrok'"),
        ("tilted(rosenbrock, 30", "ends where a comma or ) should stand"),
        ("tilted(", "ends where a value should stand"),
        ("tilted(, 30)", "has ',' at letter 8"),
        ("amplified(rosenbrock, 0)", "factor is 0"),
        ("stretched(rosenbrock, -1)", "kx is -1"),
        ("logged(tilted(rosenbrock, 30)) x", "unknown function"),
        pytest.param("logged(" * 3000 + "beale" + ")" * 3000, "too many brackets", id="too deep"),
        pytest.param("logged(" * 30 + "x**2 + y**2" + ")" * 30, "too many brackets", id="too deep for a formula"),
    ],
)
def test_what_cannot_be_used_is_refused(text, said):
    with pytest.raises((UsageError, UnknownNameError, UsageTypeError), match=re.escape(said)):
        configure(text)


def test_a_logarithm_needs_a_minimum():
    with pytest.raises(UsageError, match="the minimum of eggholder is nan in 3 dimensions"):
        logged("eggholder").in_dimension(3)
    assert logged("styblinski_tang").in_dimension(7).minimum == 0


def double(x):
    return 2 * x[0] + whole(x)


def whole(x):
    return x[1]


def test_a_form_that_hands_its_sequence_on_is_refused(monkeypatch):
    monkeypatch.setattr(FUNCTIONS, "_units", dict(FUNCTIONS._units))
    form = General("f(x) = 2x", double, lambda n: [], lambda n: 0.0, "")

    @function(bounds=((-1.0, 1.0),) * 2, start=(0.5, 0.5), minimizers=[(0.0, 0.0)], minimum=0.0, general=form)
    def handing(x, y):
        return 2 * x + y

    with pytest.raises(UsageError, match="hands its whole sequence on"):
        shifted(handing).in_dimension(2)


def test_every_transform_says_what_it_is():
    for unit in REGISTRY:
        assert unit.title and unit.equation and unit.text and re.search(r"\b(19|20)\d\d\b", unit.reference)
        assert configure(unit.usage.replace("FUNCTION", "sphere")) == unit("sphere")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("rosenbrock", "rosenbrock"),
        ("goldstein_price", "goldstein_price"),
        ("tilted(rosenbrock, degrees=30)", "tilted-rosenbrock-degrees-30"),
        ("shifted(sphere, dx=-0.5, dy=1)", "shifted-sphere-dx-minus0-5-dy-1"),
    ],
)
def test_slugs(name, slug):
    assert slug_of(name) == slug


@given(st.text(max_size=200))
def test_a_slug_is_safe_whatever_the_name(name):
    slug = slug_of(name)
    assert 0 < len(slug) <= 60 and all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in slug)


def test_runs_take_transforms():
    import optviz

    run = optviz.minimize("tilted(rosenbrock, 30)", "momentum", steps=30, lr=1e-4)
    straight = optviz.minimize("rosenbrock", "momentum", steps=30, lr=1e-4)
    assert run.function == "tilted(rosenbrock, degrees=30)"
    np.testing.assert_allclose(run.values, straight.values, rtol=1e-9)
    many = optviz.minimize_many("shifted(rosenbrock, 1, 1)", "adam", [[0.0, 0.0]] * 3, steps=5, dimension=None)
    assert many.function == "shifted(rosenbrock, dx=1, dy=1)"
    assert optviz.minimize(logged("shubert"), "adam", dimension=3, steps=5).values.shape == (6,)


def test_formulas_of_ones_own_and_bbob_functions_can_be_transformed():
    import optviz

    run = optviz.minimize('tilted("(x - 1)**2 + y**4", 30)', "sgd", steps=20, lr=0.1)
    assert run.function == 'tilted("(x - 1)**2 + y**4", degrees=30)'
    unit = tilted(optviz.function("(x - 1)**2 + 3*y**2"), 90)
    assert unit.minimizers[0] == pytest.approx((0, 1), abs=1e-6) and unit.searched
    rotated = tilted("bbob_f8", 20).in_instance(3)
    assert rotated.instance == 3 and rotated.value(*rotated.minimizers[0]) == pytest.approx(rotated.minimum)
    flat = logged("bbob_f8").in_dimension(5)
    assert flat.value_at(flat.minimizers[0]) == pytest.approx(0, abs=1e-9)
    x = list(flat.start)
    numeric = [
        (flat.value_at([*x[:k], x[k] + 1e-5, *x[k + 1 :]]) - flat.value_at([*x[:k], x[k] - 1e-5, *x[k + 1 :]])) / 2e-5
        for k in range(5)
    ]
    assert flat.gradient_at(x) == pytest.approx(numeric, rel=1e-5, abs=1e-6)
    with pytest.raises(UsageError, match="hands its whole sequence on"):
        shifted("bbob_f8").in_dimension(5)


def by_hand(x, y):
    return float(np.hypot(x - 1, y) ** 2 + np.linalg.norm([x, y]))


def test_functions_that_cannot_be_compiled_can_be_transformed():
    import optviz

    with pytest.warns(UserWarning):
        inner = optviz.function(by_hand)
    unit = shifted(inner, 1, 2)
    assert unit.uncompiled and unit.value(1.5, 2.5) == pytest.approx(by_hand(0.5, 0.5))
    assert unit.gradient(1.5, 2.5) == pytest.approx(inner.gradient(0.5, 0.5))
    assert optviz.minimize(logged(unit), "sgd", steps=3, lr=0.01).values.shape == (4,)

"""What a picture takes from a test function: view, start, length, camera and words."""

import re
from itertools import pairwise

import pytest

from optviz.functions import FAMILIES, REGISTRY

FUNCTIONS = list(REGISTRY)
FOURTEEN = {
    *("sphere", "quadratic", "booth", "rosenbrock", "beale", "saddle", "himmelblau", "styblinski_tang"),
    *("three_hump_camel", "goldstein_price", "mueller_brown", "rastrigin", "ackley", "eggholder"),
}

each = pytest.mark.parametrize("unit", FUNCTIONS, ids=lambda unit: unit.name)


def inside(point, box):
    return all(low <= value <= high for value, (low, high) in zip(point, box, strict=True))


def test_the_fourteen_are_there_in_the_order_of_their_families():
    assert set(REGISTRY.names()) >= FOURTEEN
    families = list(FAMILIES)
    ranks = [families.index(unit.family) for unit in FUNCTIONS if unit.name in FOURTEEN]
    assert ranks == sorted(ranks)
    assert REGISTRY.names()[0] == "sphere"


@each
def test_view_is_square_and_overlaps_the_bounds(unit):
    (x_low, x_high), (y_low, y_high) = unit.view
    assert x_high - x_low == pytest.approx(y_high - y_low, rel=1e-9)
    assert x_high > x_low
    for (low, high), (least, most) in zip(unit.view, unit.bounds, strict=True):
        assert least < most
        assert min(high, most) - max(low, least) >= 0.7 * (high - low)


@each
def test_start_lies_inside_bounds_and_view_off_their_edges(unit):
    assert inside(unit.start, unit.bounds)
    margin = [0.03 * (high - low) for low, high in unit.view]
    assert inside(unit.start, [(low + m, high - m) for (low, high), m in zip(unit.view, margin, strict=True)])


@each
def test_start_has_somewhere_to_go(unit):
    slope = sum(abs(part) for part in unit.gradient(*unit.start))
    assert slope > 0
    assert unit.value(*unit.start) > unit.minimum


@each
def test_a_global_minimizer_is_in_view(unit):
    assert any(inside(point, unit.view) for point in unit.minimizers)


@each
def test_animation_is_neither_short_nor_long(unit):
    assert 150 <= unit.steps <= 400


@each
def test_camera_looks_down_on_the_surface(unit):
    azimuth, elevation = unit.camera
    assert -180 <= azimuth <= 180 and 0 < elevation < 90


@each
def test_every_unit_says_what_it_is_and_where_it_comes_from(unit):
    assert unit.text and unit.hazards and unit.title
    assert re.search(r"\b(19|20)\d\d\b", unit.reference)
    assert unit.family in FAMILIES


@pytest.mark.parametrize("attribute", ["name", "title", "formula", "text", "reference"])
def test_no_two_units_say_the_same(attribute):
    said = sorted(getattr(unit, attribute) for unit in FUNCTIONS)
    assert all(one != other for one, other in pairwise(said))


@each
def test_formula_is_typeset_and_fits_its_line(unit):
    from matplotlib import font_manager, ft2font

    assert unit.formula.startswith("f(x, y) = ")
    assert not set("-*^") & set(unit.formula)  # a true minus, no operators of a programming language
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    missing = [letter for letter in unit.formula + unit.title if not font.get_char_index(ord(letter))]
    assert not missing
    font.set_size(14, 72)  # pixels
    font.set_text(unit.formula, 0.0)
    assert font.get_width_height()[0] / 64 <= 480


@each
def test_formula_uses_math_and_plain_literals_only(unit):
    for formula in (unit.value, unit.gradient):
        code = formula.__code__
        names = {name: formula.__globals__[name] for name in code.co_names if name in formula.__globals__}
        for name, thing in names.items():
            module = getattr(thing, "__module__", "math")  # a number of the math module has none
            assert module == "math", f"{formula.__name__} uses {name}"
        assert not code.co_freevars and code.co_argcount == 2

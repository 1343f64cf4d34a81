"""What a picture takes from a test function: view, start, length and words."""

import re
from itertools import pairwise
from types import FunctionType

import pytest

from optviz.formulas.outside import mathematical
from optviz.formulas.sources import references
from optviz.functions import CLASSIC, FAMILIES, REGISTRY, TRAITS
from tests.functions.classics import OWN, each, gradient_at, value_at


def inside(point, box):
    return all(low <= value <= high for value, (low, high) in zip(point, box, strict=True))


def test_the_classics_are_there_and_all_in_the_order_of_their_families():
    assert {*REGISTRY.names()} >= {*CLASSIC}
    families = list(FAMILIES)
    ranks = [families.index(unit.family) for unit in OWN]
    assert ranks == sorted(ranks)
    assert REGISTRY.names()[0] == "sphere"


@each(OWN)
def test_view_is_square_and_overlaps_the_bounds(unit):
    if unit.dimension is None:
        (x_low, x_high), (y_low, y_high) = unit.view
        assert x_high - x_low == pytest.approx(y_high - y_low, rel=1e-9)
    for (low, high), (least, most) in zip(unit.view, unit.bounds, strict=True):
        assert least < most
        assert min(high, most) - max(low, least) >= 0.7 * (high - low)


@each(OWN)
def test_start_lies_inside_bounds_and_view_off_their_edges(unit):
    assert inside(unit.start, unit.bounds)
    margin = [0.03 * (high - low) for low, high in unit.view]
    assert inside(unit.start, [(low + m, high - m) for (low, high), m in zip(unit.view, margin, strict=True)])


@each(OWN)
def test_start_has_somewhere_to_go(unit):
    slope = sum(abs(part) for part in gradient_at(unit, unit.start))
    assert slope > 0 or "steps" in unit.traits
    assert value_at(unit, unit.start) > unit.minimum


@each(OWN)
def test_a_global_minimizer_is_in_view(unit):
    assert any(inside(point, unit.view) for point in unit.minimizers)


@each(OWN)
def test_animation_is_neither_short_nor_long(unit):
    assert 150 <= unit.steps <= 400


@each(OWN)
def test_every_unit_says_what_it_is_and_where_it_comes_from(unit):
    assert unit.text and unit.hazards and unit.title
    assert re.search(r"\b(19|20)\d\d\b", unit.reference)
    assert unit.family in FAMILIES and {*unit.traits} <= {*TRAITS}
    assert bool(unit.continuum) == ("continuum" in unit.traits) or "steps" in unit.traits


@pytest.mark.parametrize("attribute", ["name", "title", "formula", "text", "reference"])
def test_no_two_units_say_the_same(attribute):
    said = sorted(getattr(unit, attribute) for unit in OWN)
    assert all(one != other for one, other in pairwise(said))


def test_no_name_is_given_twice():
    said = sorted(name for unit in OWN for name in (unit.name, *unit.names))
    assert all(one != other for one, other in pairwise(said))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in said)


@each(OWN)
def test_formula_is_typeset_and_fits_its_line(unit):
    from matplotlib import font_manager, ft2font

    assert unit.formula.startswith("f(x, y) = " if unit.dimension is None else "f(x) = ")
    assert not set("-*^") & set(unit.formula)  # a true minus, no operators of a programming language
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    missing = [letter for letter in unit.formula + unit.title if not font.get_char_index(ord(letter))]
    assert not missing
    font.set_size(14, 72)  # pixels
    font.set_text(unit.formula, 0.0)
    assert font.get_width_height()[0] / 64 <= 480


@each(OWN)
def test_formula_uses_math_numbers_and_formulas_of_its_own_only(unit):
    """And what its gradient needs: helpers of derivatives."""
    for formula in (unit.value, unit.gradient):
        assert_plain(formula)
    assert unit.value.__code__.co_argcount == (2 if unit.dimension is None else 1)


def assert_plain(formula):
    assert not formula.__code__.co_freevars and not formula.__defaults__
    for name, thing in references(formula).items():
        if isinstance(thing, FunctionType):
            assert thing.__module__.startswith(("optviz.functions.", "optviz.formulas.")), name
            assert_plain(thing)
        else:
            assert (
                mathematical(thing) or is_constant(thing) or name in ("range", "len", "float", "abs", "max", "min")
            ), name


def is_constant(thing):
    """A number, or a tuple of such."""
    return isinstance(thing, int | float) or (isinstance(thing, tuple) and all(map(is_constant, thing)))

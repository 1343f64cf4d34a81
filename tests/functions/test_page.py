"""The page of functions is what is written now, and what it says of others is recomputed."""

import math
import re

import pytest

from optviz.functions import REGISTRY
from tests.functions.errata import ERRATA
from tests.functions.page import PAGE, text

here = pytest.mark.skipif(not PAGE.parent.is_dir(), reason="source distributions come without the documents")


@here
def test_the_page_is_what_is_written_now():
    assert PAGE.read_text(encoding="utf-8") == text(), "docs/functions.md is stale: python -m tests.functions.page"


@pytest.mark.parametrize(
    "one", [one for one in ERRATA if one.point or one.value is not None], ids=lambda one: one.function
)
def test_what_is_said_is_not_so(one):
    """A point that is named has not the minimum, or is not the only one that has; a value that is named is not it."""
    unit = REGISTRY[one.function]
    close = lambda value: math.isclose(value, unit.minimum, rel_tol=1e-9, abs_tol=1e-12)  # noqa: E731
    if one.point is not None:
        alone = close(unit.value(*one.point)) and len(unit.minimizers) == 1
        assert not alone
        if close(unit.value(*one.point)):
            assert len(unit.minimizers) > (4 if one.function == "quintic" else 1)
    elif one.value is not None:
        assert not close(one.value)


@pytest.mark.parametrize("one", [one for one in ERRATA if one.function != "schwefel"], ids=lambda one: one.function)
def test_the_digits_of_what_is_so_are_those_of_the_function(one):
    """Numbers of four places and more are coordinates or values of minima; Schwefel's is a constant, see below."""
    unit = REGISTRY[one.function]
    points = (*unit.minimizers, *unit.local_minimizers)
    known = [abs(number) for point in points for number in (*point, unit.value_at(point))]
    for number in re.findall(r"\d+\.\d{4,}", one.so):
        half = 0.51 * 10.0 ** -len(number.partition(".")[2])
        assert min(abs(float(number) - other) for other in known) <= half, number


def test_what_is_said_of_constants_and_forms():
    schwefel = REGISTRY["schwefel"]
    left = 2 * 418.9829 - 2 * 418.9828872724338
    assert left == pytest.approx(2.55e-5, rel=2e-3) and schwefel.value(*schwefel.minimizers[0]) == pytest.approx(
        0, abs=1e-9
    )
    x, y = REGISTRY["schaffer4"].minimizers[0]
    without = 0.5 + (math.cos(math.sin(x**2 - y**2)) - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2
    assert without != pytest.approx(0.292578632, abs=1e-3)
    assert REGISTRY["price2"] is REGISTRY["periodic"]
    assert len(REGISTRY["deb1"].minimizers) == 100 and REGISTRY["deb1"].bounds == ((-1.0, 1.0), (-1.0, 1.0))

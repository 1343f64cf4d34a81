"""The functions of BBOB against COCO, their minimizers, and their gradients, which COCO does not give.

``bbob_coco.json`` holds COCO's values; ``python -m tests.functions.test_bbob`` writes it anew where coco-experiment is
installed.
"""

import json
import math
import random
import sys
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pytest
from matplotlib import font_manager, ft2font

from optviz import minimize, minimize_many
from optviz.errors import UsageError, UsageTypeError
from optviz.functions import REGISTRY, _bbob_draws
from optviz.functions._general import bound
from optviz.kernels.cache import COMPILES, OPTIONS
from optviz.kernels.column import column_maker
from optviz.kernels.tile_parts import formulas
from tests.kernels.purity import assert_pure

RECORDED = Path(__file__).with_name("bbob_coco.json")
NUMBERS = range(1, 25)
DIMENSIONS, INSTANCES = (2, 3, 5, 10, 20, 40), (1, 2, 3, 15)
ROUGH = {7, 16, 23}  # steps, and waves and saw teeth that no difference resolves
FINE = {16, 23}  # finer than float32

each = pytest.mark.parametrize("number", NUMBERS)


def unit(number, instance=1):
    return REGISTRY[f"bbob_f{number}"].in_instance(instance)


def points(number, n, instance):
    """Two points, one of them a little outside the bounds where it happens to be."""
    draw = random.Random(1000 * number + 10 * n + instance)
    return [[draw.uniform(-side, side) for _ in range(n)] for side in (5, 6)]


def assert_agrees(ours, theirs, minimum):
    """To 1e-10 of the height above the minimum, or of 1 where that is more."""
    assert abs(ours - theirs) <= 1e-10 * max(1.0, abs(theirs - minimum))


def suite():
    """COCO's problems as ((number, n, instance), problem)."""
    coco = pytest.importorskip("cocoex")
    listed = [",".join(map(str, some)) for some in (INSTANCES, DIMENSIONS)]
    problems = coco.Suite("bbob", f"instances:{listed[0]}", f"dimensions:{listed[1]}")
    for problem in problems:  # each is gone once the next one is there
        yield problem.id_triple, problem


@each
def test_values_are_those_recorded_from_coco(number):
    recorded = json.loads(RECORDED.read_text("utf-8"))["values"][f"f{number}"]
    for n in DIMENSIONS:
        for instance in INSTANCES:
            general = unit(number, instance).in_dimension(n)
            for point, value in zip(points(number, n, instance), recorded[f"{n}-D, {instance}"], strict=True):
                assert_agrees(general.value_at(point), value, general.minimum)


def test_values_are_coco_s():
    draw = random.Random(4)
    seen = set()
    for (number, n, instance), problem in suite():
        general = unit(number, instance).in_dimension(n)
        (best,) = general.minimizers[:1]
        near = [[x + draw.gauss(0, width) for x in best] for width in (0, 1e-3, 0.1)]
        for point in [*near, *points(number, n, instance)]:
            assert_agrees(general.value_at(point), problem(point), general.minimum)
        seen.add((number, n, instance))
    assert len(seen) == len(NUMBERS) * len(DIMENSIONS) * len(INSTANCES)


@each
def test_two_variables_are_two_dimensions(number):
    for instance in (1, 7):
        plane = unit(number, instance)
        flat = plane.in_dimension(2)
        assert flat.minimizers == plane.minimizers and flat.minimum == plane.minimum
        for point in np.random.default_rng(number).uniform(-6, 6, (200, 2)).tolist():
            assert plane.value_at(point) == pytest.approx(flat.value_at(point), rel=1e-13)


@each
def test_nothing_is_lower_than_the_minimizers(number):
    draw = np.random.default_rng(number)
    for n in (2, 3, 10, 40):
        general = unit(number, 4).in_dimension(n)
        assert general.minimizers and abs(general.minimum) <= 1000
        for best in general.minimizers:
            assert max(map(abs, best)) <= 5
            assert general.value_at(best) == pytest.approx(general.minimum, abs=1e-12)
            assert np.abs(general.gradient_at(best)).max() <= 1e-9 or number in (5, 7)
        around = best + draw.normal(0, 0.01, (50, n))
        for point in [*around.tolist(), *draw.uniform(-5, 5, (200, n)).tolist()]:
            assert general.value_at(point) >= general.minimum - 1e-12


def test_weierstrass_lists_all_of_its_pits():
    for instance in (1, 2, 3):
        plane = unit(16, instance)
        xs = np.linspace(-5, 5, 301).tolist()
        for x in xs:
            for y in xs:
                if plane.value(x, y) < plane.minimum + 0.01:
                    assert min(math.dist((x, y), best) for best in plane.minimizers) < 0.3


def difference(general, point, step):
    """The gradient by central differences of fourth order."""

    def moved(i, by):
        return general.value_at([*point[:i], point[i] + by, *point[i + 1 :]])

    return np.array(
        [
            (8 * (moved(i, step) - moved(i, -step)) - (moved(i, 2 * step) - moved(i, -2 * step))) / (12 * step)
            for i in range(len(point))
        ]
    )


def assert_gradient(general, seed, share=1.0):
    """At points at random the gradient is that of differences, at the best of a few step sizes."""
    right = 0
    draw = np.random.default_rng(seed)
    for point in draw.uniform(-5.3, 5.3, (20, general.dimension)).tolist():
        slope = np.array(general.gradient_at(point))
        errors = [np.linalg.norm(difference(general, point, step) - slope) for step in (1e-3, 1e-4, 1e-5, 1e-6)]
        right += min(errors) <= 1e-5 * np.linalg.norm(slope)
    assert right >= share * 20


@pytest.mark.thin(4)
@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("number", [number for number in NUMBERS if number not in ROUGH])
def test_gradient_is_the_derivative(number, n):
    assert_gradient(unit(number, 2).in_dimension(n), number)


@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize(("number", "detail"), [(16, {"WEIERSTRASS": 4}), (23, {"KATSUURA": 3})])
def test_gradient_of_rough_functions_is_the_derivative_with_less_detail(number, detail, n):
    general = unit(number).in_dimension(n)
    coarse = replace(
        general, value=bound(general.value, detail), written_gradient=bound(general.written_gradient, detail)
    )
    assert_gradient(coarse, number, 0.9)


def test_terraces_are_level_but_for_the_lowest():
    general = unit(7).in_dimension(3)
    best = np.array(general.minimizers[0])
    assert set(general.gradient_at([3.0, -2.0, 1.0])) == {0.0}
    inside = (best + 0.01).tolist()
    assert np.linalg.norm(general.gradient_at(inside)) == pytest.approx(1e-5, rel=1e-6)
    outside = general.gradient_at([6.0, 0.0, -7.0])
    assert np.array(outside) == pytest.approx([2.0, 0.0, -4.0])  # of the fence


@each
def test_gradients_are_finite_at_kinks(number):
    general = unit(number).in_dimension(4)
    for point in (list(general.minimizers[0]), [0.0] * 4, [5.0] * 4, [-5.0] * 4, [7.0, -7.0, 5.0, -5.0]):
        assert np.isfinite(general.gradient_at(point)).all() and math.isfinite(general.value_at(point))


@each
def test_formula_in_any_dimension_is_typeset_and_fits_its_line(number):
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    formula = unit(number).in_dimension(3).formula
    assert formula.startswith("f(x) = ") and not set("-*^") & set(formula)
    assert all(font.get_char_index(ord(letter)) for letter in formula)
    font.set_size(14, 72)  # pixels
    font.set_text(formula, 0.0)
    assert font.get_width_height()[0] / 64 <= 480


@each
def test_an_instance_is_the_same_object_whenever_it_is_asked_for(number):
    one = unit(number)
    assert one.instance == 1 and one.in_instance(1) is one
    third = one.in_instance(3)
    assert third is one.in_instance(np.int64(3)) and third.name == one.name and "instance 3" in third.title
    assert third.value is not one.value and third.minimum != one.minimum or abs(one.minimum) == 1000
    general = third.in_dimension(5)
    assert general == third.in_dimension(5) and general.value is third.in_dimension(5).value
    assert one.in_dimension(5).in_instance(3) == general
    assert len(general.start) == 5 and general.scratch == 10


def test_instances_and_dimensions_are_limited():
    for wrong in (0, 10_001):
        with pytest.raises(UsageError, match="instance"):
            unit(1).in_instance(wrong)
    for wrong in (1.5, "1", True):
        with pytest.raises(UsageTypeError, match="instance"):
            unit(1).in_instance(wrong)
    with pytest.raises(UsageError, match="no instances") as caught:
        REGISTRY["sphere"].in_instance(1)
    assert "bbob_f1" in caught.value.remedy
    with pytest.raises(UsageError, match="41") as caught:
        unit(1).in_dimension(41)
    assert "40" in caught.value.remedy


def test_rotations_are_orthogonal():
    for n in (2, 10, 40):
        matrix = np.array(_bbob_draws.rotation(n, 7)).reshape(n, n)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(n), atol=1e-12)


@pytest.mark.thin(2)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_kernels_compute_what_plain_python_does(dtype, tolerance):
    general = unit(10, 3).in_dimension(10)
    starts = np.random.default_rng(5).uniform(-5, 5, (300, 10)).astype(dtype)
    batch = minimize_many("bbob_f10", "sgd", starts, 20, dimension=10, instance=3, lr=1e-8, dtype=dtype)
    for run in (0, 299):
        x = starts[run].astype(float)
        for _ in range(20):
            x = x - 1e-8 * np.array(general.gradient_at(x.tolist()))
        np.testing.assert_allclose(batch.points[run], x, rtol=tolerance, atol=tolerance)
        assert batch.values[run] == pytest.approx(general.value_at(x.tolist()), rel=1000 * tolerance)
    alone = minimize(general, "sgd", starts[7].tolist(), 20, lr=1e-8, dtype=dtype)
    np.testing.assert_array_equal(alone.points[-1], batch.points[7])


@pytest.mark.thin(24)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@each
def test_kernels_of_every_function(number, dtype):
    """And none of them computes with double precision in float32."""
    n, general = 3, unit(number).in_dimension(3)
    value, gradient = formulas(general, dtype)
    point, slope = column_maker(0, 4, n), column_maker(n, 4, n)

    def kernel(s):
        gradient(point(s, 1), slope(s, 1))
        s[0] = value(point(s, 1))

    compiled = numba.njit(**OPTIONS)(kernel)
    s = np.zeros(8 * n, dtype)
    s[1 : 4 * n : 4] = 1.3, -2.1, 0.4
    at = s[1 : 4 * n : 4].tolist()
    compiled(s)
    height, slopes = s[0], s[4 * n + 1 :: 4]
    expected, expected_slopes = general.value_at(at), general.gradient_at(at)
    if dtype is np.float64:
        assert height == pytest.approx(expected, rel=1e-12)
        np.testing.assert_allclose(slopes, expected_slopes, rtol=1e-9, atol=1e-9)
        return
    assert height == pytest.approx(expected, rel=1e-3) or number in FINE
    if number not in {*FINE, 19}:
        np.testing.assert_allclose(slopes, expected_slopes, atol=0.01 * np.linalg.norm(expected_slopes))
    if COMPILES:
        (code,) = compiled.inspect_llvm().values()
        assert_pure(code)


def write():
    import cocoex

    values = {}
    for (number, n, instance), problem in suite():
        heights = [float(problem(point)) for point in points(number, n, instance)]
        values.setdefault(f"f{number}", {})[f"{n}-D, {instance}"] = heights
    document = {"source": f"coco-experiment {cocoex.__version__}", "values": values}
    RECORDED.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(write())

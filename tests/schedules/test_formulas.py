"""Schedules that no library here has, against their formulas written out; and what makes some of them what they are."""

from fractions import Fraction
from math import acosh, cos, cosh, exp, pi, prod, sqrt

import pytest

from optviz.schedules import configure
from optviz.schedules.fractals import fractal

STEPS = 200


def factors(text, steps=STEPS, count=None):
    return configure(text, 1.0).resolved(steps).factors(1, steps if count is None else count)


FORMULAS = [
    ("rex", lambda d: (1 - d / 200) / (0.5 + 0.5 * (1 - d / 200))),
    ("rex(final=0.3, steps=120)", lambda d: 0.3 + 0.7 * max(1 - d / 120, 0) / (0.5 + 0.5 * max(1 - d / 120, 0))),
    ("sqrt_cooldown", lambda d: 1 - (d / 200) ** 0.5),
    ("sqrt_cooldown(final=0.1, steps=50)", lambda d: 0.1 + 0.9 * (1 - min(d / 50, 1) ** 0.5)),
    # (1 - tanh(u)) / 2 = 1 / (1 + e^2u)
    ("hyperbolic_tangent", lambda d: 1 / (1 + exp(2 * (-6 + 9 * d / 200)))),
    ("hyperbolic_tangent(low=-2, high=4, steps=80)", lambda d: 1 / (1 + exp(2 * (-2 + 6 * min(d / 80, 1))))),
    ("power_law(power=0.75)", lambda d: (d + 1) ** -0.75),
    ("power_law(power=1, timescale=30)", lambda d: 30 / (30 + d)),
    ("inverse_sqrt(timescale=40)", lambda d: sqrt(40 / (40 + d))),
    ("inverse_sqrt(timescale=40, warmup=40)", lambda d: d / 40 if d < 40 else sqrt(40 / d)),
    ("noam(warmup=50)", lambda d: 50**0.5 * min((d + 1) ** -0.5, (d + 1) * 50**-1.5)),
    ("wsd", lambda d: 1 if d < 180 else (200 - d) / 20),
    ("wsd(warmup=20, cooldown=25%, final=0.1)", lambda d: d / 20 if d < 20 else min(1, 0.1 + 0.9 * (200 - d) / 50)),
    ("wsd(variant=sqrt, steps=150, cooldown=50)", lambda d: 1 - sqrt(min(max(d - 100, 0) / 50, 1))),
    ("wsd(variant=square, cooldown=50)", lambda d: 1 - (max(d - 150, 0) / 50) ** 2),
    ("wsd(variant=cosine, cooldown=50, final=0.5)", lambda d: 0.75 + 0.25 * cos(pi * max(d - 150, 0) / 50)),
    ("trapezoid(warmup=50, cooldown=50)", lambda d: min(d / 50, 1, (200 - d) / 50)),
    ("explore_exploit", lambda d: 1 if d < 100 else (200 - d) / 100),
    ("knee(explore=30, final=0.2, steps=130)", lambda d: 1 if d < 30 else max(0.2, 1 - 0.8 * (d - 30) / 100)),
    ("constant(share=0.25, steps=10)", lambda d: 0.25 if d < 10 else 1),
    ("cosine(variant=torch, steps=50)", lambda d: (1 + cos(pi * d / 50)) / 2),
    ("product(cosine, step(every=60, gamma=0.5))", lambda d: (1 + cos(pi * d / 200)) / 2 * 0.5 ** (d // 60)),
    ("cyclic(up=10, down=30, base=0)", lambda d: d % 40 / 10 if d % 40 < 10 else (40 - d % 40) / 30),
    ("linear(warmup=20, warmup_from=0.5)", lambda d: 0.5 + d / 40 if d < 20 else (200 - d) / 180),
    ("linear(start=0.5, final=1, warmup=20)", lambda d: d / 40 if d < 20 else 0.5 + (d - 20) / 360),
]


@pytest.mark.parametrize(("text", "formula"), FORMULAS, ids=[text for text, _ in FORMULAS])
def test_as_its_source_has_it(text, formula):
    assert factors(text) == pytest.approx([formula(done) for done in range(STEPS)], rel=1e-12, abs=1e-15)


def test_fractal_order_is_the_source_s():
    """The orders of lengths 2, 4 and 8 of Agarwal et al. 2021."""
    assert [fractal(place, 2) for place in range(2)] == [1, 2]
    assert [fractal(place, 4) for place in range(4)] == [1, 4, 2, 3]
    assert [fractal(place, 8) for place in range(8)] == [1, 8, 4, 5, 2, 7, 3, 6]
    assert sorted(fractal(place, 64) for place in range(64)) == list(range(1, 65))


@pytest.mark.parametrize(("cycle", "smallest"), [(1, 0.5), (8, 0.1), (32, 0.05), (64, 0.3)])
def test_chebyshev_s_steps_are_the_best_on_quadratics(cycle, smallest):
    """A cycle shrinks every curvature to at most 1 / T_cycle((1 + smallest) / (1 - smallest)), and the ends to that."""
    rates = factors(f"chebyshev(cycle={cycle}, smallest={smallest})", cycle)
    bound = 1 / cosh(cycle * acosh((1 + smallest) / (1 - smallest)))
    curvatures = [smallest + (1 - smallest) * i / 100 for i in range(101)]
    left = [abs(prod(1 - rate * curvature for rate in rates)) for curvature in curvatures]
    assert max(left) <= bound * (1 + 1e-9)
    assert [left[0], left[-1]] == pytest.approx([bound, bound], rel=1e-6)


def test_chebyshev_begins_anew_after_a_cycle():
    values = factors("chebyshev(cycle=16)")
    assert values[:16] == values[16:32] == values[176:192]


@pytest.mark.parametrize("power", ["0.6", "1"])
def test_robbins_and_monro_s_conditions(power):
    """Sums of powers above 1/2 and up to 1 grow without end, sums of their squares do not."""
    values = factors(f"power_law(power={power})", 4096)
    blocks = [sum(values[2**i - 1 : 2 ** (i + 1) - 1]) for i in range(12)]
    squares = [sum(value**2 for value in values[2**i - 1 : 2 ** (i + 1) - 1]) for i in range(12)]
    assert all(later > 0.69 for later in blocks)
    assert all(later < 0.9 * earlier for earlier, later in zip(squares, squares[1:], strict=False))


def test_a_part_without_a_value_goes_on_with_that_before():
    schedule = configure("sequence(constant(0.1), constant(0.4), linear, at=(10, 20))").resolved(30)
    assert schedule.value == 0.4
    values = [schedule.value * factor for factor in schedule.factors(1, 30)]
    assert values == pytest.approx([0.1] * 10 + [0.4] * 10 + [0.4 * (1 - i / 10) for i in range(10)])


def test_parts_in_parts():
    text = "sequence(sequence(constant(1), constant(2), at=5), product(linear(4), step(every=10)), at=10, warmup=2)"
    schedule = configure(text).resolved(42)
    values = [schedule.value * factor for factor in schedule.factors(1, 42)]
    falling = [4 * (1 - i / 30) * 0.1 ** (i // 10) for i in range(30)]
    assert values == pytest.approx([0, 0.5] + [1] * 5 + [2] * 5 + falling)


@pytest.mark.parametrize("name", ["piecewise_constant", "piecewise_interpolated"])
def test_levels_are_products_of_scales(name):
    exact = Fraction(1, 2) * 3 * Fraction(1, 10)
    assert factors(f"{name}(at=(10, 20, 30), scales=(0.5, 3, 0.1))")[-1] == pytest.approx(float(exact), rel=1e-15)


def test_keras_s_levels_begin_one_step_later():
    text = "piecewise_constant(at=(3, 5), scales=(0.5, 0.5){})"
    assert factors(text.format(""), 7) == [1, 1, 1, 0.5, 0.5, 0.25, 0.25]
    assert factors(text.format(", variant=keras"), 7) == [1, 1, 1, 1, 0.5, 0.5, 0.25]


def test_the_first_step_is_the_schedule_s_beginning():
    """`done` is 0 at the first step, so that a warm-up from 0 begins with a step of 0."""
    assert factors("cosine(warmup=4)", 8)[:5] == [0, 0.25, 0.5, 0.75, 1]
    assert configure("cosine", 0.1).resolved(10).factors(1, 1) == [1]
    assert factors("noam(warmup=4)", 8)[:4] == pytest.approx([0.25, 0.5, 0.75, 1])


def test_torch_s_cycle_ends_at_the_last_step_and_optax_s_after_it():
    low = 1 / 25 / 1e4
    assert factors("onecycle")[-1] == pytest.approx(low, rel=1e-12)
    assert factors("onecycle(variant=optax)")[-1] > 1.5 * low
    assert factors("onecycle(variant=optax)", count=STEPS + 1)[-1] == pytest.approx(low, rel=1e-12)
    assert max(range(STEPS), key=factors("onecycle").__getitem__) == 0.3 * STEPS - 1
    assert max(range(STEPS), key=factors("onecycle(variant=optax)").__getitem__) == 0.3 * STEPS


@pytest.mark.parametrize("text", ["onecycle", "onecycle(variant=torch-three-phase)", "onecycle(variant=optax-linear)"])
@pytest.mark.parametrize("steps", range(1, 12))
def test_a_short_cycle_is_a_cycle(text, steps):
    values = factors(text, steps)
    assert all(0 < value <= 1 for value in values)

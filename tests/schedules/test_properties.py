"""What holds for every schedule with any numbers."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optviz.errors import UsageError, UsageTypeError
from optviz.formulas.calls import Call, Duration
from optviz.schedules import REGISTRY, configure

shares = st.floats(0, 1)
counts = st.integers(1, 60)
durations = (
    counts
    | st.builds(Duration, st.floats(1, 40), st.sampled_from(["%"]))
    | st.builds(Duration, st.floats(0.1, 2), st.sampled_from(["epochs"]))
)
OTHERS = {
    "t_mul": st.floats(1, 3),
    "cycle": st.sampled_from([1, 2, 8, 32]),
    "smallest": st.floats(0.01, 0.99),
    "low": st.floats(-9, 0),
    "high": st.floats(0, 9),
    "div_factor": st.floats(1, 100),
    "final_div_factor": st.floats(1, 1e5),
}
SIMPLE = [shape.name for shape in REGISTRY if shape.module.startswith("optviz.") and not shape.takes_parts]
VARIANTS = [(name, variant) for name in SIMPLE for variant in REGISTRY[name].variants]


@st.composite
def schedules(draw, name, variant):
    """A schedule of this shape, many of its numbers left as usual."""
    shape = REGISTRY[name]
    given = {}
    for parameter in [*shape.arguments(variant), *(["warmup", "warmup_from"] if shape.warms_up else [])]:
        if parameter in shape.lists:
            continue
        if shape.parameters[parameter] is None and parameter != "steps" or draw(st.booleans()):
            usual = durations if parameter in (*shape.durations, "warmup") else shares
            given[parameter] = draw(OTHERS.get(parameter, usual))
    if shape.lists:
        at = sorted(draw(st.sets(counts, min_size=1, max_size=4)))
        given["at"] = at
        given |= {other: draw(st.lists(shares, min_size=len(at), max_size=len(at))) for other in shape.lists[1:]}
    for part in {"cooldown", "explore"} & given.keys():  # a part of the steps
        given["steps"] = 61
        given[part] = draw(counts)
    return shape(draw(st.none() | st.floats(0, 10)), variant=variant, **given)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_schedule(name, variant, data):
    made = data.draw(schedules(name, variant))
    assert configure(made.text) == made
    try:
        ready = made.resolved(120, 30)
    except UsageError as error:
        assert error.remedy
        return
    assert ready.resolved(120, 30) == ready == ready.resolved(None)
    assert configure(ready.text) == ready
    assert all(isinstance(number, float) for _, number in ready.parameters)
    values = ready.factors(1, 150)  # past the end as well
    assert all(math.isfinite(value) and value >= 0 for value in values)
    assert ready.factors(31, 20) == values[30:50]
    assert [ready.factor(done) for done in range(5)] == values[:5]
    assert configure(ready, 2.0).with_numbers(value=3.0).factors(1, 150) == values
    warmup = int(ready.numbers.get("warmup", 0)) if ready.shape.warms_up else 0
    if warmup:
        assert values[0] == ready.numbers["warmup_from"]
        plain = ready.with_numbers(warmup=0)
        assert plain.factors(1, 90 - warmup) == values[warmup:90]


ENDS = [
    ("linear(start=0.3, final=0.7)", 0.3, 0.7),
    ("polynomial(final=0.1, power=3)", 1, 0.1),
    ("cosine(final=0.1)", 1, 0.1),
    ("cosine(final=0.1, variant=torch)", 1, 0.1),
    ("rex(final=0.1)", 1, 0.1),
    ("sqrt_cooldown(final=0.1)", 1, 0.1),
    ("hyperbolic_tangent(low=-20, high=20)", 1, 0),
    ("onecycle", 1 / 25, 1 / 25e4),
    ("onecycle(variant=optax-linear)", 1 / 25, 1 / 25e4),
    ("wsd(final=0.1)", 1, 0.1),
    ("wsd(final=0.1, variant=sqrt)", 1, 0.1),
    ("wsd(final=0.1, variant=square)", 1, 0.1),
    ("wsd(final=0.1, variant=cosine)", 1, 0.1),
    ("explore_exploit(final=0.1)", 1, 0.1),
    ("swalr(final=0.1)", 1, 0.1),
    ("piecewise_interpolated(at=50, scales=0.1)", 1, 0.1),
    ("sequence(constant(1), cosine(final=0.1), at=50)", 1, 0.1),
    ("product(cosine(final=0.5), linear(final=0.2))", 1, 0.1),
]


@pytest.mark.parametrize(("text", "first", "last"), ENDS, ids=[text for text, _, _ in ENDS])
def test_values_at_the_ends(text, first, last):
    """The last is what is reached when all steps are done, one after the last step."""
    ready = configure(text, 1.0).resolved(100)
    assert ready.factor(0) == pytest.approx(first, rel=1e-12)
    assert ready.factor(100) == pytest.approx(last, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    "name", ["linear", "polynomial", "cosine", "rex", "sqrt_cooldown", "hyperbolic_tangent", "wsd"]
)
def test_what_falls_never_rises(name):
    values = configure(name, 1.0).resolved(300).factors(1, 320)
    assert all(later <= earlier for earlier, later in zip(values, values[1:], strict=False))


extremes = st.sampled_from([0, 1, 1e-300, 1e300, 10**400, -1, math.inf])
numbers = st.integers(0, 120) | st.floats(0, 3) | extremes
things = numbers | numbers | durations | st.text("ab") | st.booleans() | st.lists(numbers, max_size=3).map(tuple)


@st.composite
def calls(draw, depth=2):
    """A schedule with values for its parameters, whatever they are."""
    shape = REGISTRY[draw(st.sampled_from(REGISTRY.names()))]
    given = [draw(calls(depth - 1)) for _ in range(draw(st.integers(0, 3)))] if shape.takes_parts and depth else []
    given += draw(st.lists(things, max_size=1))
    names = [*shape.parameters, *shape.lists]
    needed = [name for name in names if shape.parameters.get(name) is None and name != "steps"]
    chosen = dict.fromkeys([*needed, *draw(st.lists(st.sampled_from(names), max_size=3))])
    named = {name: draw(things) for name in chosen}
    if draw(st.booleans()):
        named["variant"] = draw(st.sampled_from([*shape.variants]))
    return Call(shape.name, tuple(given), tuple(named.items()))


@settings(max_examples=300, deadline=None)
@given(calls())
def test_no_call_does_more_than_be_refused(call):
    try:
        made = configure(call.text)
        assert configure(made.text) == made
        values = made.resolved(100, 20).factors(1, 120)
    except (UsageError, UsageTypeError) as error:
        assert error.problem and error.remedy
        return
    assert all(0 <= value < math.inf for value in values)


texts = st.sampled_from(["constant", "cosine", "linear(final=0.5)", "step(every=3)", "wsd", "exponential(gamma=0.9)"])


@settings(deadline=None)
@given(st.lists(texts, min_size=2, max_size=4), st.data())
def test_sequences_are_their_parts_one_after_the_other(parts, data):
    at = sorted(data.draw(st.sets(st.integers(1, 7), min_size=len(parts) - 1, max_size=len(parts) - 1)))
    at = [10 * boundary for boundary in at]
    made = configure(f"sequence({', '.join(parts)}, at=({', '.join(map(str, at))},))", 0.5)
    assert configure(made.text) == made
    ready = made.resolved(80)
    assert ready.resolved(80) == ready
    bounds = [0, *at, 80]
    alone = [
        configure(text, 0.5).resolved(end - begin).factors(1, end - begin)
        for text, begin, end in zip(parts, bounds, bounds[1:], strict=False)
    ]
    assert ready.factors(1, 80) == [factor for part in alone for factor in part]

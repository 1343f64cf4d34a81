"""From text, objects and functions to schedules: what is read, filled in, resolved, written again and refused."""

import dataclasses
import math

import numpy as np
import pytest

import optviz.schedules
from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.formulas.calls import Duration, parse
from optviz.schedules import REGISTRY, Schedule, configure, schedule


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("cosine", "cosine"),
        ("cosine()", "cosine"),
        ("cosine(0.10, warmup=1e2)", "cosine(0.1, warmup=100)"),
        ("cosine(value=0.1, warmup=100 steps)", "cosine(0.1, warmup=100)"),
        ("cosine(0.1, warmup=5 %, final=0)", "cosine(0.1, warmup=5%)"),
        ("cosine(0.1, variant=optax)", "cosine(0.1)"),
        ("cosine(0.1, variant=torch)", "cosine(0.1, variant=torch)"),
        ("CosineAnnealingLR(0.1, T_max=50)", "cosine(0.1, steps=50)"),
        ("cosine-decay(initial_learning_rate=0.1, decay_steps=50, alpha=0.1)", "cosine(0.1, steps=50, final=0.1)"),
        ("OneCycleLR(max_lr=0.1, total_steps=50)", "onecycle(0.1, steps=50)"),
        ("StepLR(step_size=30)", "step(every=30)"),
        ("trapezoid(0.1)", "wsd(0.1)"),
        ("multistep(0.1, at=30)", "multistep(0.1, at=30)"),
        ("multistep(0.1, at=(30, 80), gamma=0.5)", "multistep(0.1, at=(30, 80), gamma=0.5)"),
        ("step(0.1, gamma=0.5, every=2epochs)", "step(0.1, every=2epochs, gamma=0.5)"),
        ("sequence(constant(0.1), linear(final=0), at=100)", "sequence(constant(0.1), linear, at=100)"),
        ("product(cosine(0.1), step(every=9), warmup=2)", "product(cosine(0.1), step(every=9), warmup=2)"),
    ],
)
def test_text_is_read_and_written(text, canonical):
    made = configure(text)
    assert made.text == canonical
    assert configure(canonical) == made
    assert configure(parse(text, "schedule")) == made
    assert configure(made) is made
    assert hash(configure(canonical)) == hash(made)


def test_units_are_called_like_functions():
    cosine, sequence = optviz.schedules.cosine, optviz.schedules.sequence
    assert cosine(0.1, warmup=100) == configure("cosine(0.1, warmup=100)")
    assert cosine(0.1, warmup=Duration(5, "%")) == configure("cosine(0.1, warmup=5%)")
    assert cosine() == configure(cosine) == configure("cosine")
    made = sequence(cosine(0.1), optviz.schedules.linear(final=0.5), at=[100])
    assert made == configure("sequence(cosine(0.1), linear(final=0.5), at=100)")
    assert cosine(np.float32(0.5), steps=np.int64(7)).text == "cosine(0.5, steps=7)"
    assert "cosine" in dir(optviz.schedules)
    with pytest.raises(AttributeError, match="no attribute 'cosin'"):
        _ = optviz.schedules.cosin


def test_no_module_hides_a_schedule():
    modules = {shape.module.rpartition(".")[2] for shape in REGISTRY}
    assert modules.isdisjoint(REGISTRY.names())


def test_a_schedule_without_a_value_takes_the_default():
    assert configure("cosine").value is None
    assert configure("cosine", 0.3).value == 0.3
    assert configure("cosine(0.1)", 0.3).value == 0.1
    assert configure("cosine(0)", 0.3).value == 0
    assert configure("sequence(cosine, constant(0.1), at=5)", 0.3).value == 0.3
    assert configure("sequence(cosine, constant(0.1), at=5)", 0.01).value == 0.1
    assert configure("sequence(constant(0.1), cosine, at=5)", 0.3).text == "sequence(constant(0.1), cosine, at=5)"


def test_numbers_can_be_swept():
    made = configure("cosine(0.1, warmup=5%, final=0.2)")
    assert made.numbers == {"value": 0.1, "final": 0.2, "power": 1, "warmup_from": 0}
    changed = made.with_numbers(value=0.5, final=0.1, warmup=30)
    assert changed.text == "cosine(0.5, final=0.1, warmup=30)"
    assert changed.numbers["warmup"] == 30
    assert made.text == "cosine(0.1, final=0.2, warmup=5%)"
    with pytest.raises(UsageError, match="cosine: final is -1"):
        made.with_numbers(final=-1)
    with pytest.raises(UsageError, match="cosine has no parameter 'gamma'"):
        made.with_numbers(gamma=1)
    with pytest.raises(UsageError, match="cooldown is 30 of 20"):
        configure("wsd(0.1, steps=20, cooldown=5)").with_numbers(cooldown=30)


def test_the_parts_of_a_schedule_are_scaled_together():
    made = configure("sequence(constant(0.1), linear, constant(0.4), at=(5, 10))")
    assert made.value == 0.4
    assert made.with_numbers(value=0.8).text == "sequence(constant(0.2), linear, constant(0.8), at=(5, 10))"
    assert made.with_numbers(value=0.8).resolved(20).factors(1, 20) == made.resolved(20).factors(1, 20)
    assert configure("product(cosine(2), step(every=3))").with_numbers(value=1).value == 1
    assert configure("sequence(cosine, linear, at=5)").with_numbers(value=0.3).value == 0.3
    nested = configure("sequence(sequence(constant(0), cosine, at=5), constant(1), at=10)")
    assert nested.with_numbers(value=2).text == "sequence(sequence(constant(0), cosine, at=5), constant(2), at=10)"
    with pytest.raises(UsageError, match="is 0 throughout"):
        configure("sequence(constant(0), constant(0), at=5)").with_numbers(value=1)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("constant(0.1)", "constant(0.1)"),
        ("cosine(0.1)", "cosine(0.1, steps=200)"),
        ("cosine(0.1, steps=50)", "cosine(0.1, steps=50)"),
        ("cosine(0.1, warmup=5%)", "cosine(0.1, steps=190, warmup=10)"),
        ("cosine(0.1, warmup=0.1%)", "cosine(0.1, steps=200)"),
        ("cosine(0.1, steps=50%, warmup=1.5epochs)", "cosine(0.1, steps=100, warmup=60)"),
        ("step(0.1, every=2epochs)", "step(0.1, every=80)"),
        ("step(0.1, every=0.1%)", "step(0.1, every=1)"),
        ("multistep(0.1, at=(10%, 1epoch, 60))", "multistep(0.1, at=(20, 40, 60))"),
        ("wsd(0.1)", "wsd(0.1, steps=200, cooldown=20)"),
        ("sequence(constant(1), wsd, at=50%)", "sequence(constant(1), wsd(steps=100, cooldown=10), at=100)"),
        (
            "sequence(linear(1), cosine(steps=30), at=2epochs, warmup=20)",
            "sequence(linear(1, steps=80), cosine(steps=30), at=80, warmup=20)",
        ),
        ("product(linear(1), cosine, warmup=20)", "product(linear(1, steps=180), cosine(steps=180), warmup=20)"),
    ],
)
def test_durations_become_steps(text, resolved):
    made = configure(text).resolved(200, 40)
    assert made.text == resolved
    assert made == configure(resolved).resolved(200)
    assert made.resolved(200, 40) == made


def test_what_is_known_needs_no_length():
    for text in ("constant(0.1)", "cosine(0.1, steps=30)", "noam(1, warmup=3)", "exponential(1, gamma=0.5)"):
        assert configure(text).resolved(None, None) == configure(text)


@pytest.mark.parametrize(
    ("text", "problem", "remedy"),
    [
        ("cosine(0.1)", "cosine needs the number of steps", "Give it: cosine(0.1, steps=1000)"),
        (
            "cosine(0.1, warmup=5%)",
            "cosine(0.1, warmup=5%): warmup is 5%, and the number",
            "warmup=100",
        ),
        ("step(1, every=2epochs)", "step(1, every=2epochs): every is 2epochs, and there are no epochs", "every=100"),
    ],
)
def test_what_is_not_known_is_asked_for(text, problem, remedy):
    for ask in (lambda made: made.resolved(None), lambda made: made.factors(1, 5), lambda made: made.factor(0)):
        with pytest.raises(UsageError) as caught:
            ask(configure(text))
        assert caught.value.problem.startswith(problem)
        assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cosine(0.1, steps=201)", "steps is 201, the run has 200 steps"),
        ("cosine(0.1, warmup=300)", "warmup is 300, the run has 200 steps"),
        ("cosine(0.1, steps=150, warmup=60)", "steps is 150 after 60 of warm-up, the run has 200 steps"),
        ("cosine(0.1, warmup=200)", "no step of the run is left for it"),
        ("constant(0.1, warmup=101%)", "warmup is 202, the run has 200 steps"),
        ("step(0.1, every=300)", "every is 300, the run has 200 steps"),
        ("multistep(0.1, at=(100, 300))", "at is 300, the run has 200 steps"),
        ("noam(0.1, warmup=4000)", "warmup is 4000, the run has 200 steps"),
        ("wsd(0.1, cooldown=300)", "cooldown is 300, the run has 200 steps"),
        ("wsd(0.1, cooldown=60%, warmup=50%)", "cooldown is 120 after 100 of warm-up, the run has 200 steps"),
        ("explore_exploit(0.1, explore=100%)", "explore is 200 of 200 steps"),
        ("chebyshev(0.1, cycle=256)", "cycle is 256, the run has 200 steps"),
        ("chebyshev(0.1, cycle=20%)", "cycle is 40, no power of 2"),
        ("sequence(cosine(0.1), cosine, at=201)", "at is 201, the run has 200 steps"),
        ("sequence(cosine(0.1), cosine(steps=101), at=100)", "steps is 101, its part of sequence has 100 steps"),
        ("multistep(0.1, at=(50%, 60))", "at does not ascend"),
    ],
)
def test_a_schedule_longer_than_the_run_is_refused(text, problem):
    made = configure(text)
    with pytest.raises(UsageError) as caught:
        made.resolved(200)
    assert problem in caught.value.problem
    assert caught.value.remedy


def test_a_pace_may_be_longer_than_the_run():
    for text in ("exponential(1, gamma=0.5, every=1000)", "inverse_time(1, rate=1, every=1000)"):
        assert configure(text).resolved(10).factors(1, 10)[-1] > 0.99
    assert configure("inverse_sqrt(1, timescale=1000)").resolved(10).factor(9) > 0.99


@pytest.mark.parametrize(
    ("text", "error", "problem"),
    [
        ("cosine(", UsageError, "the schedule 'cosine(' ends where a value should stand"),
        ("0.1", UsageError, "the schedule is '0.1'"),
        ("cosin(0.1)", UnknownNameError, "unknown schedule 'cosin'"),
        ("plateau", UnknownNameError, "unknown schedule 'plateau'"),
        ("sequence(cosine, hose, at=4)", UnknownNameError, "unknown schedule 'hose'"),
        ("cosine(0.1, foo=3)", UsageError, "cosine has no parameter 'foo'"),
        ("cosine(0.1, self=3)", UsageError, "cosine has no parameter 'self'"),
        ("cosine(0.1, gamma=3)", UsageError, "cosine has no parameter 'gamma'"),
        ("cyclic(0.1, up=3, gamma=1)", UsageError, "cyclic has no parameter 'gamma'"),
        ("noam(0.1, warmup=3, warmup_from=1)", UsageError, "noam has no parameter 'warmup_from'"),
        ("cosine(0.1, 2)", UsageError, "cosine has 2 values without names"),
        ("cosine(0.1, value=3)", UsageError, "cosine: value is given twice"),
        ("cosine(0.1, T_max=5, steps=3)", UsageError, "cosine: steps is given twice"),
        ("cosine(0.1, variant=pytorch)", UsageError, "cosine has no variant 'pytorch'"),
        ("cosine(0.1, variant=3)", UsageError, "cosine has no variant 3"),
        ("cosine(-0.1)", UsageError, "cosine: value is -0.1"),
        ("cosine(inf)", UsageError, "cosine: value is inf"),
        ("cosine(5%)", UsageTypeError, "cosine: value is 5%"),
        ("cosine(True)", UsageTypeError, "cosine: value is True"),
        ("cosine(0.1, final=-1)", UsageError, "cosine: final is -1"),
        ("cosine(0.1, final=5%)", UsageTypeError, "cosine: final is 5%"),
        ("cosine(0.1, final=low)", UsageTypeError, "cosine: final is 'low'"),
        ("cosine(0.1, warmup=-5%)", UsageError, "cosine: warmup is -5"),
        ("cosine(0.1, steps=0)", UsageError, "cosine: steps is 0"),
        ("step(0.1)", UsageError, "step lacks every"),
        ("step(0.1, every=0epochs)", UsageError, "step: every is 0"),
        ("multistep(0.1)", UsageError, "multistep lacks at"),
        ("multistep(0.1, at=())", UsageError, "multistep: at is empty"),
        ("multistep(0.1, at=(80, 30))", UsageError, "multistep(0.1, at=(80, 30)): at does not ascend"),
        ("multistep(0.1, at=(30, 30))", UsageError, "multistep(0.1, at=(30, 30)): at does not ascend"),
        (
            "piecewise_constant(at=(1, 2), scales=3)",
            UsageError,
            "piecewise_constant(at=(1, 2), scales=3): at and",
        ),
        ("restarts(0.1, first=3, t_mul=0.5)", UsageError, "restarts: t_mul is 0.5"),
        ("chebyshev(0.1, cycle=48)", UsageError, "chebyshev(0.1, cycle=48): cycle is 48, no power of 2"),
        ("chebyshev(0.1, cycle=2.5)", UsageError, "chebyshev: cycle is 2.5"),
        ("wsd(0.1, cooldown=50, steps=40)", UsageError, "wsd(0.1, steps=40, cooldown=50): cooldown is 50 of 40"),
        ("sequence(at=5)", UsageError, "sequence has no schedules in it"),
        ("sequence(cosine)", UsageError, "sequence lacks at"),
        ("sequence(cosine, 5, at=5)", UsageTypeError, "sequence: 5 is not a schedule"),
        (
            "sequence(cosine, cosine, at=(1, 2))",
            UsageError,
            "sequence(cosine, cosine, at=(1, 2)): schedules",
        ),
        ("sequence(cosine, cosine, at=1, value=3)", UsageError, "sequence has no parameter 'value'"),
        ("product(cosine(1), cosine(2))", UsageError, "product(cosine(1), cosine(2)): a schedule after the first has"),
    ],
)
def test_bad_input_is_refused(text, error, problem):
    with pytest.raises(error) as caught:
        configure(text)
    assert caught.value.problem.startswith(problem)
    assert caught.value.remedy


def test_parts_of_which_the_first_has_no_value():
    made = configure("sequence(linear, constant(0.1), at=10)").resolved(20)
    with pytest.raises(UsageError, match="the first part has no value"):
        made.factors(1, 20)
    assert configure(made, 0.2).factors(20, 1) == [0.5]


@pytest.mark.parametrize("number", [10**400, float("nan"), None, "x", [1], Duration(3, "epochs"), math.inf])
def test_objects_that_are_no_numbers_are_refused(number):
    if number is None:
        assert optviz.schedules.cosine(None) == optviz.schedules.cosine()
    else:
        with pytest.raises((UsageError, UsageTypeError)):
            optviz.schedules.cosine(number)


def falling(t):
    return 0.5 / t


def test_a_function_of_t_gives_the_values_themselves():
    made = configure(falling, 0.3)
    assert made.value == 1
    assert made.text == "falling"
    assert made.resolved(10).factors(1, 4) == [0.5, 0.25, 0.5 / 3, 0.125]
    assert made == configure(falling)
    assert hash(made) == hash(configure(falling))
    assert made != configure(lambda t: 0.5 / t)
    assert "falling" not in REGISTRY
    assert made.with_numbers(value=2).text == "falling(2)"
    assert configure(lambda t: np.float32(t)).factors(1, 2) == [1, 2]
    part = optviz.schedules.sequence(made, optviz.schedules.linear(2), at=2).resolved(4)
    assert part.value == 2
    assert part.factors(1, 4) == [0.25, 0.125, 1, 0.5]


def test_a_function_is_asked_for_whole_steps():
    asked = []
    configure(lambda t: asked.append(t) or 1.0).factors(5, 2)
    assert asked == [5, 6]
    assert all(type(t) is int for t in asked)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, "x", True, None])
def test_what_a_function_gives_is_checked(value):
    made = configure(lambda t: value if t == 3 else 1.0)
    assert made.factors(1, 2) == [1, 1]
    with pytest.raises((UsageError, UsageTypeError), match="at step 3"):
        made.factors(1, 3)


def test_an_overflow_is_a_usage_error():
    with pytest.raises(UsageError, match=r"exponential\(1, gamma=1000\) gives inf at step 104"):
        configure("exponential(1, gamma=1000)").factors(1, 1000)


@pytest.mark.parametrize("thing", [3, None, 0.1, [1], Duration(3, "steps")])
def test_other_things_are_refused(thing):
    with pytest.raises(UsageTypeError, match="the schedule is"):
        configure(thing)


def test_a_schedule_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        configure("cosine").value = 3


def test_every_shape_tells_about_itself():
    for shape in REGISTRY:
        assert shape.title
        assert shape.equation
        assert shape.text.splitlines()[0].endswith(".")
        assert shape.usage.startswith(f"{shape.name}(")
        assert {*shape.durations, *shape.paces, *shape.whole} <= {*shape.parameters, *shape.lists}
        assert REGISTRY[shape.name.upper()] is shape
        for name in shape.names:
            assert REGISTRY[name] is shape
        for variant in shape.variants:
            assert {*shape.arguments(variant)} <= {*shape.parameters, *shape.lists}


def test_there_are_at_least_twenty_two_with_different_names():
    names = [name.lower().replace("_", "") for shape in REGISTRY for name in (shape.name, *shape.names)]
    assert len(REGISTRY.names()) >= 22
    assert len({*names}) == len(names)
    assert REGISTRY.names() == sorted(REGISTRY.names())


@pytest.mark.parametrize(
    ("formula", "lists"),
    [(lambda t: 1.0, ()), (lambda: 1.0, ()), (lambda done, *numbers: 1.0, ()), (lambda done, gamma: 1.0, ("at",))],
)
def test_a_formula_that_does_not_fit_is_refused(formula, lists):
    with pytest.raises(TypeError, match="the arguments must be done and the parameters by name"):
        schedule(formula, lists=lists)
    with pytest.raises(TypeError, match="the arguments must be done"):
        optviz.schedules.multistep.formula("other")(lambda t, at: 1.0)


def test_a_schedule_of_another_module_needs_one_function(monkeypatch):
    monkeypatch.setattr(REGISTRY, "_units", REGISTRY._units.copy())

    @schedule
    def halves(done, every=10.0):
        """Halve the value."""
        return 0.5 ** (done // every)

    made = configure("halves(0.1, warmup=2)")
    assert isinstance(made, Schedule)
    assert made.resolved(50).factors(1, 13) == [0, 0.5] + [1] * 10 + [0.5]
    assert halves(0.1, every=3).text == "halves(0.1, every=3)"

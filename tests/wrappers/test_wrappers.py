"""Wrappers: what each makes of a rule, in plain Python and compiled, against slow references."""

from dataclasses import replace

import numpy as np
import pytest

import optviz
from optviz import wrappers
from optviz.errors import UsageError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import configure
from optviz.optimizers._assemble import assembled
from optviz.optimizers._parts import parts_of
from optviz.wrappers import REGISTRY
from tests.optimizers.driving import START, courses, disturbed, drive, drive_reported

BASES = ["sgd(lr=0.05)", "adam(lr=0.05)", "nadam(lr=0.05)", "rmsprop(lr=0.01, momentum=0.9, centered=True)"]
WRITTEN = {
    "lookahead": "k=3, alpha=0.4",
    "ema": "decay=0.8",
    "swa": "start=7, every=3",
    "clip": "limit=0.6",
    "clip_norm": "limit=1.5",
    "clip_global_norm": "limit=1.5",
    "agc": "limit=0.3, eps=0.5",
    "adagc": "lam=0.9, decay=0.8, limit=2, warmup=10",
    "orthograd": "",
    "accumulate": "k=3",
    "grokfast": "alpha=0.9, lam=0.5",
    "nesterovised": "momentum=0.7",
    "cautious": "",
    "sam": "rho=0.3",
    "asam": "rho=0.3, eta=0.1",
    "plateau": "patience=2, factor=0.5, cooldown=1, every=2",
}
# Wrappers that leave a rule as it is.
NOTHING = [
    "lookahead({}, k=1, alpha=1)",
    "ema({}, decay=0)",
    "swa({}, start=1000)",
    "clip({}, limit=1e9)",
    "clip_norm({}, limit=1e9)",
    "clip_global_norm({}, limit=1e9)",
    "agc({}, limit=1e9)",
    "accumulate({}, k=1)",
    "grokfast({}, lam=0)",
    "nesterovised({}, momentum=0)",
    "sam({}, rho=0)",
    "asam({}, rho=0)",
    "plateau({}, patience=1000)",
]


def value(x, t):
    return 0.5 * float(np.sum(np.array([0.5, 1.0, 2.5, 4.0]) * x**2)) + 0.3 * np.sin(t)


def wrapped(name, base, numbers=None):
    numbers = WRITTEN[name] if numbers is None else numbers
    return configure(f"{name}({base}{', ' * bool(numbers)}{numbers})")


def walk(text, steps=60):
    return courses(configure(text), disturbed, START, steps, value)


def test_every_wrapper_is_tested():
    assert set(WRITTEN) == set(REGISTRY.names())


@pytest.mark.parametrize("name", WRITTEN)
def test_wrappers_say_what_they_are(name):
    unit = REGISTRY[name]
    assert unit.title and unit.reference and unit.equation and unit.url.startswith("https://")
    assert unit.text.partition("\n")[0].endswith(".") or "\n" in unit.text
    assert str(unit.year)[:3] in unit.reference or name in ("nesterovised", "plateau")
    assert set(unit.ranges) <= set(unit.defaults) and set(unit.whole) <= set(unit.defaults)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", WRITTEN)
def test_a_wrapped_rule_is_written_and_read_again(name, base):
    setting = wrapped(name, base)
    again = configure(setting.text)
    assert again == setting and again.formula is setting.formula
    assert setting.plain_name == f"{name}({base.partition('(')[0]})"
    assert setting.title.startswith(REGISTRY[name].title)


@pytest.mark.parametrize("base", ["adam", "nadam"])
@pytest.mark.parametrize("name", WRITTEN)
def test_compiled_runs_are_those_of_plain_python(name, base):
    function, start, steps = FUNCTIONS["rosenbrock"], (-1.2, 1.0), 40
    setting = wrapped(name, f"{base}(lr=0.02)")
    run = optviz.minimize(function, setting, start=start, steps=steps)
    slope, height = lambda x, t: function.gradient(*x), lambda x, t: function.value(*x)
    iterates, shown = courses(setting, slope, start, steps, height)
    np.testing.assert_allclose(run.points, shown, rtol=1e-9, atol=1e-12)
    if setting.formula.reported:
        np.testing.assert_allclose(run.iterates, iterates, rtol=1e-9, atol=1e-12)
    else:
        assert run.iterates is None


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("text", NOTHING)
def test_some_numbers_leave_the_rule_alone(text, base):
    alone, around = walk(base)[0], walk(text.format(base))[1]
    if text.startswith(("nesterovised", "lookahead")):  # x + (x' - x) is x' to rounding
        np.testing.assert_allclose(around, alone, rtol=1e-12, atol=1e-14)
    else:
        np.testing.assert_array_equal(around, alone)


@pytest.mark.parametrize("base", BASES)
def test_averages_are_those_of_the_iterates(base):
    alone = walk(base)[0]
    iterates, shown = walk(f"ema({base}, decay=0.8)")
    np.testing.assert_array_equal(iterates, alone)
    ages = np.arange(len(alone))
    for t in range(len(alone)):
        weights = np.r_[0.8**t, 0.2 * 0.8 ** (t - ages[1 : t + 1])]
        np.testing.assert_allclose(shown[t], weights @ alone[: t + 1], rtol=1e-12)
    iterates, shown = walk(f"swa({base}, start=7, every=3)")
    np.testing.assert_array_equal(iterates, alone)
    np.testing.assert_array_equal(shown[:8], alone[:8])
    for t in range(10, len(alone)):
        np.testing.assert_allclose(shown[t], alone[10 : t + 1 : 3].mean(axis=0), rtol=1e-12)


def test_lookahead_by_the_paper():
    """Algorithm 1 with SGD, whose state nothing is."""
    x, slow = np.array(START), np.array(START)
    iterates, shown = walk("lookahead(sgd(lr=0.05), k=4, alpha=0.3)")
    for t in range(1, len(iterates)):
        x = x - 0.05 * disturbed(x, t)
        if t % 4 == 0:
            slow = slow + 0.3 * (x - slow)
            x = slow
        np.testing.assert_allclose(iterates[t], x, rtol=1e-12)
        np.testing.assert_allclose(shown[t], slow, rtol=1e-12)


@pytest.mark.parametrize("base", BASES)
def test_accumulation_is_the_rule_on_means(base):
    """The gradient does not depend on the iterate, so that a run of the rule alone can be given the means."""
    slopes = np.random.default_rng(3).normal(size=(60, len(START)))
    every = drive(configure(f"accumulate({base}, k=3)"), lambda x, t: slopes[t - 1], START, 60)
    means = slopes.reshape(20, 3, -1).mean(axis=1)
    alone = drive(configure(base), lambda x, t: means[t - 1], START, 20)
    np.testing.assert_allclose(every[::3], alone, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(every[1::3], every[:-1:3])


@pytest.mark.parametrize("base", BASES)
def test_clipping_and_filters_are_seen_by_the_rule(base):
    slopes = np.random.default_rng(4).normal(size=(60, len(START)))
    cut = drive(configure(f"clip({base}, limit=0.6)"), lambda x, t: slopes[t - 1], START, 60)
    np.testing.assert_array_equal(cut, drive(configure(base), lambda x, t: slopes[t - 1].clip(-0.6, 0.6), START, 60))
    slow = np.array([0.1 * 0.9 ** np.arange(t, -1, -1) @ slopes[: t + 1] for t in range(60)])
    amplified = drive(configure(f"grokfast({base}, alpha=0.9, lam=0.5)"), lambda x, t: slopes[t - 1], START, 60)
    expected = drive(configure(base), lambda x, t: slopes[t - 1] + 0.5 * slow[t - 1], START, 60)
    np.testing.assert_allclose(amplified, expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("base", BASES)
def test_gradients_of_arrays_are_seen_by_the_rule(base):
    slopes = np.random.default_rng(3).normal(size=(60, 4)) * np.random.default_rng(4).uniform(0.1, 2, (60, 1))
    short = lambda g, most: g * min(1, most / np.linalg.norm(g))
    expected = drive(configure(base), lambda x, t: short(slopes[t - 1], 1.5), START, 60)
    for name in ("clip_norm", "clip_global_norm"):  # there is one array
        cut = drive(configure(f"{name}({base}, limit=1.5)"), lambda x, t: slopes[t - 1], START, 60)
        np.testing.assert_allclose(cut, expected, rtol=1e-12)

    def unit(x, t):
        return short(slopes[t - 1], 0.3 * max(np.linalg.norm(x), 0.5))

    cut = drive(configure(f"agc({base}, limit=0.3, eps=0.5)"), lambda x, t: slopes[t - 1], START, 60)
    np.testing.assert_allclose(cut, drive(configure(base), unit, START, 60), rtol=1e-12)

    kept, average = [], 0.0
    for t, g in enumerate(slopes, 1):  # Algorithm 1
        g = short(g, 2.0 if t < 10 else 0.9 * average)
        length = np.linalg.norm(g)
        average = length if t == 1 else min(average, length) if t < 10 else 0.8 * average + 0.2 * length
        kept.append(g)
    cut = drive(
        configure(f"adagc({base}, lam=0.9, decay=0.8, limit=2, warmup=10)"), lambda x, t: slopes[t - 1], START, 60
    )
    np.testing.assert_allclose(cut, drive(configure(base), lambda x, t: kept[t - 1], START, 60), rtol=1e-12)

    def across(x, t):
        g = slopes[t - 1]
        h = g - x * (x @ g) / (x @ x)
        return h * np.linalg.norm(g) / np.linalg.norm(h)

    turned = drive(configure(f"orthograd({base})"), lambda x, t: slopes[t - 1], START, 60)
    np.testing.assert_allclose(turned, drive(configure(base), across, START, 60), rtol=1e-9)


def test_a_rule_may_have_a_number_with_the_name_of_a_word():
    """Schedule-Free's sum of weights is called total."""
    setting = configure("clip_norm(schedule_free_sgd, limit=1e9)", lr=0.1)
    assert "total" in setting.formula.scalar_names
    plain = drive(configure("schedule_free_sgd", lr=0.1), disturbed, START, 40)
    np.testing.assert_allclose(drive(setting, disturbed, START, 40), plain, rtol=1e-13)


def test_nesterov_around_sgd_is_keras_nesterov():
    around = walk("nesterovised(sgd(lr=0.05), momentum=0.7)")[0]
    np.testing.assert_allclose(around, walk("nesterov(lr=0.05, momentum=0.7, variant=keras)")[0], rtol=1e-12)


def test_cautious_steps_never_lead_uphill():
    slopes = np.random.default_rng(5).normal(size=(80, 4))
    setting = configure("cautious(momentum(lr=0.1))")
    path = drive(setting, lambda x, t: slopes[t - 1], START, 80)
    b, x = np.zeros(4), np.array(START)
    for t in range(80):
        b = 0.9 * b + slopes[t]
        x = x - 0.1 * b * (b * slopes[t] > 0)
        np.testing.assert_allclose(path[t + 1], x, rtol=1e-12)
    assert (np.diff(path, axis=0) * slopes <= 0).all() and (np.diff(path, axis=0) == 0).any()


def plateaus(values, patience, factor, threshold, cooldown, every):
    """torch's ReduceLROnPlateau in words: the factor at each step, looked at after it."""
    best, bad, rest, scale, factors = np.inf, 0, 0, 1.0, []
    for first in range(0, len(values), every):
        factors += [scale] * every
        mean = np.mean(values[first : first + every])
        best, bad = (mean, 0) if mean < best * (1 - threshold) else (best, bad + 1)
        if rest:
            rest, bad = rest - 1, 0
        if bad > patience:
            scale, rest, bad = scale * factor, cooldown, 0
    return factors


@pytest.mark.parametrize("every", [1, 2])
def test_plateaus_shorten_steps(every):
    values = np.random.default_rng(6).uniform(1, 2, 60)
    numbers = {"patience": 2, "factor": 0.5, "threshold": 0.01, "cooldown": 1, "every": every}
    written = ", ".join(f"{name}={number}" for name, number in numbers.items())
    setting = configure(f"plateau(sgd(lr=0.1), {written})")
    path = drive(setting, lambda x, t: np.ones(4), START, 60, lambda x, t: values[t - 1])
    factors = plateaus(values, **numbers)
    np.testing.assert_allclose(-np.diff(path, axis=0), 0.1 * np.array(factors)[:, None].repeat(4, 1), rtol=1e-9)
    assert min(factors) < 0.2
    assert configure(f"sgd(lr=plateau(0.1, {written}))") == setting


def test_plateaus_are_torchs():
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(7).uniform(1, 2, 80)
    x = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = torch.optim.SGD([x], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=3, cooldown=2)
    theirs = [x.detach().numpy().copy()]
    for f in values:
        x.grad = torch.ones(4, dtype=torch.float64)
        optimizer.step()
        scheduler.step(f)
        theirs.append(x.detach().numpy().copy())
    ours = configure("plateau(sgd(lr=0.1), factor=0.5, patience=3, cooldown=2)")
    path = drive(ours, lambda x, t: np.ones(4), START, 80, lambda x, t: values[t - 1])
    np.testing.assert_allclose(path, theirs, rtol=1e-12)


def test_lookahead_and_accumulation_are_optaxs():
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        params = optax.LookaheadParams.init_synced(jax.numpy.asarray(START))
        optimizer = optax.lookahead(optax.adam(0.05), sync_period=4, slow_step_size=0.3)
        state = optimizer.init(params)
        theirs = []
        for t in range(1, 41):
            change, state = optimizer.update(jax.numpy.asarray(disturbed(np.asarray(params.fast), t)), state, params)
            params = optax.apply_updates(params, change)
            theirs.append((np.asarray(params.fast), np.asarray(params.slow)))
        iterates, shown = walk("lookahead(adam(lr=0.05), k=4, alpha=0.3)", 40)
        np.testing.assert_allclose(iterates[1:], [fast for fast, _ in theirs], rtol=1e-10)
        np.testing.assert_allclose(shown[1:], [slow for _, slow in theirs], rtol=1e-10)


@pytest.mark.parametrize("base", ["adam", "adafactor", "clip_norm(sgd, limit=0.5)", "lookahead(lamb, k=2)"])
@pytest.mark.parametrize("shape", [(7,), (70, 3), (3, 4, 5)])
def test_columns_of_matrices_are_clipped_for_themselves(base, shape):
    slopes = np.random.default_rng(8).normal(size=(5, *shape))
    (ours, agc), (theirs, plain) = (
        (np.full(shape, 0.1), optviz.optimizer(text)) for text in (f"agc({base}, limit=0.3, eps=0.5)", base)
    )
    ours[..., 0] = theirs[..., 0] = 3
    (state, other), axes = (agc.init(ours), plain.init(theirs)), tuple(range(len(shape) - 1)) or None
    for g in slopes:
        size, length = (np.sqrt(np.sum(each**2, axes, keepdims=True)) for each in (theirs, g))
        agc.step(ours, g.copy(), state)
        plain.step(theirs, g * np.minimum(1, 0.3 * np.maximum(size, 0.5) / length), other)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


RULE = None


def shortened(x, g, c):
    return RULE(x, g * c)


def test_a_wrapper_may_have_a_number_with_the_name_of_a_slot_of_matrices():
    """Adafactor keeps c for the columns of matrices, and has no such slot for vectors."""
    own = wrappers.unregistered(shortened, "Shortened", defaults={"c": 0.5})
    parts = parts_of("adafactor", None, None, {})
    formula = assembled(replace(parts, wrappers=((own, {}),)))["formula"]
    assert formula.hyperparameters == formula.matrices.hyperparameters and "c" in formula.matrices.slots


def test_adaptive_gradient_clipping_is_optaxs():
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    rng = np.random.default_rng(9)
    ours = [rng.normal(size=shape) for shape in ((6, 4), (4,), (3, 3, 2, 5))]  # a layer, its biases, a convolution
    agc = optviz.optimizer("agc(sgd(lr=0.1), limit=0.2)")
    state = [agc.init(one) for one in ours]
    with jax.enable_x64(True):
        theirs = [jax.numpy.asarray(one) for one in ours]
        optimizer = optax.chain(optax.adaptive_grad_clip(0.2), optax.sgd(0.1))
        its = optimizer.init(theirs)
        for _ in range(20):
            slopes = [rng.normal(size=one.shape) for one in ours]
            agc.step(ours, slopes, state)
            change, its = optimizer.update([jax.numpy.asarray(one) for one in slopes], its, theirs)
            theirs = optax.apply_updates(theirs, change)
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


def test_objects_are_as_good_as_texts():
    expected = configure("lookahead(ema(adam(beta1=0.5), decay=0.9), k=3)")
    assert configure(wrappers.lookahead(wrappers.ema("adam(beta1=0.5)", decay=0.9), k=3)) == expected
    assert configure(wrappers.lookahead(configure("ema(adam(beta1=0.5), decay=0.9)"), k=3)) == expected


def test_names_that_are_taken_are_told_apart():
    setting = configure("lookahead(lookahead(ademamix(alpha=4), k=3), k=4, alpha=0.2)")
    numbers = setting.hyperparameters
    assert numbers["alpha"] == 4 and sorted(value for name, value in numbers.items() if name.endswith("k")) == [3, 4]
    assert sum(name.endswith("alpha") for name in numbers) == 3 and len(set(setting.formula.slots)) == 5
    assert setting.replace(lookahead_alpha=0.7).hyperparameters["lookahead_alpha"] == 0.7


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lookahead", "does not say what lookahead is put around"),
        ("lookahead()", "does not say what lookahead is put around"),
        ("lookahead(adam, sgd)", "does not say what lookahead is put around"),
        ("lookahead(adam, k=0)", "lookahead: k is 0"),
        ("lookahead(adam, k=2.5)", "lookahead: k is 2.5"),
        ("lookahead(adam, kk=2)", "lookahead has no hyperparameter 'kk'"),
        ("lookahead(adamm)", "unknown optimizer 'adamm'"),
        ("lookahaed(adam)", "unknown wrapper 'lookahaed'\nDid you mean 'lookahead'"),
        ("lookahead(adam, k=3", "the optimizer 'lookahead\\(adam, k=3' ends"),
        ("ema(adam, decay=1)", "ema: decay is 1"),
        ("adam(0.1)", "gives adam a value without a name"),
        ("lion(adam)", "puts lion around a rule, and it is a rule itself"),
        ("adam(lr=cosine(", "the optimizer 'adam\\(lr=cosine\\(' ends"),
        ("schedule_free_sgd(beta1=linear(0.9))", "beta1 says which point is reported"),
        ("adagrad(initial_accumulator_value=cosine(0.1))", "is only what the state begins with"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, problem):
    with pytest.raises(UsageError, match=problem) as error:
        configure(text)
    assert error.value.remedy


def test_drive_reported_is_the_iterate_without_a_reported_point():
    np.testing.assert_array_equal(drive_reported(configure("adam"), disturbed, START, 5), walk("adam", 5)[0])


def test_a_name_of_the_rule_that_is_off_is_taken_too():
    setting = configure("nesterovised(rmsprop(lr=0.1))")
    assert setting.hyperparameters["momentum"] == 0 and setting.hyperparameters["nesterovised_momentum"] == 0.9
    assert configure(setting.text).formula is setting.formula and "momentum" not in setting.short_text


def test_too_many_wrappers_are_refused_in_a_sentence():
    deep = "clip(accumulate(nesterovised(cautious(plateau(grokfast(lookahead(ema(swa(adam)))))))))"
    with pytest.raises(UsageError, match="stands around a rule with .* numbers of a step"):
        configure(deep)


def test_functions_of_the_step_give_the_numbers_themselves():
    run = optviz.minimize("booth", "adam", steps=5, lr=0.1, beta1=lambda t: 0.9)
    np.testing.assert_array_equal(run.points, optviz.minimize("booth", "adam", steps=5, lr=0.1).points)
    with pytest.raises(UsageError, match="adam: beta1 is 1.25 at step 5"):
        optviz.minimize("booth", "adam", steps=5, beta1=lambda t: t / 4)
    with pytest.raises(UsageError, match="the schedule .* fails at step 1: ZeroDivisionError"):
        optviz.minimize("booth", "adam", steps=5, lr=lambda t: 1 / 0)
    with pytest.raises(UsageError, match="adam: beta1 is 1.71 at step 10 of linear"):
        optviz.minimize("booth", "adam(beta1=linear(0.9, final=2, steps=10))", steps=10)


def test_the_decay_of_a_wrapper_is_a_number_and_the_form_of_a_decay_a_text():
    setting = configure("ema(sgd(weight_decay=0.1), decay=0.9)")
    assert setting.replace(decay=0.5).hyperparameters["decay"] == 0.5 and setting.replace(decay=0.5).decay == "l2"
    assert setting.replace(decay="decoupled").decay == "decoupled"
    again = setting.replace(**setting.hyperparameters)
    assert again.hyperparameters == setting.hyperparameters and again.formula is setting.formula

"""Weight decay in every form, uphill steps and schedules, around every rule: by formulas that are written out here."""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.formulas.adding import moved
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import DECAYS, configure
from optviz.runs.points.minimize import minimize
from tests.optimizers.driving import MOVED_BY_GRADIENTS, START, disturbed, drive
from tests.optimizers.reference import bowl

STEPS, DECAY = 60, 0.03
RULES = [rule.name for rule in MOVED_BY_GRADIENTS]
FREE = [name for name in RULES if "weight_decay" not in configure(name).formula.hyperparameters]


def alone(setting, x, g, slots, scalars, f):
    """One step of the rule itself on all coordinates, with the value f at the iterate: next x and slots."""
    formula = setting.formula
    hyper = [setting.hyperparameters[name] for name in formula.hyperparameters]
    value = [f] if formula.takes_value else []
    _, results = moved(formula, x.tolist(), g.tolist(), slots, [*value, *scalars], hyper)
    return np.array([result[0] for result in results]), [list(result[1:]) for result in results]


def decayed(setting, form, share):
    """The path of a rule with a decay that is written around it; `share` scales the decay where lr does not."""
    lr = setting.hyperparameters.get("lr", 1.0)
    x = np.array(START)
    begins = [setting.initial(slot) for slot in setting.formula.slots]
    slots = [[at if begin == "x" else begin for begin in begins] for at in x.tolist()]
    path, before = [x], {}
    for t in range(1, STEPS + 1):
        g, f = disturbed(x, t), bowl(x, t)
        before = setting.formula.step_scalars(float(t), setting.hyperparameters, before)
        scalars = [before[name] for name in setting.formula.table_names]
        if form == "l2":
            after, slots = alone(setting, x, g + DECAY * x, slots, scalars, f)
        elif form in ("decoupled", "scheduled", "fixed"):
            kept = 1 - (lr if form == "decoupled" else share) * DECAY
            after, slots = alone(setting, x * kept, g, slots, scalars, f)
        elif form == "proximal":
            after, slots = alone(setting, x, g, slots, scalars, f)
            after = after / (1 + lr * DECAY)
        else:
            after, slots = alone(setting, x, g, slots, scalars, f)
            after = after - lr * DECAY * x * ((x - after) * x >= 0)
        x = after
        path.append(x)
    return np.array(path)


@pytest.mark.parametrize("form", DECAYS)
@pytest.mark.parametrize("name", FREE)
def test_every_form_around_every_rule(name, form):
    base = configure(name, weight_decay=0)
    if "lr" not in base.hyperparameters and form not in ("l2", "fixed", "scheduled"):
        with pytest.raises(UsageError, match="has no lr to scale"):
            configure(name, weight_decay=DECAY, decay=form)
        return
    setting = configure(name, weight_decay=DECAY, decay=form)
    assert setting.decay == form and setting.hyperparameters["weight_decay"] == DECAY
    path, expected = drive(setting, disturbed, START, STEPS), decayed(base, form, 1.0)
    np.testing.assert_allclose(path, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", RULES)
def test_no_decay_is_the_rule_itself(name):
    plain = configure(name, weight_decay=0)
    assert plain.formula is configure(plain, weight_decay=0.0).formula
    assert plain.decay == "" and plain.formula in [f for forms in plain.rule.variants.values() for f in forms]


@pytest.mark.parametrize("name", RULES)
def test_uphill_is_downhill_on_the_negative(name):
    few = 20  # uphill, some rules go beyond all numbers
    up = drive(configure(name, maximize=True), disturbed, START, few)
    down = drive(configure(name), lambda x, t: -disturbed(x, t), START, few, lambda x, t: -bowl(x, t))
    np.testing.assert_array_equal(up, down)


@pytest.mark.parametrize("variant", ["torch", "keras", "optax", "paper"])
def test_the_form_belongs_to_the_variant(variant):
    expected = {"torch": "l2", "paper": "l2", "keras": "decoupled", "optax": "decoupled"}[variant]
    assert configure("adam", variant=variant, weight_decay=0.1).decay == expected
    assert configure("adamw", variant="torch").decay == "decoupled"
    assert configure("adamw", variant="paper", weight_decay=0.1).decay == "scheduled"


def test_adamw_of_the_paper_decays_by_the_schedule_alone():
    setting = configure("adamw", variant="paper", weight_decay=0.1, lr="linear(0.5, final=0, steps=10)")
    path = drive_scheduled(setting, 10)
    np.testing.assert_allclose(path[1:, 0] / path[:-1, 0], 1 - 0.1 * (1 - np.arange(10) / 10), rtol=1e-12)


def drive_scheduled(setting, steps):
    """Without a gradient: only the decay moves."""
    opt = optviz.optimizer(setting)
    x = np.array(START)
    state, path = opt.init(x), [x.copy()]
    for _ in range(steps):
        opt.step(x, np.zeros_like(x), state)
        path.append(x.copy())
    return np.array(path)


@pytest.mark.parametrize("name", ["sgd", "adam", "adagrad", "rmsprop", "nadam", "schedule_free_adamw"])
def test_a_constant_schedule_is_no_schedule(name):
    function = FUNCTIONS["beale"]
    plain = minimize(function, name, steps=30, lr=0.01)
    bent = minimize(function, name, steps=30, lr="constant(0.01)")
    np.testing.assert_array_equal(bent.points, plain.points)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adagrad"])
@pytest.mark.parametrize("table", ["torch", "keras"])
def test_a_scheduled_rate_is_the_rate_of_each_step(name, table):
    """Against an optimizer whose rate the caller changes before every step."""
    opt = optviz.optimizer(name, defaults=table, lr="cosine(0.2, steps=20, warmup=5)")
    hand = optviz.optimizer(name, defaults=table)
    x, y = np.array(START), np.array(START)
    state, other = opt.init(x), hand.init(y)
    for t in range(25):
        share = t / 5 if t < 5 else (1 + np.cos(np.pi * (t - 5) / 20)) / 2
        opt.step(x, disturbed(x, t + 1), state)
        hand.replace(lr=0.2 * share).step(y, disturbed(y, t + 1), other)
        np.testing.assert_allclose(x, y, rtol=1e-12)


def test_every_hyperparameter_can_follow_a_schedule():
    """Adam's own numbers, each at once, against the formula with other numbers at every step."""
    falling = "lr=linear(0.1, steps=50), beta1=linear(0.9, final=0.5, steps=50), eps=linear(1, steps=50)"
    text = f"adam({falling}, beta2=constant(0.99))"
    opt, x = optviz.optimizer(text), np.array(START)
    state, y, m, v = opt.init(x), np.array(START), 0.0, 0.0
    for t in range(1, 41):
        p = (t - 1) / 50
        lr, beta1, beta2, eps = 0.1 * (1 - p), 0.9 * (1 - p) + 0.45 * p, 0.99, 1 - p
        g = disturbed(y, t)
        opt.step(x, g.copy(), state)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        y = y - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        np.testing.assert_allclose(x, y, rtol=1e-11)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"weight_decay": -0.1}, "adam: weight_decay is -0.1"),
        ({"weight_decay": 0.1, "decay": "l3"}, "adam: decay is 'l3'"),
        ({"maximize": "yes"}, "adam: maximize is 'yes'"),
        ({"lr": "cosin(0.1)"}, "unknown schedule 'cosin'"),
        ({"lr": "cosine(0.1, warmup=-3)"}, "warmup"),
        ({"lr": "cosine(0.1, steps=100)"}, "steps is 100, the run has 20 steps"),
        ({"beta1": "linear(0.9, final=1.2)"}, "adam: beta1 is 1.0.* at step .* of linear"),
    ],
)
def test_what_cannot_be_meant_is_refused(given, problem):
    with pytest.raises((UsageError, TypeError), match=problem) as error:
        configure("adam", **given).resolved(20)
    assert error.value.remedy


def test_a_rate_that_may_not_be_zero_may_not_fall_to_it():
    with pytest.raises(UsageError, match="ftrl: lr is 0.0 at step 1 of cosine"):
        configure("ftrl", lr="cosine(0.1, warmup=3)").resolved(20)

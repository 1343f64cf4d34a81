"""Every rule as a transformation of optax: it moves as our optimizers for arrays do, under jit, scan and vmap."""

import pickle

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.optimizers import REGISTRY, configure
from optviz.runs.arrays.optimizer import Optimizer

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
ours = pytest.importorskip("optviz.optax")
jnp = jax.numpy

SHAPES = {"w": (4, 3), "k": (2, 1, 3), "b": (5,), "c": ()}
RULES = [rule for rule in REGISTRY if rule.module.startswith("optviz.") and rule.kind in ours.KINDS]
PAIRS = [(rule.name, variant) for rule in RULES for variant in rule.variants]
WRAPPED = ("lookahead(adam, k=2)", "clip_global_norm(adamw, limit=0.5)", "ema(sgd)", "cautious(lion)", "agc(momentum)")


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def draws(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}


def walked(transformation, steps=6, dtype=np.float64, **more):
    """The parameters after some steps, each of which is compiled as a whole."""
    params = jax.tree.map(jnp.asarray, draws(0, dtype))
    state = transformation.init(params)

    @jax.jit
    def step(params, state, gradients):
        changes, state = transformation.update(gradients, state, params, **more)
        return optax.apply_updates(params, changes), state

    for k in range(steps):
        params, state = step(params, state, jax.tree.map(jnp.asarray, draws(1 + k, dtype)))
    return params, state


def as_arrays(setting, steps=6, numbers=lambda k: {}):
    """The arrays after the same steps of an optimizer of our own."""
    arrays, opt = {name: np.array(x) for name, x in draws(0).items()}, Optimizer(setting.resolved())
    state = opt.init(arrays)
    value = {"value": 1.5} if setting.formula.takes_value else {}
    for k in range(steps):
        opt.step(arrays, {name: np.array(x) for name, x in draws(1 + k).items()}, state, **value, **numbers(k))
    return arrays


def far(found, expected):
    return max(float(np.abs(found[name] - expected[name]).max() / np.abs(expected[name]).max()) for name in SHAPES)


@pytest.mark.thin(6)
@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_every_rule_moves_as_arrays_do(name, variant):
    setting = configure(name, variant=variant)
    found, state = walked(ours.transformation(name, variant=variant), value=1.5)
    assert far(found, as_arrays(setting)) < (1e-11 if setting.kind == "matrices" else 1e-13)
    assert state.count == 6


@pytest.mark.parametrize("text", WRAPPED)
def test_what_is_put_around_rules(text):
    assert far(walked(ours.transformation(text))[0], as_arrays(configure(text))) < 1e-13


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (lambda: ours.adam(0.1, defaults="optax"), lambda: optax.adam(0.1)),
        (lambda: ours.adamw(0.1, defaults="optax"), lambda: optax.adamw(0.1)),
        (lambda: ours.momentum(0.1, momentum=0.9, variant="optax"), lambda: optax.sgd(0.1, 0.9)),
        (lambda: ours.nesterov(0.1, momentum=0.9, variant="optax"), lambda: optax.sgd(0.1, 0.9, nesterov=True)),
        (lambda: ours.lamb(0.1, defaults="optax"), lambda: optax.lamb(0.1)),
    ],
)
def test_what_optax_has_moves_alike(mine, theirs):
    assert far(walked(mine())[0], walked(theirs())[0]) < 1e-13
    assert (
        far(walked(mine(), dtype=np.float32)[0], walked(theirs(), dtype=np.float32)[0]) < 1e-5
    )  # of a number that has come near 0


@pytest.mark.parametrize("dtype", [np.float32, "bfloat16", np.float16])
@pytest.mark.parametrize("name", ["adam", "muon", "soap"])
def test_dtypes_stay(name, dtype):
    params, state = walked(ours.transformation(name, lr=0.1), dtype=jnp.dtype(dtype))
    assert all(x.dtype == dtype for x in jax.tree.leaves((params, state.slots)))
    assert all(bool(jnp.isfinite(x).all()) for x in jax.tree.leaves(params))


def test_muon_is_optaxs():
    matrices = lambda params: jax.tree.map(
        lambda x: optax.contrib.MuonDimensionNumbers() if x.ndim == 2 else None, params
    )
    theirs = optax.contrib.muon(0.02, muon_weight_dimension_numbers=matrices, consistent_rms=None)
    found, expected = (walked(one)[0] for one in (ours.muon(0.02, variant="optax", defaults="optax"), theirs))
    # Of three axes we move the matrix of the first and the others; optax's vectors go by Nesterov's AdamW.
    np.testing.assert_allclose(found["w"], expected["w"], rtol=1e-12)


def test_a_rate_that_is_scheduled_reaches_vectors_too():
    rate = lambda count: 0.1 / (1 + count)
    found, _ = walked(ours.muon(rate, adam_lr_ratio=0.5))
    assert far(found, as_arrays(configure("muon", adam_lr_ratio=0.5), numbers=lambda k: {"lr": 0.1 / (1 + k)})) < 1e-11


def test_roots_are_made_only_where_they_are_asked_for():
    """As a branch of the program, and not as a choice between two results."""
    rule, x = ours.shampoo(refresh_every=10), jnp.ones((3, 2))
    state = rule.init(x)
    program = jax.make_jaxpr(lambda g: rule.update(g, state, x))(x)
    parts = {(one.primitive.name, one.params.get("name")) for one in program.eqns}
    assert "cond" in {kind for kind, _ in parts} and "eigh" not in {name for part in parts for name in part}


def test_schedules_are_optaxs():
    rate = optax.cosine_decay_schedule(0.1, 6)
    found, _ = walked(ours.adam(rate, defaults="optax"))
    assert far(found, walked(optax.adam(rate))[0]) < 1e-14
    betas = optax.linear_schedule(0.9, 0.5, 6)
    found, _ = walked(ours.nadam(lr=rate, beta1=betas))
    numbers = lambda k: {"lr": float(rate(k)), "beta1": float(betas(k))}
    assert far(found, as_arrays(configure("nadam"), numbers=numbers)) < 1e-7  # optax makes numbers in float32


def test_a_decay_that_a_schedule_switches_on():
    found, _ = walked(ours.sgd(0.1, weight_decay=lambda count: 0.5 * (count > 2)))
    expected = as_arrays(
        configure("sgd", weight_decay=0.5), numbers=lambda k: {"lr": 0.1, "weight_decay": 0.5 * (k > 2)}
    )
    assert far(found, expected) < 1e-13


def test_many_at_once_and_whole_loops():
    rule = ours.adam(0.1)

    def run(start):
        def step(carry, k):
            x, state = carry
            changes, state = rule.update(2 * x + 0.1 * k, state, x)
            return (optax.apply_updates(x, changes), state), x.sum()

        return jax.lax.scan(step, (start, rule.init(start)), jnp.arange(20.0))

    starts = jnp.asarray(np.random.default_rng(0).normal(size=(7, 3)))
    together, _ = jax.vmap(run)(starts)
    for start, end in zip(starts, together[0], strict=True):
        np.testing.assert_allclose(run(start)[0][0], end, rtol=1e-12)


def test_other_transformations_around_it():
    chained = optax.chain(optax.clip_by_global_norm(0.5), ours.lion(0.01), optax.scale(1.0))
    masked = optax.masked(ours.adam(0.1), {"w": True, "k": True, "b": False, "c": False})
    for transformation in (chained, masked, optax.MultiSteps(ours.adam(0.1), 2)):
        params, _ = walked(transformation)
        assert all(np.isfinite(x).all() for x in params.values())


def test_states_are_trees_that_can_be_saved():
    _, state = walked(ours.nadam(0.1))
    again = pickle.loads(pickle.dumps(state))
    assert jax.tree.structure(again) == jax.tree.structure(state) and float(again.scalars["product"]) < 1


def test_hypergradients_agree_with_differences():
    def end(rate):
        rule, x = ours.adam(rate), jnp.array([1.0, -2.0])
        state = rule.init(x)
        for _ in range(4):
            changes, state = rule.update(jnp.array([2.0, 1.0]) * x, state, x)
            x = x + changes
        return (x**2).sum()

    slope = float(jax.grad(lambda scale: end(lambda count: scale))(0.1))
    assert slope == pytest.approx(float(end(0.1 + 1e-6) - end(0.1 - 1e-6)) / 2e-6, rel=1e-6)


def stepped(rule, state=None, g=None):
    x = jnp.ones(2)
    return rule.update(x if g is None else g, rule.init(x) if state is None else state, x)


@pytest.mark.parametrize("name", ["schedule_free_adamw", "dog", "ema(sgd)", "lookahead(sgd)", "muon"])
def test_parameters_and_state_may_be_donated(name):
    rule, x = ours.transformation(name), jnp.ones((2, 2))
    changes, _ = jax.jit(rule.update, donate_argnums=(1, 2))(jnp.ones((2, 2)), rule.init(x), x)
    assert bool(jnp.isfinite(changes).all())


@pytest.mark.parametrize("name", ["muon", "scion", "adam"])
def test_numbers_that_are_injected_are_traced(name):
    rule, x = optax.inject_hyperparams(getattr(ours, name))(lr=0.1), jnp.ones((3, 2))
    changes, _ = jax.jit(rule.update)(x, rule.init(x), x)
    np.testing.assert_allclose(
        changes, ours.transformation(name, lr=0.1).update(x, ours.transformation(name).init(x), x)[0]
    )


@pytest.mark.parametrize("shape", [(3, 0), (0, 0), (2, 0, 3), (0,)])
@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.kind == "matrices"])
def test_matrices_without_elements(name, shape):
    rule, x = ours.transformation(name), jnp.ones(shape)
    assert rule.update(x, rule.init(x), x)[0].shape == shape


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: ours.adam(-1.0), UsageError, "lr is -1"),
        (lambda: ours.adam("fast"), UsageTypeError, "lr is .fast."),
        (lambda: ours.adam(rate=0.1), UsageError, "no hyperparameter 'rate'"),
        (lambda: ours.adam(rate=lambda count: 0.1), UsageError, "no hyperparameter 'rate'"),
        (lambda: ours.adam(beta1=None), UsageTypeError, "beta1 is None"),
        (lambda: ours.lbfgs(), UsageError, "rule of solver, which needs more than a gradient"),
        (lambda: ours.muon(ns_steps=lambda count: 5), UsageTypeError, "ns_steps is the same at every step"),
        (lambda: ours.scion(sign=lambda count: True), UsageTypeError, "sign is the same at every step"),
        (lambda: stepped(ours.adam(lambda count: "x")), UsageTypeError, "lr is 'x' at a step"),
        (
            lambda: stepped(ours.adam(lambda count: jnp.ones(3))),
            UsageTypeError,
            "lr is an array of shape .3,. at a step",
        ),
        (lambda: stepped(ours.adam(), state=ours.muon().init(jnp.ones(2))), UsageError, "state is not one of adam"),
        (lambda: stepped(ours.adam(), state=()), UsageError, "state is not one of adam"),
        (lambda: stepped(ours.adam(), g=jnp.ones(2) * 1j), UsageTypeError, "a gradient is complex"),
        (lambda: ours.transformation("sam(sgd)"), UsageError, "rule of looks"),
        (lambda: ours.transformation("adam(lr=cosine(0.1, steps=9))"), UsageError, "lr has a schedule"),
        (lambda: ours.adom, UnknownNameError, "no rule adom"),
        (lambda: ours.adam().update(1.0, ours.adam().init(1.0)), UsageError, "needs the parameters"),
        (lambda: ours.polyak().update(1.0, ours.polyak().init(1.0), 1.0), UsageError, "needs the loss"),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_the_names():
    assert {"adam", "schedule_free_adamw", "transformation", "State"} <= {*dir(ours)} and "lbfgs" not in dir(ours)
    with pytest.raises(AttributeError):
        ours.adom  # noqa: B018


def test_rates_that_are_traced():
    x, g = jnp.array([1.0, 2.0]), jnp.array([3.0, -4.0])

    def changed(rate, make=ours.adam):
        rule = make(rate)
        return rule.update(g, rule.init(x), x)[0]

    expected = changed(0.1)
    np.testing.assert_allclose(jax.jit(changed)(0.1), expected, rtol=1e-12)
    np.testing.assert_allclose(jax.vmap(changed)(jnp.array([0.1, 0.2]))[1], 2 * expected, rtol=1e-9)
    injected = optax.inject_hyperparams(ours.lion)(lr=0.1)
    np.testing.assert_allclose(injected.update(g, injected.init(x), x)[0], [-0.1, 0.1], rtol=1e-12)


@pytest.mark.parametrize("leaf", [np.array([1, 2]), np.array([1 + 2j])])
def test_leaves_that_are_no_floats_are_refused(leaf):
    with pytest.raises(UsageTypeError, match="moves floating-point numbers"):
        ours.adam().init(jnp.asarray(leaf))


def test_gradients_that_do_not_fit_are_refused():
    rule, x = ours.adam(), jnp.ones(2)
    for gradient in (jnp.ones((3, 2)), jnp.ones(()), None):
        with pytest.raises(UsageError, match="a gradient is"):
            rule.update(gradient, rule.init(x), x)

"""What is known about Adam's family without anybody's code: kinship, first steps, counter-examples, invariances."""

import math

import numpy as np
import pytest

from optviz.optimizers import REGISTRY, configure
from optviz.optimizers._formulas import logarithm
from tests.optimizers.driving import START, disturbed, drive, relative, scalars_at

ADAM = {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6}
SAME = [
    (("qhadam", {"nu1": 1, "nu2": 1}), ("adam", {})),
    (("ademamix", {"alpha": 0}), ("adam", {})),
    (("adamw", {"weight_decay": 0}), ("adam", {})),
    (("nadamw", {"weight_decay": 0}), ("nadam", {})),
    (("nadam", {"variant": "keras", "momentum_decay": 0.004}), ("nadam", {"variant": "torch"})),
    (("padam", {"partial": 0.5}), ("amsgrad", {"variant": "paper"})),
    (("adabound", {"gamma": 1e-300, "final_lr": 1}), ("adam", {"variant": "keras"})),
    (("amsbound", {"gamma": 1e-300, "final_lr": 1}), ("amsgrad", {"variant": "keras"})),
    (("adamod", {"beta3": 0}), ("adam", {})),
    (("laprop", {"variant": "authors"}), ("laprop", {"variant": "paper"})),
    (("laprop", {"beta1": 0}), ("adam", {"beta1": 0})),
    (("adan", {"beta2": 0, "beta3": 0.95}), ("adam", {})),
    (("adamaxw", {"weight_decay": 0}), ("adamax", {})),
]


def path_of(name, hyper, steps=100):
    numbers = {key: value for key, value in ADAM.items() if key in REGISTRY[name].hyperparameters} | hyper
    return drive(configure(name, **numbers), disturbed, START, steps)


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda rule: rule[0])
def test_rules_that_are_others(one, other):
    assert relative(path_of(*one), path_of(*other)) < 1e-12


def test_nosadam_without_nostalgia_is_adamnc():
    paths = [drive(configure(name, lr=0.1, **more), disturbed, START, 100)
             for name, more in (("nosadam", {"gamma": 0}), ("adamnc", {}))]  # fmt: skip
    assert relative(*paths) < 1e-13


def test_adax_with_hardly_any_growth_is_adamnc():
    assert relative(
        drive(configure("adax", lr=0.1, beta2=1e-7, eps=1e-8), disturbed, START, 100),
        drive(configure("adamnc", lr=0.1), disturbed, START, 100),
    ) < 1e-5  # fmt: skip


def test_adamnc_with_a_falling_learning_rate_is_adagrad():
    """Mean times t is the sum, so that lr / sqrt(t) over the root of the mean is lr over the root of the sum."""
    gradients = np.random.default_rng(3).normal(size=60)
    rule = REGISTRY["adamnc"].variants["paper"][0]
    x, m, v = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients.tolist(), start=1):
        x, m, v = rule.update(x, g, m, v, *rule.scalars(float(t)).values(), 0.1 / math.sqrt(t), 0.0, 0.0)
    adagrad = drive(configure("adagrad", lr=0.1, eps=0), lambda x, t: [gradients[t - 1]], [0.0], 60)
    assert x == pytest.approx(adagrad[-1, 0], rel=1e-12)


def reddis_example(name, C=3.0, steps=3000, **more):
    """C x once in three steps, -x twice, on [-1, 1]: the sum is best at -1."""
    setting = configure(name, variant="paper", lr=1, beta1=0, beta2=1 / (1 + C**2), eps=0, **more)
    formula, (x, slots) = setting.formula, (0.0, [0.0] * len(setting.formula.slots))
    for t in range(1, steps + 1):
        g = C if t % 3 == 1 else -1.0
        numbers = setting.hyperparameters | {"lr": 0.5 / math.sqrt(t)} | scalars_at(setting, float(t))
        given = [numbers[name] for name in (*formula.scalar_names, *formula.hyperparameters)]
        x, *slots = formula.update(x, g, *slots, *given)
        x = min(max(x, -1.0), 1.0)
    return x


def test_reddis_example_misleads_adam_and_not_amsgrad():
    assert reddis_example("adam") > 0.95
    assert reddis_example("amsgrad") < -0.95


def test_torchs_amsgrad_may_lengthen_its_steps_where_the_papers_cannot():
    """One large gradient, then small equal ones: torch's correction of the maximum falls, and its steps grow."""
    gradients = [10.0] + [1.0] * 60
    for variant, grows in (("torch", True), ("optax", False)):
        setting = configure("amsgrad", variant=variant, lr=0.1, beta1=0, beta2=0.9)
        steps = -np.diff(drive(setting, lambda x, t: [gradients[t - 1]], [0.0], 61)[1:, 0])
        assert bool(steps[-1] > 2 * steps[0]) is grows


@pytest.mark.parametrize(("variant", "first"), [("paper", 5), ("torch", 6), ("optax", 6)])
def test_radam_rectifies_from_the_known_step_on(variant, first):
    setting = configure("radam", variant=variant)
    rectified = [t for t in range(1, 20) if scalars_at(setting, float(t))["r"] > 0]
    assert rectified == list(range(first, 20))


@pytest.mark.parametrize("variant", ["paper", "torch", "optax"])
def test_radam_never_rectifies_with_a_short_memory(variant):
    for beta2 in (0, 1 / 3, 0.5, 0.6):
        setting = configure("radam", variant=variant, beta2=beta2, lr=0.1)
        assert all(scalars_at(setting, float(t))["r"] == 0 for t in range(1, 300))
        path = drive(setting, lambda x, t: [1000.0], [0.0], 3)
        np.testing.assert_allclose(np.diff(path[:, 0]), -100, rtol=1e-12)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [("keras", {1: 0.468, 10: 0.601, 100: 0.892, 1000: 0.900}), ("torch", {1: 0.450, 10: 0.451, 100: 0.457})],
)
def test_keras_momentum_rises_two_hundred_and_fifty_times_as_fast(variant, expected):
    from optviz.optimizers.nadam import momentum_at

    psi = configure("nadam", variant=variant).hyperparameters["momentum_decay"]
    for t, momentum in expected.items():
        assert momentum_at(t, 0.9, psi) == pytest.approx(momentum, abs=5.1e-4)


def test_optax_counts_adans_change_less_than_its_authors():
    """On gradients that alternate, the change is twice the gradient: the authors' v is 0.92 / 0.08 times optax's."""
    alternating = lambda x, t: [(-1.0) ** t]
    paper, optax = (
        scalars_free_numerator(configure("adan", variant=variant, beta1=0, beta3=0, lr=1), alternating)
        for variant in ("paper", "optax")
    )
    assert paper == pytest.approx(0.92 / 0.08 * optax, rel=1e-6)


def scalars_free_numerator(setting, gradient):
    """What Adan adds to the newest gradient in its numerator, in its second step."""
    path = drive(setting, gradient, [0.0], 2)[:, 0]
    share = setting.hyperparameters["beta2"] if setting.variant == "paper" else 1 - setting.hyperparameters["beta2"]
    root = math.sqrt((1 + 2 * share) ** 2 + setting.hyperparameters["eps_root"]) + 1e-8
    return (path[1] - path[2]) * root - 1


@pytest.mark.parametrize("g", [1e-3, -0.5, 2e4])
def test_first_steps(g):
    """Against the gradient, of a size in units of lr that does not depend on it."""

    def first(name, **hyper):
        step = drive(configure(name, lr=0.1, **hyper), lambda x, t: [g], [0.0], 1)[1, 0]
        return pytest.approx(-step / math.copysign(0.1, g), rel=1e-12)

    for name in ("adamax", "qhadam", "grams"):
        assert first(name, eps=0) == 1
    assert first("ano", eps=0, beta2=0.99) == 1
    assert first("adabelief", eps=0, eps_root=0) == 1 / 0.9  # g - m is 0.9 g
    assert first("adamd", eps=0) == 0.1
    assert first("adam_atan2") == math.pi / 4
    assert first("exadam", eps=0) == (1 + 0.999) * (1 + 1 / 0.1) / math.sqrt(1 + 0.9)
    assert first("adopt") == 0
    assert first("amsgrad", variant="paper", eps=0) == 0.1 / math.sqrt(0.001)


def test_ademamix_starts_with_adams_step_and_a_thousandth():
    """At beta3 = 0.9999 the slow average holds 1e-4 of the first gradient, five times over."""
    step = drive(configure("ademamix", lr=0.1, eps=0), lambda x, t: [3.0], [0.0], 1)[1, 0]
    assert step == pytest.approx(-0.1 * (1 + 5e-4), rel=1e-12)


def test_ademamix_comes_to_its_numbers_at_its_horizon():
    setting = configure("ademamix", horizon=1000, alpha=8)
    known = [scalars_at(setting, float(t)) for t in (1, 500, 999, 1000, 5000)]
    assert [scalars["weight"] for scalars in known] == pytest.approx([0.008, 4, 7.992, 8, 8])
    keep = [scalars["keep"] for scalars in known]
    assert keep == sorted(keep) and keep[0] > 0.9 and keep[3] == keep[4] == 0.9999
    half_lives = [math.log(0.5) / math.log(scalars["keep"]) for scalars in known]
    start, end = math.log(0.5) / math.log(0.9), math.log(0.5) / math.log(0.9999)
    assert half_lives[1] == pytest.approx((start + end) / 2, rel=1e-9)  # halfway in time is halfway in memory


@pytest.mark.parametrize("x", [1.0, 1 - 1e-12, 0.9999, 0.9, 0.5, 0.4999, 0.1, 1e-3, 1e-15])
def test_the_logarithm_of_step_scalars(x):
    assert logarithm(x) == pytest.approx(math.log(x), rel=4e-16, abs=0)
    assert logarithm(np.array([x, 0.5]))[0] == logarithm(x)


SCALE_FREE = [
    ("amsgrad", "paper"), ("amsgrad", "torch"), ("amsgrad", "keras"), ("amsgrad", "optax"), ("adamax", "keras"),
    ("adamax", "torch"), ("nadam", "torch"), ("nadam", "paper"), ("nadam", "optax"), ("adabelief", "paper"),
    ("yogi", "paper"), ("adamod", "paper"), ("qhadam", "paper"), ("adan", "paper"), ("adopt", "paper"),
    ("ademamix", "paper"), ("simplified_ademamix", "paper"), ("laprop", "paper"), ("grams", "paper"), ("ano", "paper"),
    ("exadam", "paper"), ("adapnm", "paper"), ("adam_atan2", "paper"), ("adamd", "paper"), ("adamnc", "paper"),
    ("nosadam", "paper"), ("adax", "paper"), ("expectigrad", "paper"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "variant"), SCALE_FREE)
def test_scaling_the_objective_changes_nothing(name, variant):
    formula = REGISTRY[name].variants[variant][0]
    given = {"lr": 0.1} | {eps: 1e-200 for eps in ("eps", "eps_root") if eps in formula.hyperparameters}
    gradients = np.random.default_rng(1).normal(size=30)
    for scale in (2.0**-20, 2.0**10):
        path, scaled = (
            drive(configure(name, variant=variant, **given), lambda x, t, by=by: [by * gradients[t - 1]], [0.0], 30)
            for by in (1.0, scale)
        )
        assert relative(scaled, path) < 1e-13


@pytest.mark.parametrize("name", ["radam", "adabound", "diffgrad", "adamg", "acprop"])
def test_scaling_the_objective_changes_the_path_of_some(name):
    gradients = np.random.default_rng(1).normal(size=30)
    path, scaled = (
        drive(configure(name, lr=0.1), lambda x, t, by=by: [by * gradients[t - 1]], [0.0], 30) for by in (1.0, 1e3)
    )
    assert relative(scaled, path) > 1e-3


def test_grams_never_steps_uphill_where_adams_momentum_does():
    gradients = [1.0] * 20 + [-0.1] * 3
    steps = lambda name: np.diff(drive(configure(name), lambda x, t: [gradients[t - 1]], [0.0], 23)[:, 0])
    assert np.all(steps("grams") * gradients < 0)
    assert np.all(steps("adam")[20:] * gradients[20:] > 0)


def test_yogi_forgets_slower_than_adam():
    gradients = [10.0] + [0.01] * 400
    far = {
        name: drive(
            configure(name, variant="optax", defaults="paper", beta1=0, lr=0.1, eps=1e-8),
            lambda x, t: [gradients[t - 1]], [0.0], 401,
        )[-1, 0]
        for name in ("yogi", "adam")
    }  # fmt: skip
    assert far["adam"] < far["yogi"] < 0


def test_adabounds_step_size_ends_at_its_final_learning_rate():
    setting = configure("adabound", lr=1e-3, final_lr=0.05, gamma=1, beta1=0)
    path = drive(setting, lambda x, t: [2.0, -100.0], [0.0, 0.0], 5000)
    np.testing.assert_allclose(path[-1] - path[-2], [-0.1, 5.0], rtol=1e-3)


def test_adamod_warms_up_by_itself():
    path = drive(configure("adamod", lr=0.1), lambda x, t: [3.0], [0.0], 3000)[:, 0]
    steps = -np.diff(path)
    assert steps[0] < 2e-4 and np.all(np.diff(steps) > -1e-12) and steps[-1] > 0.09


def test_expectigrad_does_not_count_steps_without_a_gradient():
    sparse = [2.0, 0.0, 0.0, 2.0]
    setting = configure("expectigrad", lr=0.1, beta1=0, eps=1e-12)
    steps = np.diff(drive(setting, lambda x, t: [sparse[t - 1]], [0.0], 4)[:, 0])
    np.testing.assert_allclose(steps, [-0.1, 0, 0, -0.1], rtol=1e-9)


def wilsons_data():
    """(n, d) examples, a third negative: the label, two ones, and coordinates of each example's own; (n,) labels."""
    labels = np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])
    own = [1 if label > 0 else 5 for label in labels]
    rows = np.repeat(np.arange(6), own)
    return np.column_stack([labels, np.ones(6), np.ones(6), rows == np.arange(6)[:, None]]), labels


@pytest.mark.parametrize("name", ["adam", "rmsprop", "adagrad", "amsgrad", "yogi", "adamax", "sgd", "momentum"])
def test_wilsons_example_leads_adaptive_rules_to_the_sign_solution(name):
    """Wilson et al. 2017, arXiv:1705.08292, lemma 3.1: all weights end equally large and call every newcomer positive.

    Gradient descent finds the solution of the smallest norm, whose first weight decides as it should.
    """
    data, labels = wilsons_data()
    adaptive = name not in ("sgd", "momentum")
    hyper = {"lr": 0.01, "eps": 1e-12} if adaptive else {"lr": 0.1}
    gradient = lambda w, t: data.T @ (data @ w - labels) / len(labels)
    w = drive(configure(name, **hyper), gradient, np.zeros(data.shape[1]), 3000)[-1]
    expected = np.sign(data.T @ labels) / 4 if adaptive else data.T @ np.linalg.solve(data @ data.T, labels)
    np.testing.assert_allclose(w, expected, atol=0.01)
    verdict = w[0] * -1 + w[1] + w[2]  # a new example whose label is -1
    assert (verdict > 0) == adaptive

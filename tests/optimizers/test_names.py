"""What users of other libraries type: class names in any case, other names, and switches that make another rule."""

import pytest

from optviz.errors import UsageError, UsageTypeError
from optviz.optimizers import FAMILIES, REGISTRY, configure
from optviz.registry import folded
from tests.optimizers.driving import BUILT_IN

SPELLINGS = {
    "AdamW": "adamw", "RMSprop": "rmsprop", "NAG": "nesterov", "nag": "nesterov", "heavy-ball": "momentum",
    "heavy_ball": "momentum", "HeavyBall": "momentum", "SGDM": "momentum", "NAdam": "nadam", "Adagrad": "adagrad",
    "ScheduleFreeAdamW": "schedule_free_adamw", "schedule-free-sgd": "schedule_free_sgd", "Adam": "adam",
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_names_in_any_spelling(name):
    assert configure(name) == configure(SPELLINGS[name])
    assert configure(f"{name}(lr=0.5)").rule.name == SPELLINGS[name]


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
def test_other_names_are_names_that_would_not_be_found_without_them(rule):
    spelled = [folded(name) for name in (rule.name, *rule.names)]
    assert len({*spelled}) == len(spelled)
    assert all(REGISTRY[name] is rule for name in (*rule.names, rule.name.upper()))
    assert rule.family in FAMILIES


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sgd", "sgd"),
        ("sgd(momentum=0, lr=0.1)", "sgd(lr=0.1)"),
        ("sgd(momentum=0.0, dampening=0.5)", "sgd"),
        ("sgd(dampening=0.5, nesterov=False)", "sgd"),
        ("sgd(momentum=0.8)", "momentum(momentum=0.8)"),
        ("SGD(momentum=0.9, dampening=0.1, nesterov=0)", "momentum(dampening=0.1)"),
        ("sgd(lr=0.1, momentum=0.9, nesterov=True)", "nesterov(lr=0.1)"),
        ("sgd(momentum=0.9, nesterov=True, dampening=0, variant=keras)", "nesterov(variant=keras)"),
        ("sgd(momentum=linear(0.9), variant=keras)", "momentum(momentum=linear(0.9), variant=keras)"),
        ("sgd(learning_rate=0.1, momentum=0.9)", "momentum(lr=0.1)"),
        ("adam(amsgrad=False, decoupled_weight_decay=False)", "adam"),
        ("Adam(amsgrad=True, betas=(0.8, 0.99))", "amsgrad(beta1=0.8, beta2=0.99)"),
        ("adam(amsgrad=true, variant=keras)", "amsgrad(variant=keras)"),
        ("adam(decoupled_weight_decay=True, weight_decay=0.1)", "adam(decay=decoupled, weight_decay=0.1)"),
        (
            "adam(decoupled_weight_decay=True, amsgrad=True, weight_decay=0.1)",
            "amsgrad(decay=decoupled, weight_decay=0.1)",
        ),
        ("adamw(amsgrad=True)", "amsgradw"),
        ("adamw(amsgrad=False)", "adamw"),
        ("nadam(decoupled_weight_decay=True, weight_decay=0.1)", "nadam(decay=decoupled, weight_decay=0.1)"),
        ("radam(decoupled_weight_decay=True, weight_decay=0.1)", "radam(decay=decoupled, weight_decay=0.1)"),
        ("RMSprop(alpha=0.9)", "rmsprop(rho=0.9)"),
    ],
)
def test_switches_of_a_class_make_another_rule(typed, meant):
    assert configure(typed) == configure(meant)


def test_switches_as_keywords():
    assert configure("sgd", momentum=0.9, nesterov=True) == configure("nesterov")
    assert configure("adamw", amsgrad=True).hyperparameters["weight_decay"] == 0.01
    assert configure("adam", amsgrad=True).hyperparameters.get("weight_decay", 0) == 0


@pytest.mark.parametrize(
    ("typed", "kind", "said"),
    [
        ("sgd(nesterov=True)", UsageError, "sgd: nesterov is on, and momentum is not"),
        ("sgd(momentum=0, nesterov=True)", UsageError, "sgd: nesterov is on, and momentum is not"),
        ("sgd(momentum=0.9, nesterov=True, dampening=0.1)", UsageError, "sgd: nesterov stands beside dampening"),
        ("sgd(nesterov=2)", UsageTypeError, "sgd: nesterov is 2"),
        ("adam(amsgrad=maybe)", UsageTypeError, "adam: amsgrad is 'maybe'"),
        ("adam(fused=True)", UsageError, "adam: fused has no meaning here"),
        ("sgd(momentum=0.9, foreach=True)", UsageError, "momentum: foreach has no meaning here"),
        ("adamax(amsgrad=True)", UsageError, "adamax has no hyperparameter 'amsgrad'"),
        ("sgd(momentum=1.5)", UsageError, "momentum: momentum is 1.5"),
    ],
)
def test_switches_that_do_not_fit_are_refused(typed, kind, said):
    with pytest.raises(kind) as refusal:
        configure(typed)
    assert refusal.value.problem.startswith(said)


def test_adafactor_as_torch_writes_it():
    setting = configure("Adafactor", beta2_decay=-0.7, eps=(None, 0.5))
    assert setting == configure("adafactor", decay_power=0.7, eps2=0.5)
    assert configure("adafactor", eps=(0.1, 0.2)) == configure("adafactor", eps=0.1, eps2=0.2)
    with pytest.raises(UsageError, match="beta2_decay is 0.8"):
        configure("adafactor", beta2_decay=0.8)
    with pytest.raises(UsageTypeError, match="beta2_decay is True"):
        configure("adafactor", beta2_decay=True)

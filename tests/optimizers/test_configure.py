"""From a name to one formula and one set of numbers."""

import inspect

import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.optimizers import DEFAULT_TABLES, REGISTRY, configure, optimizer
from tests.optimizers.driving import BUILT_IN, PAIRS

# torch 2.13.0, Keras 3.15.1, optax 0.2.8 and the papers; where a table does not say, another's number fills in.
DEFAULTS = {
    "sgd": {"torch": {"lr": 1e-3}, "keras": {"lr": 0.01}},
    "momentum": {"torch": {"lr": 1e-3, "dampening": 0}, "keras": {"lr": 0.01}, "paper": {"momentum": 0.9}},
    "nesterov": {"torch": {"lr": 1e-3}, "keras": {"lr": 0.01}, "paper": {"momentum": 0.9}},
    "adagrad": {
        "torch": {"lr": 0.01, "eps": 1e-10, "initial_accumulator_value": 0, "lr_decay": 0},
        "keras": {"lr": 1e-3, "eps": 1e-7, "initial_accumulator_value": 0.1},
        "paper": {"initial_accumulator_value": 0},
        "optax": {"eps": 1e-7, "initial_accumulator_value": 0.1},
    },
    "adadelta": {
        "torch": {"lr": 1, "rho": 0.9, "eps": 1e-6},
        "keras": {"lr": 1e-3, "rho": 0.95, "eps": 1e-7},
        "paper": {"lr": 1, "rho": 0.95, "eps": 1e-6},
        "optax": {"lr": 1, "rho": 0.9, "eps": 1e-6},
    },
    "rmsprop": {
        "torch": {"lr": 0.01, "rho": 0.99, "eps": 1e-8, "momentum": 0, "centered": False},
        "keras": {"lr": 1e-3, "rho": 0.9, "eps": 1e-7, "momentum": 0, "centered": False},
        "paper": {"lr": 1e-3, "rho": 0.9},
        "optax": {"rho": 0.9, "eps": 1e-8, "momentum": 0, "centered": False},
    },
    "adam": {
        "torch": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "keras": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7},
        "paper": {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        "optax": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    },
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_default_tables(name):
    assert REGISTRY[name].defaults == DEFAULTS[name]
    for table, numbers in DEFAULTS[name].items():
        used = configure(name, defaults=table).hyperparameters
        assert {key: used[key] for key in numbers} == numbers


CLASSES = {
    "sgd": "SGD", "adagrad": "Adagrad", "adadelta": "Adadelta", "rmsprop": "RMSprop", "adam": "Adam",
    "adamax": "Adamax", "nadam": "NAdam", "radam": "RAdam",
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_torch_defaults_are_torchs_own(name):
    torch = pytest.importorskip("torch")
    group = getattr(torch.optim, CLASSES[name])([torch.zeros(1)]).defaults
    group |= dict(zip(("beta1", "beta2"), group.get("betas", ()), strict=False)) | {
        "rho": group.get("alpha", group.get("rho"))
    }
    ours = REGISTRY[name].defaults["torch"]
    assert {key: group[key] for key in ours} == ours


OPTAX_ALIASES = ["amsgrad", "adamax", "radam", "adabelief", "adan", "adamw", "adamaxw"]


@pytest.mark.parametrize("name", ["adagrad", "adadelta", "rmsprop", "adam", *OPTAX_ALIASES])
def test_optax_defaults_are_optaxs_own(name):
    optax = pytest.importorskip("optax")
    theirs = {key: item.default for key, item in inspect.signature(getattr(optax, name)).parameters.items()}
    names = {"beta1": "b1", "beta2": "b2", "beta3": "b3", "rho": "rho" if name == "adadelta" else "decay", "lr": None}
    for key, value in REGISTRY[name].defaults["optax"].items():
        known = theirs.get(names.get(key, key), inspect.Parameter.empty)
        assert known == value or key == "lr" or (key == "momentum" and known is None), key


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
def test_a_variant_alone_takes_its_own_numbers(rule):
    for variant in rule.variants:
        own = variant if variant in (*DEFAULT_TABLES, *rule.defaults) else "torch"
        alone, together = configure(rule, variant=variant), configure(rule, variant=variant, defaults=own)
        assert alone == together and alone.defaults == own
        try:
            kept = configure(rule, variant=variant, defaults="torch")
        except UsageError as error:  # torch's number of something that the variant lacks
            assert "variant" in error.problem
            continue
        assert kept.defaults == "torch" and kept.hyperparameters == configure(rule).hyperparameters
    assert configure(rule).defaults == "torch"


def test_optaxs_adagrad_starts_where_optax_starts():
    setting = configure("adagrad", variant="optax")
    assert (setting.initial("a"), setting.hyperparameters["eps"]) == (0.1, 1e-7)
    assert configure("rmsprop", variant="optax").hyperparameters["rho"] == 0.9


def test_what_a_table_does_not_say_comes_from_the_next():
    paper = configure("rmsprop", defaults="paper").hyperparameters
    assert paper == {"lr": 1e-3, "rho": 0.9, "eps": 1e-8, "momentum": 0, "centered": 0}
    assert configure("momentum", defaults="torch").hyperparameters["momentum"] == 0.9
    assert configure("momentum", defaults="keras").hyperparameters["momentum"] == 0.9


@pytest.mark.parametrize("rule", BUILT_IN, ids=lambda rule: rule.name)
@pytest.mark.parametrize("defaults", DEFAULT_TABLES)
def test_the_formula_belongs_to_the_numbers(rule, defaults):
    setting = configure(rule, defaults=defaults)
    assert setting.variant == (defaults if defaults in rule.variants else next(iter(rule.variants)))
    assert setting.defaults == defaults


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_the_smallest_formula_that_has_everything_is_chosen(name, variant):
    rule = REGISTRY[name]
    smallest = configure(rule, variant=variant, weight_decay=0)
    assert smallest.formula is rule.variants[variant][0]
    sizes = [len(formula.slots) + len(formula.scalar_names) for formula in rule.variants[variant]]
    assert sizes == sorted(sizes)


def test_the_general_formula_is_chosen_when_it_is_needed():
    assert configure("rmsprop").formula.slots == ("v",)
    assert configure("rmsprop", momentum=0.9).formula.slots == ("v", "b", "q")
    assert configure("rmsprop", centered=True, defaults="keras").formula.slots == ("v", "b", "q")
    assert configure("momentum").formula.scalars is None
    assert configure("momentum", dampening=0.1).formula.scalar_names == ("intake",)
    assert configure("adagrad", lr_decay=0.1).formula.scalar_names == ("rate",)


def test_a_variant_refuses_what_it_does_not_have():
    for name, variant, value in [
        ("momentum", "keras", {"dampening": 0.1}),
        ("momentum", "optax", {"dampening": 0.1}),
        ("adagrad", "paper", {"lr_decay": 0.1}),
        ("adagrad", "keras", {"lr_decay": 0.1}),
    ]:
        with pytest.raises(UsageError, match=f"the {variant} variant of {name} has no {next(iter(value))}"):
            configure(name, variant=variant, **value)


def test_slots_start_where_the_rule_says():
    assert configure("adagrad", defaults="keras").initial("a") == 0.1
    assert configure("adagrad", initial_accumulator_value=3).initial("a") == 3.0
    assert configure("adam").initial("m") == 0.0


def test_a_setting_can_be_changed():
    setting = configure("rmsprop", defaults="keras", momentum=0.9)
    changed = setting.replace(learning_rate=0.5, alpha=0.7)
    assert changed.hyperparameters == setting.hyperparameters | {"lr": 0.5, "rho": 0.7}
    assert (changed.variant, changed.defaults, changed.formula) == ("keras", "keras", setting.formula)
    assert setting.hyperparameters["lr"] == 1e-3
    assert configure(setting) == setting
    assert configure(setting, variant="torch").variant == "torch"
    assert configure(setting, momentum=0).formula.slots == ("v",)
    with pytest.raises(UsageError, match="rmsprop: lr is -1"):
        setting.replace(lr=-1)


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match=r"unknown optimizer 'adamm'\nDid you mean 'adam'\?.*optviz list optimizers"
    ):
        configure("adamm")
    with pytest.raises(UsageError, match="unknown defaults 'kears'\nDid you mean 'keras'"):
        configure("adam", defaults="kears")
    with pytest.raises(UsageError, match="adam has no variant 'ketas'\nDid you mean 'keras'"):
        configure("adam", variant="ketas")


@pytest.mark.parametrize("thing", [None, 3, ["adam"], {"adam": 1}, lambda x, g, lr: x, object()])
def test_what_is_no_optimizer_is_refused(thing):
    with pytest.raises(UsageTypeError, match="neither the name of a registered optimizer"):
        configure(thing)


@pytest.fixture
def sandbox(monkeypatch):
    """Rules registered in the test are forgotten after it."""
    REGISTRY.names()
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))


def test_a_bare_decorator_is_enough(sandbox):
    @optimizer
    def sign(x, g, m, lr=0.1, decay=0.9):
        m = decay * m + (1 - decay) * g
        return x - lr * (1 if m > 0 else -1), m

    setting = configure("sign", decay=0)
    assert setting.hyperparameters == {"lr": 0.1, "decay": 0.0}
    assert setting.formula.slots == ("m",)
    assert setting.formula.update(1.0, 2.0, 0.0, 0.5, 0.0) == (0.5, 2.0)
    assert [rule.name for rule in REGISTRY if rule.kind != "solver"][-1] == "sign"
    for value in ("x", None, float("nan"), float("inf")):
        with pytest.raises((ValueError, TypeError), match="sign: decay is"):
            configure("sign", decay=value)


def test_arguments_in_the_wrong_order_are_refused(sandbox):
    with pytest.raises(TypeError, match="in this order"):

        @optimizer(defaults={"paper": {"lr": 0.1}})
        def wrong(x, g, lr, m):
            return x - lr * m, m


def test_a_rule_narrows_the_common_ranges(sandbox):
    @optimizer(ranges={"lr": (0, 1, False, True)}, defaults={"authors": {"lr": 0.1}})
    def cautious(x, g, lr):
        return x - lr * g

    assert configure(cautious, lr=1).hyperparameters["lr"] == 1.0
    with pytest.raises(UsageError, match=r"cautious: lr is 2\nIt must be a number in \(0, 1\]"):
        configure(cautious, lr=2)

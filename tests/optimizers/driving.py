"""Optimizers driven in plain Python, one coordinate after the other, and the problem on which they are compared."""

import numpy as np

from optviz.errors import UsageError
from optviz.optimizers import DEFAULT_TABLES, REGISTRY, Setting, configure

BUILT_IN = [rule for rule in REGISTRY if rule.module.startswith("optviz.")]
PAIRS = [(rule.name, variant) for rule in BUILT_IN for variant in rule.variants]

CURVATURES = np.array([0.5, 1.0, 2.5, 4.0])
START = np.array([1.0, -2.0, 0.5, 3.0])

# Hyperparameters that switch on everything a rule has, one by one and together.
CASES = {
    "sgd": [{}, {"lr": 0.1}, {"lr": 1e-4}, {"lr": 0.4}],
    "momentum": [
        {},
        {"lr": 0.05},
        {"lr": 0.1, "momentum": 0.5},
        {"lr": 0.1, "momentum": 0},
        {"lr": 0.02, "momentum": 0.97},
        {"lr": 0.05, "dampening": 0.4},
        {"lr": 0.05, "momentum": 0.8, "dampening": 1},
        {"lr": 0.05, "momentum": 0, "dampening": 0.4},
    ],
    "nesterov": [{}, {"lr": 0.05}, {"lr": 0.1, "momentum": 0.5}, {"lr": 0.02, "momentum": 0.97}],
    "adagrad": [
        {},
        {"lr": 0.5},
        {"lr": 0.5, "eps": 0.01},
        {"lr": 0.3, "initial_accumulator_value": 2},
        {"lr": 0.5, "lr_decay": 0.1},
        {"lr": 1, "lr_decay": 0.02, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ],
    "adadelta": [{}, {"lr": 0.3}, {"rho": 0.5}, {"lr": 5, "rho": 0.99, "eps": 1e-4}, {"rho": 0}],
    "rmsprop": [
        {},
        {"lr": 0.05, "rho": 0.8, "eps": 1e-3},
        {"lr": 0.02, "momentum": 0.9},
        {"lr": 0.02, "rho": 0.9, "centered": True},
        {"lr": 0.01, "rho": 0.9, "eps": 1e-4, "momentum": 0.8, "centered": True},
    ],
    "adam": [
        {},
        {"lr": 0.1},
        {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3},
        {"lr": 0.02, "beta1": 0},
        {"lr": 0.02, "beta1": 0.95, "beta2": 0.99},
    ],
}


def settings(name: str, variant: str) -> list[Setting]:
    """The rule in every default table and every case that the variant has."""
    found = []
    for defaults in DEFAULT_TABLES:
        for case in CASES[name] if defaults == "torch" else [{}]:
            try:
                found.append(configure(name, defaults=defaults, variant=variant, **case))
            except UsageError as error:
                assert "variant" in error.problem  # the variant lacks a hyperparameter of this case
    return found


def disturbed(x: np.ndarray, t: int) -> np.ndarray:
    """(n,) float64: the gradient of a quadratic bowl with a disturbance that never lets it come to rest."""
    return CURVATURES * x + 0.3 * np.sin(1.7 * t + np.arange(x.size))


def drive(setting: Setting, gradient, start, steps: int) -> np.ndarray:
    """(steps + 1, n) float64: the iterates of the formula in plain Python, start first."""
    formula, values = setting.formula, setting.hyperparameters
    hyper = [values[name] for name in formula.hyperparameters]
    x = [float(value) for value in start]
    slots = [[setting.initial(name) for name in formula.slots] for _ in x]
    path = [list(x)]
    for t in range(1, steps + 1):
        scalars = scalars_at(setting, float(t))
        g = np.asarray(gradient(np.array(x), t), float).tolist()
        for i in range(len(x)):
            after = formula.update(x[i], g[i], *slots[i], *scalars, *hyper)
            x[i], *slots[i] = after if isinstance(after, tuple) else (after,)
        path.append(list(x))
    return np.array(path)


def scalars_at(setting: Setting, t) -> list:
    """What depends on the step alone, in the order of the formula's arguments."""
    formula = setting.formula
    if formula.scalars is None:
        return []
    values = formula.scalars(t, **{name: setting.hyperparameters[name] for name in formula.scalar_arguments})
    return [values[name] for name in formula.scalar_names]


def relative(path: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference between two paths, in units of the largest coordinate."""
    return float(np.max(np.abs(path - expected)) / np.max(np.abs(expected)))

"""Optimizers driven in plain Python, and the problem on which they are compared.

Rules for matrices are driven by the words that they are written in, on a problem of their own.
"""

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.adding import moved, probed
from optviz.kernels import matrices
from optviz.optimizers import REGISTRY, Setting, configure
from tests.optimizers.cases import CASES
from tests.optimizers.reference import bowl, curvature

OURS = [rule for rule in REGISTRY if rule.module.startswith("optviz.")]
BUILT_IN = [rule for rule in OURS if rule.kind not in ("matrices", "solver")]
MOVED_BY_GRADIENTS = [rule for rule in BUILT_IN if rule.kind in ("element-wise", "sums")]
PAIRS = [(rule.name, variant) for rule in BUILT_IN for variant in rule.variants]
OF_MATRICES = [rule for rule in OURS if rule.kind == "matrices"]
MATRIX_PAIRS = [(rule.name, variant) for rule in OF_MATRICES for variant in rule.variants]

CURVATURES = np.array([0.5, 1.0, 2.5, 4.0])
START = np.array([1.0, -2.0, 0.5, 3.0])
MATRIX_START = np.array([[1.0, -2.0, 0.5, 3.0, -1.0], [0.5, 1.5, -2.5, 2.0, 1.0], [-3.0, 0.5, 1.0, -0.5, 2.0]])


def settings(name: str, variant: str) -> list[Setting]:
    """The rule in every default table and every case that the variant has."""
    found = []
    tables = [*REGISTRY[name].defaults]
    for defaults in tables:
        for case in CASES[name] if defaults == tables[0] else [{}]:
            try:
                found.append(configure(name, defaults=defaults, variant=variant, **case))
            except UsageError as error:
                assert "variant" in error.problem  # the variant lacks a hyperparameter of this case
    return found


def signs(t: int, n: int) -> np.ndarray:
    """(n,) float64: what rules that ask for products with the Hessian take for random."""
    return np.where(np.sin(7.3 * t + 2.9 * np.arange(n)) > 0, 1.0, -1.0)


def disturbed(x: np.ndarray, t: int) -> np.ndarray:
    """(n,) float64: the gradient of a quadratic bowl with a disturbance that never lets it come to rest."""
    return CURVATURES * x + 0.3 * np.sin(1.7 * t + np.arange(x.size))


def drawn_matrix(x: np.ndarray, t: int) -> np.ndarray:
    """(r, c) float64: normal numbers whose scale changes from step to step, wherever x is.

    A step that makes singular values equal is a chaotic map near a minimum: where the gradient follows the iterate, the
    last digit of today is the first of 200 steps later.
    """
    rng = np.random.default_rng([t, *x.shape])
    return rng.normal(size=x.shape) * 10.0 ** rng.uniform(-2, 2)


def problem(name: str):
    """The gradient and the start on which a rule is compared with what somebody else makes of it."""
    return (drawn_matrix, MATRIX_START) if REGISTRY[name].kind == "matrices" else (disturbed, START)


def drive(setting: Setting, gradient, start, steps: int, value=None) -> np.ndarray:
    """(steps + 1, n) or (steps + 1, r, c) float64: the iterates of the formula in plain Python, start first."""
    if setting.kind == "matrices":
        return drive_matrix(setting, gradient, start, steps)
    return courses(setting, gradient, start, steps, value)[0]


def drive_matrix(setting: Setting, gradient, start, steps: int) -> np.ndarray:
    """(steps + 1, r, c) float64: the iterates of a rule for matrices, start first."""
    formula, x = setting.formula, np.array(start, float)
    slots = []
    for name in formula.slots:
        shape, begin = formula.own_shape(name, x.shape), setting.initial(name)
        slots.append(np.full(x.shape, begin) if shape is None else begin * np.eye(*shape))
    path, before = [x], {}
    for t in range(1, steps + 1):
        before = scalars_at(setting, float(t), before)
        x, *slots = matrices.moved(formula, x, gradient(x, t), slots, setting.hyperparameters | before)
        path.append(x)
    return np.array(path)


def drive_reported(setting: Setting, gradient, start, steps: int, value=None) -> np.ndarray:
    """(steps + 1, n) float64: the reported points instead of the iterates."""
    return courses(setting, gradient, start, steps, value)[1]


def courses(setting: Setting, gradient, start, steps: int, value=None) -> tuple[np.ndarray, np.ndarray]:
    """The iterates and the reported points; ``value(x, t)`` is asked where the formula takes the value, else `bowl`."""
    value = value or bowl
    formula, values = setting.formula, setting.hyperparameters
    hyper = [values[name] for name in formula.hyperparameters]
    x = [float(at) for at in start]
    slots = [[at if setting.initial(name) == "x" else setting.initial(name) for name in formula.slots] for at in x]
    path, shown, before = [list(x)], [[reported(setting, at, own) for at, own in zip(x, slots, strict=True)]], {}
    for t in range(1, steps + 1):
        before = scalars_at(setting, float(t), before)

        def seen(point):
            known = before | ({"f": float(value(np.array(point), t))} if formula.takes_value else {})  # noqa: B023
            scalars = [known[name] for name in formula.scalar_names]
            return np.asarray(gradient(np.array(point), t), float).tolist(), scalars  # noqa: B023

        g, scalars = seen(x)
        if formula.probe:
            g, scalars = seen(probed(formula, x, g, slots, scalars, hyper))
        if formula.multiplies:
            z, where = signs(t, len(x)), [formula.slots.index(slot) for slot in ("z", "hz")]
            for own, sign in zip(slots, z.tolist(), strict=True):
                own[where[0]], own[where[1]] = sign, curvature(t) * sign
        _, results = moved(formula, x, g, slots, scalars, hyper)
        x, slots = [after[0] for after in results], [[*after[1:]] for after in results]
        path.append(list(x))
        shown.append([reported(setting, at, own) for at, own in zip(x, slots, strict=True)])
    return np.array(path), np.array(shown)


def reported(setting: Setting, x: float, slots: list[float]) -> float:
    """The reported point of one coordinate."""
    formula = setting.formula
    if formula.reported is None:
        return x
    known = {"x": x} | dict(zip(formula.slots, slots, strict=True)) | setting.hyperparameters
    return formula.reported(*(known[name] for name in formula.report_arguments))


def scalars_at(setting: Setting, t, before: dict | None = None) -> dict:
    """What depends on the step alone, by name; recursive ones of what they were at the step before."""
    return setting.formula.step_scalars(t, setting.hyperparameters, before)


def relative(path: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference between two paths, in units of the largest coordinate."""
    return float(np.max(np.abs(path - expected)) / np.max(np.abs(expected)))

"""What theory says about hyperparameters near a minimizer: where runs are stable, and which are the fastest.

Near a minimizer a smooth function is a quadratic with curvatures mu to L. On quadratics the statements are exact.
"""

import math
from collections.abc import Callable

import numpy as np

from optviz.functions import Function
from optviz.optimizers import Setting
from optviz.results.sweep import Axis, Curve

POINTS = 400  # of a curve
# The largest stable lr L for a momentum b, and how it is written.
STABLE: dict[str, tuple[Callable[[np.ndarray], np.ndarray], str]] = {
    "momentum": (lambda b: 2 * (1 + b), "2 (1 + momentum) / L"),
    "nesterov": (lambda b: 2 * (1 + b) / (1 + 2 * b), "2 (1 + momentum) / (1 + 2 momentum) / L"),
}


def theory(function: Function, setting: Setting, x: Axis, y: Axis) -> tuple[Curve, ...]:
    """The statements that hold for an optimizer and concern two hyperparameters.

    Parameters
    ----------
    function : Function
        Of two variables.
    setting : Setting
        Gives the hyperparameters that do not vary.
    x, y : Axis

    Returns
    -------
    tuple of Curve
        Empty where theory is silent, or the function has no smooth minimizer.

    Notes
    -----
    Gradient descent with heavy-ball momentum b is stable below lr = 2 (1 + b) / L and fastest at
    sqrt(lr) = 2 / (sqrt(L) + sqrt(mu)), sqrt(b) = (sqrt(L) - sqrt(mu)) / (sqrt(L) + sqrt(mu)) (Polyak 1964). With
    Nesterov's momentum an error e follows e' = (1 - lr L) ((1 + b) e - b e_old), which is stable below
    lr = 2 (1 + b) / ((1 + 2 b) L). Adam with averages at rest, v = 0, is heavy ball with rate lr (1 - b1) / eps: it
    can stay at a minimizer only while L / eps < 2 (1 + b1) / ((1 - b1) lr) (Cohen et al. 2022, arXiv:2207.14484, with
    eps as the preconditioner).
    """
    names = {x.name, y.name}
    curvatures = curvature(function)
    if curvatures is None or "lr" not in names:
        return ()
    low, high = curvatures
    rule, given = setting.rule.name, setting.hyperparameters
    other = (names - {"lr"}).pop()
    axis = x if x.name == other else y
    curves = []
    if rule in STABLE and other == "momentum" and not given.get("dampening"):
        limit, formula = STABLE[rule]
        text = f"near the minimum stable below lr = {formula}, L = {high:.4g}"
        curves.append(_line("stability", text, x, y, axis, lambda b: limit(b) / high))
    if rule == "momentum" and other == "momentum" and not given.get("dampening"):
        root_low, root_high = low**0.5, high**0.5
        best = {
            "lr": (2 / (root_high + root_low)) ** 2,
            "momentum": ((root_high - root_low) / (root_high + root_low)) ** 2,
        }
        curves.append(
            Curve(
                "optimum", "near the minimum fastest: heavy ball, Polyak 1964", np.array([[best[x.name], best[y.name]]])
            )
        )
    if rule == "adam" and other in ("beta1", "eps"):

        def edge(value: np.ndarray) -> np.ndarray:
            beta1, eps = np.broadcast_arrays(*((value, given["eps"]) if other == "beta1" else (given["beta1"], value)))
            return 2 * (1 + beta1) / (1 - beta1) * eps / high

        text = f"near the minimum comes to rest below lr = 2 (1 + beta1) / (1 − beta1) eps / L, L = {high:.4g}"
        curves.append(_line("stability", text, x, y, axis, edge))
    return tuple(curves)


def curvature(function: Function) -> tuple[float, float] | None:
    """The least and the largest curvature at the first minimizer; None where there is no smooth, strict one.

    The eigenvalues of the Hessian; a function that Python computes has none, nor has a kink.
    """
    if not function.minimizers or function.uncompiled:
        return None
    point = np.array(function.minimizers[0], float)
    scale = max(high - low for low, high in function.bounds)
    step = scale * 1e-6
    with np.errstate(all="ignore"):
        try:
            xx, xy, yy = function.hessian(*point.tolist())
            rows = [
                (np.array(function.gradient(*(point + move))) - function.gradient(*(point - move))) / (2 * step)
                for move in np.eye(2) * step
            ]
        except (ArithmeticError, ValueError):
            return None
        coarse = _eigenvalues((np.array(rows) + np.array(rows).T) / 2)
        fine = _eigenvalues(np.array([[xx, xy], [xy, yy]]))
    # At a kink differences of the gradient have nothing to do with its derivative.
    smooth = np.isfinite(fine).all() and np.abs(coarse - fine).max() <= 1e-3 * np.abs(fine).max()
    if not smooth or fine[0] <= 1e-6 * fine[1]:
        return None
    # At a minimizer on the border the function may still fall outwards.
    if math.hypot(*function.gradient(*point)) > 1e-6 * scale * fine[1]:
        return None
    return float(fine[0]), float(fine[1])


def _eigenvalues(matrix: np.ndarray) -> np.ndarray:
    """(2,): those of a symmetric 2 x 2 matrix, the smaller one first. Closed form: LAPACK's depend on the processor."""
    (a, b), (_, d) = matrix.tolist()
    middle, half = (a + d) / 2, math.hypot((a - d) / 2, b)
    larger = middle + half if middle >= 0 else middle - half  # no cancellation: the other is determinant / larger
    return np.sort([larger, (a * d - b * b) / larger if larger else 0.0])


def _line(name: str, text: str, x: Axis, y: Axis, axis: Axis, edge: Callable[[np.ndarray], np.ndarray]) -> Curve:
    """The curve lr = edge(value) along an axis of values, from its lower end to its upper one."""
    values = np.concatenate([[axis.low], np.interp(np.linspace(0, 1, POINTS), _share(axis), axis.values), [axis.high]])
    points = np.stack([edge(values), values] if axis is y else [values, edge(values)], axis=1)
    return Curve(name, text, points)


def _share(axis: Axis) -> np.ndarray:
    return axis.place(axis.values) / len(axis.values)

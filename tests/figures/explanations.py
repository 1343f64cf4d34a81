"""Explanations of any size with made-up numbers, and real ones of rules that have between three and eight columns."""

import dataclasses

import numpy as np

import optviz
from optviz.results import Explanation, Quantity
from optviz.results.parts import Contender
from tests.figures.swarm_results import landscape

# Rules by the number of columns that their pictures have, the map among them.
RULES = {3: "sgd", 4: "momentum", 5: "adamax", 6: "adam", 7: "adamw", 8: "lookahead(adamw)"}
LONG = "A very long name of an optimizer that somebody has given to it without any need"


def real(count):
    """An explanation whose picture has so many columns."""
    return optviz.explain(RULES[count], "rosenbrock", lr=0.05)


def made(columns=4, steps=5, size=1.0, title="Adam", first=1):
    """A made-up explanation: a gradient, averages and sizes, and a move in a circle."""
    turn = np.arange(first + steps) / 3
    points = np.stack([np.cos(turn), 1 + np.sin(turn)], axis=-1)
    moves, told = np.diff(points, axis=0)[-steps:], slice(-steps, None)
    quantities = [Quantity("gradient", "vector", "gradient", "gradient", "g = ∇f(x)", "", "", -size * moves)]
    for k in range(columns - 2):
        kind, role = ("size", "size") if k % 2 else ("vector", "average")
        values = abs(size * moves) * (k + 1) if k % 2 else size * moves * (k + 1)
        inside = f"k{k - 1}" if k % 2 else ""
        before = None if k % 2 else 0.9 * values
        formula = "v ← 0.999v + 0.001g² + a + long + formula + that + goes + on"
        quantities.append(
            Quantity(f"k{k}", kind, role, f"its average number {k}", formula, "w ← w", inside, values, before)
        )
    quantities.append(Quantity("move", "point", "move", "the move", "x ← x − lr m", "", "", points[told]))
    rates = np.full(steps, 0.3)
    operands = np.stack([points[-steps - 1 : -1], np.full((steps, 2), 0.3), -moves / 0.3], axis=-1)
    who = Contender("adam", title, "torch", "torch", {"lr": 0.3, "beta1": 0.9}, "given", "adam(lr=0.3)")
    return Explanation(
        landscape(20), who, tuple(points[0].tolist()), first, 300, tuple(quantities), points,
        (points**2).sum(axis=1) * size, "{0} − {1} · {2}", ("x", "lr", "m"), operands, rates,
    )  # fmt: skip


def diverging(steps=3):
    """A made-up run of which the last step leads away."""
    one = made(4, steps)
    points, values = one.points.copy(), one.values.copy()
    points[-1], values[-1] = (np.nan, 1e300), np.inf
    columns = [dataclasses.replace(column, values=column.values.copy()) for column in one.columns]
    for column in columns[1:-1]:
        column.values[-1] = (np.inf, np.nan)
    columns[-1].values[:] = points[1:]
    return dataclasses.replace(one, points=points, values=values, columns=tuple(columns), diverged_at=steps)

"""Networks whose rules need more than one gradient in a step: passes over the same images, with the same dropped units.

A rule that takes its gradient elsewhere has the parameters moved there, and back before the step. One that needs a
product with the Hessian is given a difference of two gradients: (g(x + r z) − g(x)) / r, z random signs. That is an
approximation: r = 0.001 (1 + ‖x‖) / ‖z‖ moves the parameters, all together, by a thousandth of their length. In a
smooth network it is good to three digits; with a shorter r float32 rounds away what differs. Where a ReLU switches
between the two gradients, its switch counts as curvature, which derivatives would not see.
"""

from dataclasses import replace

import numpy as np

from optviz.formulas.formula import DUE, PRODUCT, SIGNS
from optviz.kernels.buffers import Workspace
from optviz.kernels.random import random_signs
from optviz.kernels.training import Examples
from optviz.networks import Plan, parameter_shapes
from optviz.optimizers import Formula
from optviz.runs.arrays.host import StepScalars
from optviz.runs.arrays.looking import look_of
from optviz.runs.arrays.moving import move
from optviz.runs.networks.groups import Shares
from optviz.runs.networks.machines import Processor
from optviz.runs.networks.matrices import Matrices, bound_array

AWAY = 1e-3  # how far a second gradient is taken, as a share of the parameters' length


def processor(plan: Plan, shares: Shares, training: Examples, test: Examples, batch: int) -> Processor:
    """The `Machine` of this processor for a rule."""
    formula = shares.formula
    kind = Looking if formula.probe or formula.multiplies else Matrices if formula.by_arrays else Processor
    return kind(plan, shares, training, test, batch)


def is_due(formula: Formula, scalars: StepScalars, t: int) -> bool:
    """Whether a rule that asks for products with the Hessian needs one at step `t`."""
    return DUE not in formula.table_names or scalars.scalars(t)[formula.table_names.index(DUE)] != 0


class Looking(Matrices):
    """A `Machine` of one thread of this processor, for rules that look twice or need products with the Hessian."""

    def __init__(self, plan: Plan, shares: Shares, training: Examples, test: Examples, batch: int):
        super().__init__(plan, shares, training, test, batch)
        self._looks = []
        if self._formula.probe:
            settings = tuple(look_of(one) for one in shares.settings)
            looks = replace(shares, settings=settings)
            shapes = parameter_shapes(plan).values()
            for (part, place), shape, one in zip(shares.ranges, shapes, self._arrays, strict=True):
                rows = self._state[:, part.start : part.stop]
                slots = {name: slot for name, slot in one.state.items() if name != "t"}
                self._looks.append(bound_array(looks, place, rows, shape, slots))
        self._due = [StepScalars(one, np.float64) for one in shares.settings]

    def prepare(self, room: Workspace) -> None:
        super().prepare(room)
        random_signs(0, 0, 1)

    def _pass(self, step: int, room: Workspace) -> float:
        """The loss at the parameters; the gradient is then that of the step, and its products are made."""
        loss = None
        if self._formula.looks_first or self._formula.multiplies:
            loss = super()._pass(step, room)
            if np.isfinite(loss) and self._formula.multiplies and self._is_due(step):
                self._multiply(step, room)
        if self._formula.probe and (loss is None or np.isfinite(loss)):
            x = self._state[0].copy()
            for one in self._looks:
                one.state["t"] = int(self._numbers[step]) - 1
            move(self._looks)
            there = super()._pass(step, room)
            self._state[0] = x
            loss = there if loss is None else loss
        self._seen = self._losses[step]  # where the gradient is taken
        self._losses[step] = loss
        return float(self._losses[step])

    def _is_due(self, step: int) -> bool:
        """Whether the step needs a product, in any of the groups."""
        return any(is_due(self._formula, each, int(self._numbers[step])) for each in self._due)

    def _multiply(self, step: int, room: Workspace) -> None:
        """Write random signs, and the difference of two gradients that they make, into the state."""
        n, loss = self._parameters, self._losses[step]
        x, g = (row[:n] for row in self._state)
        before, slope, signs = x.copy(), g.copy(), random_signs(self._key, step, n)
        away = np.float32(AWAY * (1 + float(np.linalg.norm(x))) / n**0.5)
        x += away * signs
        super()._pass(step, room)
        product = (g - slope) / away
        x[:], g[:], self._losses[step] = before, slope, loss
        for (part, _), one in zip(self._shares.ranges, self._arrays, strict=True):
            for name, row in ((SIGNS, signs), (PRODUCT, product)):
                one.state[name][...] = row[part.start : part.stop].reshape(one.state[name].shape)

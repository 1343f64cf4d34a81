"""Networks whose rules need more than one gradient in a step, on a CUDA device, in the functions of a library.

The passes are those of `optviz.runs.networks.looking`.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from optviz.formulas.formula import PRODUCT, SIGNS
from optviz.formulas.stepping import stepped
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.random import random_signs
from optviz.networks import Plan
from optviz.runs.arrays.host import StepScalars
from optviz.runs.arrays.looking import look_of
from optviz.runs.networks.device_matrices import Array, DeviceMatrices
from optviz.runs.networks.groups import MatrixShares, Shares
from optviz.runs.networks.looking import AWAY, is_due
from optviz.runs.networks.machines import Machine, WholeDevice


def on_device(plan: Plan, shares: Shares, training: DeviceExamples, test: DeviceExamples, batch: int) -> Machine:
    """The `Machine` that has a CUDA device for itself, for a rule; raises as `WholeDevice` and `DeviceMatrices`."""
    if not isinstance(shares, MatrixShares):
        return WholeDevice(plan, shares, training, test, batch)
    kind = DeviceLooking if shares.formula.probe or shares.formula.multiplies else DeviceMatrices
    return kind(plan, shares, training, test, batch)


class DeviceLooking(DeviceMatrices):
    """As `DeviceMatrices`, for rules that look twice or need products with the Hessian."""

    def _bound(self) -> Iterator[Array]:
        self._looks, self._due = [], [StepScalars(one, np.float64) for one in self._shares.settings]
        settings = [self._shares.settings[place] for _, place in self._shares.ranges]
        for whole, one in zip(settings, super()._bound(), strict=True):
            if self._shares.formula.probe:
                setting = look_of(whole).moving(len(one.x.shape))
                look = one._replace(setting=setting, scalars=StepScalars(setting, np.float64))
                self._looks.append(look)
            yield one

    def _make(self, ahead: np.uint64, step: int) -> None:
        formula, t, there = self._shares.formula, int(self._numbers[step]), None
        if formula.looks_first or formula.multiplies:
            self._pass(ahead)
            there = self._losses + 0
            if formula.multiplies and any(is_due(formula, one, t) for one in self._due):
                self._multiply(ahead, step)
                self._losses[...] = there
        if formula.probe:
            x = self._views[0][: self._plan.parameters]
            with self._library.computing():
                before = x + 0
                inputs = [one.input(t, None) for one in self._looks]
                for one, after in zip(inputs, stepped(inputs, self._library.engine), strict=True):
                    one.x[...] = after[0]
            self._pass(ahead)
            with self._library.computing():
                x[...] = before
        self._move(t)
        if there is not None:
            self._losses[...] = there  # that of the parameters

    def _multiply(self, ahead: np.uint64, step: int) -> None:
        """Write random signs, and the difference of two gradients that they make, into the state."""
        n, engine = self._plan.parameters, self._library.engine
        x, g = (row[:n] for row in self._views[:2])
        with self._library.computing():
            drawn: Any = random_signs(self._key, step, n)
            before, slope, signs = x + 0, g + 0, engine.number(drawn, x)
            away = AWAY * (1 + engine.function("sqrt")((x * x).sum())) / n**0.5
            x[...] = before + away * signs
        self._pass(ahead)
        with self._library.computing():
            product = (g - slope) / away
            x[...], g[...] = before, slope
            for (part, _), one in zip(self._shares.ranges, self._arrays, strict=True):
                for name, row in ((SIGNS, signs), (PRODUCT, product)):
                    slot = one.slots[name]
                    slot[...] = row[part.start : part.stop].reshape(slot.shape)

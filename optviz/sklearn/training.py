"""The weights of a network, moved by an optimizer for arrays, epoch by epoch."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import gen_batches

from optviz.optimizers import Setting
from optviz.runs.arrays.matrices import as_moved
from optviz.runs.arrays.optimizer import Optimizer
from optviz.sklearn.passes import Network


class Training:
    """Weights and biases with the optimizer that moves them, and its state. It can be pickled.

    Parameters
    ----------
    setting : Setting
        Whose schedules know how long they are.
    arrays : sequence of arrays
        Weights (inputs, outputs) of all layers, and then their biases; modified.
    """

    def __init__(self, setting: Setting, arrays: Sequence[np.ndarray]):
        self.optimizer, self.arrays = Optimizer(setting), [*arrays]
        self._state = self.optimizer.init(self._turned(self.arrays))

    def epoch(
        self, network: Network, X: Any, y: np.ndarray, shares: np.ndarray | None, order: Any, width: int
    ) -> float:
        """Take a step for each batch of an epoch.

        Parameters
        ----------
        network : Network
        X : (n, inputs) array, or a sparse matrix
        y : (n, outputs) array
        shares : (n,) array or None
            The weight of each sample.
        order : (n,) array of int or None
            In which order samples come.
        width : int
            Samples of a batch.

        Returns
        -------
        float
            The mean loss, at the points at which gradients were taken; the epoch ends where it is not finite.
        """
        total, moving, layers = 0.0, self._turned(self.arrays), len(self.arrays) // 2
        for part in gen_batches(len(y), width):
            some = part if order is None else order[part]
            share = None if shares is None else shares[some]
            if share is not None and not share.any():
                continue
            batch = X[some], y[some], share, self.arrays[:layers], self.arrays[layers:]
            loss, slopes = network.slope(*batch)
            if not math.isfinite(loss):
                return loss
            total += loss * (part.stop - part.start)
            slopes = self._turned(slopes)
            if self.optimizer.setting.formula.probe is not None:
                with self.optimizer.look(moving, slopes, self._state):
                    slopes = self._turned(network.slope(*batch)[1])
            self.optimizer.step(moving, slopes, self._state, value=loss)
        return total / len(y)

    def points(self) -> list[np.ndarray]:
        """The arrays where the optimizer reports to be: themselves for most rules."""
        if self.optimizer.setting.formula.reported is None:
            return self.arrays
        return self._turned(self.optimizer.reported(self._turned(self.arrays), self._state))

    def _turned(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Arrays as the optimizer has them, and back: weights with outputs first for most rules of matrices."""
        return [as_moved(self.optimizer.setting, array) for array in arrays]

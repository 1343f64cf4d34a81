"""Optimizers for arrays: the step of a rule on parameters of any shape, in place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError
from optviz.kernels.update import update_kernel
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.runs._arrays import check_apart, check_array, check_like, in_order

CHUNK = 1 << 23  # elements per kernel call: at most about 50 ms, so that Ctrl-C is heard

Arrays = np.ndarray | Sequence[np.ndarray] | Mapping[Any, np.ndarray]
State = dict[str, Any]


def optimizer(
    name: str | UpdateRule | Setting, *, defaults: str = "torch", variant: str | None = None, **hyperparameters: Any
) -> "Optimizer":
    """An optimizer for NumPy arrays.

    Parameters
    ----------
    name, defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`, which also says what is refused.

    Returns
    -------
    Optimizer

    Examples
    --------
    >>> import numpy as np, optviz
    >>> weights = np.array([3.0, -2.0])
    >>> opt = optviz.optimizer("sgd", lr=0.5)
    >>> state = opt.init(weights)
    >>> opt.step(weights, 2 * weights, state)
    >>> weights
    array([0., 0.])
    """
    return Optimizer(configure(name, defaults=defaults, variant=variant, **hyperparameters))


class Optimizer:
    """An update rule with its numbers, ready to move arrays. It holds no state of its own.

    Parameters
    ----------
    setting : Setting

    Attributes
    ----------
    setting : Setting
        Rule, variant, formula and hyperparameters.
    """

    def __init__(self, setting: Setting):
        self.setting = setting
        self._rules: dict[np.dtype, _TypedRule] = {}

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={value:g}" for name, value in self.hyperparameters.items())
        return f"Optimizer({self.setting.rule.name!r}, variant={self.setting.variant!r}, {numbers})"

    @property
    def hyperparameters(self) -> dict[str, float]:
        """All of the rule's hyperparameters, as used."""
        return dict(self.setting.hyperparameters)

    def replace(self, **hyperparameters: Any) -> "Optimizer":
        """The same optimizer with other numbers, for a learning rate that changes; states go on being valid."""
        return Optimizer(self.setting.replace(**hyperparameters))

    def init(self, params: Arrays) -> Any:
        """The state before the first step.

        Parameters
        ----------
        params : array, or list, tuple or dict of arrays
            float32 or float64, of any shape.

        Returns
        -------
        dict, or list or dict of dicts
            For each array the number of steps made, ``"t"``, and each state slot as an array of its shape and dtype,
            by its name in the formula. Nothing else: it can be copied, pickled or saved.

        Raises
        ------
        UsageError, UsageTypeError
            As in `step`.
        """
        arrays = _items(params)
        for name, x in arrays:
            check_array(x, name)
        check_apart(arrays, [])
        states = [self._initial(x) for _, x in arrays]
        if isinstance(params, Mapping):
            return dict(zip(params, states, strict=True))
        return states if isinstance(params, list | tuple) else states[0]

    def _initial(self, x: np.ndarray) -> State:
        return {"t": 0} | {slot: np.full_like(x, self.setting.initial(slot)) for slot in self.setting.formula.slots}

    def step(self, params: Arrays, grads: Any, state: Any) -> None:
        """Move the parameters against their gradients, in place.

        Parameters
        ----------
        params : array, or list, tuple or dict of arrays
            float32 or float64, of any shape and layout; modified.
        grads : likewise
            The gradient of each array, of its shape and dtype. Where it is None the array and its state are left as
            they are.
        state : as `init` made it
            Modified.

        Raises
        ------
        UsageError
            A ValueError: an array is read-only or overlaps itself, its gradient or another parameter; shapes, dtypes
            or keys do not match. Nothing has been modified then.
        UsageTypeError
            A TypeError: something is not a NumPy array of native float32 or float64.
        """
        arrays, gradients, states = _items(params), _matching(params, grads, "gradients"), _matching(params, state, "state")
        slots = self.setting.formula.slots
        present = []
        for (name, x), g, entry in zip(arrays, gradients, states, strict=True):
            check_array(x, name)
            check_state(entry, slots, x, name)
            if g is not None:
                check_like(g, x, f"gradient{_of(name)}")
                present.append((name, g))
        check_apart(arrays, present)
        for (_, x), g, entry in zip(arrays, gradients, states, strict=True):
            if g is not None:
                entry["t"] += 1
                self._rule(x.dtype)(x, g, tuple(entry[slot] for slot in slots), entry["t"])

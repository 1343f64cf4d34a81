"""Optimizers for arrays: the step of a rule on parameters of any shape, in place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from optviz.errors import UsageTypeError
from optviz.optimizers import Setting, UpdateRule, check_runs, configure
from optviz.runs.arrays.checks import (
    check_apart,
    check_floats,
    check_like,
    check_writable,
    is_device_array,
    memory_of,
    owners_of,
)
from optviz.runs.arrays.device import DeviceSteps
from optviz.runs.arrays.device_looking import DeviceLooks
from optviz.runs.arrays.forms import SEQUENCE, Arrays, keys_of, names_of, values_of
from optviz.runs.arrays.groups import Groups
from optviz.runs.arrays.host import Asked, BoundArray, Moved, StepScalars, check_entry, valued
from optviz.runs.arrays.looking import Looks, Seen
from optviz.runs.arrays.matrices import beginning, check_slot
from optviz.runs.arrays.moving import move
from optviz.runs.arrays.summed import bind, rule_of
from optviz.runs.scalars import reported
from optviz.schedules import REGISTRY as SCHEDULES


def optimizer(
    name: str | UpdateRule | Setting,
    *,
    defaults: str | None = None,
    variant: str | None = None,
    groups: Mapping[Any, Mapping[str, Any]] | None = None,
    **hyperparameters: Any,
) -> "Optimizer":
    """An optimizer for arrays, NumPy's or on a CUDA device.

    Parameters
    ----------
    name, defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`, which also says what is refused. Schedules need lengths in steps.
    groups : dict, optional
        Hyperparameters of some of the arrays, see `optviz.runs.arrays.groups.Groups`:
        ``groups={"*bias": {"weight_decay": 0}, "head": {"lr": 0.01}}`` for a dict of arrays, ``{-1: {"lr": 0.01}}``
        for a list.

    Returns
    -------
    Optimizer

    Notes
    -----
    A rule for matrices, as Muon, moves arrays of two axes and more as the matrix of their first axis and all others:
    a layer's outputs × inputs, as in torch; the variants of Keras and optax have the inputs first. Arrays of fewer axes
    follow the rule for vectors that it names. Its products are NumPy's, with as many threads as that has; the last bits
    of eigenvectors, in Shampoo and SOAP, depend on how many these are. On a device they are PyTorch's or CuPy's.

    >>> import numpy as np, optviz
    >>> weights = np.array([3.0, -2.0])
    >>> opt = optviz.optimizer("sgd", lr=0.25)
    >>> opt.step(weights, 2 * weights, opt.init(weights))
    >>> weights
    array([ 1.5, -1. ])
    """
    setting = configure(name, defaults=defaults, variant=variant, **hyperparameters)
    return Optimizer(setting.resolved(), groups)


class Optimizer(Looks):
    """An update rule with its numbers, ready to move arrays. The state is the caller's.

    >>> import numpy as np, optviz
    >>> optviz.optimizer("adam").init(np.zeros(2))["m"]
    array([0., 0.])

    Parameters
    ----------
    setting : Setting
    groups : dict, optional
        As for `optimizer`.

    Attributes
    ----------
    setting : Setting
        Rule, variant, formula and hyperparameters of the arrays that no group names.
    """

    def __init__(self, setting: Setting, groups: Mapping[Any, Mapping[str, Any]] | None = None):
        check_runs(setting, "arrays")
        self.setting = setting
        self._groups = Groups(setting, groups)
        self._rules: dict[tuple[int, np.dtype], StepScalars] = {}
        self._seen = Seen()
        self._may_fail = bool(setting.schedules or self._groups.given)
        self._bound: tuple[list[BoundArray], frozenset] = ([], frozenset())
        self._on_device, self._device_looks = DeviceSteps(), DeviceLooks()

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={value:g}" for name, value in self.hyperparameters.items())
        return f"Optimizer({self.setting.plain_name!r}, variant={self.setting.variant!r}, {numbers})"

    def __reduce__(self) -> tuple:
        # As text, since a formula cannot be pickled: the name under which it was defined belongs to its rule.
        for name, schedule in self.setting.schedules.items():
            if schedule.shape.name not in SCHEDULES:
                problem = f"the schedule of {name} is a function, {schedule.text}, which has no text to be pickled as"
                raise UsageTypeError(problem, "Write it as a text, cosine(0.1, steps=100), or register it.")
        return _rebuilt, (self.setting.text, self._groups.given)

    @property
    def hyperparameters(self) -> dict[str, float]:
        """All of the rule's hyperparameters, as used."""
        return dict(self.setting.hyperparameters)

    def replace(self, **hyperparameters: Any) -> "Optimizer":
        """An optimizer with other numbers, for a learning rate that changes; states of this one suit it."""
        return Optimizer(self.setting.replace(**hyperparameters), self._groups.given)

    def init(self, params: Arrays) -> Any:
        """The state before the first step.

        Parameters
        ----------
        params : array, or list, tuple or dict of arrays
            float32 or float64, of any shape; NumPy arrays, or arrays on one CUDA device, see `step`.

        Returns
        -------
        dict, or list or dict of dicts
            For each array the number of steps made, ``"t"``, and each state slot by its name in the formula, an array
            of the parameter's shape and dtype, or of shape () where the array's elements share one number. Plain
            values: to be copied, pickled or saved at will. Slots of device arrays are arrays of the same library (CuPy,
            PyTorch), or Numba's where it has no ``full_like``.

        Raises
        ------
        UsageError, UsageTypeError, MissingError
            As in `step`; or the device has no room for the state.
        """
        named = [
            (f"params{name}", array)
            for name, array in zip(names_of(params), values_of(params, params, ""), strict=True)
        ]
        states: list[Any]
        if any(is_device_array(array) for _, array in named):
            states = self._on_device.init(self._groups.of(keys_of(params)), named)
        else:
            for name, array in named:
                check_floats(array, name)
                check_writable(array, name)
            check_apart(named, [])
            settings = self._settings(params)
            states = [_start(setting, array) for setting, (_, array) in zip(settings, named, strict=True)]
        if isinstance(params, Mapping):
            return dict(zip(params, states, strict=True))
        return states if isinstance(params, SEQUENCE) else states[0]

    def step(
        self, params: Arrays, grads: Any, state: Any, *, value: float | None = None, **hyperparameters: Any
    ) -> None:
        """Move the parameters against their gradients, in place.

        Parameters
        ----------
        params : array, or list, tuple or dict of arrays
            float32 or float64, of any shape and layout; modified. Contiguous arrays are not copied. NumPy arrays, or
            arrays on one CUDA device: PyTorch's, or with ``__cuda_array_interface__``, CuPy's and Numba's. They are
            moved on the stream to which they belong, PyTorch's tensors on its current one, and nothing waits for the
            end. All of one dtype and group that are at the same step are moved in one launch; rules with sums make
            these in two or three more, which stay on the device. Matrices, under a rule that multiplies them or sums
            along their rows and columns, are moved by PyTorch's or CuPy's own functions.
        grads : likewise
            The gradient of each array, of the same shape and dtype and on the same device; here also JAX's arrays and
            others with DLPack, which cannot be modified: their library lets our stream wait for them. Where it is None
            the array and its state stay as they are.
        state : as `init` gave it
            Modified.
        value : float, optional
            The objective at the parameters, for rules and wrappers that ask for it: ``plateau``.
        **hyperparameters
            Numbers of this step alone, of all arrays whatever their groups say: ``lr=0.01`` where the caller has a
            schedule of his own. They take no longer than those of the optimizer.

        Raises
        ------
        UsageError
            A ValueError: an array is read-only or overlaps itself, its gradient or another array that is modified, or
            shapes, dtypes, devices, keys or the state do not fit. Nothing is modified then. Of arrays on a device one
            with gaps must not reach over another; a CUDA graph that is being captured cannot hold a step. A
            hyperparameter is out of range, has a schedule, or was 0 when the optimizer was made and its formula has no
            place for it.
        UsageTypeError
            A TypeError: something is not an array of native float32 or float64.
        MissingError
            CUDA cannot be used from here.
        OptvizError
            The device failed. Arrays whose step was counted have been given to it.

        Notes
        -----
        On x86-64 processors numbers below the smallest normal one, 1.2e-38 in float32 and 2.2e-308 in float64, count as
        0 during a step: state that has decayed that far would make steps up to 170 times as long. So in float32 the
        square of a gradient below 1.1e-19 is 0, and a rule that divides by its root needs an ``eps`` above 0, as all
        defaults have: with ``eps=0`` such a gradient leads to infinity. Use float64 there.
        """
        asked = Asked(valued(self.setting, value), self.numbers(hyperparameters))
        moving = self.moving(params, grads, state, asked)
        if self.setting.formula.probe and moving:
            self._seen.check(self.setting, [one.state for one in moving])
        move(moving)

    def moving(self, params: Arrays, grads: Any, state: Any, asked: Asked) -> list[Moved]:
        """What moves: each array that has a gradient, with all of its own, checked; none where devices have moved."""
        arrays = values_of(params, params, "params")
        gradients = values_of(grads, params, "grads")
        states = values_of(state, params, "state")
        bound, owners = self._bound  # another thread may step other arrays with this optimizer
        if not _are_bound(bound, arrays, states):
            if any(map(is_device_array, arrays)):
                if self.setting.formula.probe:
                    self._seen.check(self.setting, _moving(gradients, states))
                settings = self._groups.of(keys_of(params))
                self._on_device.step(settings, names_of(params), arrays, gradients, states, asked)
                return []
            bound, owners = self._bound = self._bind(params, arrays, states)
        if not all(map(BoundArray.knows, bound, gradients)):
            self._check_gradients(params, arrays, gradients, states, owners)
            for bound_array, gradient in zip(bound, gradients, strict=True):
                if gradient is not None:
                    bound_array.remember(gradient)
        if self._may_fail:  # a schedule that is a function: before anything moves
            for bound_array, gradient, entry in zip(bound, gradients, states, strict=True):
                if gradient is not None:
                    bound_array.look_ahead(entry)
        everything = zip(bound, arrays, gradients, states, strict=True)
        return [Moved(*each, asked) for each in everything if each[2] is not None]

    @contextmanager
    def looking_on_device(self, params: Arrays, grads: Any, state: Any, asked: Asked) -> Iterator[list[dict[str, Any]]]:
        """See `optviz.runs.arrays.looking.Looks.looking_on_device`."""
        arrays, states = values_of(params, params, "params"), values_of(state, params, "state")
        gradients = None if grads is None else values_of(grads, params, "grads")
        settings = self._groups.of(keys_of(params))
        with self._device_looks.at_the_probe(settings, names_of(params), arrays, gradients, states, asked):
            yield _moving(arrays if gradients is None else gradients, states)

    def reported(self, params: Arrays, state: Any) -> Any:
        """What the optimizer reports: the parameters to evaluate, where they are not those that gradients are taken at.

        Parameters
        ----------
        params, state
            As in `step`; neither is modified.

        Returns
        -------
        as `params`
            New arrays of the same library; the parameters themselves for rules that report them.
        """
        arrays, states = values_of(params, params, "params"), values_of(state, params, "state")
        points = []
        for name, setting, array, entry in zip(names_of(params), self._settings(params), arrays, states, strict=True):
            check_entry(entry, setting, name)
            points.append(reported(setting, array, entry))
        if isinstance(params, Mapping):
            return dict(zip(params, points, strict=True))
        return points if isinstance(params, SEQUENCE) else points[0]

    def _settings(self, params: Arrays) -> list[Setting]:
        """The setting that moves each array."""
        arrays = values_of(params, params, "params")
        return [
            one.moving(len(getattr(array, "shape", ())))
            for one, array in zip(self._groups.of(keys_of(params)), arrays, strict=True)
        ]

    def _rule(self, setting: Setting, dtype: np.dtype) -> StepScalars:
        key = id(setting), dtype
        if key not in self._rules:
            self._rules[key] = rule_of(setting, dtype.type)
        return self._rules[key]

    def _bind(self, params: Arrays, arrays: list, states: list) -> tuple[list[BoundArray], frozenset]:
        """Check the arrays and their state; gives their bound and the owners of their memory."""
        settings = self._settings(params)
        for name, setting, array, entry in zip(names_of(params), settings, arrays, states, strict=True):
            check_floats(array, f"params{name}")
            check_writable(array, f"params{name}")
            check_entry(entry, setting, name)
            for slot in setting.formula.slots:
                check_slot(entry[slot], setting, slot, array, name)
                check_writable(entry[slot], f"state{name}[{slot!r}]")
        written = self._written(params, arrays, states)
        check_apart(written, [])
        bound = []
        for setting, array, entry in zip(settings, arrays, states, strict=True):
            slots = {slot: entry[slot] for slot in setting.formula.slots}
            bound.append(bind(self._rule(setting, array.dtype), array, slots))
        return bound, owners_of(array for _, array in written)

    def _check_gradients(self, params: Arrays, arrays: list, gradients: list, states: list, owners: frozenset) -> None:
        """Check the gradients of arrays that passed their own checks."""
        read, names = [], names_of(params)
        for name, array, gradient in zip(names, arrays, gradients, strict=True):
            if gradient is not None:
                check_like(gradient, array, f"grads{name}", f"params{name}")
                read.append((f"grads{name}", gradient))
        if not owners or any(memory_of(gradient) in owners for _, gradient in read):
            check_apart(self._written(params, arrays, states), read)

    def _written(self, params: Arrays, arrays: list, states: list) -> list[tuple[str, np.ndarray]]:
        """Everything that a step modifies, by name."""
        names = names_of(params)
        written = [(f"params{name}", array) for name, array in zip(names, arrays, strict=True)]
        for name, setting, entry in zip(names, self._settings(params), states, strict=True):
            written += [(f"state{name}[{slot!r}]", entry[slot]) for slot in setting.formula.slots]
        return written


def _moving(gradients: list, states: list) -> list:
    """The states of arrays that have a gradient."""
    return [entry for gradient, entry in zip(gradients, states, strict=True) if gradient is not None]


def _rebuilt(text: str, groups: dict) -> Optimizer:
    return optimizer(text, groups=groups)


def _start(setting: Setting, array: np.ndarray) -> dict[str, Any]:
    """The state of an array before its first step."""
    return {"t": 0} | {slot: beginning(setting, slot, array) for slot in setting.formula.slots}


def _are_bound(bound: list[BoundArray], arrays: list, states: list) -> bool:
    if len(bound) != len(arrays):
        return False
    try:
        return all(map(BoundArray.holds, bound, arrays, states))
    except (TypeError, KeyError, AttributeError):  # something that is no array or no state: the checks will say so
        return False

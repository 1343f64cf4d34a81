"""Optimizers for arrays: the step of a rule on parameters of any shape, in place."""

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from optviz.errors import UsageError, UsageTypeError
from optviz.kernels.update import update_function
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.runs._arrays import check_apart, check_floats, check_like, check_writable
from optviz.runs._scalars import hyperparameters, step_scalars

CHUNK = 1 << 22  # elements per kernel call: under 100 ms for the slowest rule, so that Ctrl-C is heard
AHEAD = 64  # steps for which the step scalars are made at once

Order = Literal["C", "F"]
Arrays = np.ndarray | Sequence[np.ndarray] | Mapping[Any, np.ndarray]


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
    >>> opt = optviz.optimizer("sgd", lr=0.25)
    >>> state = opt.init(weights)
    >>> opt.step(weights, 2 * weights, state)
    >>> weights
    array([ 1.5, -1. ])
    """
    return Optimizer(configure(name, defaults=defaults, variant=variant, **hyperparameters))


class Optimizer:
    """An update rule with its numbers, ready to move arrays. The state is the caller's.

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
        self._seen: list[_Seen] = []

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={value:g}" for name, value in self.hyperparameters.items())
        return f"Optimizer({self.setting.rule.name!r}, variant={self.setting.variant!r}, {numbers})"

    def __reduce__(self) -> tuple:
        return Optimizer, (self.setting,)

    @property
    def hyperparameters(self) -> dict[str, float]:
        """All of the rule's hyperparameters, as used."""
        return dict(self.setting.hyperparameters)

    def replace(self, **hyperparameters: Any) -> "Optimizer":
        """The same optimizer with other numbers, for a learning rate that changes; its states go on being valid."""
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
            For each array the number of steps made, ``"t"``, and each state slot by its name in the formula, an array
            of the parameter's shape and dtype. Plain values: to be copied, pickled or saved at will.

        Raises
        ------
        UsageError, UsageTypeError
            As in `step`.
        """
        named = [
            (f"params{name}", array) for name, array in zip(_names(params), _values(params, params, ""), strict=True)
        ]
        for name, array in named:
            check_floats(array, name)
            check_writable(array, name)
        check_apart(named, [])
        states = [self._start(array) for _, array in named]
        if isinstance(params, np.ndarray):
            return states[0]
        return dict(zip(params, states, strict=True)) if isinstance(params, Mapping) else states

    def _start(self, array: np.ndarray) -> dict[str, Any]:
        slots = self.setting.formula.slots
        return {"t": 0} | {slot: np.full_like(array, self.setting.initial(slot), subok=False) for slot in slots}

    def step(self, params: Arrays, grads: Any, state: Any) -> None:
        """Move the parameters against their gradients, in place.

        Parameters
        ----------
        params : array, or list, tuple or dict of arrays
            float32 or float64, of any shape and layout; modified. Contiguous arrays are not copied.
        grads : likewise
            The gradient of each array, of the same shape and dtype. Where it is None the array and its state stay as
            they are.
        state : as `init` gave it
            Modified.

        Raises
        ------
        UsageError
            A ValueError: an array is read-only or overlaps itself, its gradient or another array that is modified, or
            shapes, dtypes, keys or the state do not fit. Nothing is modified then.
        UsageTypeError
            A TypeError: something is not a NumPy array of native float32 or float64.
        """
        arrays = _values(params, params, "params")
        gradients = _values(grads, params, "grads")
        states = _values(state, params, "state")
        seen = self._seen  # another thread may step other arrays with this optimizer
        if not _recognised(seen, arrays, gradients, states):
            seen = self._seen = self._check(_names(params), arrays, gradients, states)
        for known, array, gradient, entry in zip(seen, arrays, gradients, states, strict=True):
            if gradient is not None:
                rule = self._rules.get(array.dtype) or self._typed(array.dtype)
                t = int(entry["t"]) + 1
                rule.step(array, gradient, [entry[slot] for slot in rule.slots], t, known.is_plain)
                entry["t"] = t

    def _typed(self, dtype: np.dtype) -> "_TypedRule":
        return self._rules.setdefault(dtype, _TypedRule(self.setting, dtype.type))

    def _check(self, names: list[str], arrays: list, gradients: list, states: list) -> list["_Seen"]:
        """Check everything that `step` was given; returns what to recognise it by at the next step."""
        written, read = [], []
        for name, array, gradient, entry in zip(names, arrays, gradients, states, strict=True):
            check_floats(array, f"params{name}")
            check_writable(array, f"params{name}")
            written.append((f"params{name}", array))
            written += self._check_state(entry, array, name)
            if gradient is not None:
                check_like(gradient, array, f"grads{name}", f"params{name}")
                read.append((f"grads{name}", gradient))
        check_apart(written, read)
        slots = self.setting.formula.slots
        return [
            _Seen(array, gradient, {slot: entry[slot] for slot in slots})
            for array, gradient, entry in zip(arrays, gradients, states, strict=True)
        ]

    def _check_state(self, entry: Any, array: np.ndarray, name: str) -> list[tuple[str, np.ndarray]]:
        """Check one array's state; returns its slots, named."""
        keys = {"t", *self.setting.formula.slots}
        if not isinstance(entry, dict) or set(entry) != keys:
            found = ", ".join(map(str, entry)) if isinstance(entry, dict) else type(entry).__name__
            raise UsageError(
                f"state{name} holds {found or 'nothing'}; {self.setting.rule.name} needs {', '.join(sorted(keys))}",
                "Take the state that this optimizer's init(params) gives.",
            )
        slots = [(f"state{name}[{slot!r}]", entry[slot]) for slot in self.setting.formula.slots]
        for slot_name, slot in slots:
            check_like(slot, array, slot_name, f"params{name}")
            check_writable(slot, slot_name)
        return slots


class _TypedRule:
    """A setting in one precision, with its compiled step."""

    def __init__(self, setting: Setting, dtype: type):
        self.slots = setting.formula.slots
        self._setting, self._dtype = setting, dtype
        self._update = update_function(setting.formula, dtype)
        self._hyper = hyperparameters(setting, dtype)
        self._block: tuple[int, list[tuple]] = (0, [])

    def step(self, x: np.ndarray, g: np.ndarray, slots: list[np.ndarray], t: int, is_plain: bool) -> None:
        """Step number `t` for one array, its gradient and its state."""
        if is_plain:
            self._flat(x.ravel(), g.ravel(), [slot.ravel() for slot in slots], self._scalars(t))
            return
        modified = [x, *slots]
        order: Order = "F" if all(array.flags.f_contiguous for array in modified) else "C"
        flat = [_flat_copy(array, order) for array in modified]
        self._flat(flat[0], _flat_copy(g, order), flat[1:], self._scalars(t))
        for array, copy in zip(modified, flat, strict=True):
            if not np.may_share_memory(array, copy):
                array[...] = copy.reshape(array.shape, order=order)

    def _scalars(self, t: int) -> tuple:
        first, rows = self._block
        if not first <= t < first + len(rows):
            # Numbers for many steps at once cost little more than for one.
            first = t - (t - 1) % AHEAD
            columns = step_scalars(self._setting, self._dtype, np.arange(first, first + AHEAD, dtype=np.float64))
            rows = list(zip(*columns, strict=True)) if columns else [()] * AHEAD
            self._block = first, rows
        return rows[t - first]

    def _flat(self, x: np.ndarray, g: np.ndarray, slots: list[np.ndarray], scalars: tuple) -> None:
        if x.size <= CHUNK:
            self._update(x, g, tuple(slots), scalars, self._hyper)
            return
        for i in range(0, x.size, CHUNK):
            part = slice(i, i + CHUNK)
            self._update(x[part], g[part], tuple(slot[part] for slot in slots), scalars, self._hyper)


def _flat_copy(array: np.ndarray, order: Order) -> np.ndarray:
    """The elements of an array in some order as a flat aligned array: a view where possible."""
    return np.require(array.view(np.ndarray).ravel(order), requirements="A")


class _Seen:
    """One array with its gradient and state as they passed the checks, to be recognised at the next step.

    The checks cost more than the step of a small array. An array that is the same object, still writable and of the
    same number of bytes needs no second check: a weakly referenced array cannot be resized, and nothing else moves its
    memory. Weak references keep nothing alive.
    """

    def __init__(self, array: np.ndarray, gradient: np.ndarray | None, slots: dict[str, np.ndarray]):
        self.array = weakref.ref(array)
        self.gradient: Callable[[], Any] = _nothing if gradient is None else weakref.ref(gradient)
        self.slots = [(name, weakref.ref(slot)) for name, slot in slots.items()]
        self.nbytes = array.nbytes
        together = [array, *slots.values(), array if gradient is None else gradient]
        # What array.ravel() gives without a copy, aligned, of NumPy's own class.
        self.is_plain = all(a.flags.c_contiguous and a.flags.aligned and type(a) is np.ndarray for a in together)

    def recognises(self, array: np.ndarray, gradient: np.ndarray | None, entry: dict[str, Any]) -> bool:
        """Whether these are the same three as before."""
        nbytes = self.nbytes
        if array is not self.array() or array.nbytes != nbytes or not array.flags.writeable:
            return False
        if gradient is not self.gradient() or (gradient is not None and gradient.nbytes != nbytes):
            return False
        for name, known in self.slots:
            slot = entry[name]
            if slot is not known() or slot.nbytes != nbytes:
                return False
        return True


def _nothing() -> None:
    return None


def _recognised(seen: list[_Seen], arrays: list, gradients: list, states: list) -> bool:
    if len(seen) != len(arrays):
        return False
    try:
        return all(map(_Seen.recognises, seen, arrays, gradients, states))
    except (TypeError, KeyError):  # a state that is no dict or lacks a slot: the checks will say so
        return False


def _names(params: Arrays) -> list[str]:
    """How messages call each array after ``params``, ``grads`` or ``state``: ``[2]``, ``['weights']`` or nothing."""
    if isinstance(params, Mapping):
        return [f"[{key!r}]" for key in params]
    return [f"[{i}]" for i in range(len(params))] if isinstance(params, list | tuple) else [""]


def _values(given: Any, params: Arrays, what: str) -> list:
    """The parts of `given`, in the order of `params`, of which it must have the form."""
    if isinstance(params, list | tuple):
        if not isinstance(given, list | tuple):
            raise UsageTypeError(f"{what} is a {type(given).__name__}", "Give a list, one for each array of params.")
        if len(given) != len(params):
            raise UsageError(f"{what} holds {len(given)}, params {len(params)}", "Give one for each array of params.")
        return list(given)
    if isinstance(params, Mapping):
        if not isinstance(given, Mapping):
            raise UsageTypeError(f"{what} is a {type(given).__name__}", "Give a dict with the keys of params.")
        for key in [*params, *given]:
            if key not in given:
                raise UsageError(f"{what} has no {key!r}", "Give the keys of params; None stands for no gradient.")
            if key not in params:
                raise UsageError(f"{what} has {key!r}, which params has not", "Give the keys of params.")
        return [given[key] for key in params]
    if isinstance(given, list | tuple):
        raise UsageTypeError(f"{what} is a {type(given).__name__}, params one array", "Give both the same form.")
    return [given]

"""Arrays whose rules take their gradients elsewhere: moved there, and back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from optviz.errors import UsageError
from optviz.optimizers import Setting, check_runs, step_numbers
from optviz.runs.arrays.checks import is_device_array
from optviz.runs.arrays.forms import SEQUENCE, values_of
from optviz.runs.arrays.groups import Groups
from optviz.runs.arrays.host import Asked, BoundArray, Moved
from optviz.runs.arrays.moving import move
from optviz.runs.arrays.summed import bind, rule_of


def look_of(setting: Setting) -> Setting:
    """The setting that moves arrays to where another one takes their gradients."""
    look = setting.formula.look
    assert look is not None
    return replace(setting, formula=look)


@contextmanager
def at_the_probe(moving: Sequence[tuple[Setting, Moved]]) -> Iterator[None]:
    """Have the arrays at their probes for a while; the state stays as it is.

    Parameters
    ----------
    moving : sequence of (Setting, Moved)
        Arrays that passed the checks.
    """
    bound: list[Moved] = []
    before = [array.copy() for _, (_, array, *_) in moving]
    for setting, (_, array, gradient, state, asked) in moving:
        look = look_of(setting)
        slots = {slot: state[slot] for slot in look.formula.slots}
        one: BoundArray = bind(rule_of(look, array.dtype.type), array, slots)
        one.remember(gradient)
        bound.append(Moved(one, array, gradient, {"t": state["t"]} | slots, asked))
    try:
        move(bound)
        yield
    finally:
        for (_, (_, array, *_)), kept in zip(moving, before, strict=True):
            array[...] = kept


class Seen:
    """What an optimizer remembers of a look: at which arrays it was, and before which of their steps."""

    def __init__(self) -> None:
        self._seen: list[tuple[int, int]] = []

    def note(self, states: Sequence[dict[str, Any]]) -> None:
        """These arrays have been looked at."""
        self._seen = [(id(entry), entry["t"]) for entry in states]

    def check(self, setting: Setting, states: Sequence[dict[str, Any]]) -> None:
        """Refuse a step of arrays that have not been looked at before it."""
        if any((id(entry), entry["t"]) not in self._seen for entry in states):
            raise UsageError(
                f"{setting.plain_name} takes its gradients at a point of its own, where nobody has looked",
                "Make them there: with opt.look(params, grads, state): grads = ...",
            )
        self._seen = []


class Looks:
    """What an optimizer for arrays does before a step, where its rule takes gradients elsewhere."""

    setting: Setting
    _seen: Seen
    _groups: Groups

    def _settings(self, params: Any) -> list[Setting]:
        raise NotImplementedError

    def moving(self, params: Any, grads: Any, state: Any, asked: Asked) -> list[Moved]:
        raise NotImplementedError

    def looking_on_device(
        self, params: Any, grads: Any, state: Any, asked: Asked
    ) -> AbstractContextManager[list[dict[str, Any]]]:
        """The context of a look at device arrays; it gives the states of those that move."""
        raise NotImplementedError

    def numbers(self, given: Mapping[str, Any]) -> dict[str, float]:
        """Hyperparameters of one step, checked, see `step`."""
        numbers = step_numbers(self.setting, given)
        for name in numbers:
            if self._groups.given and (one := self._groups.scheduled(name)):
                text = one.schedules[name].text
                raise UsageError(
                    f"{name} has a schedule in a group, {text}", f"Leave {name} out here, or out of the group."
                )
        return numbers

    def look(self, params: Any, grads: Any, state: Any, **hyperparameters: Any) -> AbstractContextManager[None]:
        """Have the parameters where the optimizer takes its gradients, for rules that take them elsewhere.

        Inside of the context the arrays hold the probe, where the caller makes the gradients for `step`; behind it they
        are as they were. Where a rule takes its gradients at the parameters, nothing is done.

        Parameters
        ----------
        params, state
            As in `step`.
        grads
            Of the parameters as they are, as in `step`; arrays without a gradient stay where they are. None where the
            rule needs none there: "nesterov_ahead", "past_extragradient".
        **hyperparameters
            As in `step`, to which the same are to be given.

        Returns
        -------
        context manager

        Raises
        ------
        UsageError, UsageTypeError
            As in `step`, when the context is entered; also where gradients are needed and None is given.

        Examples
        --------
        >>> import numpy as np, optviz
        >>> weights = np.array([3.0, -4.0])
        >>> gradient = lambda x: 2 * x
        >>> opt = optviz.optimizer("sam(sgd)", lr=0.25, rho=0.5)
        >>> state = opt.init(weights)
        >>> with opt.look(weights, gradient(weights), state):
        ...     slopes = gradient(weights)
        >>> opt.step(weights, slopes, state)
        >>> weights
        array([ 1.35, -1.8 ])
        """
        return self._looking(params, grads, state, hyperparameters)

    @contextmanager
    def _looking(self, params: Any, grads: Any, state: Any, numbers: Mapping[str, Any]) -> Iterator[None]:
        formula, arrays = self.setting.formula, values_of(params, params, "params")
        if formula.probe is None:
            yield
            return
        if grads is None and formula.looks_first:
            raise UsageError(
                f"{self.setting.plain_name} needs the gradients at the parameters to find where it looks",
                "Give them: opt.look(params, grads, state)",
            )
        asked = Asked(0.0 if formula.takes_value else None, self.numbers(numbers))  # no probe reads it
        if any(map(is_device_array, arrays)):
            with self.looking_on_device(params, grads, state, asked) as entries:
                yield
            self._seen.note(entries)
            return
        check_runs(self.setting, "arrays")
        given = _like(params, arrays) if grads is None else grads
        moving = self.moving(params, given, state, asked)
        settings = {id(array): one for array, one in zip(arrays, self._settings(params), strict=True)}
        with at_the_probe([(settings[id(one.array)], one) for one in moving]):
            yield
        self._seen.note([one.state for one in moving])


def _like(params: Any, arrays: list) -> Any:
    """Something for gradients that nothing reads."""
    copies = [array.copy() for array in arrays]
    if isinstance(params, Mapping):
        return dict(zip(params, copies, strict=True))
    return copies if isinstance(params, SEQUENCE) else copies[0]

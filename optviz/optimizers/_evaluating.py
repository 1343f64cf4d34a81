"""What a solver evaluates with where it runs in plain Python, and its path there."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from optviz.formulas.solver import GO_ON, Solver
from optviz.optimizers._setting import Setting


class Evaluate:
    """``evaluate`` of a solver's formula.

    Parameters
    ----------
    slopes : function
        ``slopes(point)``: the value and the gradient.
    second : function, optional
        ``second(point)``: the second derivatives, a row after the other, or what stands for them.
    """

    def __init__(self, slopes: Callable, second: Callable | None = None):
        self._slopes, self._second, self.count = slopes, second, 0

    def __call__(self, y: Sequence[float], gy: Any) -> float:
        """The value at a point; its gradient goes to `gy`."""
        self.count += 1
        value, slope = self._slopes(tuple(y))
        gy[:] = slope
        return value

    def value(self, y: Sequence[float]) -> float:
        """The value at a point."""
        self.count += 1
        return self._slopes(tuple(y))[0]

    def hessian(self, y: Sequence[float], h: Any) -> None:
        """Second derivatives go to `h`."""
        assert self._second is not None
        h[:] = self._second(tuple(y))

    normal = hessian


def plain_path(setting: Setting, evaluate: Evaluate, start: Sequence[float], steps: int) -> list[tuple[float, ...]]:
    """The iterates of a solver, start first; where it stops the last one is repeated."""
    formula, n = setting.formula, len(start)
    assert isinstance(formula, Solver)
    given = [setting.hyperparameters[name] for name in formula.hyperparameters]
    room = _Room([0.0] * formula.room(n, setting.hyperparameters))
    x, g = [*start], [0.0] * n
    f = [evaluate(x, g)]
    path, code = [tuple(x)], GO_ON
    for _ in range(steps):
        if code == GO_ON:
            code = formula.step(x, f, g, evaluate, room, given)
        path.append(tuple(x))
    return path


class _Room:
    """Numbers of which a part is a view, as of an array's."""

    def __init__(self, numbers: list[float], first: int = 0, last: int | None = None):
        self._numbers, self._first, self._last = numbers, first, len(numbers) if last is None else last

    def __len__(self) -> int:
        return self._last - self._first

    def __iter__(self) -> Iterator[float]:
        return iter(self._numbers[self._first : self._last])

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return _Room(self._numbers, self._first + at.start, self._first + at.stop)
        return self._numbers[self._first + at]

    def __setitem__(self, at: Any, value: Any) -> None:
        if isinstance(at, slice):
            self._numbers[self._first : self._last] = value
        else:
            self._numbers[self._first + at] = value

"""Which changes of the problem leave a rule's path as it is: measured in plain Python, with all its numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from optviz.errors import UsageError
from optviz.formulas.adding import moved, probed
from optviz.formulas.formula import ITERATE, VALUE
from optviz.formulas.solver import Solver
from optviz.optimizers._assemble import SHARE
from optviz.optimizers._evaluating import Evaluate, plain_path
from optviz.optimizers._setting import Setting

STEPS, SIZE = 20, 3  # of the measured paths, and coordinates of their points
ITERATIONS = 6  # of solvers, before rounding is all that is left
FOURTH, HILL = 0.1, 3.0  # of fourth powers in the problem of solvers, and of what is taken from its curvature
LARGEST = 1e-12  # difference between paths that counts as none, as a share of how far they go
SEARCHED = 1e-9  # the same of solvers, whose searches divide by small differences
ROUNDING = 1e-14  # difference that their sums may leave, as a share of their largest coordinate

Point = tuple[float, ...]
Matrix = tuple[Point, ...]


@dataclass(frozen=True)
class Change:
    """Another problem whose path has to be the image of the first one's: y = M x + s, and f multiplied by a number."""

    matrix: Matrix
    shift: Point = (0.0,) * SIZE
    scale: float = 1.0

    def image(self, x: Point) -> Point:
        return tuple(value + moved for value, moved in zip(_product(self.matrix, x), self.shift, strict=True))


def _product(matrix: Matrix, x: Point) -> Point:
    return tuple(sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix)


def _transposed(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _diagonal(*numbers: float) -> Matrix:
    return tuple(tuple(number * (i == j) for j in range(SIZE)) for i, number in enumerate(numbers))


def _rotation() -> Matrix:
    """A rotation that mixes all coordinates."""
    (c, s), (d, r) = ((math.cos(angle), math.sin(angle)) for angle in (0.7, 1.1))
    first, second = ((c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)), ((1.0, 0.0, 0.0), (0.0, d, -r), (0.0, r, d))
    return _transposed(tuple(_product(first, column) for column in _transposed(second)))


SAME = _diagonal(1.0, 1.0, 1.0)
CHANGES = {
    "scale of f": (Change(SAME, scale=7.3), Change(SAME, scale=0.0013)),
    "sign of a coordinate": (Change(_diagonal(1.0, -1.0, 1.0)),),
    "rotation": (Change(_rotation()),),
    "translation": (Change(SAME, shift=(0.7, -0.4, 1.9)),),
    "scale of a coordinate": (Change(_diagonal(3.0, 1.0, 0.2)),),
}


def invariances(setting: Setting) -> dict[str, bool]:
    """For each of `CHANGES` whether the path changes with the problem and in no other way; nothing where none can run.

    The path is one of 20 steps on a fixed quadratic function with disturbances, in three dimensions; of solvers 6 on
    one with fourth powers, where not all curvature is positive, and without disturbances. What keeps a denominator from
    0 is taken as 0, where the rule moves without it. A matrix has other symmetries, and random signs follow no
    rotation: nothing of these.
    """
    is_fit = isinstance(setting.formula, Solver) and setting.formula.residuals
    if setting.kind in ("contender", "matrices", "products") or is_fit:
        return {}
    for one in _candidates(setting):
        try:
            path = _run(one, Change(SAME))
            moves = max(abs(a - b) for a, b in zip(path[0], path[-1], strict=True)) > 0
            if moves and all(math.isfinite(value) for x in path for value in x):
                return {
                    name: all(_is_image(one, path, change) for change in changes) for name, changes in CHANGES.items()
                }
        except ArithmeticError:  # a division by the 0 that is missing
            continue
    return {}


def _candidates(setting: Setting) -> Iterator[Setting]:
    """The setting with everything called eps off, if it can be, and as it is; its schedules as long as the path."""
    try:
        setting = setting.resolved(STEPS, 1)
    except UsageError:
        setting = setting.resolved(10**9, 1)
    small = [name for name in setting.rule.hyperparameters if name.startswith("eps")]
    if small:
        try:
            yield setting.replace(**dict.fromkeys(small, 0.0))
        except UsageError:
            pass
    yield setting


def _run(setting: Setting, change: Change) -> list[Point]:
    return (_solved if setting.kind == "solver" else _path)(setting, change)


def _solved(setting: Setting, change: Change) -> list[Point]:
    """The iterates of a solver on a changed problem without disturbances."""
    back = _diagonal(*(1 / sum(a * a for a in row) for row in change.matrix))
    inverse = tuple(_product(back, column) for column in _transposed(change.matrix))
    across, problem = _transposed(inverse), _Problem()

    def place(x: Point) -> Point:
        return _product(inverse, tuple(a - b for a, b in zip(x, change.shift, strict=True)))

    def slopes(x: Point) -> tuple[float, Point]:
        value, slope = problem.bent(place(x))
        return change.scale * value, tuple(change.scale * a for a in _product(across, slope))

    def second(x: Point) -> list[float]:
        rows = tuple(_product(across, row) for row in problem.curved(place(x)))
        columns = tuple(_product(across, column) for column in _transposed(rows))
        return [change.scale * value for row in _transposed(columns) for value in row]

    return plain_path(setting, Evaluate(slopes, second), change.image(problem.start), ITERATIONS)


def _is_image(setting: Setting, path: list[Point], change: Change) -> bool:
    other = _run(setting, change)
    images = [change.image(x) for x in path]
    size = max(abs(value) for x in images for value in x)
    gone = max(abs(value - first) for x in images for value, first in zip(x, images[0], strict=True))
    pairs = [pair for x, y in zip(images, other, strict=True) for pair in zip(x, y, strict=True)]
    largest = SEARCHED if setting.kind == "solver" else LARGEST
    return all(abs(a - b) <= largest * gone + ROUNDING * size for a, b in pairs)  # NaN is no image


def _path(setting: Setting, change: Change) -> list[Point]:
    """The iterates of the formula on a changed problem, start first."""
    back = _diagonal(*(1 / sum(a * a for a in row) for row in change.matrix))
    inverse = tuple(_product(back, column) for column in _transposed(change.matrix))  # its rows are orthogonal
    problem = _Problem()
    formula, numbers = setting.formula, setting.hyperparameters
    factors = {name: schedule.function() for name, schedule in setting.schedules.items()}
    hyper = [numbers[name] for name in formula.hyperparameters]
    x = change.image(problem.start)
    slots = [[value if (one := setting.initial(name)) == ITERATE else one for name in formula.slots] for value in x]
    path: list[Point] = [x]
    before: dict[str, Any] = {}
    for t in range(1, STEPS + 1):
        now = {name: factor(t - 1) for name, factor in factors.items()}
        given = numbers | {name: numbers[name] * share for name, share in now.items()} | {SHARE: now.get("lr", 1.0)}
        before = formula.step_scalars(float(t), given, before)

        def seen(x: Sequence[float]) -> tuple[list[float], list[float]]:
            """The gradient at a point, and the step scalars with the value there."""
            u = _product(inverse, tuple(a - b for a, b in zip(x, change.shift, strict=True)))
            f, g = problem.at(u, t)  # noqa: B023  it is called in this step alone
            known: Mapping[str, Any] = before | {VALUE: change.scale * f}  # noqa: B023
            scalars = [known[name] for name in formula.scalar_names]
            return [change.scale * slope for slope in _product(_transposed(inverse), g)], scalars

        slopes, scalars = seen(x)
        if formula.probe:
            slopes, scalars = seen(probed(formula, x, slopes, slots, scalars, hyper))
        _, results = moved(formula, x, slopes, slots, scalars, hyper)
        x, slots = tuple(after[0] for after in results), [[*after[1:]] for after in results]
        path.append(x)
    return path


class _Problem:
    """A quadratic function of a few variables whose gradients are disturbed, always in the same way."""

    def __init__(self) -> None:
        draws = Random(12)
        root = [[draws.gauss(0, 1) for _ in range(SIZE)] for _ in range(SIZE)]
        self.curvature = tuple(
            tuple(sum(a * b for a, b in zip(one, other, strict=True)) + (one is other) for other in root)
            for one in root
        )
        self.start: Point = tuple(draws.gauss(0, 1) for _ in range(SIZE))
        self.lowest = tuple(draws.gauss(0, 1) for _ in range(SIZE))
        self.draws = [tuple(draws.gauss(0, 2) for _ in range(SIZE)) for _ in range(STEPS)]

    def bent(self, x: Point) -> tuple[float, Point]:
        """The value with fourth powers around a hill or a saddle, and the gradient of that."""
        away = tuple(a - b for a, b in zip(x, self.lowest, strict=True))
        slope = tuple(a - HILL * b for a, b in zip(_product(self.curvature, away), away, strict=True))
        value = sum(a * b / 2 + FOURTH * a**4 for a, b in zip(away, slope, strict=True))
        return value, tuple(b + 4 * FOURTH * a**3 for a, b in zip(away, slope, strict=True))

    def curved(self, x: Point) -> Matrix:
        """The second derivatives of that."""
        added = (12 * FOURTH * (a - b) ** 2 - HILL for a, b in zip(x, self.lowest, strict=True))
        pairs = zip(self.curvature, _diagonal(*added), strict=True)
        return tuple(tuple(a + b for a, b in zip(one, other, strict=True)) for one, other in pairs)

    def at(self, x: Point, t: int) -> tuple[float, Point]:
        """The value and the disturbed gradient of step `t`."""
        away = tuple(a - b for a, b in zip(x, self.lowest, strict=True))
        slope = _product(self.curvature, away)
        value = sum(a * b for a, b in zip(away, slope, strict=True)) / 2
        return value, tuple(a + b for a, b in zip(slope, self.draws[t - 1], strict=True))

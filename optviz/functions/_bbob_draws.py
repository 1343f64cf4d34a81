"""The random numbers behind an instance of a BBOB function: where its optimum lies and how its axes are turned.

They are those of the 2009 benchmark, from the platform's generator and seeds, so that values agree with published ones.
Finck, Hansen, Ros & Auger 2010, Real-Parameter Black-Box Optimization Benchmarking 2009: Presentation of the Noiseless
Functions, Research Center PPE 2009/20; seeds as in the C code of COCO 2.8.
"""

from functools import cached_property
from math import cos, floor, log, pi, sqrt

Matrix = tuple[float, ...]  # row by row

MODULUS, MULTIPLIER = 2**31 - 1, 16807  # Park & Miller 1988, Communications of the ACM 31(10), 1192-1201
LEAST = 1e-99  # in place of 0


def uniform(count: int, seed: int) -> list[float]:
    """Numbers between 0 and 1: a multiplicative generator whose draws are shuffled through a table of 32."""
    state, table = max(abs(seed), 1), [0] * 32
    for place in range(39, -1, -1):
        state = MULTIPLIER * state % MODULUS
        if place < 32:
            table[place] = state
    shown, numbers = table[0], []
    for _ in range(count):
        state = MULTIPLIER * state % MODULUS
        place = shown // 67108865
        shown, table[place] = table[place], state
        numbers.append(shown / MODULUS or LEAST)
    return numbers


def normal(count: int, seed: int) -> list[float]:
    """Normal numbers, by Box and Muller."""
    draws = uniform(2 * count, seed)
    pairs = zip(draws[:count], draws[count:], strict=True)
    return [sqrt(-2 * log(radius)) * cos(2 * pi * angle) or LEAST for radius, angle in pairs]


def rotation(n: int, seed: int) -> Matrix:
    """An orthogonal matrix, by Gram and Schmidt from a normal one."""
    draws = normal(n * n, seed)
    columns = [draws[i * n : (i + 1) * n] for i in range(n)]
    for i, column in enumerate(columns):
        for other in columns[:i]:
            share = _product(column, other)
            for k in range(n):
                column[k] -= share * other[k]
        length = sqrt(_product(column, column))
        column[:] = [number / length for number in column]
    return tuple(column[row] for row in range(n) for column in columns)


def _product(one: list[float], other: list[float]) -> float:
    """Sums from left to right; `sum` does more in some versions of Python."""
    total = 0.0
    for left, right in zip(one, other, strict=True):
        total += left * right
    return total


def order(numbers: list[float]) -> list[int]:
    """The places of the numbers from the lowest to the highest."""
    return sorted(range(len(numbers)), key=numbers.__getitem__)


class Draw:
    """What is random about a function in an instance and a dimension.

    Parameters
    ----------
    number : int
        1 to 24.
    instance : int
    n : int
    like : int, optional
        The function whose seed it takes; its own by default.
    """

    def __init__(self, number: int, instance: int, n: int, like: int | None = None):
        self.n = n
        self.seed = (like or number) + 10_000 * instance
        self.place = [i / (n - 1) for i in range(n)]  # of coordinates, from 0 to 1

    @property
    def minimum(self) -> float:
        """From -1000 to 1000 in hundredths, more often near 0."""
        ratio = 100 * 100 * normal(1, self.seed)[0] / normal(1, self.seed + 1)[0]
        return min(1000.0, max(-1000.0, floor(ratio + 0.5) / 100))

    def optimum(self, after: int = 0) -> tuple[float, ...]:
        """A point between -4 and 4."""
        draws = uniform(self.n, self.seed + after)
        return tuple(8 * floor(1e4 * number) / 1e4 - 4 or -1e-5 for number in draws)

    def signs(self) -> list[float]:
        return [-1.0 if number < 0.5 else 1.0 for number in uniform(self.n, self.seed)]

    @cached_property
    def outer(self) -> Matrix:
        """R of the publication."""
        return rotation(self.n, self.seed + 1_000_000)

    @cached_property
    def inner(self) -> Matrix:
        """Q of the publication."""
        return rotation(self.n, self.seed)

    def powers(self, base: float) -> tuple[float, ...]:
        """From 1 to `base`, evenly in the logarithm."""
        return tuple(base**place for place in self.place)

    def product(self, base: float) -> Matrix:
        """R, a stretching of the coordinates by `powers` of `base`, and Q."""
        n, stretches = self.n, self.powers(base)
        rows = [[self.outer[i * n + k] * stretches[k] for k in range(n)] for i in range(n)]
        columns = [list(self.inner[j::n]) for j in range(n)]
        return tuple(_product(row, column) for row in rows for column in columns)


def stretched(matrix: Matrix, stretches: tuple[float, ...] | list[float]) -> Matrix:
    """A matrix with its rows multiplied by numbers."""
    n = len(stretches)
    return tuple(number * stretches[place // n] for place, number in enumerate(matrix))


def times(matrix: Matrix, vector: tuple[float, ...] | list[float]) -> list[float]:
    n = len(vector)
    return [_product(list(matrix[i * n : (i + 1) * n]), list(vector)) for i in range(n)]


def transposed(matrix: Matrix) -> Matrix:
    n = round(sqrt(len(matrix)))
    return tuple(matrix[j * n + i] for i in range(n) for j in range(n))


def around_the_middle(draw: Draw) -> dict[str, tuple[float, ...] | float]:
    """The constants of z = Q x + ½, whose optimum is at z = 1.

    From 65 dimensions on the benchmark would stretch Q by √n/8.
    """
    return {
        "BEST": tuple(times(transposed(draw.inner), [0.5] * draw.n)),
        "FIRST": draw.inner,
        "OFFSET": 1.0,
    }

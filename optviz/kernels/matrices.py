"""What the words of a formula for matrices mean: products by BLAS, outside of compiled code, which would need SciPy.

A matrix is an array (r, c), or a stack (runs, r, c) of small ones, of which each run has its own. Stacks are computed
element by element, so that a run gives the same bits alone and among others; single matrices go through BLAS.
"""

import builtins
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from optviz.formulas import matrix_words
from optviz.formulas.formula import Formula
from optviz.kernels.denormals import flushed
from optviz.kernels.random import random_signs as drawn_signs

WIDE = 1.5  # from this ratio of the sides on the Gram form takes fewer products
SLACK = 0.01  # how far rounding may move the smallest singular values of the Gram form


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of two matrices."""
    if a.ndim == b.ndim == 2:
        # In memory the product stands as its larger factor, so that sums of the two need no transposition.
        larger = (a if a.size >= b.size else b).flags
        if larger.f_contiguous and not larger.c_contiguous:
            return np.matmul(b.T, a.T).T
        return np.matmul(a, b)
    total = a[..., :, :1] * b[..., :1, :]
    for k in range(1, a.shape[-1]):
        total += a[..., :, k : k + 1] * b[..., k : k + 1, :]
    return total


def transpose(a: np.ndarray) -> np.ndarray:
    """A view with rows for columns."""
    return a.swapaxes(-1, -2)


def norm(a: np.ndarray) -> Any:
    """Frobenius' norm: of a stack (runs, 1, 1)."""
    if a.ndim < 3:
        flat = a.ravel("K")
        return np.sqrt(np.dot(flat, flat))
    squares = a**2
    total = np.zeros((len(a), 1, 1), a.dtype)
    for i in range(a.shape[1]):
        for j in range(a.shape[2]):
            total[:, 0, 0] += squares[:, i, j]
    return np.sqrt(total)


def identity(a: np.ndarray) -> np.ndarray:
    """Ones on the diagonal of a matrix like a square one."""
    return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)


def newton_schulz(x: np.ndarray, steps: float, a: float, b: float, c: float) -> np.ndarray:
    """So many times x <- a x + (b A + c A A) x with A = x xᵀ, with the shorter side first.

    The Gram form gathers the factors of x in a small square matrix and multiplies x once: 108 instead of 278 million
    operations for 784 x 128. It is as exact as long as the rounding of A, which grows by a² with each iteration, stays
    small where singular values are nearly 0.
    """
    if rows(x) > cols(x):
        return transpose(newton_schulz(transpose(x), steps, a, b, c))
    count = int(steps)
    grown = np.finfo(x.dtype).eps * a ** (2 * (count - 1))
    if x.ndim == 2 and cols(x) >= WIDE * rows(x) and 1 <= count and grown <= SLACK:
        return matmul(_gathered(matmul(x, transpose(x)), count, a, b, c), x)
    for _ in range(count):
        gram = matmul(x, transpose(x))
        x = a * x + matmul(b * gram + c * matmul(gram, gram), x)
    return x


def _gathered(gram: np.ndarray, count: int, a: float, b: float, c: float) -> np.ndarray:
    """The product of the factors of all iterations."""
    product = gram
    for k in range(count):
        factor = c * matmul(gram, gram)
        factor += b * gram
        np.einsum("ii->i", factor)[:] += a
        product = factor if k == 0 else matmul(factor, product)
        if k < count - 1:
            gram = matmul(factor, matmul(factor, gram))
    return product


def inverse_root(a: np.ndarray, p: float) -> np.ndarray:
    """A to the power -1/p, of a symmetric positive definite matrix.

    Eigenvalues that rounding has made smaller than the rounding of the largest, or negative, count as that.
    """
    values, vectors = _decomposed(a)
    floor = np.finfo(a.dtype).eps * np.max(values, axis=-1, keepdims=True)
    powers = np.maximum(values, floor) ** (-1.0 / p)
    return matmul(vectors * powers[..., np.newaxis, :], transpose(vectors))


def eigenvectors(a: np.ndarray) -> np.ndarray:
    """The eigenvectors of a symmetric matrix in columns, that of the largest eigenvalue first."""
    return _decomposed(a)[1][..., ::-1]


def _decomposed(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, ascending, and eigenvectors; NaN where the matrix is not finite."""
    finite = np.isfinite(a).all(axis=(-2, -1), keepdims=True)
    try:
        values, vectors = np.linalg.eigh(np.where(finite, a, 0))
    except np.linalg.LinAlgError:
        return np.full(a.shape[:-1], np.nan, a.dtype), np.full_like(a, np.nan)
    return np.where(finite[..., 0], values, np.nan), np.where(finite, vectors, np.nan)


def qr(a: np.ndarray) -> np.ndarray:
    """The orthogonal factor; NaN where the matrix is not finite."""
    finite = np.isfinite(a).all(axis=(-2, -1), keepdims=True)
    return np.where(finite, np.linalg.qr(np.where(finite, a, 0))[0], np.nan)


def ordered(a: np.ndarray, numbers: np.ndarray, axis: int) -> np.ndarray:
    """Rows (0) or columns (1) in the order of falling numbers."""
    order = np.argsort(-numbers, axis=-1, kind="stable")
    return np.take_along_axis(a, np.expand_dims(order, -1 if axis == 0 else -2), -2 if axis == 0 else -1)


def diagonal(a: np.ndarray) -> np.ndarray:
    """The diagonal of a square matrix."""
    return np.diagonal(a, axis1=-2, axis2=-1)


def upper(a: np.ndarray) -> np.ndarray:
    """A with zeros below the diagonal."""
    return np.triu(a)


def solve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The inverse of a times b; NaN where there is none."""
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:  # of one of a stack
        if a.ndim > 2:
            pairs = zip(a, np.broadcast_to(b, (len(a), *b.shape[-2:])), strict=True)
            return np.stack([solve(one, other) for one, other in pairs])
        return np.full_like(b, np.nan)


def largest(a: np.ndarray) -> Any:
    """The largest magnitude of an entry: of a stack (runs, 1, 1)."""
    return np.max(np.abs(a), axis=(-2, -1), keepdims=True) if a.ndim > 2 else np.max(np.abs(a))


def norm_bound(a: np.ndarray) -> Any:
    """The length of A A a over that of A a, of a symmetric matrix whose longest row is a: of a stack (runs, 1, 1)."""
    most = largest(a)
    scaled = a / np.where(most > 0, most, 1)
    lengths = matmul(scaled * scaled, np.ones((cols(a), 1), a.dtype))
    longest = np.take_along_axis(scaled, np.argmax(lengths, axis=-2)[..., np.newaxis], -2)
    turned = matmul(longest, scaled)
    return most * norm(matmul(turned / norm(turned), scaled))


def random_signs(a: np.ndarray, t: float) -> np.ndarray:
    """1 or -1 for each element, the same for all of a stack and at every step of this number."""
    shape = a.shape[-2:]
    return drawn_signs(0, int(t), math.prod(shape)).reshape(shape).astype(a.dtype)


def rows(a: np.ndarray) -> int:
    """How many rows a matrix has."""
    return a.shape[-2]


def cols(a: np.ndarray) -> int:
    """How many columns a matrix has."""
    return a.shape[-1]


def sqrt(a: Any) -> Any:
    """The root of a number or of each element."""
    return np.sqrt(a) if isinstance(a, np.ndarray | np.generic) else math.sqrt(a)


def larger(a: Any, b: Any) -> Any:
    """``max`` of numbers or of each element."""
    return np.maximum(a, b) if _is_array(a, b) else builtins.max(a, b)


def smaller(a: Any, b: Any) -> Any:
    """``min`` of numbers or of each element."""
    return np.minimum(a, b) if _is_array(a, b) else builtins.min(a, b)


def _is_array(*values: Any) -> bool:
    return any(isinstance(value, np.ndarray | np.generic) for value in values)


WORDS: dict[str, Callable] = {
    one.__name__: one
    for one in (
        *(matmul, transpose, norm, identity, newton_schulz, inverse_root, eigenvectors, qr, ordered, diagonal),
        *(upper, solve, largest, norm_bound, random_signs, rows, cols, sqrt),
    )
} | {"where": np.where, "sign": np.sign}


BUILT_IN = {"max": larger, "min": smaller}


@functools.cache
def spoken(formula: Callable) -> Callable:
    """A formula, or a function that it calls, in which the words have their meaning, under whatever names they go."""
    scope = formula.__globals__
    own: dict[str, Callable] = {name: one for name, one in BUILT_IN.items() if name not in scope}
    for name in formula.__code__.co_names:
        value = scope.get(name)
        if isinstance(value, FunctionType) and value is not formula:
            own[name] = WORDS[value.__name__] if value.__module__ == matrix_words.__name__ else spoken(value)
    return FunctionType(formula.__code__, scope | own, formula.__name__, formula.__defaults__)


def moved(
    formula: Formula, x: np.ndarray, g: np.ndarray, slots: Sequence[np.ndarray], numbers: Mapping[str, Any]
) -> list[np.ndarray]:
    """One step of a formula for matrices. Denormal numbers count as 0 in it.

    Parameters
    ----------
    formula : Formula
    x, g : (r, c) or (runs, r, c) array
        The matrix, or a stack, and its gradient; neither is modified.
    slots : sequence of array
        The state, in the order of the formula.
    numbers : dict
        Step scalars and hyperparameters by name: Python's numbers, which leave arrays in their precision, or
        (runs, 1, 1) arrays where runs differ.

    Returns
    -------
    list of array
        The next matrix and its next state.
    """
    given = {name: numbers[name] for name in (*formula.scalar_names, *formula.hyperparameters)}
    with np.errstate(all="ignore"), flushed():  # NaN and infinity are results that we draw
        after = spoken(formula.update)(x, g, *slots, **given)
    return [*after] if isinstance(after, tuple) else [after]

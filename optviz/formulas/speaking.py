"""The words of formulas for matrices in the functions of any library of arrays.

`optviz.kernels.matrices` says the same in NumPy's, with products and memory arranged for speed.
"""

import functools
from collections.abc import Callable
from typing import Any

from optviz.formulas.rebinding import Engine


@functools.cache
def words(engine: Engine) -> dict[str, Callable]:
    """What each word means for the arrays of an engine; a matrix is an array (r, c)."""
    matmul, absolute = engine.function("matmul"), engine.function("fabs")

    def transpose(a: Any) -> Any:
        return engine.function("swapaxes")(a, 0, 1)

    def norm(a: Any) -> Any:
        return engine.function("sqrt")(engine.function("sum")(a * a))

    def identity(a: Any) -> Any:
        above = engine.function("triu")(engine.where(a == a, 1.0, 1.0, a))
        return above * transpose(above)

    def newton_schulz(x: Any, steps: float, a: float, b: float, c: float) -> Any:
        if x.shape[0] > x.shape[1]:
            return transpose(newton_schulz(transpose(x), steps, a, b, c))
        for _ in range(int(steps)):
            gram = matmul(x, transpose(x))
            x = a * x + matmul(b * gram + c * matmul(gram, gram), x)
        return x

    def finite(a: Any) -> tuple[Any, Any]:
        """A matrix of zeros where one is not finite, which some libraries refuse, and what makes results NaN then."""
        gone = engine.function("sum")(a * 0)  # 0, or NaN
        return engine.where(gone == 0, a, 0.0, a), gone

    def decomposed(a: Any) -> tuple[Any, Any]:
        """Eigenvalues, ascending, and eigenvectors; NaN where the matrix is not finite."""
        whole, gone = finite(a)
        values, vectors = engine.function("eigh")(whole)
        return values + gone, vectors + gone

    def inverse_root(a: Any, p: float) -> Any:
        values, vectors = decomposed(a)
        floor = (2.0**-52 if a.dtype.itemsize > 4 else 2.0**-23) * engine.function("amax")(values)  # as kernels have it
        values = engine.where(values < floor, floor, values, values)
        return matmul(vectors * values ** (-1.0 / p), transpose(vectors))

    def eigenvectors(a: Any) -> Any:
        vectors = decomposed(a)[1]
        return engine.function("flip")(vectors, (1,))

    def qr(a: Any) -> Any:
        whole, gone = finite(a)
        return engine.function("qr")(whole)[0] + gone

    def ordered(a: Any, numbers: Any, axis: int) -> Any:
        order = engine.function("argsort")(-numbers)
        return a[order] if axis == 0 else a[:, order]

    def sign(a: Any) -> Any:
        return engine.where(a == a, engine.function("sign")(a), a, a)  # of no number it is 0 in some libraries

    def largest(a: Any) -> Any:
        return engine.function("amax")(absolute(a))

    def norm_bound(a: Any) -> Any:
        most = largest(a)
        scaled = a / engine.where(most > 0, most, 1.0, a)
        lengths = engine.function("sum")(scaled * scaled, 1)
        longest = scaled[engine.function("argmax")(lengths)][None, :]
        turned = matmul(longest, scaled)
        return most * norm(matmul(turned / norm(turned), scaled))

    def random_signs(a: Any, t: Any) -> Any:
        if engine.signs is None:
            raise TypeError(f"{engine.name} draws no random signs")
        count = 1
        for side in a.shape:
            count *= side
        return engine.number(engine.signs(count, t), a).reshape(tuple(a.shape))

    named = (
        transpose,
        norm,
        identity,
        newton_schulz,
        inverse_root,
        eigenvectors,
        qr,
        ordered,
        largest,
        norm_bound,
        sign,
    )
    same = ("diagonal", "solve", "sqrt")
    return {
        **{one.__name__: one for one in (*named, sign, largest, norm_bound, random_signs)},
        **{name: engine.function(name) for name in same},
        "matmul": matmul,
        "upper": engine.function("triu"),
        "rows": lambda a: a.shape[0],
        "cols": lambda a: a.shape[1],
        "where": lambda condition, a, b: engine.where(condition, a, b, engine.like(a, b, condition)),
    }

"""The words in which a rule for matrices is written, as in its paper. Kernels give them their meaning.

A formula of ``X, G, ...`` computes with whole matrices: ``+ - * /`` and powers go element by element, and so do
``sqrt``, ``abs``, ``max`` and ``min``. Plain numbers are Python's.
"""

from typing import Any, NoReturn


def _word(name: str, text: str) -> Any:
    def word(*_: Any) -> NoReturn:
        raise TypeError(f"{name} is a word of formulas for matrices, which kernels give its meaning")

    word.__name__ = word.__qualname__ = name  # by which kernels know it
    word.__doc__ = text
    return word


matmul = _word("matmul", "``matmul(A, B)``: the product of two matrices.")
transpose = _word("transpose", "``transpose(A)``.")
norm = _word("norm", "``norm(A)``: the root of the sum of all squares, Frobenius' norm.")
identity = _word("identity", "``identity(A)``: ones on the diagonal of a square matrix like A.")
newton_schulz = _word(
    "newton_schulz",
    "``newton_schulz(X, steps, a, b, c)``: so many times X ← a X + (b A + c A²) X with A = X Xᵀ, which moves singular "
    "values between 0 and 1 to about 1.",
)
inverse_root = _word("inverse_root", "``inverse_root(A, p)``: A to the power −1/p, of a symmetric matrix.")
eigenvectors = _word("eigenvectors", "``eigenvectors(A)``: of a symmetric matrix in columns, the largest's first.")
qr = _word("qr", "``qr(A)``: the orthogonal factor of the decomposition A = Q R.")
ordered = _word("ordered", "``ordered(A, d, axis)``: rows (0) or columns (1) in the order of falling numbers d.")
diagonal = _word("diagonal", "``diagonal(A)``: the numbers on the diagonal of a square matrix.")
upper = _word("upper", "``upper(A)``: A with zeros below the diagonal.")
solve = _word("solve", "``solve(A, B)``: A⁻¹ B, of a square matrix A.")
largest = _word("largest", "``largest(A)``: the largest magnitude of an entry.")
norm_bound = _word(
    "norm_bound",
    "``norm_bound(A)``: the length of A A a over that of A a, of a symmetric matrix whose longest row is a: at most "
    "its norm, and mostly close to that.",
)
random_signs = _word(
    "random_signs", "``random_signs(A, t)``: 1 or -1 for each element of a matrix like A, others for another t."
)
rows = _word("rows", "``rows(A)``: how many it has.")
cols = _word("cols", "``cols(A)``: how many columns it has.")
sqrt = _word("sqrt", "``sqrt(A)``: of each element, or of a number.")
where = _word("where", "``where(C, A, B)``: elements of A where C holds, else of B.")
sign = _word("sign", "``sign(A)``: −1, 0 or 1 for each element.")

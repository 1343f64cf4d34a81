"""The words of formulas for matrices in another library's functions mean what they mean to kernels."""

from dataclasses import replace

import numpy as np
import pytest

from optviz.formulas import matrix_words
from optviz.formulas.rebinding import Engine, rebound
from optviz.formulas.speaking import words
from optviz.kernels.matrices import WORDS
from tests.formulas.test_rebinding import NUMPY

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
S = A.T @ A + np.eye(3)  # symmetric and positive
D = np.array([0.5, 2.0, -1.0])
LINEAR = Engine(
    "NumPy",
    NUMPY.is_array,
    (np.linalg, np),
    NUMPY.number,
    signs=lambda count, t: WORDS["random_signs"](np.empty((1, count)), t)[0],
)
CALLS = {
    "matmul": (A, B.T),
    "transpose": (A,),
    "norm": (A,),
    "identity": (S,),
    "newton_schulz": (A / np.linalg.norm(A), 5, 3.4445, -4.7750, 2.0315),
    "inverse_root": (S, 4),
    "eigenvectors": (S,),
    "qr": (S,),
    "ordered": (S, D, 1),
    "diagonal": (S,),
    "upper": (S,),
    "solve": (S, A.T),
    "largest": (A,),
    "norm_bound": (S,),
    "random_signs": (A, 7),
    "rows": (A,),
    "cols": (A,),
    "sqrt": (abs(A),),
    "where": (A > 0, A, B),
    "sign": (A,),
}


def test_every_word_is_said():
    assert {*CALLS} == {*words(LINEAR)} == {*WORDS} == {name for name in vars(matrix_words) if name in WORDS}


@pytest.mark.parametrize("name", CALLS)
def test_a_word_means_the_same(name):
    found, expected = words(LINEAR)[name](*CALLS[name]), WORDS[name](*CALLS[name])
    if name in ("eigenvectors", "qr"):  # up to the signs of columns
        found, expected = abs(found), abs(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_rows_are_ordered_too():
    np.testing.assert_array_equal(words(LINEAR)["ordered"](S, D, 0), WORDS["ordered"](S, D, 0))


@pytest.mark.parametrize("name", ["inverse_root", "eigenvectors", "qr"])
def test_what_is_not_finite_gives_nan(name):
    broken = np.where(np.eye(3) > 0, np.inf, S)
    more = CALLS[name][1:]
    with np.errstate(invalid="ignore"):
        assert np.isnan(words(LINEAR)[name](broken, *more)).all()


def test_random_signs_need_a_library_that_draws_them():
    with pytest.raises(TypeError, match="NumPy draws no random signs"):
        words(replace(LINEAR, signs=None))["random_signs"](A, 1)


def chosen(X, G, M, due, lr):
    if due:
        M = matrix_words.matmul(G, matrix_words.transpose(G))
        half = lr / 2
    else:
        half = lr
    scale = 1.0 if X.ndim < 2 else matrix_words.rows(X) * 1.0
    return X - half * scale * G, M


@pytest.mark.parametrize("due", [0.0, 1.0, np.float64(1.0)])
def test_only_the_side_that_is_chosen_is_made(due):
    moved, M = rebound(chosen, LINEAR, words(LINEAR))(A, B, np.zeros((4, 4)), due, 0.1)
    np.testing.assert_allclose(moved, A - (0.05 if due else 0.1) * 4 * B, rtol=1e-14)
    np.testing.assert_allclose(M, B @ B.T if due else 0, rtol=1e-14)

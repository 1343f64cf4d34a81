"""What rules for matrices must have in common with others, and where libraries are known to be wrong."""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.formulas import matrix_words
from optviz.formulas.formula import formula_of
from optviz.formulas.matrices import matrix_formula_of
from optviz.kernels.matrices import identity, largest, matmul, newton_schulz, norm, norm_bound, solve, spoken, transpose
from optviz.optimizers import configure
from tests.optimizers.driving import MATRIX_PAIRS, MATRIX_START, drawn_matrix, drive, relative
from tests.optimizers.peers import library

MUON = [variant for name, variant in MATRIX_PAIRS if name == "muon"]
QUINTIC = (3.4445, -4.7750, 2.0315)
TURNING = ("muon", "scion", "shampoo")


def drawn(rows, columns, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


@pytest.mark.parametrize("variant", MUON)
@pytest.mark.parametrize("shape", [(3, 5), (20, 6), (8, 8), (40, 40), (1, 7), (1, 1)])
def test_muons_step_is_orthogonal_within_the_band(variant, shape):
    """Of a matrix that is not nearly singular; Newton and Schulz leave singular values between 0.68 and 1.14."""
    setting = configure("muon", variant=variant, lr=1.0, weight_decay=0, rms=1 / np.sqrt(max(shape)))
    steps = drive(setting, lambda x, t: drawn(*shape) + 15 * np.eye(*shape), np.zeros(shape), 1)
    values = np.linalg.svd(steps[1], compute_uv=False)
    assert np.all(values > 0.68) and np.all(values < 1.21)


@pytest.mark.parametrize("variant", MUON)
def test_muon_of_a_number_is_its_sign_within_the_band(variant):
    setting = configure("muon", variant=variant, lr=1.0, weight_decay=0, momentum=0, rms=0)
    for g in (1e-3, -2.0, 1e4):
        step = drive(setting, lambda x, t, g=g: np.array([[g]]), np.zeros((1, 1)), 1)[1, 0, 0]
        assert 0.68 < -np.sign(g) * step < 1.21


@pytest.mark.parametrize(
    ("name", "variant"), [pair for pair in MATRIX_PAIRS if pair[0] in ("muon", "scion", "shampoo")]
)
def test_rotations_from_both_sides_rotate_the_path(name, variant):
    left, right = (np.linalg.qr(drawn(n, n, seed=n))[0] for n in MATRIX_START.shape)
    setting = configure(name, variant=variant, lr=0.05)
    path = drive(setting, drawn_matrix, MATRIX_START, 30)
    turned = drive(setting, lambda x, t: left @ drawn_matrix(x, t) @ right, left @ MATRIX_START @ right, 30)
    assert relative(turned, left @ path @ right) < 1e-11


@pytest.mark.parametrize(
    ("name", "variant"), [("muon", "keras"), ("shampoo", "paper"), ("soap", "authors"), ("adamuon", "paper")]
)
def test_these_do_not_know_rows_from_columns(name, variant):
    setting, start = configure(name, variant=variant, lr=0.05), drawn(4, 4)
    path = drive(setting, drawn_matrix, start, 30)
    turned = drive(setting, lambda x, t: drawn_matrix(x, t).T, start.T, 30)
    assert relative(turned, path.transpose(0, 2, 1)) < 1e-11


def test_shampoo_on_diagonals_is_adagrad():
    """(eps + sum of squares) to -1/4 from both sides: Keras's Adagrad, which begins with eps, has it to -1/2."""
    diagonals = [0.5, -2.0, 3.0]
    setting = configure("shampoo", lr=0.5, eps=0.01)
    adagrad = configure("adagrad", variant="paper", lr=0.5, eps=0, initial_accumulator_value=0.01)
    slope = lambda x, t: np.array(diagonals) * (x + np.sin(t))
    path = drive(setting, lambda x, t: np.diag(slope(np.diag(x), t)), np.eye(3), 50)
    assert relative(np.array([np.diag(x) for x in path]), drive(adagrad, slope, np.ones(3), 50)) < 1e-12
    assert all(np.all(x == np.diag(np.diag(x))) or np.abs(x - np.diag(np.diag(x))).max() < 1e-13 for x in path)


def test_soap_only_looks_at_first():
    path = drive(configure("soap", lr=0.1), drawn_matrix, MATRIX_START, 2)
    assert np.array_equal(path[1], MATRIX_START) and not np.array_equal(path[2], MATRIX_START)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("least", [1.0, 1e-2, 1e-4, 0.0])
def test_the_gram_form_is_as_exact(dtype, least):
    """Singular values from 1 down to nearly nothing, of 12 x 40; and what steps are too many for it."""
    u, v = np.linalg.qr(drawn(12, 12))[0], np.linalg.qr(drawn(40, 12, seed=1))[0]
    x = (u * np.geomspace(1, max(least, 1e-300), 12)) @ v.T / 4
    exact = plain_newton_schulz(x, 5)
    tolerance = 1e-12 if dtype is np.float64 else 5e-5
    assert np.abs(newton_schulz(x.astype(dtype), 5, *QUINTIC) - exact).max() < tolerance
    assert np.abs(newton_schulz(x.T.astype(dtype), 5, *QUINTIC) - exact.T).max() < tolerance
    many = newton_schulz(x.astype(dtype), 12, *QUINTIC)
    assert np.all(np.linalg.svd(many, compute_uv=False) < 1.25)


def plain_newton_schulz(x, steps):
    a, b, c = QUINTIC
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + b * gram @ x + c * gram @ gram @ x
    return x


def test_words_mean_nothing_outside():
    with pytest.raises(TypeError, match="matmul is a word of formulas for matrices"):
        matrix_words.matmul(np.eye(2), np.eye(2))


def halved(A):
    return product(A, A) / 2


product = matrix_words.matmul  # a word under another name, in a function that the formula calls


def test_words_are_understood_under_other_names():
    assert np.array_equal(spoken(halved)(np.eye(2) * 2), np.eye(2) * 2)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2)])
def test_stacks_of_one_and_of_many_are_the_same(shape):
    rng = np.random.default_rng(0)
    many = rng.normal(size=(50, *shape))
    many /= norm(many)
    square = lambda a: matmul(a, transpose(a))
    for compute in (
        *(lambda a: newton_schulz(a, 5, *QUINTIC), norm, largest),
        *(lambda a: norm_bound(square(a)), lambda a: solve(square(a) + 0.1 * identity(square(a)), a)),
    ):
        together = compute(many)
        assert all(np.array_equal(compute(many[k : k + 1])[0], together[k]) for k in range(50))
    np.testing.assert_allclose(newton_schulz(many, 3, *QUINTIC)[7], newton_schulz(many[7], 3, *QUINTIC), rtol=1e-10)


def test_the_bound_of_a_norm_is_close():
    for seed in range(20):
        a = drawn(6, 6, seed)
        a = a @ a.T
        assert 0.9 < norm_bound(a) / np.linalg.norm(a, 2) <= 1 + 1e-15
        assert norm_bound(a * 1e-300) == pytest.approx(norm_bound(a) * 1e-300)


def test_what_has_no_solution_is_nan():
    good, bad, b = np.eye(2) * 2, np.zeros((2, 2)), np.ones((2, 3))
    assert np.isnan(solve(bad, b)).all()
    together = solve(np.stack([good, bad]), b)
    assert (together[0] == 0.5).all() and np.isnan(together[1]).all()


def test_factors_of_psgd_make_gradients_alike():
    """Of gradients C Z, columns of which go together, P becomes the inverse root of C Cᵀ, up to a factor."""
    mixing, rng = np.array([[2.0, 0.0], [1.5, 0.3]]), np.random.default_rng(0)
    setting = configure("psgd_kron", lr=0.0, momentum=0.0, preconditioner_lr=0.05)
    opt, x = optviz.optimizer(setting), np.zeros((2, 40))
    state = opt.init(x)
    for _ in range(500):
        opt.step(x, mixing @ rng.normal(size=(2, 40)), state)
    left = state["L"].T @ state["L"]
    turned = left @ mixing @ mixing.T @ left
    assert np.linalg.cond(turned) < 1.3 and np.linalg.cond(mixing @ mixing.T) > 100


def out_of_order(X, G, lr, M):
    return X


def given_the_value(X, G, f, lr):
    return X


def test_formulas_that_cannot_be_meant():
    for formula in (out_of_order, given_the_value):
        with pytest.raises(TypeError, match=formula.__name__):
            matrix_formula_of(formula, None, ("lr",), {}, {}, None, False)
    with pytest.raises(TypeError, match="must be x, g"):
        formula_of(out_of_order, None, ("lr",), {}, None)
    with pytest.raises(TypeError, match="the shape of L"):
        matrix_formula_of(squares, None, ("lr",), {}, {"L": "sides"}, None, False)


def squares(X, G, L, lr):
    return X, L


@pytest.mark.parametrize("name", ["muon", "shampoo", "soap", "scion", "adamuon", "psgd_kron"])
def test_what_is_put_around_is_refused(name):
    for wrong, said in ((f"lookahead({name})", "moves whole matrices"), (f"{name}(maximize=True)", "goes downhill")):
        with pytest.raises(UsageError, match=f"{name} {said}"):
            configure(wrong)


def test_kerass_muon_divides_by_a_norm_of_single_precision():
    """√27 to 8 digits, which `tests.optimizers.cases.matrices` gives it with all."""
    try:
        keras = library("keras")
    except ImportError:
        pytest.skip("could not import 'keras'")
    x = np.sqrt(np.arange(2.0, 8.0)).reshape(2, 3)
    theirs = keras.ops.norm(keras.ops.convert_to_tensor(x, dtype="float64"))
    assert float(theirs) == float(np.float32(np.linalg.norm(x))) != np.linalg.norm(x)


def test_jettifys_shampoo_is_another():
    """Two steps from 0 on (3, 0; 0, 0): 1 and √½ of lr; jettify's second root of R = 1 + ½ makes √⅓ of the second."""
    try:
        torch, jettify = library("torch"), library("torch_optimizer")
    except ImportError:
        pytest.skip("could not import 'torch_optimizer'")
    x = torch.nn.Parameter(torch.zeros(2, 2, dtype=torch.float64))
    optimizer = jettify.Shampoo([x], lr=1.0, epsilon=1e-12)
    for _ in range(2):
        x.grad = torch.tensor([[3.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
        optimizer.step()
    ours = drive(configure("shampoo", lr=1.0, eps=1e-12), lambda x, t: np.diag([3.0, 0.0]), np.zeros((2, 2)), 2)
    assert ours[2, 0, 0] == pytest.approx(-1 - 0.5**0.5)
    assert x[0, 0].item() == pytest.approx(-1 - (1 / 3) ** 0.5)


def test_kozistrs_shampoo_waits():
    """With roots that are made anew at every third step it does not move before the third."""
    try:
        torch, kozistr = library("torch"), library("pytorch_optimizer")
    except ImportError:
        pytest.skip("could not import 'pytorch_optimizer'")
    x = torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float64))
    optimizer, moved = kozistr.Shampoo([x], lr=0.1, preconditioning_compute_steps=3), []
    for _ in range(3):
        before = x.detach().clone()
        x.grad = torch.eye(2, dtype=torch.float64)
        optimizer.step()
        moved.append(bool((x != before).any()))
    assert moved == [False, False, True]
    ours = drive(configure("shampoo", lr=0.1, refresh_every=3), lambda x, t: np.eye(2), np.ones((2, 2)), 3)
    assert all(np.any(ours[k] != ours[k + 1]) for k in range(3))

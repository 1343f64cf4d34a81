"""Solvers against their papers: whole paths of plain references, and what is known of methods on quadratics."""

import numpy as np
import pytest

import optviz
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import configure
from optviz.optimizers._linear import cholesky, eigen, eliminated, substituted
from optviz.optimizers._search import cubic
from optviz.optimizers.direct_search import seeded, uniform
from optviz.optimizers.quasi_newton import two_loops
from optviz.optimizers.trust_region import inside
from tests.optimizers.solvers import papers

# Solver as it is written, its reference, function, steps, and how near they stay.
PATHS = [
    ("gd_backtracking", papers.gd_backtracking, "rosenbrock", 30, 1e-12),
    ("gd_backtracking(first=0.3, shrink=0.7)", lambda *a: papers.gd_backtracking(*a, 0.3, 0.7), "beale", 30, 1e-12),
    ("barzilai_borwein", papers.barzilai_borwein, "himmelblau", 15, 1e-9),
    ("barzilai_borwein(variant=bb2)", lambda *a: papers.barzilai_borwein(*a, long=False), "rosenbrock", 25, 1e-9),
    ("newton", papers.newton, "rosenbrock", 5, 1e-9),
    ("newton", papers.newton, "styblinski_tang", 8, 1e-9),
    ("damped_newton", papers.damped_newton, "himmelblau", 7, 1e-9),
    ("damped_newton", papers.damped_newton, "three_hump_camel", 7, 1e-9),
    ("saddle_free", papers.saddle_free, "himmelblau", 6, 1e-9),
    ("gauss_newton", papers.gauss_newton, "beale", 5, 1e-6),
    ("gauss_newton", papers.gauss_newton, "rosenbrock", 3, 1e-6),
    ("levenberg_marquardt", papers.levenberg_marquardt, "rosenbrock", 15, 1e-6),
    ("levenberg_marquardt", papers.levenberg_marquardt, "freudenstein_roth", 8, 1e-6),
    ("compass", papers.compass, "beale", 40, 0),
    ("hooke_jeeves", papers.hooke_jeeves, "rosenbrock", 60, 0),
    ("hooke_jeeves", papers.hooke_jeeves, "himmelblau", 40, 0),
]


@pytest.mark.parametrize(("text", "reference", "function", "steps", "near"), PATHS)
def test_the_path_is_the_paper_s(text, reference, function, steps, near):
    unit = FUNCTIONS[function]
    path = np.array(reference(papers.Problem(unit), np.array(unit.start), steps))
    run = optviz.minimize(unit, text, steps=steps)
    np.testing.assert_allclose(run.points, path, rtol=near, atol=near)


QUADRATIC = [
    "newton", "damped_newton", "saddle_free", "trust_region(radius=1000)", "gauss_newton",
]  # fmt: skip


@pytest.mark.parametrize("text", QUADRATIC)
def test_a_quadratic_takes_one_step(text):
    run = optviz.minimize("booth", text, start=(-7.0, 9.0), steps=2)
    np.testing.assert_allclose(run.points[1], (1.0, 3.0), atol=1e-11)


@pytest.mark.parametrize("n", [2, 5, 12])
def test_newton_takes_one_step_in_any_dimension(n):
    run = optviz.minimize("sum_squares", "newton", dimension=n, start=np.linspace(-2, 3, n), steps=1)
    np.testing.assert_allclose(run.points[1], np.zeros(n), atol=1e-12)


EXACT = "c1=1e-4, c2=1e-9, most=60"
CONJUGATE = [
    f"lbfgs({EXACT}, history=30)",
    f"bfgs({EXACT})",
    *(f"cg(variant={variant}, {EXACT})" for variant in ("prp", "fr", "hz")),
]


@pytest.mark.parametrize("text", CONJUGATE)
@pytest.mark.parametrize("n", [3, 8])
def test_exact_searches_on_a_quadratic_are_linear_conjugate_gradients(text, n):
    """All of them are one method there, and end in n searches, and L-BFGS in n + 1 as promised."""
    start = np.linspace(1, 2, n)
    run = optviz.minimize("sum_squares", text, dimension=n, start=start, steps=n + 1)
    curvature = 2 * np.diag(np.arange(1.0, n + 1))
    path = papers.conjugate_gradients(curvature, np.zeros(n), start, n)
    np.testing.assert_allclose(run.points[:n], path[:n], atol=1e-7)
    assert run.values[n] < 1e-12 * run.values[0] and run.values[n + 1] < 1e-12 * run.values[0]


def test_two_loops_are_the_dense_matrix():
    rng = np.random.default_rng(5)
    n, history, seen = 6, 4, 7
    root = rng.normal(size=(n, n))
    pairs = [(s, (root @ root.T + np.eye(n)) @ s) for s in rng.normal(size=(seen, n))]
    s, y = np.zeros(history * n), np.zeros(history * n)
    for k, (step, change) in enumerate(pairs):
        at = k % history * n
        s[at : at + n], y[at : at + n] = step, change
    g, p = rng.normal(size=n), np.zeros(n)
    two_loops(g, s, y, np.zeros(history), p, n, seen, history)
    np.testing.assert_allclose(p, -papers.inverse_by_pairs(pairs[-history:], n) @ g, rtol=1e-11)


@pytest.mark.parametrize("text", ["lbfgs", "bfgs", "cg", "cg(variant=fr)", "cg(variant=hz)"])
def test_every_step_satisfies_the_strong_wolfe_conditions(text):
    setting = configure(text)
    run = optviz.minimize("rosenbrock", setting, start=(-1.2, 1.0), steps=15)
    c1, c2 = setting.hyperparameters["c1"], setting.hyperparameters["c2"]
    problem = papers.Problem(FUNCTIONS["rosenbrock"])
    for x, new in zip(run.points, run.points[1:], strict=False):
        step, g, after = new - x, problem.g(x), problem.g(new)
        assert problem.f(new) <= problem.f(x) + c1 * (g @ step) + 1e-15
        assert abs(after @ step) <= c2 * abs(g @ step) * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_the_model_is_minimized_inside_the_ball(seed):
    """Moré's and Sorensen's conditions: (H + λ) p = −g with λ ≥ 0, λ (Δ − ‖p‖) = 0 and H + λ without negative ones."""
    rng = np.random.default_rng(seed)
    n, radius = 4, (0.1, 3.0)[seed % 2]
    w = np.sort(rng.normal(size=n))
    w += 2 * (seed % 3 == 0)
    g = rng.normal(size=n)
    if seed % 4 == 0:
        g[0] = 0.0  # the hard case, where the ball is wide
    p = np.zeros(n)
    length = inside(np.diag(w).ravel(), g, p, n, radius)
    assert length <= radius * (1 + 1e-9) and length == pytest.approx(np.linalg.norm(p))
    model = lambda q: g @ q + (w * q) @ q / 2
    shifts = [(-g[i] - w[i] * p[i]) / p[i] for i in range(n) if abs(p[i]) > 1e-8]
    assert np.ptp(shifts) < 1e-6 * (1 + max(map(abs, shifts))) and shifts[0] >= max(0, -w[0]) - 1e-8
    trials = rng.normal(size=(20_000, n))
    trials *= radius * rng.uniform(0, 1, (20_000, 1)) / np.linalg.norm(trials, axis=1, keepdims=True)
    assert model(p) <= min(map(model, trials)) + 1e-9


@pytest.mark.parametrize("n", [1, 2, 7])
def test_linear_algebra(n):
    rng = np.random.default_rng(n)
    root = rng.normal(size=(n, n))
    a, b = root + root.T, rng.normal(size=n)
    p, q, flat = np.zeros(n), np.zeros(n * n), a.ravel().copy()
    assert eliminated(flat, b, p, n)
    np.testing.assert_allclose(a @ p, b, atol=1e-9)
    flat = a.ravel().copy()
    assert eigen(flat, q, n)
    values, vectors = flat.reshape(n, n).diagonal(), q.reshape(n, n)
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(a), atol=1e-12)
    np.testing.assert_allclose(vectors @ np.diag(values) @ vectors.T, a, atol=1e-12)
    definite = (root @ root.T + np.eye(n)).ravel()
    assert cholesky(definite, n, 0.5)
    substituted(definite, b, p, n)
    np.testing.assert_allclose((root @ root.T + 1.5 * np.eye(n)) @ p, b, atol=1e-9)
    assert not cholesky(-np.eye(n).ravel(), n, 0.0) and not eliminated(np.zeros(n * n), b, p, n)
    assert not eigen(np.full(n * n, np.nan), q, n) and not cholesky(np.full(n * n, np.nan), n, 0.0)


def test_the_cubic_has_its_minimizer():
    f, slope = np.polynomial.Polynomial([1, -3, 0.5, 1]), np.polynomial.Polynomial([-3, 1, 3])
    best = slope.roots()[1]
    for a, b in ((0.0, 2.0), (2.0, 0.0)):
        assert cubic(a, f(a), slope(a), b, f(b), slope(b), a, b) == pytest.approx(best)
    assert cubic(0.0, 1.0, -1.0, 1.0, np.inf, np.nan, 0.1, 0.9) == 0.5


def test_random_numbers_are_those_of_two_generators():
    """Of L'Ecuyer's recursion carried out in whole numbers; even, and others for another start."""
    state = np.zeros(2)
    seeded([0.5, -1.25], state, 0)
    a, b = map(int, state)
    drawn = []
    for _ in range(20_000):
        drawn.append(uniform(state))
        a, b = 40014 * a % 2147483563, 40692 * b % 2147483399
        assert state.tolist() == [a, b]
        assert drawn[-1] == ((a - b) % 2147483562 or 2147483562) * 4.656613e-10
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.01) and np.std(drawn) == pytest.approx(12**-0.5, abs=0.005)
    other = np.zeros(2)
    seeded([0.5, 1.25], other, 0)
    assert abs(np.corrcoef(drawn[:5000], [uniform(other) for _ in range(5000)])[0, 1]) < 0.05


def test_random_search_settles_where_one_in_five_succeeds():
    run = optviz.minimize("sphere", "random_search", dimension=10, start=(3.0,) * 10, steps=3000)
    taken = (np.diff(run.values) != 0)[200:2500].mean()
    assert 0.15 < taken < 0.25 and run.values[-1] < 1e-20


def test_nelder_mead_needs_no_slope():
    """The bounds of evaluations: at most n + 2 an iteration after the first simplex."""
    run = optviz.minimize("rosenbrock", "nelder_mead", start=(-1.2, 1.0), steps=200)
    assert np.diff(run.evaluations)[1:].max() <= 2 + 2 and run.values[-1] < 1e-20


@pytest.mark.parametrize("name", ["trust_region", "damped_newton", "saddle_free"])
def test_what_tames_newton_leaves_the_saddle_that_it_goes_to(name):
    """Of x⁴ − 2 x² + y², from close to the saddle at 0."""
    unit = optviz.function("x**4 - 2*x**2 + y**2", bounds=((-3, 3), (-3, 3)), start=(0.1, 1.0))
    assert optviz.minimize(unit, "newton", steps=20).values[-1] == pytest.approx(0, abs=1e-12)
    tamed = optviz.minimize(unit, name, steps=60)
    assert tamed.values[-1] == pytest.approx(-1) and abs(tamed.points[-1, 0]) == pytest.approx(1)

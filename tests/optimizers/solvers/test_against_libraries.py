"""Solvers against SciPy and torch: whole paths where both are one method, and the same end points where they search
along their lines in ways of their own.
"""

import numpy as np
import pytest

import optviz
from optviz.runs.points.subject import function_of

HARD = [
    ("rosenbrock", 2),
    ("beale", 2),
    ("booth", 2),
    ("himmelblau", 2),
    ("rosenbrock", 8),
    ("sum_squares", 5),
]


def problem(name, dimension):
    """A test function, its value and gradient as SciPy takes them, and a start."""
    unit = function_of(name, None if dimension == 2 else dimension)
    start = np.array(unit.start)
    return unit, lambda x: unit.value_at(x.tolist()), lambda x: np.array(unit.gradient_at(x.tolist())), start


@pytest.mark.parametrize(("name", "dimension"), HARD)
def test_nelder_mead_is_scipy_s(name, dimension):
    """The same simplex, iteration by iteration."""
    minimize = pytest.importorskip("scipy.optimize").minimize
    unit, f, _, start = problem(name, dimension)
    n, steps = len(start), 80
    simplex = np.tile(start, (n + 1, 1))
    for k in range(n):
        simplex[k + 1, k] = 1.05 * start[k] if start[k] else 0.00025
    seen = []
    options = {"initial_simplex": simplex, "maxiter": steps, "xatol": 0, "fatol": 0}
    result = minimize(f, start, method="Nelder-Mead", callback=lambda x: seen.append(x.copy()), options=options)
    run = optviz.minimize(unit, "nelder_mead", start=tuple(start), steps=steps)
    count = len(seen)
    assert count >= 60
    np.testing.assert_allclose(run.points[1 : count + 1], seen, rtol=1e-12, atol=1e-14)
    assert run.evaluations[count] == result.nfev


ENDS = [
    ("lbfgs", "L-BFGS-B", {"ftol": 0, "gtol": 1e-9}),
    ("bfgs", "BFGS", {"gtol": 1e-8}),
    ("cg", "CG", {"gtol": 1e-8}),
    ("cg(variant=hz)", "CG", {"gtol": 1e-8}),
    ("trust_region", "trust-exact", {"gtol": 1e-9}),
    ("damped_newton", "Newton-CG", {"xtol": 1e-10}),
]


@pytest.mark.parametrize(("text", "method", "options"), ENDS)
@pytest.mark.parametrize(("name", "dimension"), HARD)
def test_the_end_is_scipy_s(text, method, options, name, dimension):
    """From a start near a minimizer, so that both end at the same one."""
    minimize = pytest.importorskip("scipy.optimize").minimize
    unit, f, g, _ = problem(name, dimension)
    start = np.array(unit.minimizers[0]) + np.linspace(-0.3, 0.2, len(unit.bounds))
    second = {"hess": lambda x: hessian(unit, x)} if method in ("trust-exact", "Newton-CG") else {}
    theirs = minimize(f, start, jac=g, method=method, options=options, **second)
    run = optviz.minimize(unit, text, start=tuple(start), steps=400)
    np.testing.assert_allclose(run.points[-1], theirs.x, atol=2e-6)
    assert run.values[-1] <= theirs.fun + 1e-10


def hessian(unit, x):
    n = len(x)
    if unit.dimension is None:
        xx, xy, yy = unit.hessian(*x.tolist())
        return np.array([[xx, xy], [xy, yy]])
    columns = np.zeros((n, n))
    for k in range(n):
        unit.hessian(x.tolist(), np.eye(n)[k], np.zeros(n), columns[k])
    return columns


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "freudenstein_roth", "jennrich_sampson", "straight_line"])
@pytest.mark.parametrize("text", ["levenberg_marquardt", "gauss_newton"])
def test_least_squares_end_where_minpack_s_does(text, name):
    least_squares = pytest.importorskip("scipy.optimize").least_squares
    unit = function_of(name)
    start = np.array(unit.minimizers[0]) + (0.1, -0.05)
    theirs = least_squares(lambda x: unit.residuals(*x), start, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
    run = optviz.minimize(unit, text, start=tuple(start), steps=100)
    if (name, text) == ("jennrich_sampson", "gauss_newton"):  # whose residuals are large at the minimizer
        assert not run.values[-1] <= unit.minimum + 1
        return
    np.testing.assert_allclose(run.points[-1], theirs.x, atol=1e-6)
    assert run.values[-1] == pytest.approx(2 * theirs.cost, abs=1e-12, rel=1e-12)


@pytest.mark.parametrize(("name", "dimension"), HARD)
@pytest.mark.parametrize(("rate", "history"), [(1.0, 100), (0.3, 4)])
def test_without_a_search_it_is_torch_s(name, dimension, rate, history):
    """Torch's with one iteration a step, which evaluates where it stands and moves: the path to ten digits."""
    torch = pytest.importorskip("torch")
    unit, f, g, start = problem(name, dimension)
    steps = 25
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    numbers = {"lr": rate, "history_size": history, "tolerance_grad": 0, "tolerance_change": 0}
    optimizer = torch.optim.LBFGS([x], max_iter=1, **numbers)

    def closure():
        x.grad = torch.tensor(g(x.detach().numpy()), dtype=torch.float64)
        return torch.tensor(f(x.detach().numpy()), dtype=torch.float64)

    path = [start]
    for _ in range(steps):
        optimizer.step(closure)
        path.append(x.detach().numpy().copy())
    text = f"lbfgs(variant=fixed, lr={rate}, history_size={history})"
    run = optviz.minimize(unit, text, start=tuple(start), steps=steps)
    whole = np.isfinite(path).all(axis=1) & (np.abs(path) < 1e5).all(axis=1)
    assert whole.sum() > 8
    np.testing.assert_allclose(run.points[whole], np.array(path)[whole], rtol=1e-10, atol=1e-10)

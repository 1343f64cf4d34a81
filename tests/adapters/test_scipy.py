"""Every rule as a method of SciPy's minimize: counted, told of, stopped, and at the minimum of a quadratic."""

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.optimizers import REGISTRY, configure
from optviz.runs.points.minimize import minimize as ours_minimize

optimize = pytest.importorskip("scipy.optimize")
ours = pytest.importorskip("optviz.scipy")

RULES = [rule.name for rule in REGISTRY if rule.module.startswith("optviz.") and rule.kind in ours.KINDS]


def bowl(x, scale=1.0):
    return scale * float((x - 1) @ (x - 1)) / 2


def bowl_gradient(x, scale=1.0):
    return scale * (x - 1)


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", RULES)
def test_every_rule_goes_down(name):
    result = optimize.minimize(
        bowl, np.zeros(3), jac=bowl_gradient, method=getattr(ours, name), options={"maxiter": 20}
    )
    assert result.nit <= 20 and result.nfev >= result.nit and np.isfinite(result.fun)
    assert result.x.shape == result.jac.shape == (3,)
    assert result.fun == pytest.approx(bowl(result.x)) and result.status in (0, 1)


@pytest.mark.parametrize("name", ["sgd", "adam", "lookahead(adam, k=5)", "ema(sgd)", "sam(sgd)", "lamb"])
def test_the_way_is_that_of_our_own_runs(name):
    setting = configure(name, lr=0.0005)
    run = ours_minimize("rosenbrock", setting, start=(-1.5, 2.0), steps=50)
    options = {"maxiter": 50, "gtol": 0}
    method = ours.method(setting)
    result = optimize.minimize(optimize.rosen, [-1.5, 2.0], jac=optimize.rosen_der, method=method, options=options)
    np.testing.assert_allclose(result.x, run.points[-1], rtol=1e-9)
    assert result.nit == 50 and result.status == 1 and not result.success


def test_it_ends_at_a_minimum():
    result = optimize.minimize(bowl, [5.0, -5.0], jac=bowl_gradient, args=(2.0,), method=ours.sgd, options={"lr": 0.25})
    assert result.success and np.abs(result.jac).max() <= 1e-5
    strict = optimize.minimize(bowl, [5.0, -5.0], jac=bowl_gradient, method=ours.sgd, tol=1e-9, options={"lr": 0.25})
    assert strict.nit > result.nit and np.abs(strict.jac).max() <= 1e-9


def test_values_with_gradients_and_values_alone():
    both = lambda x: (bowl(x), bowl_gradient(x))
    options = {"lr": 0.1, "maxiter": 200}
    first = optimize.minimize(both, np.zeros(2), jac=True, method=ours.adam, options=options)
    second = optimize.minimize(bowl, np.zeros(2), method=ours.adam, options=options)
    np.testing.assert_allclose(first.x, second.x, atol=1e-5)
    assert second.nfev > 3 * second.nit  # differences of values are values


def test_schedules_are_as_long_as_the_run():
    options = {"lr": "cosine(0.5)", "maxiter": 30, "gtol": 0}
    result = optimize.minimize(bowl, np.zeros(2), jac=bowl_gradient, method=ours.momentum, options=options)
    assert result.nit == 30 and result.fun < 1e-2


def test_callbacks_of_both_forms():
    seen = []
    options = {"maxiter": 3, "lr": 0.1}
    optimize.minimize(
        bowl,
        np.zeros(2),
        jac=bowl_gradient,
        method=ours.sgd,
        options=options,
        callback=lambda xk: seen.append(xk.copy()),
    )
    assert len(seen) == 3 and seen[0].tolist() == [0.1, 0.1]

    def told(intermediate_result):
        seen.append(intermediate_result)
        if len(seen) == 5:
            raise StopIteration

    result = optimize.minimize(bowl, np.zeros(2), jac=bowl_gradient, method=ours.sgd, options=options, callback=told)
    assert seen[-1].fun == bowl(seen[-1].x) and result.status == 99 and result.nit == 2
    np.testing.assert_allclose(result.x, [0.19, 0.19])


def test_what_leads_nowhere_is_a_result():
    with np.errstate(all="ignore"):
        result = optimize.minimize(bowl, np.ones(2) * 5, jac=bowl_gradient, method=ours.sgd, options={"lr": 100.0})
    assert result.status == 3 and not result.success
    empty = optimize.minimize(lambda x: 0.0, np.zeros(0), jac=lambda x: x, method=ours.adam)
    assert empty.success and empty.nit == 0


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"bounds": [(0, 1)] * 2}, UsageError, "knows no bounds"),
        ({"constraints": {"type": "eq", "fun": lambda x: 0}}, UsageError, "knows no constraints"),
        ({"options": {"rate": 1}}, UsageError, "no hyperparameter 'rate'"),
        ({"options": {"lr": -1}}, UsageError, "lr is -1"),
        ({"options": {"maxiter": 2.5}}, UsageError, "maxiter is 2.5"),
        ({"x0": ["a", "b"]}, UsageTypeError, "row of real numbers"),
        ({"jac": lambda x: np.zeros(3)}, UsageError, r"has shape \(3,\)"),
    ],
)
def test_what_cannot_be_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        optimize.minimize(**({"fun": bowl, "x0": np.zeros(2), "jac": bowl_gradient, "method": ours.adam} | given))


def test_rules_of_other_kinds():
    with pytest.raises(UsageError, match="lbfgs is a rule of solver"):
        ours.lbfgs  # noqa: B018
    with pytest.raises(UnknownNameError, match="no rule adom"):
        ours.adom  # noqa: B018
    with pytest.warns(RuntimeWarning, match="Hessian"):
        optimize.minimize(bowl, np.zeros(2), jac=bowl_gradient, hess=lambda x: np.eye(2), method=ours.sgd)
    assert {"adam", "method"} <= {*dir(ours)} and "lbfgs" not in dir(ours)

"""Estimators of scikit-learn: its own checks, its own networks' numbers, and any optimizer."""

import pickle
import sys
import warnings
from importlib import import_module

import numpy as np
import pytest

import optviz
from optviz.errors import MissingError, UsageError, UsageTypeError
from optviz.optimizers import REGISTRY, configure, refusal

pytest.importorskip("sklearn", minversion="1.6")

from sklearn import datasets  # noqa: E402 - where it is installed
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.model_selection import GridSearchCV, train_test_split  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402
from sklearn.preprocessing import scale  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

from optviz.sklearn import OptvizMLPClassifier, OptvizMLPRegressor  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.* has not converged in:sklearn.exceptions.ConvergenceWarning")
CHECKS = [
    pair
    for made in (OptvizMLPClassifier, OptvizMLPRegressor)
    for pair in estimator_checks_generator(made(max_iter=100))
]
OWN = {  # solvers of scikit-learn's networks, as they are written here
    "adam(variant=keras, eps=1e-8)": {"solver": "adam"},
    "nesterov(variant=keras, momentum=0.9)": {"solver": "sgd"},
    "momentum(variant=keras, momentum=0.5)": {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.5},
}
FORMS = [
    {},
    {"activation": "tanh", "alpha": 0.1, "batch_size": 50},
    {"activation": "logistic", "early_stopping": True, "hidden_layer_sizes": (10, 7)},
    {"activation": "identity", "shuffle": False, "n_iter_no_change": 2, "tol": 0.1},
]


def digits():
    X, y = datasets.load_digits(return_X_y=True)
    return X / 16, y


def iris():
    X, y = datasets.load_iris(return_X_y=True)
    return scale(X), y


def cancer():
    X, y = datasets.load_breast_cancer(return_X_y=True)
    return scale(X), y


def several():
    return datasets.make_multilabel_classification(random_state=0)


def diabetes():
    X, y = datasets.load_diabetes(return_X_y=True)
    return scale(X), scale(y)


def weights(model):
    return [*model.coefs_, *model.intercepts_]


def far(ours, theirs):
    pairs = zip(weights(ours), weights(theirs), strict=True)
    return max(np.abs(x - y).max() / np.abs(y).max() for x, y in pairs)


def quiet(fit, *given, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fit(*given, **named)


@pytest.mark.filterwarnings("ignore")  # 2026-11: what the checks themselves bring about
@pytest.mark.parametrize(
    ("estimator", "check"), CHECKS, ids=[f"{type(e).__name__}-{c.func.__name__}-{k}" for k, (e, c) in enumerate(CHECKS)]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("data", [digits, cancer, several])
@pytest.mark.parametrize("optimizer", OWN)
def test_classifiers_are_equal_to_scikit_learns(optimizer, data, form):
    """The same draws, the same batches, the same steps."""
    X, y = data()
    given = {"max_iter": 15, "random_state": 0, "learning_rate_init": 0.01} | form
    ours = quiet(OptvizMLPClassifier(optimizer=optimizer, **given).fit, X, y)
    theirs = quiet(MLPClassifier(**OWN[optimizer], **given).fit, X, y)
    assert far(ours, theirs) < 1e-10 and ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-10)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-8, atol=1e-12)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    if form.get("early_stopping"):
        assert ours.validation_scores_ == theirs.validation_scores_
        assert ours.best_validation_score_ == theirs.best_validation_score_


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("optimizer", OWN)
def test_regressors_are_equal_to_scikit_learns(optimizer, form):
    X, y = diabetes()
    given = {"max_iter": 15, "random_state": 0, "learning_rate_init": 0.01} | form
    shares = None if form.get("early_stopping") else np.random.default_rng(0).uniform(0, 2, len(y))
    ours = quiet(OptvizMLPRegressor(optimizer=optimizer, **given).fit, X, y, shares)
    theirs = quiet(MLPRegressor(**OWN[optimizer], **given).fit, X, y, shares)
    assert far(ours, theirs) < 1e-10
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-10)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), rel=1e-10)


def test_going_on_is_equal_too():
    """From weights that somebody has set, and one epoch after the other."""
    X, y = iris()
    given = {"max_iter": 3, "random_state": 0, "warm_start": True, "batch_size": 20}
    models = [
        OptvizMLPClassifier(optimizer="adam(variant=keras, eps=1e-8)", **given),
        MLPClassifier(**given),
    ]
    for model in models:
        quiet(model.fit, X, y)
        rng = np.random.default_rng(1)
        model.coefs_ = [rng.normal(size=one.shape) for one in model.coefs_]
        quiet(model.fit, X, y)
    assert far(*models) < 1e-10 and len(models[0].loss_curve_) == 6
    alone = [
        OptvizMLPClassifier(optimizer="adam(variant=keras, eps=1e-8)", random_state=0),
        MLPClassifier(random_state=0),
    ]
    for model in alone:
        for part in range(4):
            model.partial_fit(X[part::4], y[part::4], classes=[0, 1, 2])
    assert far(*alone) < 1e-10 and alone[0].n_iter_ == 1 and len(alone[0].loss_curve_) == 4


def test_digits_are_learnt_as_well():
    X, held_X, y, held_y = train_test_split(*digits(), random_state=0)
    given = {"max_iter": 40, "random_state": 0}
    theirs = quiet(MLPClassifier(**given).fit, X, y).score(held_X, held_y)
    for optimizer in ("adam", "lion(lr=0.001)", "schedule_free_adamw(lr=0.003)", "muon(lr=0.02)", "sam(sgd(lr=0.1))"):
        ours = quiet(OptvizMLPClassifier(optimizer=optimizer, **given).fit, X, y).score(held_X, held_y)
        assert ours > theirs - 0.02, optimizer


@pytest.mark.slow
@pytest.mark.parametrize("name", [rule.name for rule in REGISTRY if not refusal(rule, "arrays")])
def test_every_rule_that_moves_arrays(name):
    X, y = iris()
    model = quiet(OptvizMLPClassifier((8,), optimizer=name, max_iter=3, random_state=0).fit, X, y)
    assert model.predict_proba(X).shape == (150, 3) and np.isfinite(model.loss_curve_).all()


def test_sparse_and_single_precision():
    from scipy.sparse import csr_array

    X, y = iris()
    given = {"max_iter": 5, "random_state": 0}
    dense = quiet(OptvizMLPClassifier(**given).fit, X, y)
    sparse = quiet(OptvizMLPClassifier(**given).fit, csr_array(X), y)
    single = quiet(OptvizMLPClassifier(**given).fit, X.astype(np.float32), y)
    assert far(sparse, dense) < 1e-10 and far(single, dense) < 1e-4
    assert {one.dtype for one in weights(single)} == {np.dtype(np.float32)}


def test_objects_and_their_copies():
    X, y = iris()
    text = "lookahead(adam, k=3)"
    ends = []
    for optimizer in (text, configure(text), optviz.optimizer(text), "@setting"):
        optimizer = configure(text) if optimizer == "@setting" else optimizer
        model = clone(OptvizMLPClassifier(optimizer=optimizer, max_iter=3, random_state=0))
        quiet(model.fit, X, y)
        again = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
        again.partial_fit(X, y)
        model.partial_fit(X, y)
        assert all(map(np.array_equal, weights(again), weights(model)))
        ends.append(weights(clone(again) and model))
    for end in ends[1:]:
        assert all(map(np.array_equal, end, ends[0]))


def test_where_the_optimizer_reports_to_be():
    """Averages are predicted with, and the training goes on from where gradients are taken."""
    X, y = iris()
    given = {"max_iter": 6, "random_state": 0}
    model = quiet(OptvizMLPClassifier(optimizer="ema(sgd, decay=0.9)", **given).fit, X, y)
    plain = quiet(OptvizMLPClassifier(optimizer="sgd", **given).fit, X, y)
    assert far(model, plain) > 1e-6
    np.testing.assert_allclose(model.loss_curve_, plain.loss_curve_)
    model.partial_fit(X, y)
    plain.partial_fit(X, y)
    np.testing.assert_allclose(model.loss_curve_, plain.loss_curve_)


def test_schedules_know_how_long_the_training_is():
    X, y = iris()
    text = "sgd(lr=linear(0.1))"
    model = quiet(OptvizMLPClassifier(optimizer=text, max_iter=4, random_state=0, batch_size=50, tol=0).fit, X, y)
    resolved = OptvizMLPClassifier(optimizer="sgd(lr=linear(0.1, steps=12))", max_iter=4, random_state=0, batch_size=50)
    assert far(model, quiet(resolved.set_params(tol=0).fit, X, y)) == 0
    with pytest.raises(UsageError, match="linear"):
        OptvizMLPClassifier(optimizer=text).partial_fit(X, y, classes=[0, 1, 2])


def test_divergence_is_a_result():
    X, y = diabetes()
    model = OptvizMLPRegressor(optimizer="sgd", learning_rate_init=1e6, random_state=0, max_iter=50)
    with pytest.warns(ConvergenceWarning, match=r"sgd diverged in epoch \d+: the loss is not finite"):
        model.fit(X * 100, y)
    assert model.n_iter_ < 50 and all(np.isfinite(one).all() for one in weights(model))
    assert np.isfinite(model.predict(X)).all() and np.isfinite(model.loss_curve_).all()
    model.set_params(learning_rate_init=1e-9).partial_fit(X, y)
    assert np.isfinite(model.loss_)


def test_samples_without_weight():
    X, y = iris()
    shares = np.ones(150)
    shares[100:] = 0
    given = {"max_iter": 4, "random_state": 0, "shuffle": False, "batch_size": 50}
    ours = quiet(OptvizMLPRegressor(**given).fit, X, y, shares)
    alone = quiet(OptvizMLPRegressor(**given).fit, X[:100], y[:100])
    assert far(ours, alone) < 1e-12


def test_early_stopping_may_be_turned_on_later():
    X, y = iris()
    model = quiet(OptvizMLPClassifier(max_iter=3, warm_start=True, random_state=0).fit, X, y)
    quiet(model.set_params(early_stopping=True).fit, X, y)
    assert len(model.validation_scores_) == 3 and model.best_loss_ is None
    quiet(model.set_params(early_stopping=False).fit, X, y)
    assert model.validation_scores_ is None and len(model.loss_curve_) == 9


def test_optimizers_are_searched_as_any_parameter():
    X, y = iris()
    grid = {"optimizer": ["sgd(lr=1e-5)", "adam(lr=0.03)"]}
    search = quiet(GridSearchCV(OptvizMLPClassifier((8,), max_iter=20, random_state=0), grid, cv=2).fit, X, y)
    assert search.best_params_ == {"optimizer": "adam(lr=0.03)"} and search.best_score_ > 0.8


def test_what_is_printed(capsys):
    X, y = iris()
    OptvizMLPClassifier(max_iter=30, tol=10, n_iter_no_change=1, verbose=True, random_state=0).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("epoch 1: loss ") and lines[-1] == "no better by 10 in 1 epochs" and len(lines) == 4


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"alpha": -1}, UsageError, "alpha is -1"),
        ({"max_iter": 0}, UsageError, "max_iter is 0"),
        ({"max_iter": 2.5}, UsageError, "max_iter is 2.5"),
        ({"batch_size": "large"}, UsageTypeError, "batch_size is 'large'"),
        ({"batch_size": 0}, UsageError, "batch_size is 0"),
        ({"learning_rate_init": 0}, UsageError, "learning_rate_init is 0"),
        ({"validation_fraction": 1.0}, UsageError, "validation_fraction is 1"),
        ({"hidden_layer_sizes": (10, 0)}, UsageError, "hidden_layer_sizes has 0"),
        ({"hidden_layer_sizes": -1}, UsageError, "hidden_layer_sizes has -1"),
        ({"activation": "rely"}, UsageError, "activation is 'rely'"),
        ({"optimizer": "adom"}, ValueError, "adom"),
        ({"optimizer": "lbfgs"}, UsageError, "lbfgs asks for values"),
        ({"optimizer": "adam(lr=0.1)", "learning_rate_init": 0.1}, UsageError, "lr is given twice"),
        ({"early_stopping": True, "validation_fraction": 0.001}, ValueError, "."),
    ],
)
def test_what_cannot_be_is_refused(given, error, words):
    with pytest.raises(error, match=words):
        OptvizMLPClassifier(**given).fit(*iris())


def test_what_cannot_follow_is_refused():
    X, y = iris()
    with pytest.raises(UsageError, match="early_stopping is on"):
        OptvizMLPClassifier(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2])
    model = quiet(OptvizMLPClassifier(max_iter=1, warm_start=True).fit, X, y)
    with pytest.raises(UsageError, match="y has the class 3"):
        model.fit(X, y + 1)
    with pytest.raises(UsageError, match="y lacks classes"):
        model.fit(X[:100], y[:100])
    with pytest.raises(UsageError, match=r"classes are \[0, 1\]"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.warns(UserWarning, match="batch_size is 1000, and there are 150 samples"):
        OptvizMLPClassifier(batch_size=1000, max_iter=1).fit(X, y)
    two = quiet(OptvizMLPRegressor(max_iter=1, warm_start=True).fit, X, X[:, :2])
    with pytest.raises(UsageError, match="2 outputs"):
        two.fit(X, y)


def test_without_scikit_learn(monkeypatch):
    for name in [one for one in sys.modules if one.startswith("optviz.sklearn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingError, match="scikit-learn is not installed"):
        import_module("optviz.sklearn")

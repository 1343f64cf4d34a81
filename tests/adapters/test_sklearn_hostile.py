"""Estimators of scikit-learn that are given what cannot be: one sentence before the start, and no harm."""

import inspect
import warnings

import numpy as np
import pytest

from optviz.errors import UsageError, UsageTypeError

pytest.importorskip("sklearn", minversion="1.6")

from sklearn.datasets import load_iris  # noqa: E402 - where it is installed
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402

from optviz.sklearn import OptvizMLPClassifier, OptvizMLPRegressor  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.* has not converged in:sklearn.exceptions.ConvergenceWarning")
X, Y = load_iris(return_X_y=True)
BOTH = pytest.mark.parametrize("made", [OptvizMLPClassifier, OptvizMLPRegressor])
SOME = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}


def weights(model):
    return [*model.coefs_, *model.intercepts_]


@pytest.mark.parametrize(("ours", "theirs"), [(OptvizMLPClassifier, MLPClassifier), (OptvizMLPRegressor, MLPRegressor)])
def test_the_defaults_are_scikit_learns(ours, theirs):
    ours, theirs = (made(random_state=0, max_iter=20) for made in (ours, theirs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours.fit(X, Y)
        theirs.fit(X, Y)
    for one, other in zip(weights(ours), weights(theirs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-14)


@BOTH
def test_parameters_that_there_are_not_are_named_with_the_class(made):
    with pytest.raises(UsageTypeError, match=f"{made.__name__} has no parameter solver\n.*optimizer"):
        made(solver="adam")
    with pytest.raises(UsageTypeError, match="Did you mean 'activation'"):
        made(activaton="relu")
    assert inspect.signature(made) == inspect.signature(made.__init__).replace(
        parameters=[*inspect.signature(made.__init__).parameters.values()][1:]
    )

    class Own(made):
        def __init__(self, size, **others):
            super().__init__((size,), **others)

    assert Own(7, alpha=1).hidden_layer_sizes == (7,)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("activation", []),
        ("activation", {}),
        ("hidden_layer_sizes", 10**12),
        ("hidden_layer_sizes", {3: 1}),
        ("hidden_layer_sizes", {3}),
        ("hidden_layer_sizes", "33"),
        ("hidden_layer_sizes", iter([3])),
        *((name, np.array([1, 2])) for name in ("batch_size", "learning_rate_init", "n_iter_no_change", "verbose")),
        *((name, given) for name in ("shuffle", "warm_start", "early_stopping") for given in ("no", 1, np.ones(2))),
        ("optimizer", "lbfgs"),
    ],
)
def test_parameters_that_cannot_be_are_refused(name, given):
    with pytest.raises((UsageError, UsageTypeError), match=name if name != "optimizer" else "that moves arrays"):
        OptvizMLPClassifier(**{name: given}).fit(X, Y)


@pytest.mark.parametrize(
    "given",
    [{"hidden_layer_sizes": np.array(5)}, {"hidden_layer_sizes": np.array([5])}, {"hidden_layer_sizes": 5}]
    + [{"batch_size": np.array("auto")}, {"shuffle": np.bool_(True)}, {"alpha": np.array(1e-4)}],
)
def test_parameters_in_the_forms_of_numpy(given):
    plain, other = OptvizMLPClassifier(**SOME).fit(X, Y), OptvizMLPClassifier(**SOME | given).fit(X, Y)
    assert all(map(np.array_equal, weights(plain), weights(other)))


@BOTH
def test_weights_of_samples_that_cannot_be(made):
    for given, words in [(np.full(150, -1.0), "sample_weight has -1"), (np.zeros(150), "(?i)sample.weight")]:
        with pytest.raises(ValueError, match=words):
            made(**SOME).fit(X, Y, given)


@BOTH
def test_batches_without_weight_make_no_step(made):
    shares = np.repeat([1.0, 0.0, 2.0], 50)
    given = SOME | {"shuffle": False, "batch_size": 50}
    chosen = shares > 0
    whole, part = made(**given).fit(X, Y % 2, shares), made(**given).fit(X[chosen], Y[chosen] % 2, shares[chosen])
    assert all(map(np.array_equal, weights(whole), weights(part)))


@BOTH
def test_early_stopping_without_weights_or_samples_on_one_side(made):
    model = made(**SOME, early_stopping=True)
    with pytest.raises(UsageError, match="of which one has sample_weight 0"):
        model.fit(X, Y % 2, np.eye(150)[0])
    assert not hasattr(model, "coefs_")
    with pytest.raises(UsageError, match=r"holds out 1 of 6 samples\n.*give 11 samples"):
        model.fit(X[::25], (Y % 2)[::25])
    model.fit(X[::13][:11], np.arange(11) % 2)
    with pytest.raises(UsageError, match="a class has 1 sample"):
        OptvizMLPClassifier(early_stopping=True).fit(X[:51], Y[:51])


def test_what_is_refused_leaves_an_estimator_as_it_was():
    model = OptvizMLPClassifier(**SOME)
    with pytest.raises(ValueError, match="class 2"):
        model.partial_fit(X, Y, classes=[0, 1])
    assert not hasattr(model, "classes_") and not hasattr(model, "n_features_in_")
    model.partial_fit(X, Y, classes=[0, 1, 2])
    before = dict(vars(model))
    for other, labels in [(X[:, :2], Y), (X, Y + 7), (X, np.eye(3, dtype=int)[Y])]:
        with pytest.raises(ValueError, match="features|class 7|matrix of labels"):
            model.partial_fit(other, labels)
        assert vars(model) == before


def test_several_labels_and_then_one():
    model = OptvizMLPClassifier(**SOME).partial_fit(X, np.eye(3, dtype=int)[Y] | 1, classes=[0, 1, 2])
    with pytest.raises(UsageError, match="matrix of labels"):
        model.partial_fit(X, Y)


@BOTH
@pytest.mark.parametrize("first", [np.float32, np.float64])
def test_going_on_in_the_numbers_that_it_began_with(made, first):
    model = made(**SOME, warm_start=True).fit(X.astype(first), Y)
    for other in (np.float32, np.float64, int):
        model.partial_fit(X.astype(other), Y).fit(X.astype(other), Y)
        assert {one.dtype for one in weights(model)} == {np.dtype(first)}


@pytest.mark.parametrize("change", [{"optimizer": "sgd"}, {"learning_rate_init": 0.1}])
def test_another_optimizer_goes_on_from_the_weights(change):
    model = OptvizMLPRegressor(**SOME).partial_fit(X, Y)
    fresh = OptvizMLPRegressor(**SOME | change).partial_fit(X, Y)
    fresh.coefs_, fresh.intercepts_ = ([one.copy() for one in many] for many in (model.coefs_, model.intercepts_))
    del fresh._training
    model.set_params(**change).partial_fit(X, Y)
    fresh.partial_fit(X, Y)
    assert all(map(np.array_equal, weights(model), weights(fresh)))


def test_a_loss_that_never_was_finite():
    model = OptvizMLPRegressor(**SOME, optimizer="sgd", learning_rate_init=1e300)
    with pytest.warns(ConvergenceWarning, match="diverged in epoch 1"):
        model.fit(X * 1e200, Y)
    assert model.loss_ == np.inf and model.n_iter_ == 0 and model.loss_curve_ == []

"""Small networks for scikit-learn, trained by any rule: `OptvizMLPClassifier` and `OptvizMLPRegressor`.

>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from optviz.sklearn import OptvizMLPClassifier
>>> model = OptvizMLPClassifier((16,), optimizer="lion(lr=0.01)", tol=1e-3, random_state=0)
>>> X, y = load_iris(return_X_y=True)
>>> make_pipeline(StandardScaler(), model).fit(X, y).score(X, y) > 0.95
True

Parameters and attributes are those of scikit-learn's ``MLPClassifier`` and ``MLPRegressor`` where they mean the same.
In place of ``solver`` and the numbers of solvers there is ``optimizer``, which takes what `optviz.optimizer` takes.
"""

from optviz.errors import MissingError

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise MissingError("scikit-learn is not installed", 'pip install "optviz[sklearn]"') from error

from optviz.sklearn.estimators import OptvizMLPClassifier, OptvizMLPRegressor

__all__ = ["OptvizMLPClassifier", "OptvizMLPRegressor"]

"""The two estimators: what each does with its targets."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import validate_data

from optviz.errors import UsageError, shown
from optviz.sklearn.perceptron import Perceptron


class OptvizMLPClassifier(ClassifierMixin, Perceptron):
    """A classifier: its loss is the cross-entropy. Classes are found in `fit`; several at once make rows of 0 and 1."""

    __doc__ = (__doc__ or "") + (Perceptron.__doc__ or "")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        tags.classifier_tags.multi_label = True
        return tags

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Train for one epoch, going on from where the optimizer is.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array, optional
            All that there are; needed at the first call.

        Returns
        -------
        self
        """
        with self._unspoiled():
            if not hasattr(self, "classes_"):
                if classes is None:
                    raise UsageError("classes must be passed on the first call to partial_fit", "Give np.unique(y).")
                self._learn_classes(y if type_of_target(y).startswith("multilabel") else classes)
            elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
                raise UsageError(f"classes are {shown(classes)}, and were {self.classes_}", "Give the same, or none.")
            return self._trained(X, y, sample_weight, incremental=True)

    def _learn_classes(self, y: Any) -> None:
        self._labels = LabelBinarizer().fit(y)
        self.classes_ = self._labels.classes_

    def _validated(self, X: Any, y: Any, incremental: bool, begins: bool, dtype: Any) -> tuple[Any, np.ndarray]:
        X, y = validate_data(self, X, y, accept_sparse=["csr"], multi_output=True, dtype=dtype, reset=begins)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not incremental and begins:
            self._learn_classes(y)
        if type_of_target(y).startswith("multilabel") is not self._labels.y_type_.startswith("multilabel"):
            problem = "y is a matrix of labels, or one label for each sample, and was the other at the first fit"
            raise UsageError(problem, "Give what was given then, or fit anew.")
        found = unique_labels(y)
        if unknown := [one for one in found if one not in self.classes_]:
            raise UsageError(f"y has the class {unknown[0]}, and the first fit had not", "Fit anew.")
        if not incremental and len(found) < len(self.classes_):
            raise UsageError("y lacks classes of the first fit, and warm_start is on", "Give all, or fit anew.")
        return X, self._labels.transform(y)

    def _link(self) -> str:
        return "softmax" if self._labels.y_type_ == "multiclass" else "logistic"

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        return self._labels.inverse_transform(outputs.ravel() if self.n_outputs_ == 1 else outputs)

    def _measured(self, predicted: np.ndarray, y: np.ndarray, shares: Any) -> float:
        return float(accuracy_score(y, predicted, sample_weight=shares))

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class.

        Parameters
        ----------
        X : (n, features) array or sparse matrix

        Returns
        -------
        (n, classes) array
            In the order of ``classes_``.
        """
        outputs = self._asked(X)
        return np.hstack([1 - outputs, outputs]) if self.n_outputs_ == 1 else outputs

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of what `predict_proba` gives."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))


class OptvizMLPRegressor(RegressorMixin, Perceptron):
    """A regressor: its loss is half the sum of the squares of a sample's errors."""

    __doc__ = (__doc__ or "") + (Perceptron.__doc__ or "")

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train for one epoch, going on from where the optimizer is.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        self
        """
        return self._trained(X, y, sample_weight, incremental=True)

    def _validated(self, X: Any, y: Any, incremental: bool, begins: bool, dtype: Any) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self, X, y, accept_sparse=["csr"], multi_output=True, y_numeric=True, dtype=dtype, reset=begins
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not begins and y.shape[1:] != ((self.n_outputs_,) if self.n_outputs_ > 1 else ()):
            raise UsageError(f"y has shape {y.shape}, and the first fit {self.n_outputs_} outputs", "Fit anew.")
        return X, y.reshape(len(y), -1)

    def _link(self) -> str:
        return "identity"

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        return outputs.ravel() if self.n_outputs_ == 1 else outputs

    def _measured(self, predicted: np.ndarray, y: np.ndarray, shares: Any) -> float:
        return float(r2_score(y, predicted, sample_weight=shares))

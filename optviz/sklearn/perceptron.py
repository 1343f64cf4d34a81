"""What the classifier and the regressor have in common: what they are given, and their training epoch by epoch."""

import inspect
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, shuffle
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers import Setting, UpdateRule, configure
from optviz.registry import suggestion
from optviz.results.numeric import plain
from optviz.runs.memory import check_fits
from optviz.sklearn.checks import INF, check_parameters, check_shares, check_split, layer_sizes, setting_of
from optviz.sklearn.passes import Network
from optviz.sklearn.training import Training

FLOATS = (np.float64, np.float32)
ADAM = "adam(variant=keras, eps=1e-8)"  # scikit-learn's own
WIDTH = 200  # samples of a batch where nobody says how many


class Perceptron(BaseEstimator):
    """What the classifier and the regressor have in common.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        The units of each hidden layer.
    activation : {"relu", "tanh", "logistic", "identity"}
        Of hidden layers.
    optimizer : str, Setting or Optimizer
        What `optviz.optimizer` takes or gives: ``"lion"``, ``"lookahead(lion(beta1=0.8), k=5)"``, schedules too. The
        default is the Adam of scikit-learn, with which weights and losses are equal to those of its networks; its
        ``solver="sgd"`` is ``"nesterov(variant=keras, momentum=0.9)"`` here.
    learning_rate_init : float, optional
        By default the optimizer's own. Where it or the optimizer is another one at a further `partial_fit`, a new
        optimizer goes on from the weights as they are.
    alpha, batch_size, max_iter, shuffle, random_state, tol, verbose, warm_start, early_stopping, validation_fraction, \
n_iter_no_change
        As scikit-learn's ``MLPClassifier`` has them, with its defaults.

    Attributes
    ----------
    coefs_, intercepts_ : list of arrays
        Where the optimizer reports to be: for averages not where gradients are taken.
    loss_curve_, loss_, n_iter_, best_loss_, validation_scores_, best_validation_score_, n_layers_, n_outputs_, \
out_activation_, n_features_in_
        As in scikit-learn. Where a loss is not finite the training ends with a ``ConvergenceWarning`` and weights from
        before; ``loss_`` is the last finite one, and infinite where there was none.

    Raises
    ------
    UsageError, UsageTypeError
        A ValueError, a TypeError, of `fit`: a parameter is out of range or of the wrong type, or the optimizer cannot
        move arrays.
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        optimizer: Any = ADAM,
        learning_rate_init: float | None = None,
        alpha: float = 1e-4,
        batch_size: Any = "auto",
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def __new__(cls, *given: Any, **named: Any) -> Any:
        known = inspect.signature(cls.__init__).parameters
        if not any(one.kind is one.VAR_KEYWORD for one in known.values()):
            for name in named.keys() - known.keys():
                remedy = suggestion(name, [*known][1:]) or "What moves the weights is told by optimizer."
                raise UsageTypeError(f"{cls.__name__} has no parameter {name}", remedy.strip())
        return super().__new__(cls)

    __new__.__signature__ = inspect.signature(__init__)  # type: ignore[attr-defined]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if isinstance(state.get("optimizer"), Setting | UpdateRule):  # a formula cannot be pickled: as text
            state = state | {"optimizer": configure(state["optimizer"]).text}
        return state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Train the network.

        Parameters
        ----------
        X : (n, features) array or sparse matrix
        y : (n,) or (n, outputs) array
        sample_weight : (n,) array, optional
            None below 0, and one above it. A batch whose weights are 0 makes no step.

        Returns
        -------
        self
        """
        return self._trained(X, y, sample_weight, incremental=False)

    def _trained(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Any:
        check_parameters(self)
        hidden, setting = layer_sizes(self.hidden_layer_sizes), setting_of(self.optimizer, self.learning_rate_init)
        if incremental and self.early_stopping:
            raise UsageError("partial_fit makes one epoch, and early_stopping is on", "Turn it off, or take fit.")
        begins = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        with self._unspoiled():
            # What goes on stays in the numbers that it began with.
            X, y = self._validated(X, y, incremental, begins, FLOATS if begins else self.coefs_[0].dtype)
            shares = None if sample_weight is None else _check_sample_weight(sample_weight, X, dtype=X.dtype)
            if shares is not None:
                check_shares(shares)
            self._random_state = check_random_state(self.random_state)
            if begins:
                self._begin([X.shape[1], *hidden, y.shape[1]], X.dtype)
            elif (self.validation_scores_ is None) is bool(self.early_stopping):  # which has been turned on or off
                self._judge_anew()
            held_out = None
            if self.early_stopping:
                X, y, shares, held_out = self._split(X, y, shares)
            asked = plain(self.batch_size)
            width = min(WIDTH, len(y)) if asked == "auto" else int(asked)
            if width > len(y):
                warnings.warn(f"batch_size is {width}, and there are {len(y)} samples", stacklevel=3)
                width = len(y)
            if not (incremental and hasattr(self, "_training") and self._begun_with == setting.text):
                self._training = self._started(setting, None if incremental else -(-len(y) // width))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self._epochs((X, y.astype(X.dtype), shares), width, held_out, incremental)
        return self

    @contextmanager
    def _unspoiled(self) -> Iterator[None]:
        """Whatever is refused inside leaves the estimator as it was."""
        before = dict(self.__dict__)
        try:
            yield
        except Exception:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _begin(self, units: Sequence[int], dtype: Any) -> None:
        """Weights and biases from uniform draws within √(6 / (inputs + outputs)), √2 of it for the logistic function.

        Glorot & Bengio 2010, equation 16; the draws are made in scikit-learn's order.
        """
        parameters = sum((before + 1) * after for before, after in pairwise(units))
        needed = 4 * parameters * np.dtype(dtype).itemsize  # with gradients and what most rules keep
        check_fits(f"hidden_layer_sizes is {shown(self.hidden_layer_sizes)}, which", needed, "Take smaller ones.")
        self.n_layers_, self.n_outputs_, self.out_activation_ = len(units), units[-1], self._link()
        self.coefs_, self.intercepts_ = [], []
        for before, after in pairwise(units):
            bound = math.sqrt((2 if self.activation == "logistic" else 6) / (before + after))
            self.coefs_.append(self._random_state.uniform(-bound, bound, (before, after)).astype(dtype))
            self.intercepts_.append(self._random_state.uniform(-bound, bound, after).astype(dtype))
        self.loss_curve_: list[float] = []
        self.loss_ = INF
        self._judge_anew()

    def _judge_anew(self) -> None:
        """Forget what losses and scores there were."""
        progress: tuple[Any, Any, Any] = (None, [], -INF) if self.early_stopping else (INF, None, None)
        self.best_loss_, self.validation_scores_, self.best_validation_score_ = progress
        self._stale = 0

    def _started(self, setting: Setting, batches: int | None) -> Training:
        """The weights as they are with a new optimizer, whose schedules know of so many batches in an epoch."""
        self._begun_with = setting.text
        steps = batches and batches * int(self.max_iter)
        return Training(setting.resolved(steps, batches), [*self.coefs_, *self.intercepts_])

    def _epochs(
        self, data: tuple[Any, np.ndarray, Any], width: int, held_out: tuple[Any, ...] | None, incremental: bool
    ) -> None:
        """Epochs until there is no progress: `max_iter` at most, or one."""
        most = 1 if incremental else int(self.max_iter)
        training, name = self._training, self._training.optimizer.setting.plain_name
        network = Network(self.activation, self.out_activation_, self.alpha)
        order = np.arange(len(data[1])) if self.shuffle else None
        self.n_iter_, kept, best = 0, [array.copy() for array in training.arrays], None
        while self.n_iter_ < most:
            start = [array.copy() for array in training.arrays]
            if self.shuffle:
                order = shuffle(order, random_state=self._random_state)
            loss = training.epoch(network, *data, order, width)
            if not math.isfinite(loss):
                self._take(kept)
                del self._training  # whose state is beyond all numbers too
                problem = f"{name} diverged in epoch {self.n_iter_ + 1}: the loss is not finite"
                warnings.warn(f"{problem}. Take a smaller learning_rate_init, or scale X.", ConvergenceWarning, 4)
                return
            kept, self.loss_ = start, loss  # where a finite loss was found
            self.n_iter_ += 1
            self.loss_curve_.append(loss)
            self._take(training.points())
            if self.verbose:
                print(f"epoch {self.n_iter_}: loss {loss:.8f}")
            if self._improves(loss, held_out):
                best = [array.copy() for array in (*self.coefs_, *self.intercepts_)]
            if self._stale > self.n_iter_no_change:
                if self.verbose:
                    print(f"no better by {self.tol:g} in {self.n_iter_no_change} epochs")
                break
        else:
            if not incremental:
                problem = f"{name} has not converged in {most} epochs"
                warnings.warn(f"{problem}. Raise max_iter, or tol.", ConvergenceWarning, 4)
        if best is not None:
            self._take(best)

    def _improves(self, loss: float, held_out: tuple[Any, ...] | None) -> bool:
        """Count the epochs without progress; whether the weights are the best so far on what was held out."""
        if held_out is None:
            self._stale = self._stale + 1 if loss > self.best_loss_ - self.tol else 0
            self.best_loss_ = min(loss, self.best_loss_)
            return False
        X, y, shares = held_out
        score = self._measured(self._decoded(self._outputs(X)), y, shares)
        self.validation_scores_.append(score)
        self._stale = self._stale + 1 if score < self.best_validation_score_ + self.tol else 0
        is_best = score > self.best_validation_score_
        self.best_validation_score_ = max(score, self.best_validation_score_)
        return is_best

    def _split(self, X: Any, y: np.ndarray, shares: np.ndarray | None) -> tuple[Any, np.ndarray, Any, tuple[Any, ...]]:
        """What is trained on, and what is held out to be measured."""
        parts = [X, y] if shares is None else [X, y, shares]
        by_class = y if is_classifier(self) and y.shape[1] == 1 else None
        share = float(self.validation_fraction)
        check_split(len(y), share, by_class)
        X, held_X, y, held_y, *rest = train_test_split(
            *parts, random_state=self._random_state, test_size=share, stratify=by_class
        )
        if not all(part.any() for part in rest):
            problem = "early_stopping splits the samples into two parts, of which one has sample_weight 0 throughout"
            raise UsageError(problem, "Leave such samples out, change validation_fraction or random_state.")
        shares, held_shares = rest or (None, None)
        return X, y, shares, (held_X, self._decoded(held_y), held_shares)

    def _take(self, arrays: Sequence[np.ndarray]) -> None:
        """Weights and biases to predict with."""
        layers = self.n_layers_ - 1
        self.coefs_, self.intercepts_ = [*arrays[:layers]], [*arrays[layers:]]

    def _outputs(self, X: Any) -> np.ndarray:
        network = Network(self.activation, self.out_activation_, self.alpha)
        return network.outputs(X, self.coefs_, self.intercepts_)

    def _asked(self, X: Any) -> np.ndarray:
        """The outputs for somebody's samples."""
        check_is_fitted(self)
        return self._outputs(validate_data(self, X, accept_sparse=["csr"], dtype=FLOATS, reset=False))

    def predict(self, X: Any) -> np.ndarray:
        """What the network says of samples.

        Parameters
        ----------
        X : (n, features) array or sparse matrix

        Returns
        -------
        (n,) or (n, outputs) array
        """
        return self._decoded(self._asked(X))

"""Our estimators against scikit-learn's own networks: epochs of the same training, on one thread.

Run it on a quiet machine, with scikit-learn installed: ``python tests/benchmarks/bench_sklearn.py``. Both sides train
in turns, from the same weights on the same batches, and end at the same weights; of their rounds the medians are
compared.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics  # noqa: E402 - threads are counted when NumPy is imported
import time  # noqa: E402
import warnings  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from sklearn.datasets import load_digits, make_classification, make_regression  # noqa: E402
from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: E402

from optviz.sklearn import OptvizMLPClassifier, OptvizMLPRegressor  # noqa: E402

ROUNDS, EPOCHS = 15, 5
ADAM = "adam(variant=keras, eps=1e-8)"
LARGE: dict[str, Any] = {"n_samples": 5000, "n_features": 784, "random_state": 0}
TASKS = {
    "digits, 64-100-10": (OptvizMLPClassifier, MLPClassifier, lambda: load_digits(return_X_y=True), {}),
    "784-100-10": (
        OptvizMLPClassifier,
        MLPClassifier,
        lambda: make_classification(n_classes=10, n_informative=20, **LARGE),
        {},
    ),
    "784-100-10, float32": (
        OptvizMLPClassifier,
        MLPClassifier,
        lambda: make_classification(n_classes=10, n_informative=20, **LARGE),
        {"dtype": np.float32},
    ),
    "784-256-256-1, numbers": (
        OptvizMLPRegressor,
        MLPRegressor,
        lambda: make_regression(**LARGE),
        {"hidden_layer_sizes": (256, 256)},
    ),
    "64-10-10, batches of 16": (
        OptvizMLPClassifier,
        MLPClassifier,
        lambda: load_digits(return_X_y=True),
        {"hidden_layer_sizes": (10,), "batch_size": 16},
    ),
}


def seconds(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    """How long a training takes."""
    start = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - start


def main() -> None:
    """Print for each task how many times as fast as scikit-learn we are."""
    warnings.simplefilter("ignore")
    for task, (ours, theirs, data, given) in TASKS.items():
        X, y = data()
        X = (X / np.abs(X).max()).astype(given.pop("dtype", np.float64))
        common = {"max_iter": EPOCHS, "random_state": 0} | given
        sides = [ours(optimizer=ADAM, **common), theirs(**common)]
        times: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for side, own in zip(sides, times, strict=True):
                own.append(seconds(side, X, y))
        medians = [statistics.median(own[1:]) for own in times]  # the first round compiles
        per_epoch = medians[0] / EPOCHS * 1e3
        print(f"{task:>26}: {per_epoch:7.2f} ms an epoch, {medians[1] / medians[0]:.2f} times as fast as scikit-learn")


if __name__ == "__main__":
    main()

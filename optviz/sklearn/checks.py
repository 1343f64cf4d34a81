"""What estimators are given, looked at before anything of a training is made."""

import math
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers import Setting, configure, refusal
from optviz.registry import suggestion
from optviz.results.numeric import number_in_range, plain
from optviz.runs.arrays.optimizer import Optimizer
from optviz.sklearn.passes import ACTIVATIONS

INF = math.inf
NUMBERS = {  # what each may be, and whether it counts something
    "alpha": ((0, INF, True, False), False),
    "max_iter": ((1, INF, True, False), True),
    "tol": ((0, INF, True, False), False),
    "validation_fraction": ((0, 1, False, False), False),
    "learning_rate_init": ((0, INF, False, False), False),
    "batch_size": ((1, INF, True, False), True),
    "n_iter_no_change": ((1, INF, True, False), True),
    "verbose": ((0, INF, True, False), True),
}
FREE = {  # what each may be besides
    "learning_rate_init": (None,),
    "batch_size": ("auto",),
    "n_iter_no_change": (INF,),
    "verbose": (False, True),
}
SWITCHES = ("shuffle", "warm_start", "early_stopping")


def check_parameters(model: Any) -> None:
    """Refuse parameters of an estimator that cannot be.

    Raises
    ------
    UsageError, UsageTypeError
    """
    for name, (allowed, whole) in NUMBERS.items():
        value = plain(getattr(model, name))
        if not any(isinstance(value, type(other)) and value == other for other in FREE.get(name, ())):
            number_in_range(f"{name} is {shown(value)}", value, allowed, whole)
    for name in SWITCHES:
        if not isinstance(plain(getattr(model, name)), bool):
            raise UsageTypeError(f"{name} is {shown(getattr(model, name))}", "It must be True or False.")
    activation = model.activation
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        hint = suggestion(activation, [*ACTIVATIONS]) if isinstance(activation, str) else ""
        raise UsageError(f"activation is {shown(activation)}", f"{hint}Choose from: {', '.join(ACTIVATIONS)}")


def layer_sizes(given: Any) -> list[int]:
    """The sizes of hidden layers, of which there may be one, several or none.

    Raises
    ------
    UsageError, UsageTypeError
    """
    sizes = plain(given)
    if isinstance(sizes, Mapping | Set | Iterator | str | bytes):
        raise UsageTypeError(f"hidden_layer_sizes is {shown(given)}", "Give a list of whole numbers.")
    sizes = [*sizes] if hasattr(sizes, "__iter__") else [sizes]
    for size in sizes:
        number_in_range(f"hidden_layer_sizes has {shown(size)}", size, (1, INF, True, False), True)
    return [int(size) for size in sizes]


def setting_of(optimizer: Any, rate: Any) -> Setting:
    """The setting of an estimator's optimizer, which moves arrays, with the learning rate if one is given.

    Raises
    ------
    UsageError, UsageTypeError
    """
    chosen = optimizer.setting if isinstance(optimizer, Optimizer) else optimizer
    setting = configure(chosen, **({} if rate is None else {"lr": plain(rate)}))
    if words := refusal(setting, "arrays"):
        raise UsageError(words[0], "Take an optimizer that moves arrays: adam, lion, muon.")
    return setting


def check_shares(shares: np.ndarray) -> None:
    """Refuse weights of samples that cannot be.

    Raises
    ------
    UsageError
    """
    if shares.min() < 0:
        raise UsageError(f"sample_weight has {shares.min():g}", "Give weights of 0 and more.")
    if not shares.any():
        raise UsageError("sample_weight is 0 for all samples", "Give one a weight.")


def check_split(count: int, share: float, classes: np.ndarray | None) -> None:
    """Refuse samples that are too few to hold some out.

    Parameters
    ----------
    count : int
        Of samples.
    share : float
        The part that is held out.
    classes : (count,) array or None
        If each is to be in both parts.

    Raises
    ------
    UsageError
    """
    found, sizes = (None, [count]) if classes is None else np.unique(classes, return_counts=True)
    if found is not None and min(sizes) < 2:
        raise UsageError("a class has 1 sample, and early_stopping needs 2 of each", "Give more, or turn it off.")
    held, kinds = math.ceil(share * count), len(sizes)
    if held < max(2, kinds) or count - held < kinds:
        problem = f"early_stopping holds out {held} of {count} samples"
        needed = max(math.floor((max(2, kinds) - 1) / share) + 1, math.ceil(kinds / (1 - share)))
        change = "Change validation_fraction" if count > 2 * kinds else "Turn it off"
        raise UsageError(problem, f"{change}, or give {needed:,} samples: {max(2, kinds)} at least are held out.")

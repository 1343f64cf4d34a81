"""How many compiled kernels runs take, which a first run has to wait for."""

from collections.abc import Mapping, Sequence
from typing import Any

from optviz.optimizers import configure, labelled

# Of a function its value and gradient, of any run the tile, of ends what collects them.
FUNCTION, TILE, COLLECT = 1, 1, 1


def race_kernels(optimizers: Sequence[Any], defaults: str | None) -> int:
    """Those of `optviz.race`: one for each optimizer, since the shown run is made as the tuning's are."""
    return _ours(optimizers, defaults) + FUNCTION + TILE + _powers(optimizers, defaults)


def map_kernels(optimizers: Sequence[Any], defaults: str | None, lr: Any) -> int:
    """Those of `optviz.basins` and `optviz.swarm`."""
    return _moves(optimizers, defaults, lr) + FUNCTION + TILE + COLLECT + _powers(optimizers, defaults)


def study_kernels(optimizers: Sequence[Any], defaults: str | None, lr: Any, functions: int) -> int:
    """Those of `optviz.study`."""
    return _moves(optimizers, defaults, lr) + functions * FUNCTION + TILE + COLLECT + _powers(optimizers, defaults)


def sweep_kernels(optimizer: Any, defaults: str | None) -> int:
    """Those of `optviz.sweep`."""
    return 1 + FUNCTION + TILE + COLLECT + _powers([optimizer], defaults)


def training_kernels(optimizers: Sequence[Any], defaults: str | None) -> int:
    """Those of `optviz.train` on the processor: an update for each optimizer; images, steps and tests of a network."""
    return len(optimizers) + 3 + _powers(optimizers, defaults)


def _moves(optimizers: Sequence[Any], defaults: str | None, lr: Any) -> int:
    """One for each optimizer, and another for each whose learning rate is tuned."""
    ours = _ours(optimizers, defaults)
    if lr is not None and not isinstance(lr, Mapping):
        return ours
    settings = labelled([configure(one, defaults=defaults) for one in optimizers])
    rated = [one.name for one in settings if "lr" in one.hyperparameters]
    return ours + sum(name not in (lr or ()) for name in rated)


def _ours(optimizers: Sequence[Any], defaults: str | None) -> int:
    """How many are compiled: all but the contenders of other libraries."""
    return sum(configure(one, defaults=defaults).kind != "contender" for one in optimizers)


def _powers(optimizers: Sequence[Any], defaults: str | None) -> int:
    """One where any step scalar is a power of the step."""
    return int(any(configure(one, defaults=defaults).formula.scalar_names for one in optimizers))

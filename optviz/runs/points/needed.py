"""How many compiled kernels runs take, which a first run has to wait for."""

from collections.abc import Mapping, Sequence
from typing import Any

from optviz.formulas.solver import Solver
from optviz.optimizers import configure, labelled

# Of a function its value and gradient, of rules and maps the tile, of rules' ends what collects them; of solvers their
# loop.
FUNCTION, TILE, COLLECT, SOLVE = 1, 1, 1, 1


def race_kernels(optimizers: Sequence[Any], defaults: str | None) -> int:
    """Those of `optviz.race`: one for each optimizer, since the shown run is made as the tuning's are."""
    loops = TILE + _loops(optimizers, defaults, 0)
    return _ours(optimizers, defaults) + FUNCTION + loops + _powers(optimizers, defaults)


def map_kernels(optimizers: Sequence[Any], defaults: str | None, lr: Any) -> int:
    """Those of `optviz.basins` and `optviz.swarm`."""
    loops = TILE + _loops(optimizers, defaults, COLLECT)
    return _moves(optimizers, defaults, lr) + FUNCTION + loops + _powers(optimizers, defaults)


def study_kernels(optimizers: Sequence[Any], defaults: str | None, lr: Any, functions: int) -> int:
    """Those of `optviz.study`."""
    loops = _loops(optimizers, defaults, TILE + COLLECT, functions)
    return _moves(optimizers, defaults, lr) + functions * FUNCTION + loops + _powers(optimizers, defaults)


def sweep_kernels(optimizer: Any, defaults: str | None) -> int:
    """Those of `optviz.sweep`."""
    return 1 + FUNCTION + TILE + _loops([optimizer], defaults, COLLECT) + _powers([optimizer], defaults)


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


def _loops(optimizers: Sequence[Any], defaults: str | None, of_rules: int, functions: int = 1) -> int:
    """What rules need besides, and what solvers do: their loop, and of functions the second derivatives."""
    formulas = [configure(one, defaults=defaults).formula for one in optimizers]
    solvers = [formula for formula in formulas if isinstance(formula, Solver)]
    second = any(formula.curvature for formula in solvers) + any(formula.residuals for formula in solvers)
    return of_rules * (len(solvers) < len(formulas)) + SOLVE * bool(solvers) + functions * second


def _powers(optimizers: Sequence[Any], defaults: str | None) -> int:
    """One where any step scalar is a power of the step."""
    return int(any(configure(one, defaults=defaults).formula.scalar_names for one in optimizers))

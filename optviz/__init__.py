"""optviz: see, measure and choose optimizers.

>>> import optviz
>>> run = optviz.minimize("sphere", "sgd", start=(3.0, 4.0), steps=2, lr=0.25)
>>> run.values.tolist()
[25.0, 6.25, 1.5625]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optviz.drawing import draw, figure, plot_map
    from optviz.errors import (
        DataError,
        MissingError,
        OptvizError,
        PluginError,
        UnknownNameError,
        UsageError,
        UsageTypeError,
    )
    from optviz.figures.plots import plot_basins, plot_convergence, plot_paths, plot_sweep, plot_training
    from optviz.functions import Function
    from optviz.gallery import write_gallery
    from optviz.optimizers import Setting, UpdateRule, configure, contender
    from optviz.page.explorer import explore
    from optviz.results import (
        Basins,
        Batch,
        Comparison,
        Explanation,
        Landscape,
        Race,
        Study,
        Swarm,
        Sweep,
        TrainingRun,
        Trajectory,
        load,
        save,
    )
    from optviz.runs.arrays.optimizer import Optimizer, optimizer
    from optviz.runs.networks.callbacks import Epoch
    from optviz.runs.networks.training import train
    from optviz.runs.points.basins import basins
    from optviz.runs.points.explain import explain
    from optviz.runs.points.minimize import minimize
    from optviz.runs.points.minimize_many import minimize_many
    from optviz.runs.points.own import function
    from optviz.runs.points.race import race
    from optviz.runs.points.study import study
    from optviz.runs.points.swarm import swarm
    from optviz.runs.points.sweep import sweep

__version__ = "0.1.0"

# Where each public name lives. A name is imported when it is first asked for: Numba and matplotlib take a second to
# load, and whoever asks for a version or a list needs neither.
_HOMES = {
    "Basins": "optviz.results",
    "Batch": "optviz.results",
    "Comparison": "optviz.results",
    "DataError": "optviz.errors",
    "Epoch": "optviz.runs.networks.callbacks",
    "Explanation": "optviz.results",
    "Function": "optviz.functions",
    "Landscape": "optviz.results",
    "MissingError": "optviz.errors",
    "Optimizer": "optviz.runs.arrays.optimizer",
    "OptvizError": "optviz.errors",
    "PluginError": "optviz.errors",
    "Race": "optviz.results",
    "Setting": "optviz.optimizers",
    "Study": "optviz.results",
    "Swarm": "optviz.results",
    "Sweep": "optviz.results",
    "TrainingRun": "optviz.results",
    "Trajectory": "optviz.results",
    "UnknownNameError": "optviz.errors",
    "UpdateRule": "optviz.optimizers",
    "UsageError": "optviz.errors",
    "UsageTypeError": "optviz.errors",
    "basins": "optviz.runs.points.basins",
    "configure": "optviz.optimizers",
    "contender": "optviz.optimizers",
    "draw": "optviz.drawing",
    "explain": "optviz.runs.points.explain",
    "explore": "optviz.page.explorer",
    "figure": "optviz.drawing",
    "function": "optviz.runs.points.own",
    "load": "optviz.results",
    "minimize": "optviz.runs.points.minimize",
    "minimize_many": "optviz.runs.points.minimize_many",
    "optimizer": "optviz.runs.arrays.optimizer",
    "plot_basins": "optviz.figures.plots",
    "plot_convergence": "optviz.figures.plots",
    "plot_map": "optviz.drawing",
    "plot_paths": "optviz.figures.plots",
    "plot_sweep": "optviz.figures.plots",
    "plot_training": "optviz.figures.plots",
    "race": "optviz.runs.points.race",
    "save": "optviz.results",
    "study": "optviz.runs.points.study",
    "swarm": "optviz.runs.points.swarm",
    "sweep": "optviz.runs.points.sweep",
    "train": "optviz.runs.networks.training",
    "write_gallery": "optviz.gallery",
}

# Packages of units with a registry each, likewise.
_ROOMS = ("datasets", "functions", "networks", "noise", "optimizers", "schedules", "wrappers")

__all__ = [
    "__version__",
    "Basins",
    "Batch",
    "Comparison",
    "DataError",
    "Epoch",
    "Explanation",
    "Function",
    "Landscape",
    "MissingError",
    "Optimizer",
    "OptvizError",
    "PluginError",
    "Race",
    "Setting",
    "Study",
    "Swarm",
    "Sweep",
    "TrainingRun",
    "Trajectory",
    "UnknownNameError",
    "UpdateRule",
    "UsageError",
    "UsageTypeError",
    "basins",
    "configure",
    "contender",
    "draw",
    "explain",
    "explore",
    "figure",
    "function",
    "load",
    "minimize",
    "minimize_many",
    "optimizer",
    "plot_basins",
    "plot_convergence",
    "plot_map",
    "plot_paths",
    "plot_sweep",
    "plot_training",
    "race",
    "save",
    "study",
    "swarm",
    "sweep",
    "train",
    "write_gallery",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"optviz.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'optviz' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_ROOMS})

"""What runs give and pictures take: frozen records of plain arrays and plain values, and what is told of them.

Names are loaded when they are asked for, so that a list of networks needs no NumPy, and a figure loads only its result.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optviz.results.basins import BasinMap, Basins
    from optviz.results.batch import Batch
    from optviz.results.comparison import Comparison
    from optviz.results.explanation import Explanation, Quantity
    from optviz.results.optimum import LossPath, Optimum
    from optviz.results.parts import Contender, Landscape
    from optviz.results.published import Published
    from optviz.results.race import Race, Trajectory
    from optviz.results.saved import LIMIT, SCHEMA, load, plain, record, save
    from optviz.results.study import Study
    from optviz.results.swarm import Swarm, SwarmRun
    from optviz.results.sweep import Axis, Curve, Sweep
    from optviz.results.training_run import Mistakes, Plane, PlanePath, RateSearch, TrainingRun, Tuning

# Every record, and the module of this package that defines it.
RECORDS = {
    "Axis": "sweep",
    "BasinMap": "basins",
    "Basins": "basins",
    "Batch": "batch",
    "Comparison": "comparison",
    "Contender": "parts",
    "Curve": "sweep",
    "Explanation": "explanation",
    "Landscape": "parts",
    "LossPath": "optimum",
    "Mistakes": "training_run",
    "Optimum": "optimum",
    "Plane": "training_run",
    "PlanePath": "training_run",
    "Published": "published",
    "Quantity": "explanation",
    "Race": "race",
    "RateSearch": "training_run",
    "Study": "study",
    "Swarm": "swarm",
    "SwarmRun": "swarm",
    "Sweep": "sweep",
    "TrainingRun": "training_run",
    "Trajectory": "race",
    "Tuning": "training_run",
}
_HOMES = RECORDS | dict.fromkeys(("LIMIT", "SCHEMA", "load", "plain", "record", "save"), "saved")

__all__ = [
    "LIMIT",
    "RECORDS",
    "SCHEMA",
    "Axis",
    "BasinMap",
    "Basins",
    "Batch",
    "Comparison",
    "Contender",
    "Curve",
    "Explanation",
    "Landscape",
    "LossPath",
    "Mistakes",
    "Optimum",
    "Plane",
    "PlanePath",
    "Published",
    "Quantity",
    "Race",
    "RateSearch",
    "Study",
    "Swarm",
    "SwarmRun",
    "Sweep",
    "TrainingRun",
    "Trajectory",
    "Tuning",
    "load",
    "plain",
    "record",
    "save",
]


def __getattr__(name: str) -> Any:
    if name == "Flock":
        import warnings

        warnings.warn("optviz.results.Flock is SwarmRun now", DeprecationWarning, stacklevel=2)
        name = "SwarmRun"
    if name not in _HOMES:
        raise AttributeError(f"module 'optviz.results' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(f"optviz.results.{_HOMES[name]}"), name)
    return value

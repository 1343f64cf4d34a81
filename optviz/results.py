"""What runs give and pictures take: frozen records of plain arrays and plain values, with save and load.

This module names them all; each is defined beside its kin.
"""

from optviz.batches import BasinMap, Basins, Batch, Flock, Swarm
from optviz.comparison import Comparison, Mistakes, Plane, PlanePath, Published, RateSearch, TrainingRun, Tuning
from optviz.contenders import Contender
from optviz.races import Landscape, Race, Trajectory
from optviz.saving import LIMIT, RECORDS, SCHEMA, load, plain, record, save
from optviz.studies import Study
from optviz.sweeps import Axis, Curve, Sweep

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
    "Flock",
    "Landscape",
    "Mistakes",
    "Plane",
    "PlanePath",
    "Published",
    "Race",
    "RateSearch",
    "Study",
    "Swarm",
    "Sweep",
    "TrainingRun",
    "Trajectory",
    "Tuning",
    "load",
    "plain",
    "record",
    "save",
]

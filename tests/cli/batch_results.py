"""Small results of many runs, each with something of everything: arrived, stuck, diverged."""

import numpy as np

from optviz.results.basins import BasinMap, Basins
from optviz.results.parts import Contender, Landscape
from optviz.results.swarm import Swarm, SwarmRun
from optviz.results.sweep import Axis, Curve, Sweep
from tests.budgets import spread
from tests.figures import explanations
from tests.figures.planes import comparison
from tests.figures.races import calm
from tests.studies import study

TUNING = spread(20)
RATES = {"sgd": ("SGD", {"lr": 0.01}), "adam": ("Adam", {"lr": 0.5, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8})}
SHAPE = 3, 4  # rows, columns


def _landscape(shape):
    x, y = np.meshgrid(np.linspace(-2, 2, shape[1]), np.linspace(-2, 2, shape[0]))
    return Landscape(
        function="saddle",
        title="Saddle",
        formula="f(x, y) = x² + (y² − 1)²",
        bounds=((-2.5, 2.5), (-2.5, 2.5)),
        view=((-2.0, 2.0), (-2.0, 2.0)),
        values=x**2 + (y**2 - 1) ** 2,
        minimizers=np.array([[0.0, 1.0], [0.0, -1.0]]),
        local_minimizers=np.zeros((0, 2)),
        minimum=0.0,
    )


def _contender(name):
    title, hyperparameters = RATES[name]
    return Contender(name, title, "torch", "torch", dict(hyperparameters), "tuned")


def _ends(shape, wild):
    """(reached, arrived, diverged): half end at each minimizer, one stays out, and `wild` ones diverge."""
    count = int(np.prod(shape))
    reached = np.arange(count) % 2
    arrived = np.arange(count) + 10
    diverged = np.zeros(count, int)
    reached[-1] = arrived[-1] = -1
    reached[:wild] = arrived[:wild] = -1
    diverged[:wild] = 3
    return tuple(part.astype(np.int32).reshape(shape) for part in (reached, arrived, diverged))


def basins(optimizers=("sgd", "adam")):
    """Of the first optimizer two of twelve runs diverge."""
    maps = []
    for place, name in enumerate(optimizers):
        reached, arrived, diverged = _ends(SHAPE, 0 if place else 2)
        values = np.where(diverged > 0, np.nan, 1e-6)
        maps.append(BasinMap(_contender(name), reached, arrived, diverged, values))
    ground = _landscape(SHAPE)
    return Basins(
        ground, np.zeros(len(ground.minimizers) + len(ground.local_minimizers)), tuple(maps), 20, 7, 1e-4, "", TUNING
    )


def swarm(optimizers=("adam",), count=12):
    """A dozen starts at three moments."""
    moments = np.array([0, 5, 20])
    flocks = []
    for name in optimizers:
        points = np.linspace(-1.9, 1.9, 3 * count * 2).reshape(3, count, 2).astype(np.float32)
        flocks.append(SwarmRun(_contender(name), points, *_ends((count,), 0)))
    ground = _landscape((20, 20))
    minima = np.zeros(len(ground.minimizers) + len(ground.local_minimizers))
    return Swarm(ground, minima, tuple(flocks), moments, 20, 7, 1e-4, "", TUNING)


def sweep(best=True):
    """Of twelve pairs two diverge and one is too slow."""
    x = Axis("lr", "log", 1e-3, 1.0, np.geomspace(1e-3, 1.0, SHAPE[1]))
    y = Axis("momentum", "linear", 0.0, 0.9, np.linspace(0.1, 0.8, SHAPE[0]))
    _, arrived, diverged = _ends(SHAPE, 2)
    kept = {"lr": 0.001, "momentum": 0.9, "dampening": 0.0}
    robust = {"column": 1, "row": 1, "lr": 0.01, "momentum": 0.45, "steps": 15, "worst": 20, "radius": 1}
    return Sweep(
        landscape=_landscape((20, 20)),
        contender=Contender("momentum", "Momentum", "torch", "torch", kept, "given"),
        x=x,
        y=y,
        start=(1.0, 2.0),
        steps=1000,
        seed=7,
        tolerance=1e-4,
        noise="gaussian:0.1",
        arrived=arrived,
        diverged=diverged,
        values=np.where(diverged > 0, np.nan, 1e-6),
        best=robust if best else None,
        theory=(Curve("stability", "stable below lr = 2 (1 + momentum) / L", np.array([[0.01, 0.0], [0.02, 0.9]])),),
    )


# What is typed for each command of many runs, and the result that stands for its run.
BASINS, SWEEP, SWARM, STUDY = ["basins", "saddle"], ["sweep", "rosenbrock"], ["swarm", "saddle"], ["study"]
ALL = {line[0]: line for line in (BASINS, SWEEP, SWARM, STUDY)}
RESULTS = {
    "basins": basins(),
    "sweep": sweep(),
    "swarm": swarm(),
    "study": study(("sgd", "adam"), ("sphere", "booth"), starts=20),
    "animate": calm(),
    "explain": explanations.made(),
    "train": comparison(),
}

"""Small made-up swarms: two wells, and dots that flow into them on straight lines."""

import numpy as np

from optviz.results import Landscape, Swarm, SwarmRun
from optviz.results.parts import Contender
from tests.budgets import spread

VIEW = ((-2.0, 2.0), (-1.0, 3.0))
MINIMIZERS = np.array([[-1.0, 1.0], [1.0, 1.0]])
TITLES = {"sgd": "SGD", "momentum": "Momentum", "adam": "Adam", "adagrad": "AdaGrad", "rmsprop": "RMSProp"}


def landscape(n=50, local=1, minimizers=MINIMIZERS):
    x, y = (low + (high - low) * (np.arange(n) + 0.5) / n for low, high in VIEW)
    across, up = np.meshgrid(x, y)
    values = (across**2 - 1) ** 2 + 0.1 * across + (up - 1) ** 2
    count = len(minimizers) - local if len(minimizers) else 0
    return Landscape(
        "wells", "Two wells", "f(x, y) = …", VIEW, VIEW, values, minimizers[:count], minimizers[count:], 0.0
    )


def starts(side=12):
    x, y = (low + (high - low) * (np.arange(side) + 0.5) / side for low, high in VIEW)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def flock(name, at, moments, pace=1.0, diverged=0, lost=0, nowhere=0, minimizers=MINIMIZERS):
    """Runs that arrive the later the farther they have to go; the first few diverge, get lost, or end nowhere."""
    steps, count = int(moments[-1]), len(at)
    reached = np.where(at[:, 0] < 0, 0, 1).astype(np.int32)
    way = minimizers[reached] - at
    takes = np.ceil(np.hypot(*way.T) * 10 / pace).astype(np.int32)
    share = np.minimum(1, moments[:, None] / np.maximum(takes, 1))[..., None]
    points = (at + share * way).astype(np.float32)
    arrived = np.where(takes <= steps, takes, -1).astype(np.int32)
    reached[arrived < 0] = -1
    gone = np.zeros(count, np.int32)
    gone[:diverged] = np.arange(diverged) % max(1, steps) + 1
    points[moments[:, None] >= np.where(gone > 0, gone, steps + 1)] = np.nan
    points[1:, diverged : diverged + lost] = (9.0, 1e5)
    points[1:, diverged + lost : diverged + lost + nowhere] = (0.0, 1.0)
    reached[: diverged + lost + nowhere] = arrived[: diverged + lost + nowhere] = -1
    contender = Contender(name, TITLES[name], "torch", "torch", {"lr": 0.0125}, "tuned")
    return SwarmRun(contender, points, reached, arrived, gone)


def swarm(names=("adam",), steps=40, moments=None, side=12, ground=None, **trouble):
    """A swarm whose flocks differ in pace; `moments` defaults to every step up to the tenth and every third after."""
    if moments is None:
        moments = sorted({*range(min(steps, 10) + 1), *range(0, steps, 3), steps})
    kept, at = np.array(moments), starts(side)
    flocks = tuple(flock(name, at, kept, 1 + k, **trouble) for k, name in enumerate(names))
    tuning = spread(steps)
    ground = ground or landscape()
    minima = np.full(len(ground.minimizers) + len(ground.local_minimizers), ground.minimum)
    return Swarm(ground, minima, flocks, kept, steps, 3, 1e-4, "", tuning)

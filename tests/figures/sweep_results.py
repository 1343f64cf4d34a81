"""Made-up sweeps with the shape of real ones: heavy-ball momentum on a quadratic, in closed form."""

from dataclasses import replace

import numpy as np

from optviz.results.parts import Contender
from optviz.results.sweep import Axis, Curve, Sweep
from tests.figures.races import landscape

STEEP, FLAT = 200.0, 2.0  # curvatures
SCALES = {
    "log": (np.log, np.exp),
    "linear": (lambda value: value, lambda unit: unit),
    "log(1-b)": (lambda value: -np.log1p(-value), lambda unit: -np.expm1(-unit)),
}


def axis(name, scale, low, high, n):
    there, back = SCALES[scale]
    units = there(low) + (np.arange(n) + 0.5) / n * (there(high) - there(low))
    return Axis(name, scale, low, high, back(units))


def radius(lr, momentum):
    """The factor that a step has in the long run: the largest root of z² − (1 + m − lr h) z + m over curvatures."""
    found = 0.0
    for curvature in (FLAT, STEEP):
        middle = (1 + momentum - lr * curvature) / 2
        root = np.sqrt(middle**2 - momentum + 0j)
        found = np.maximum(found, np.maximum(np.abs(middle + root), np.abs(middle - root)))
    return found


def theory():
    momenta = -np.expm1(-np.linspace(0, 7, 400))
    fast = (np.sqrt(STEEP) - np.sqrt(FLAT)) ** 2 / (np.sqrt(STEEP) + np.sqrt(FLAT)) ** 2
    rate = 4 / (np.sqrt(STEEP) + np.sqrt(FLAT)) ** 2
    line = np.stack([2 * (1 + momenta) / STEEP, momenta], axis=-1)
    return (
        Curve("stability", "near the minimum stable below lr = 2 (1 + momentum) / L", line),
        Curve("optimum", "fastest on a quadratic: lr = 4 / (√L + √μ)²", np.array([[rate, fast]])),
    )


def best_at(sweep, column, row, radius=3):
    steps = int(max(sweep.arrived[row, column], 7))
    chosen = {"column": column, "row": row, "steps": steps, "worst": steps + 11, "radius": radius}
    return chosen | {one.name: float(one.values[at]) for one, at in ((sweep.x, column), (sweep.y, row))}


def sweep(size=(120, 90), x=("lr", "log", 6e-4, 3e-2), y=("momentum", "log(1-b)", 0.0, 0.995), **changes):
    """A sweep of width x height runs of at most 1,000 steps; other keywords are fields of `Sweep`.

    ``best`` may be a (column, row).
    """
    across, up = axis(*x, size[0]), axis(*y, size[1])
    factor = radius(*np.meshgrid(across.values, up.values))
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.ceil(np.log(1e-7) / np.log(factor))
    arrived = np.where((factor < 1) & (steps <= 1000), steps, -1).astype(np.int32)
    diverged = np.where(factor > 1, 90, 0).astype(np.int32)
    place = changes.pop("best", None)
    fields = {
        "landscape": landscape(4),
        "contender": Contender("momentum", "Momentum", "torch", "torch", {"lr": 1e-3, "momentum": 0.9}, "given"),
        "start": (-1.6, 2.4),
        "steps": 1000,
        "seed": 5,
        "tolerance": 1e-4,
        "noise": "",
        "arrived": arrived,
        "diverged": diverged,
        "values": np.zeros(arrived.shape),
        "theory": (),
    }
    made = Sweep(x=across, y=up, best=None, **(fields | changes))
    return replace(made, best=best_at(made, *place)) if place else made

"""When runs keep their weights for the training plane."""

import numpy as np

from optviz.networks import Plan

FIRST_EPOCH = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0)  # moments at which weights are kept
LATER = 24  # epochs after the first with a snapshot, at most
MEMORY = 400_000_000  # bytes that all snapshots together may take


def snapshot_moments(plan: Plan, optimizers: int, epochs: int) -> tuple[float, ...]:
    """The moments, in epochs, at which runs keep their weights for the training plane.

    The first epoch, in which weights move most, is looked at several times; the others once each, or as many of them
    as `LATER` and `MEMORY` allow, evenly spread. The start and the end are always there.
    """
    later = np.unique(np.round(np.linspace(1, epochs, min(LATER, epochs - 1) + 1)))[1:] if epochs > 1 else ()
    moments = np.array([*FIRST_EPOCH, *later])
    most = max(2, MEMORY // (4 * plan.parameters * optimizers))
    if len(moments) > most:
        moments = moments[np.unique(np.round(np.linspace(0, len(moments) - 1, most)).astype(np.int64))]
    return tuple(moments.tolist())

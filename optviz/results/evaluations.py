"""A race by evaluations, told evaluation by evaluation, as pictures count it."""

from dataclasses import replace

import numpy as np

from optviz.results.race import Race, Trajectory


def by_evaluation(race: Race) -> Race:
    """A race in which one evaluation is what a step is otherwise; a race by steps as it is.

    Every run stays where its last iterate is until the evaluations of the next one have been made: ``points[e]`` is
    where it is after `e` evaluations, the start for 0 and 1. Steps at which something happens become evaluations.
    """
    if race.budget is None:
        return race
    return replace(race, trajectories=tuple(_counted(run, race.budget) for run in race.trajectories))


def _counted(run: Trajectory, budget: int) -> Trajectory:
    made = np.arange(budget + 1)
    at = np.maximum(np.searchsorted(run.spent, made, side="right") - 1, 0)
    diverged = None if run.diverged_at is None else int(run.spent[run.diverged_at])
    points, values = run.points[at], run.values[at]
    if diverged is not None:
        points[diverged + 1 :], values[diverged + 1 :] = np.nan, np.nan
    return replace(
        run,
        points=points,
        values=values,
        diverged_at=diverged,
        iterates=None if run.iterates is None else run.iterates[at],
        learning_rates=None if run.learning_rates is None else run.learning_rates[at],
        evaluations=np.minimum(made, run.spent[-1]),
        evaluated_at=None if run.evaluated is None else np.arange(1, len(run.evaluated) + 1),
    )

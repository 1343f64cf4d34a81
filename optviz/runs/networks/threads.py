"""Runs on threads of this process."""

import functools
from collections.abc import Callable, Sequence

from optviz.runs.jobs import side_by_side
from optviz.runs.networks.journal import Journal
from optviz.runs.networks.run import Keep, Run, prepare, room_for
from optviz.runs.networks.specification import Specification, Units

BEGUN = 8  # runs on threads that are begun at a time, each with its network and its state in memory


class Threads:
    """Runs on threads of this process, which share one copy of the images; slices of the runs take turns."""

    def __init__(self, threads: int, units: Units, journal: Journal):
        self._threads, self._units, self._journal = threads, units, journal
        self._runs: list[Run] = []

    def prepare(self, specifications: Sequence[Specification], runs: int) -> None:
        prepare(specifications, self._units)

    def work(self, specifications: Sequence[Specification], keep: Keep, watch: Callable[[], None]) -> None:
        self._runs = [Run(specification, self._units, self._journal, keep) for specification in specifications]
        new_room = functools.partial(room_for, specifications[0], self._units)
        side_by_side(self._runs, self._threads, new_room, watch, BEGUN)
        self._runs = []

    @property
    def steps(self) -> int:
        return sum(run.done for run in self._runs if not run.finished)

    def begun(self) -> list[Run]:
        return [run for run in self._runs if run.training is not None]

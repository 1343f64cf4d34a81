"""Many runs on one CUDA device: most of those of networks without a convolution side by side, others one by one.

A small network leaves most of a device idle. In a fleet each run has a part of it, a block of threads, and one launch
makes the same steps of all of them. What a run gives is what it gives alone.
"""

import itertools
import time
from collections.abc import Callable, Sequence

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.fleet import Fleet
from optviz.kernels.cuda.images import DeviceExamples
from optviz.optimizers import refusal
from optviz.runs.jobs import Job, side_by_side
from optviz.runs.networks.epochs import SLICE, Pace, Training, steps_in
from optviz.runs.networks.groups import Shares
from optviz.runs.networks.journal import Journal
from optviz.runs.networks.machines import blank_epoch
from optviz.runs.networks.run import Keep, Run
from optviz.runs.networks.specification import Specification, Units
from optviz.runs.networks.threads import Threads

MOST = 256  # runs of a fleet: what must be done for each of them at the end of an epoch takes time, too


class FleetMember:
    """The `Machine` of one run of a fleet, which moves with the others alone.

    Parameters
    ----------
    fleet : Fleet
    run : int
        Its place in the fleet.
    test : DeviceExamples
    shares : Shares
    """

    def __init__(self, fleet: Fleet, run: int, test: DeviceExamples, shares: Shares):
        self._fleet, self._run, self._test, self._shares = fleet, run, test, shares

    def load(self, state: np.ndarray) -> None:
        self._fleet.load(self._run, state)

    def state(self) -> np.ndarray:
        return self._fleet.state(self._run)

    def reported(self) -> np.ndarray:
        return self._shares.reported(self.state())

    def begin(self, order: np.ndarray, key: int, tables: np.ndarray) -> None:
        self._fleet.begin(self._run, order, key, tables)

    def train(self, steps: range, room: None) -> np.ndarray:
        raise TypeError("a run of a fleet does not move alone: Together moves all of them")

    def evaluate(self, room: None) -> tuple[float, np.ndarray]:
        other = None if self._shares.formula.reported is None else self.reported()
        return self._fleet.evaluate(self._run, self._test, other)

    def prepare(self, room: None) -> None:
        self.evaluate(room)


class Together:
    """Runs of one network on one part of a data set, side by side in a fleet; a `Job`.

    The seconds that pass are divided by the runs that are on their way: each counts what it costs, and the sum of all
    is the time that they take together.
    """

    def __init__(self, runs: Sequence[Run], units: Units):
        self._runs, self._units = runs, units
        self._fleet: Fleet | None = None
        self._pace = Pace()

    @property
    def done(self) -> int:
        """Steps made in all runs."""
        return sum(run.done for run in self._runs)

    @property
    def finished(self) -> bool:
        return all(run.finished for run in self._runs)

    def advance(self, room: None) -> None:
        """Make some steps of all runs, or test some of them at the end of an epoch."""
        live = {place: (run, run.training) for place, run in enumerate(self._runs) if run.training is not None}
        untested = [(run, training) for run, training in live.values() if training.untested]
        if self._fleet is None:
            self._begin()
        elif untested:
            _test(untested, len(live))
        else:
            self._move(self._fleet, live)
        if self.finished:
            self._fleet = None  # its memory is for those that follow

    def _begin(self) -> None:
        specifications = [run.specification for run in self._runs]
        _, test = self._units.on_device(specifications[0])
        self._fleet = fleet_of(specifications, self._units)
        for place, run in enumerate(self._runs):
            member = FleetMember(self._fleet, place, test, self._units.shares(run.specification))
            run.settle(run.begin(member))

    def _move(self, fleet: Fleet, live: dict[int, tuple[Run, Training]]) -> None:
        begin = time.perf_counter()
        spans = [training.upcoming(self._pace.steps) for _, training in live.values()]
        steps = range(spans[0].start, min(span.stop for span in spans))  # each at the same step of an epoch of its own
        losses = fleet.train(steps)
        seconds = time.perf_counter() - begin
        self._pace.measured(steps, seconds)
        for place, (run, training) in live.items():
            training.enter(steps, losses[place], seconds / len(live))
            run.settle(training, len(live))


def _test(untested: Sequence[tuple[Run, Training]], beside: int) -> None:
    """End the epochs of runs, of as many as fit into a slice."""
    begin = time.perf_counter()
    for run, training in untested:
        training.test(None)
        run.settle(training, beside)
        if time.perf_counter() - begin > SLICE:
            return


def fleet_of(specifications: Sequence[Specification], units: Units) -> Fleet:
    """A fleet for some runs, its kernels compiled.

    Raises
    ------
    UsageError
        If it is larger than the device's free memory.
    """
    first = specifications[0]
    shares = [units.shares(specification) for specification in specifications]
    training, _ = units.on_device(first)
    batch = min(first.batch_size, training.count)
    formulas, hypers = [one.formula for one in shares], [one.hyper for one in shares]
    fleet = Fleet(units.plan(first), formulas, hypers, training, batch, [one.segments for one in shares])
    for run, own in enumerate(shares):
        fleet.begin(run, *blank_epoch(own, training.count, batch))
    fleet.train(range(1))  # what it gives is lost when the runs load their states
    return fleet


def fitting(specifications: Sequence[Specification], units: Units) -> int:
    """How many of some runs fit on the device at a time, at least 1 and at most `MOST`."""
    first = specifications[0]
    training, _ = units.on_device(first)
    batch = min(first.batch_size, training.count)
    shares = [units.shares(specification) for specification in specifications]
    formulas = [one.formula for one in shares]
    widest = max(formulas, key=lambda formula: len(formula.slots))
    single, double = (
        Fleet.size(units.plan(first), [widest] * runs, np.float32, training.count, batch) for runs in (1, 2)
    )
    scalars = max(len(formula.scalar_names) for formula in formulas)
    groups = max(len(one.settings) for one in shares)
    epoch = 8 * training.count + 4 * groups * scalars * steps_in(training.count, batch)
    left = backend.SHARE * backend.free() - single - epoch
    return max(1, min(MOST, 1 + int(left / (double - single + epoch))))


class Device(Threads):
    """The `Engine` of a CUDA device, which one thread of this process drives."""

    def __init__(self, units: Units, journal: Journal):
        super().__init__(1, units, journal)

    def prepare(self, specifications: Sequence[Specification], runs: int) -> None:
        beside = self._beside(specifications, runs)
        for specification in itertools.compress(specifications, (not one for one in beside)):
            self._units.training(specification, self._units.machine(specification)).prepare(None)
        if together := [*itertools.compress(specifications, beside)]:
            _, test = self._units.on_device(together[0])
            fleet_of(together, self._units).evaluate(0, test)

    def work(self, specifications: Sequence[Specification], keep: Keep, watch: Callable[[], None]) -> None:
        runs = self._runs = [Run(specification, self._units, self._journal, keep) for specification in specifications]
        beside = self._beside(specifications, len(runs))
        jobs: list[Job] = [run for run, joins in zip(runs, beside, strict=True) if not joins]
        if together := [*itertools.compress(runs, beside)]:
            fleets = -(-len(together) // fitting([run.specification for run in together], self._units))
            ends = np.linspace(0, len(together), fleets + 1).astype(np.int64)
            jobs += [Together(together[begin:end], self._units) for begin, end in itertools.pairwise(ends)]
        side_by_side(jobs, 1, backend.same_device(), watch, 1)
        self._runs = []

    def _beside(self, specifications: Sequence[Specification], runs: int) -> list[bool]:
        """Which of so many runs, or of the first of them, are side by side; others have the device for themselves."""
        able = [self._joins(one) for one in specifications]
        return able if sum(able) > 1 or runs > len(able) else [False] * len(able)

    def _joins(self, specification: Specification) -> bool:
        """Whether runs like this can be in a fleet."""
        setting = self._units.setting(specification)
        free = refusal(setting, "fleet") is None and not setting.formula.takes_value
        return free and not self._units.plan(specification).filters

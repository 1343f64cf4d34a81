"""The runs of a comparison on their way: taken from the journal, or computed and entered there; progress is told."""

import math
import threading
from collections.abc import Callable, Sequence

from optviz.results.training_run import TrainingRun
from optviz.runs.networks.engines import Engine
from optviz.runs.networks.epochs import steps_in
from optviz.runs.networks.journal import Journal, Outcome
from optviz.runs.networks.run import known, resumed
from optviz.runs.networks.specification import Specification, Units

Progress = Callable[[float, float, str], None]


class Desk:
    """What becomes of runs.

    Parameters
    ----------
    engine : Engine
    units : Units
    journal : Journal
    progress : callable or None
        ``progress(steps made, all steps, text)``.
    resume : bool
        Whether runs are taken from the journal, and go on from there; otherwise all are made anew.
    """

    def __init__(self, engine: Engine, units: Units, journal: Journal, progress: Progress | None, resume: bool = True):
        self._resume = resume
        self._engine, self._units, self._journal, self._progress = engine, units, journal, progress
        self._outcomes: dict[str, Outcome] = {}
        self._current: Sequence[Specification] = ()
        self._stage = ""
        self._made, self._expected = 0, 0
        self._lock = threading.Lock()

    def expect(self, specification: Specification, runs: int) -> None:
        """Count so many runs like this one as work to come."""
        self._expected += runs * self._steps(specification)

    def work(self, specifications: Sequence[Specification], stage: str = "") -> list[Outcome]:
        """Finish runs that were expected.

        Parameters
        ----------
        specifications : sequence of Specification
        stage : str
            What they are for, in a word.

        Returns
        -------
        list of Outcome
            In the same order.
        """
        self._current, self._stage = specifications, stage
        missing = []
        for specification in specifications:
            if not self._resume:
                self._journal.forget(specification)
            outcome = known(specification, self._units, self._journal)
            if outcome is None:
                self._journal.discard(specification)
                missing.append(specification)
            else:
                self._enter(specification, outcome)
        if missing:
            self._engine.work(missing, self._keep, self._tell)
        return [self._outcomes[specification.key] for specification in specifications]

    def so_far(self, specification: Specification) -> TrainingRun:
        """A run with the epochs that are finished, after Ctrl-C."""
        if specification.key in self._outcomes:
            return self._outcomes[specification.key].run
        for run in self._engine.begun():
            if run.training is not None and run.specification.key == specification.key:
                return run.training.result()
        return resumed(specification, self._units, self._journal).result()

    def _keep(self, specification: Specification, outcome: Outcome) -> None:
        if not self._journal.has(specification):  # a worker may have kept it
            self._journal.keep(specification, outcome)
        self._enter(specification, outcome)

    def _enter(self, specification: Specification, outcome: Outcome) -> None:
        with self._lock:
            self._outcomes[specification.key] = outcome
            self._made += self._steps(specification)

    def _steps(self, specification: Specification) -> int:
        training, _ = self._units.data(specification.dataset, specification.digest).part(specification.part)
        return specification.epochs * steps_in(len(training.labels), specification.batch_size)

    def _tell(self) -> None:
        """Say how far the runs are."""
        if self._progress is None:
            return
        finished = sum(specification.key in self._outcomes for specification in self._current)
        text = f"{finished} of {len(self._current)} runs"
        running = [training for run in self._engine.begun() if (training := run.training) is not None]
        if running:
            text += f", epoch {min(training.epoch for training in running)}/{running[0].epochs}"
        losses = [(one.loss, one.setting.rule.name) for one in running if math.isfinite(one.loss)]
        if losses:
            best, worst = min(losses), max(losses)
            text += f", loss {best[0]:.3f} ({best[1]})"
            text += f" to {worst[0]:.3f} ({worst[1]})" if len(losses) > 1 else ""
        if self._stage:
            text = f"{self._stage}: {text}"
        self._progress(self._made + self._engine.steps, self._expected, text)

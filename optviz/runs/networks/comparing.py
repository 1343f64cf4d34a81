"""A comparison on its way, from loading images to the finished record; progress is told."""

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from optviz.optimizers import Setting
from optviz.results.comparison import Comparison
from optviz.results.training_run import TrainingRun, Tuning
from optviz.runs.networks import extras, optimum
from optviz.runs.networks.callbacks import Callbacks
from optviz.runs.networks.engines import Engine
from optviz.runs.networks.epochs import steps_in
from optviz.runs.networks.journal import Journal, Outcome
from optviz.runs.networks.request import Request
from optviz.runs.networks.run import known, resumed
from optviz.runs.networks.specification import Specification
from optviz.runs.networks.tuning import trials, tune

Progress = Callable[[float, float, str], None]


class Comparing:
    """What a comparison owns while it runs.

    Parameters
    ----------
    request : Request
    engine : Engine
        Where runs are computed.
    journal : Journal
        Where they are kept.
    progress : callable or None
        ``progress(steps made, all steps, text)``.
    resume : bool
        Whether runs are taken from the journal, and go on from there; otherwise all are made anew.
    plane : bool
        Whether the runs of the first seed are seen on a plane.
    gap : bool
        Whether all runs are measured from the optimum.
    callbacks : Callbacks
        Who is told, in the thread that calls.
    """

    def __init__(
        self,
        request: Request,
        engine: Engine,
        journal: Journal,
        progress: Progress | None = None,
        resume: bool = True,
        plane: bool = False,
        gap: bool = False,
        callbacks: Callbacks | None = None,
    ):
        self._engine, self._journal, self._progress, self._resume = engine, journal, progress, resume
        self._callbacks = callbacks or Callbacks()
        self._outcomes: dict[str, Outcome] = {}
        self._current: Sequence[Specification] = ()
        self._stage = ""
        self._made, self._expected = 0, 0
        self._lock = threading.Lock()
        self._say(f"loading {request.source.title}")
        self.request, self._plane = request.loaded(plane, gap), plane

    def compare(self, target: float | None, threads: int) -> Comparison:
        """Everything, in order. After Ctrl-C the comparison holds what had been finished."""
        request = self.request
        specifications = request.specifications(request.settings)
        self._say("compiling, or loading what was compiled")
        self._engine.prepare(specifications[: len(request.settings)], len(specifications) + len(trials(request)))
        self._expected = sum(map(self._steps, (*trials(request), *specifications)))
        settings, tuning, outcomes, interrupted = list(request.settings), None, [], False
        try:
            settings, tuning = tune(request, self.work)
            outcomes = self.work(request.specifications(settings))
        except KeyboardInterrupt:
            interrupted = True
        comparison = self._comparison(settings, tuning, target, interrupted)
        if self._plane and not interrupted:
            watched = [one for one in outcomes if len(one.snapshots_at) and one.run.seed == request.seeds[0]]
            try:
                seen = extras.training_plane(request, watched, threads, self._progress)
                comparison = replace(comparison, plane=seen)
            except KeyboardInterrupt:
                comparison = replace(comparison, interrupted=True)
        if request.gap and not comparison.interrupted:
            try:
                found = optimum.of_runs(request, outcomes, self._journal, threads, self._progress)
                comparison = replace(comparison, optimum=found, interrupted=found.interrupted)
            except KeyboardInterrupt:
                comparison = replace(comparison, interrupted=True)
        self._callbacks.end(comparison)
        return comparison

    def work(self, specifications: Sequence[Specification], stage: str = "") -> list[Outcome]:
        """Finish runs: take them from the journal, or have them computed.

        Parameters
        ----------
        specifications : sequence of Specification
        stage : str
            What they are for, in a word.

        Returns
        -------
        list of Outcome
            In the order of `specifications`.
        """
        self._current, self._stage = specifications, stage
        missing = []
        for specification in specifications:
            if not self._resume:
                self._journal.forget(specification)
            outcome = known(specification, self.request.units, self._journal)
            if outcome is None:
                self._journal.discard(specification)
                missing.append(specification)
            else:
                self._enter(specification, outcome)
        self._call_back()
        if missing:
            self._engine.work(missing, self._keep, self._watch)
        return [self._outcomes[specification.key] for specification in specifications]

    def _comparison(
        self, settings: Sequence[Setting], tuning: Tuning | None, target: float | None, interrupted: bool
    ) -> Comparison:
        """What is known of all runs."""
        request, plan, images = self.request, self.request.plan, self.request.data.images
        rates = request.rates
        if request.tuned and tuning is None:  # interrupted before: the runs have their default rates
            rates = {setting.name: setting.defaults for setting in settings}
        runs = {}
        for one in request.specifications(settings):
            run = runs[one.optimizer, one.seed] = self._so_far(one)
            self._callbacks.tell(one, run.epochs, request.units)
        comparison = Comparison(
            network=request.network.name,
            dataset=request.source.name,
            architecture=plan.architecture,
            batch_size=request.batch_size,
            epochs=request.epochs,
            runs=tuple(runs[setting.name, seed] for setting in settings for seed in request.seeds),
            interrupted=interrupted,
            parameters=plan.parameters,
            steps=steps_in(len(images.train_labels), request.batch_size),
            device=request.device,
            rates=rates,
            target=target,
            tuning=tuning,
            published=extras.published(request),
            labels=np.array(images.test_labels),
        )
        return replace(comparison, mistakes=extras.mistakes(comparison, request))

    def _so_far(self, specification: Specification) -> TrainingRun:
        """A run with the epochs that are finished."""
        if specification.key in self._outcomes:
            return self._outcomes[specification.key].run
        for run in self._engine.begun():
            if run.training is not None and run.specification.key == specification.key:
                return run.training.result()
        return resumed(specification, self.request.units, self._journal).result()

    def _keep(self, specification: Specification, outcome: Outcome) -> None:
        if not self._journal.has(specification):  # a worker may have kept it
            self._journal.keep(specification, outcome)
        self._enter(specification, outcome)

    def _enter(self, specification: Specification, outcome: Outcome) -> None:
        with self._lock:
            self._outcomes[specification.key] = outcome
            self._made += self._steps(specification)

    def _steps(self, specification: Specification) -> int:
        training, _ = self.request.data.part(specification.part)
        return specification.epochs * steps_in(len(training.labels), specification.batch_size)

    def _say(self, text: str) -> None:
        """What happens before the first step."""
        if self._progress is not None:
            self._progress(0, 0, text)

    def _watch(self) -> None:
        """What the calling thread does while runs are on their way."""
        self._call_back()
        self._tell()

    def _call_back(self) -> None:
        """Tell callbacks of the epochs that are new."""
        begun = {run.specification.key: training for run in self._engine.begun() if (training := run.training)}
        for one in self._current:
            if one.key in self._outcomes:
                self._callbacks.tell(one, self._outcomes[one.key].run.epochs, self.request.units)
            elif one.key in begun and self._callbacks.lack(one, begun[one.key].epoch - 1):
                self._callbacks.tell(one, begun[one.key].result().epochs, self.request.units)

    def _tell(self) -> None:
        """Say how far the runs are."""
        if self._progress is None:
            return
        finished = sum(specification.key in self._outcomes for specification in self._current)
        text = f"{finished} of {len(self._current)} runs"
        running = [training for run in self._engine.begun() if (training := run.training) is not None]
        if running:
            text += f", epoch {min(training.epoch for training in running)}/{running[0].epochs}"
        losses = [(one.loss, one.setting.name) for one in running if math.isfinite(one.loss)]
        if losses:
            best, worst = min(losses), max(losses)
            text += f", loss {best[0]:.3f} ({best[1]})"
            text += f" to {worst[0]:.3f} ({worst[1]})" if len(losses) > 1 else ""
        if self._stage:
            text = f"{self._stage}: {text}"
        self._progress(self._made + self._engine.steps, self._expected, text)

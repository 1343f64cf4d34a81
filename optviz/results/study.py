"""Every optimizer on every function: what `optviz.study` gives."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from optviz.results import pairs
from optviz.results.columns import Tabular, crossed, texts
from optviz.results.parts import Budget, Contender, elsewhere, origins
from optviz.results.race import BY
from optviz.results.saved import SCHEMA, plain, record
from optviz.results.shown import Explored
from optviz.results.study_steps import Overall, areas, overall, steps_to_target
from optviz.results.validity import ANY, Array, Device, Many, OneOf, Seed, Steps
from optviz.results.words import counted, not_told_apart

# When a target is reached, and how pictures say it.
REACHED = {"kept": "kept to the end", "first": "hit once"}


@record(
    ("its targets fall", lambda study: bool((study.targets[1:] < study.targets[:-1]).all())),
    ("each function has its family, or none has", lambda study: len(study.families) in (0, len(study.functions))),
    ("no target is reached after its last step", lambda study: bool((study.reached <= study.steps).all())),
)
@dataclass(frozen=True)
class Study(Explored, Tabular):
    """Many optimizers on many functions, each tuned with the same budget, then run from the same many starts.

    Attributes
    ----------
    functions, function_titles : tuple of str
        Registered names, and names in pictures.
    contenders : tuple of Contender
        One for each optimizer; their ``lr`` is the default table's where it was tuned, see `rates`.
    rates : (F, O) float64
        The learning rate of each optimizer on each function; NaN where an optimizer has none.
    targets : (K,) float64
        Suboptimality gaps, largest first.
    reaching : {"kept", "first"}
        When a target is reached: kept to the end, for the last twentieth of the steps at least, so that a run that
        passes through and leaves again has not reached it; or hit for the first time, as COCO counts.
    reached : (F, O, K, S) int32
        For each function, optimizer, target and start the step from which on the gap stays at or below the target, or
        at which it is there first; 0 if it starts there, -1 if it never is.
    gaps : (F, O, S) float64
        f(x) - f* at the last iterate; NaN where a run diverged, and where it ended outside the function's bounds below
        the minimum.
    diverged : (F, O, S) int32
        The step at which a run diverged, else 0.
    steps, seed : int
    noise : str
    tuning : dict or None
        The budget of the tuning of each optimizer on each function, see `optviz.results.Race`.
    device : {"cpu", "cuda"}
        What computed the runs.
    families : tuple of str
        That of each function; empty where they are not known.
    by : {"steps", "evaluations"}
        What is counted: `steps` and `reached` are evaluations where optimizers are compared by these, the first of
        them at the start.

    Examples
    --------
    >>> import optviz
    >>> study = optviz.study(["sphere", "booth"], ["sgd", "adam"], steps=100)
    >>> [(one.place, one.solved) for one in study.overall()]
    [((1, 2), 1.0), ((1, 2), 0.0)]
    """

    functions: Annotated[tuple[str, ...], Many("F", distinct=str)]
    function_titles: Annotated[tuple[str, ...], Many("F")]
    contenders: Annotated[tuple[Contender, ...], Many("O", distinct=lambda one: one.optimizer)]
    rates: Annotated[np.ndarray, Array("float64", "F", "O", low=0, unknown=True)]
    targets: Annotated[np.ndarray, Array("float64", "K", low=1e-300)]
    reached: Annotated[np.ndarray, Array("int32", "F", "O", "K", "S", low=-1)]
    gaps: Annotated[np.ndarray, Array("float64", "F", "O", "S", **ANY)]
    diverged: Annotated[np.ndarray, Array("int32", "F", "O", "S", low=0)]
    steps: Steps
    seed: Seed
    noise: str
    reaching: Annotated[str, OneOf(*REACHED)] = "kept"
    tuning: Budget | None = None
    device: Device = "cpu"
    families: tuple[str, ...] = ()
    by: Annotated[str, OneOf(*BY)] = "steps"

    @property
    def unit(self) -> str:
        """One of what is counted: ``"step"`` or ``"evaluation"``."""
        return self.by.removesuffix("s")

    @property
    def starts(self) -> int:
        """The number of starts on each function."""
        return self.gaps.shape[2]

    def overall(self) -> tuple[Overall, ...]:
        """Every optimizer over all functions, best first; those that are equal keep their order."""
        return overall(self.contenders, self.rates, self.reached, self.diverged, self.steps)

    def provenance(self) -> str:
        """One line, generated from the run, that says how the numbers came about."""
        rates = origins(((one.title, one.rate) for one in self.contenders), self.tuning)
        noise = [f"noise {self.noise}"] if self.noise else []
        starts = f"{counted(self.starts, 'start')} on each function"
        return " · ".join([rates, starts, *noise, "no clipping", f"seed {self.seed}", *elsewhere(self.device)])

    def headline(self) -> str:
        """One line: the runs, and who leads."""
        first, *others = self.overall()
        optimizers, functions = counted(len(self.contenders), "optimizer"), counted(len(self.functions), "function")
        starts = f"{counted(self.starts, 'start')} each, {counted(self.steps, self.unit)}"
        near = [row.contender.title for row in others if row.place[0] == 1] if len(self.functions) > 1 else []
        lead = f"{first.contender.title} leads and solves {100 * first.solved:.1f} %{not_told_apart(near, len(others))}"
        return f"{optimizers} on {functions} from {starts}; {lead}"

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each run: every optimizer on every function from every start.

        ``function``, ``family`` where families are known, ``optimizer``, ``start`` (its number, from 0), ``lr`` (NaN
        where the rule has none), ``gap`` at the last iterate, ``reached`` (the step, or evaluation, at which the last
        target is reached, -1 for never) and ``diverged``. `reached` itself has the other targets too.
        """
        optimizers, starts = texts(one.optimizer for one in self.contenders), np.arange(self.starts)
        function, optimizer, start = crossed(texts(self.functions), optimizers, starts)
        family = {"family": crossed(texts(self.families), optimizers, starts)[0]} if self.families else {}
        return {
            "function": function,
            **family,
            "optimizer": optimizer,
            "start": start,
            "lr": np.repeat(self.rates, self.starts),
            "gap": self.gaps.flatten(),
            "reached": self.reached[:, :, -1].flatten(),
            "diverged": self.diverged.flatten(),
        }

    def to_dict(self, arrays: bool = False) -> dict[str, Any]:
        """The document that ``-o study.json`` holds and ``optviz study --json`` prints.

        What the study says, not its runs: ``optimizers`` over all functions, best first, ``pairs`` of them with the
        mean difference of their areas, half its 95 % interval by itself, Holm's adjusted ``p`` and whether they are
        ``told_apart``, and ``cells``, each optimizer on each function. What is infinite or unknown is None.

        Parameters
        ----------
        arrays : bool
            Whether to add ``reached``, ``gaps`` and ``diverged`` of every run.
        """
        rows, cells = self.overall(), steps_to_target(self.reached, self.steps)
        verdict = pairs.judged([row.scores for row in rows])
        diverged = (self.diverged > 0).mean(axis=2)
        each = areas(self.reached, self.steps)
        document = {
            "schema": SCHEMA,
            "functions": self.functions,
            "function_titles": self.function_titles,
            "families": self.families,
            "targets": self.targets,
            "reaching": self.reaching,
            "starts": self.starts,
            "steps": self.steps,
            "by": self.by,
            "noise": self.noise,
            "seed": self.seed,
            "device": self.device,
            "tuning": self.tuning,
            "provenance": self.provenance(),
            "optimizers": [
                {
                    **plain(row.contender),
                    "rates": dict(zip(self.functions, row.rates, strict=True)),
                    "area": row.area,
                    "place": row.place,
                    "share_reached": (self.reached[:, row.index] >= 0).mean(axis=(0, 2)),
                    **_said(row.solved, row.low, row.median, row.high, row.diverged),
                    "fastest": row.fastest,
                }
                for row in rows
            ],
            "pairs": [
                {
                    "optimizers": (rows[i].contender.optimizer, rows[j].contender.optimizer),
                    "mean": pair.mean,
                    "half": pair.half,
                    "p": verdict.p[i, j],
                    "told_apart": not verdict.alike(i, j),
                }
                for (i, j), pair in verdict.differences.items()
            ],
            "cells": [
                {
                    "function": name,
                    "optimizer": contender.optimizer,
                    "lr": self.rates[f, o],
                    "area": each[f, o],
                    **_said(*(part[f, o] for part in (cells.solved, cells.low, cells.median, cells.high, diverged))),
                }
                for f, name in enumerate(self.functions)
                for o, contender in enumerate(self.contenders)
            ],
        }
        return plain(
            document | ({name: getattr(self, name) for name in ("reached", "gaps", "diverged")} if arrays else {})
        )


def _said(solved: float, low: float, median: float, high: float, diverged: float) -> dict[str, Any]:
    return {
        "share_solved": solved,
        "median_steps": median,
        "quartile_steps": (low, high),
        "share_diverged": diverged,
    }

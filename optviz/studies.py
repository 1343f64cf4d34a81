"""Every optimizer on every function: what `optviz.study` gives."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from optviz.contenders import Budget, Contender, elsewhere, origins
from optviz.saving import record
from optviz.text import counted
from optviz.validity import ANY, Array, Device, Many, OneOf, Seed, Steps

# When a target is reached, and how pictures say it.
REACHED = {"kept": "kept to the end", "first": "hit once"}


@record(
    ("its targets fall", lambda study: bool((study.targets[1:] < study.targets[:-1]).all())),
    ("no target is reached after its last step", lambda study: bool((study.reached <= study.steps).all())),
)
@dataclass(frozen=True)
class Study:
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

    @property
    def starts(self) -> int:
        """The number of starts on each function."""
        return self.gaps.shape[2]

    def provenance(self) -> str:
        """One line, generated from the run, that says how the numbers came about."""
        rates = origins(((one.title, one.rate) for one in self.contenders), self.tuning)
        noise = [f"noise {self.noise}"] if self.noise else []
        starts = f"{counted(self.starts, 'start')} on each function"
        return " · ".join([rates, starts, *noise, "no clipping", f"seed {self.seed}", *elsewhere(self.device)])

    def found(self) -> str:
        """What it is and who leads, in one line."""
        from optviz import study_summary  # which is about this class

        first = study_summary.overall(self)[0]
        optimizers, functions = counted(len(self.contenders), "optimizer"), counted(len(self.functions), "function")
        starts = f"{counted(self.starts, 'start')} each, {counted(self.steps, 'step')}"
        lead = f"{first.contender.title} leads and solves {100 * first.solved:.1f} %"
        return f"{optimizers} on {functions} from {starts}; {lead}"

    def to_dict(self, arrays: bool = False) -> dict[str, Any]:
        """The document that ``-o study.json`` holds and ``optviz race --json`` prints.

        What the study says, not its runs: ``optimizers`` over all functions, best first, ``pairs`` of them with the
        mean difference of their areas, half its 95 % interval by itself, Holm's adjusted ``p`` and whether they are
        ``told_apart``, and ``cells``, each optimizer on each function. What is infinite or unknown is None.

        Parameters
        ----------
        arrays : bool
            Whether to add ``reached``, ``gaps`` and ``diverged`` of every run.
        """
        from optviz import study_summary  # which is about this class

        return study_summary.document(self, arrays)

"""The final order of a training comparison as rows: accuracy, learning rate, time, and what its seeds allow to say."""

import math

from optviz.figures.engine.style import Entrant
from optviz.figures.engine.table import Cells
from optviz.figures.engine.wording import number, rate
from optviz.results import pairs
from optviz.results.optimum import Optimum
from optviz.results.training_seeds import Summary


def cells(row: Summary, entrant: Entrant, epochs: int, optimum: Optimum | None = None) -> Cells:
    """The row of an optimizer; what went wrong comes before what went well, and a gap stands for a loss."""
    rates = row.first.hyperparameters
    facts = [f"lr {rate(rates['lr'])}"] if "lr" in rates else []
    if not row.epochs:
        if not row.diverged:
            return Cells(entrant, "–", (*facts,), tone="muted", live=False)
        return Cells(entrant, "diverged", (*facts,), (f"in epoch {row.diverged_at}",), "bad", live=False)
    if math.isfinite(seconds := float(row.seconds.mean[-1])):
        facts.append(f"{number(seconds, 3)} s")
    tone = "bad" if row.diverged else "muted"
    return Cells(
        entrant, f"{row.test_accuracy.mean[-1]:.2%}", (*facts,), _remarks(row, epochs, optimum), remark_tone=tone
    )


def _remarks(row: Summary, epochs: int, optimum: Optimum | None) -> tuple[str, ...]:
    if row.diverged:
        count = f"{row.diverged} of {row.runs} diverged" if row.runs > 1 else "diverged"
        return f"{count} in epoch {row.diverged_at}", count, "diverged"
    if row.epochs < epochs:
        return f"after {row.epochs} of {epochs} epochs", f"{row.epochs} of {epochs} epochs"
    if len(row.seeds) < row.runs:
        return (f"{len(row.seeds)} of {row.runs} seeds",)
    if len(row.seeds) > 1:
        spread = f"±{100 * row.test_accuracy.half[-1]:.2f}"
        return f"{spread} · place {pairs.span(row.rank)}", spread
    if optimum is not None and (gap := optimum.written(optimum.last(row))):
        return (f"gap {gap}",)
    return (f"loss {number(float(row.train_loss.mean[-1]), 3)}",)

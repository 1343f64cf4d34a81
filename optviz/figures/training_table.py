"""The final order of a training comparison as rows: accuracy, learning rate, time, and what its seeds allow to say."""

import math
from collections.abc import Sequence

from optviz.figures.engine.wording import number, rate
from optviz.figures.rows import Row
from optviz.figures.sheet import Look
from optviz.results import pairs
from optviz.results.training_seeds import Summary


def rows(looks: Sequence[Look], epochs: int) -> list[Row]:
    """One row for each optimizer, in their order; what went wrong comes before what went well."""
    return [_row(look, epochs) for look in looks]


def _row(look: Look, epochs: int) -> Row:
    one = look.summary
    facts = [f"lr {rate(one.first.hyperparameters['lr'])}"] if "lr" in one.first.hyperparameters else []
    mark = look.colour, look.shape, one.first.title
    if not one.epochs:
        if not one.diverged:
            return Row(*mark, "–", (*facts,), tone="muted", live=False)
        return Row(*mark, "diverged", (*facts,), (f"in epoch {one.diverged_at}",), "bad", live=False)
    if math.isfinite(seconds := float(one.seconds.mean[-1])):
        facts.append(f"{number(seconds, 3)} s")
    tone = "bad" if one.diverged else "muted"
    return Row(*mark, f"{one.test_accuracy.mean[-1]:.2%}", (*facts,), _remarks(one, epochs), remark_tone=tone)


def _remarks(one: Summary, epochs: int) -> tuple[str, ...]:
    if one.diverged:
        count = f"{one.diverged} of {one.runs} diverged" if one.runs > 1 else "diverged"
        return f"{count} in epoch {one.diverged_at}", count, "diverged"
    if one.epochs < epochs:
        return f"after {one.epochs} of {epochs} epochs", f"{one.epochs} of {epochs} epochs"
    if len(one.seeds) < one.runs:
        return (f"{len(one.seeds)} of {one.runs} seeds",)
    if len(one.seeds) > 1:
        spread = f"±{100 * one.test_accuracy.half[-1]:.2f}"
        place = f"place {pairs.span(one.rank)}"
        return f"{spread} · {place}", spread
    return (f"loss {number(float(one.train_loss.mean[-1]), 3)}",)

"""The pictures in words, for readers who do not see them: a function for each, empty where there is nothing to see."""

from collections.abc import Sequence

import numpy as np

from optviz.figures.comparison import furthest
from optviz.figures.engine.wording import number
from optviz.report._words import accuracies, count, names
from optviz.results import Comparison
from optviz.results.table import Table
from optviz.results.training_seeds import Summary


def training(comparison: Comparison, rows: Sequence[Summary], tables: Sequence[Table]) -> str:
    if not any(row.epochs for row in rows):
        return ""
    ends = zip(names(tables[0]), accuracies(comparison, tables[0]), strict=True)
    results = ", ".join(f"{name} {accuracy}" for name, accuracy in ends)
    loss = "distance of the training loss from the optimum" if comparison.optimum else "training loss"
    return f"Lines of test accuracy and {loss}. Test accuracy after {_epochs(comparison)}: {results}."


def plane(comparison: Comparison, rows: Sequence[Summary], tables: Sequence[Table]) -> str:
    if comparison.plane is None:
        return ""
    ends = ", ".join(
        f"{path.title} {number(float(path.losses[-1]), 3)}" for path in comparison.plane.paths if len(path.losses)
    )
    held = f"It holds {100 * comparison.plane.held:.0f} % of the variance of the weights."
    return f"Map of the training loss with the path of each optimizer. {held} Training loss at the ends: {ends}."


def rates(comparison: Comparison, rows: Sequence[Summary], tables: Sequence[Table]) -> str:
    if comparison.tuning is None or not tables[-1].rows:
        return ""
    best = ", ".join(f"{name} {rate} with {accuracy} %" for name, rate, _, accuracy, *_ in tables[-1].rows)
    return f"Lines of validation accuracy by learning rate. Best rates: {best}."


def targets(comparison: Comparison, rows: Sequence[Summary], tables: Sequence[Table]) -> str:
    if comparison.target is None or not any(row.epochs for row in rows):
        return ""
    goal = f"{100 * comparison.target:g} %"
    epochs = tables[0].heads.index(("epochs to", goal))
    times = [row[epochs + 1] if comparison.timed else "" for row in tables[0].rows]  # the column beside it
    ends = zip(names(tables[0]), tables[0].rows, times, strict=True)
    results = [f"{name} {row[epochs]}" + (f" ({time} s)" if time[:1].isdigit() else "") for name, row, time in ends]
    bars = "training time" if comparison.timed else "epochs"
    return f"Bars of {bars} until {goal} of the test images are recognised. Epochs: {', '.join(results)}."


def confusion(comparison: Comparison, rows: Sequence[Summary], tables: Sequence[Table]) -> str:
    counted = [sentence for sentence in (_confused(comparison, row) for row in rows) if sentence]
    shown = counted if len(counted) < 2 else [counted[0], counted[-1]]
    return f"Confusion matrices. {' '.join(shown)}" if shown else ""


def mistakes(comparison: Comparison, rows: Sequence[Summary], tables: Sequence[Table]) -> str:
    tested = count(len(comparison.labels), "image")
    counted = [f"{one.title} gets {one.count:,} of {tested} wrong" for one in comparison.mistakes]
    return f"Images with what they are and what they are taken for. {'; '.join(counted)}." if counted else ""


def _confused(comparison: Comparison, row: Summary) -> str:
    """How many images the runs of a row take for something else, and for what most often."""
    labels = comparison.labels
    runs = [run for run in furthest(row) if run.diverged_at is None and len(run.predictions) == len(labels) > 0]
    if not runs:
        return ""
    pairs = np.concatenate([np.stack([labels, run.predictions], axis=1) for run in runs])
    wrong = pairs[pairs[:, 0] != pairs[:, 1]]
    text = f"{row.first.title}: {len(wrong):,} of {len(pairs):,} wrong"
    if not len(wrong):
        return f"{text}."
    kinds, counts = np.unique(wrong, axis=0, return_counts=True)
    true, taken = kinds[np.argmax(counts)]
    return f"{text}, most often {true} taken for {taken}, {counts.max():,} times."


def _epochs(comparison: Comparison) -> str:
    return count(comparison.epochs, "epoch")

"""The title of a comparison's page and the sentence that says what it found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from optviz.errors import OptvizError
from optviz.figures import comparison as pictures
from optviz.registry import Registry, U
from optviz.results import Comparison
from optviz.results.table import Table, listed
from optviz.results.training_seeds import Summary, judged

NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True)
class Line:
    """A row of the main table: its summary, its name, and its final accuracy as it stands there."""

    row: Summary
    name: str
    accuracy: str

    @property
    def result(self) -> str:
        """The accuracy, and how many seeds diverged."""
        row = self.row
        return self.accuracy + (f" (diverged in {row.diverged} of {row.runs} seeds)" if row.diverged else "")


def title(comparison: Comparison, main: Table) -> str:
    """``Seven optimizers on MNIST``."""
    titles = names(main)
    who = listed(titles) if 0 < len(titles) < 3 else f"{number(len(titles)).capitalize()} optimizers"
    return f"{who} on {dataset(comparison)}"


def finding(comparison: Comparison, rows: Sequence[Summary], main: Table) -> str:
    """Who leads, who cannot be told from the leader, who is last and who diverged.

    Parameters
    ----------
    comparison : Comparison
    rows : sequence of Summary
        Best first.
    main : Table
        Their table, in the same order.
    """
    epochs = count(comparison.epochs, "epoch")
    lines = [Line(*line) for line in zip(rows, names(main), accuracies(comparison, main), strict=True)]
    placed = [line for line in lines if math.isfinite(line.row.score(comparison.epochs))]
    standing = [line for line in placed if line.row.epochs == comparison.epochs]
    lost = [line.name for line in placed if line.row.epochs < comparison.epochs]
    parts = _standing(standing, rows, comparison.epochs) if standing else []
    if len(lost) > 2 and len(lost) == len(lines):
        parts.append(f"all {number(len(lost))} optimizers diverged")
    elif lost:
        parts.append(f"{listed(lost)} diverged")
    if not standing and len(lost) < max(1, len(lines)):
        ended = any(row.epochs for row in rows)
        parts.append(f"no run got through all {epochs}" if ended else "no epoch has ended")
    sentence = "; ".join(parts)
    return f"After {epochs} {sentence}." if standing else f"{sentence[0].upper()}{sentence[1:]}."


def _standing(lines: Sequence[Line], rows: Sequence[Summary], epoch: int) -> list[str]:
    """What can be said of those of all rows that got through all epochs, best first."""
    first, last = lines[0], lines[-1]
    if first is last:
        return [f"{first.name} recognises {first.result} of the test images"]
    verdict, ones = judged(rows, epoch), list(map(id, rows))

    def alike(one: Line, other: Line) -> bool:
        return verdict.alike(ones.index(id(one.row)), ones.index(id(other.row)))

    leading = first.row.after(epoch)
    shared = [len(leading.keys() & line.row.after(epoch).keys()) for line in lines[1:]]
    if min(shared) < 2:
        several = any(line.row.runs > 1 for line in lines)
        extremes = f"{last.name} the fewest, {last.result}"
        return [
            f"{first.name} recognises the most test images, {first.result}, and {extremes}",
            "too few runs ended to tell them apart" if several else "with one seed, small differences may be chance",
        ]
    seeds = f"{min(shared)} to {max(shared)} seeds" if min(shared) < max(shared) else f"{max(shared)} seeds"
    near = [line for line in lines[1:] if alike(first, line)]
    leader = f"{first.name} leads over {seeds} with {first.result} of the test images"
    if len(near) == len(lines) - 1 > 2:
        return [f"{leader}, but none of the others can be told from it"]
    others = listed([line.name for line in near])
    if near:
        leader += f", but {others} cannot be told from it"
    elif verdict.better[ones.index(id(first.row))].sum() == len(rows) - 1:
        leader += " and can be told from all others"
    if last in near:
        return [leader]
    level = [line.name for line in lines[1:-1] if alike(line, last)]
    behind = f", but cannot be told from {listed(level)}" if level else ""
    return [leader, f"{last.name} is last with {last.result}{behind}"]


def names(main: Table) -> list[str]:
    """The optimizers of the main table."""
    (column,) = main.left
    return [row[column] for row in main.rows]


def accuracies(comparison: Comparison, main: Table) -> list[str]:
    """The final accuracies of the main table: ``97.11 ± 0.23 %``, or what became of the row."""
    column = main.heads.index((f"epoch {comparison.epochs}", "accuracy %"))
    cells = [row[column] for row in main.rows]
    return [f"{cell} %" if cell[0].isdigit() else cell for cell in cells]


def dataset(comparison: Comparison) -> str:
    """The title of a registered data set; another's name as it stands in pictures."""
    from optviz.datasets import REGISTRY

    known = unit(REGISTRY, comparison.dataset)
    return known.title if known else pictures.dataset(comparison)


def unit(registry: Registry[U], name: str) -> U | None:
    """The registered unit of that name; None if there is none or it does not load."""
    try:
        return registry[name]
    except OptvizError:
        return None


def count(number: int, noun: str) -> str:
    """``1 epoch``, ``60,000 images``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def number(value: int) -> str:
    """``seven``; digits above twelve."""
    return NUMBERS[value] if value < len(NUMBERS) else f"{value}"

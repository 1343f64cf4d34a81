"""The table that ``optviz mnist`` prints."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from optviz.summary import Spread, Summary, summarise

if TYPE_CHECKING:
    from optviz.results import Comparison

MILESTONES = (1, 5, 10)
PIPE_WIDTH = 140  # columns, where no terminal says how many there are


def print_comparison(comparison: "Comparison") -> None:
    """Print a row for each optimizer: means over its seeds, with the range where there is more than one."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    rows = summarise(comparison)
    epochs = [epoch for epoch in MILESTONES if epoch < comparison.epochs] + [comparison.epochs]
    table = Table(box=SIMPLE_HEAD, title=_title(comparison), title_justify="left", title_style="")
    table.add_column("optimizer")
    table.add_column("lr", justify="right")
    for epoch in epochs:
        table.add_column(f"accuracy\nepoch {epoch}", justify="right")
    for heading in ("final\ntrain loss", "training\nseconds"):
        table.add_column(heading, justify="right")
    best = max((row.test_accuracy.mean[-1] for row in rows if row.epochs == comparison.epochs), default=None)
    for row in rows:
        last = row.epochs - 1
        table.add_row(
            _name(row),
            f"{row.first.hyperparameters.get('lr', float('nan')):g}",
            *(_cell(row.test_accuracy, epoch - 1, lambda value: f"{100 * value:.2f} %") for epoch in epochs),
            _cell(row.train_loss, last, lambda value: f"{value:.4f}"),
            _cell(row.seconds, last, lambda value: f"{value:.1f}"),
            style="bold" if row.epochs == comparison.epochs and row.test_accuracy.mean[-1] == best else "",
        )
    console = Console()
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(table)


def _title(comparison: "Comparison") -> str:
    return f"{comparison.dataset}, {comparison.network} {comparison.architecture}, batch {comparison.batch_size}"


def _name(row: Summary) -> str:
    """The optimizer's name, and what became of seeds that did not finish."""
    if not row.diverged:
        return row.first.title
    count = "" if row.runs == 1 else f"{row.diverged} of {row.runs} "
    return f"{row.first.title} ({count}diverged in epoch {row.diverged_at})"


def _cell(spread: Spread, index: int, text: Callable[[float], str]) -> str:
    """The mean after an epoch, and below it the range over seeds; a dash for an epoch that was not reached."""
    if not 0 <= index < len(spread.mean):
        return "–"
    mean, low, high = (text(float(values[index])) for values in (spread.mean, spread.low, spread.high))
    return mean if low == high else f"{mean}\n{low} to {high}"

"""Results as data: JSON and NPZ hold all of any result, CSV a comparison's epochs, Markdown its optimizers."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optviz.files import replacing
from optviz.writers._format import file_format

if TYPE_CHECKING:
    from optviz.results import Comparison
    from optviz.summary import Spread, Summary

MEASURES = ("epoch", "train_loss", "test_loss", "test_accuracy", "seconds")


@file_format("json", title="all of a result, as --json prints it", holds=("table", "result"))
def write_json(path: Path, result: Any, comment: str) -> None:
    """Write a result's document; what is not finite becomes null, `comment` the key ``provenance``."""
    document = result.to_dict() | ({"provenance": comment} if comment else {})
    _write(path, json.dumps(document, allow_nan=False, ensure_ascii=False, indent=2) + "\n")


@file_format("csv", title="a row for each epoch", holds=("table",))
def write_csv(path: Path, comparison: "Comparison", comment: str) -> None:
    """Write a row for each epoch of each run, and one without an epoch for a run that finished none.

    Cells of what is unknown or not finite are empty. The format has no place for `comment`.
    """
    document = comparison.to_dict()
    names = list(dict.fromkeys(name for run in document["runs"] for name in run["hyperparameters"]))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["optimizer", "variant", "defaults", "seed", *MEASURES, "diverged_at", *names])
    for run in document["runs"]:
        head = [run[name] for name in ("optimizer", "variant", "defaults", "seed")]
        tail = [run["diverged_at"], *(run["hyperparameters"].get(name) for name in names)]
        rows.writerows([*head, *(epoch.get(name) for name in MEASURES), *tail] for epoch in run["epochs"] or [{}])
    _write(path, text.getvalue())


@file_format("md", title="a row for each optimizer", holds=("table",))
def write_markdown(path: Path, comparison: "Comparison", comment: str) -> None:
    """Write a row for each optimizer: means over its seeds, the range over seeds in brackets."""
    _write(path, "\n".join(_markdown(comparison, comment)) + "\n")


@file_format("npz", title="all of a result, to be drawn again", holds=("table", "result"))
def write_npz(path: Path, result: Any, comment: str) -> None:
    """Write the record with `optviz.results.save`; its own fields say all that `comment` could."""
    from optviz import results

    results.save(path, result)


def _markdown(comparison: "Comparison", comment: str) -> Iterator[str]:
    from optviz.summary import summarise

    yield f"{comparison.dataset}, {comparison.network} {comparison.architecture}, batch {comparison.batch_size}"
    yield ""
    epochs = [epoch for epoch in (1, 5, 10) if epoch < comparison.epochs] + [comparison.epochs]
    heads = ["optimizer", "lr", "seeds", *(f"accuracy, epoch {epoch}" for epoch in epochs), "train loss", "seconds"]
    yield f"| {' | '.join(heads)} |"
    yield "|---|" + "---:|" * (len(heads) - 1)
    for one in summarise(comparison):
        cells = [_name(one), f"{one.first.hyperparameters.get('lr', '')}", f"{len(one.seeds) if one.epochs else 0}"]
        cells += [_cell(one.test_accuracy, epoch - 1, lambda value: f"{value:.2%}") for epoch in epochs]
        cells += [_cell(one.train_loss, one.epochs - 1, lambda value: f"{value:.4f}")]
        cells += [_cell(one.seconds, one.epochs - 1, lambda value: f"{value:.2f}")]
        yield f"| {' | '.join(cells)} |"
    if comment:
        yield ""
        yield comment


def _name(one: "Summary") -> str:
    """The optimizer's name, and what went wrong with some of its seeds."""
    title = one.first.title.replace("|", "\\|")
    if not one.diverged:
        return title
    count = "" if one.runs == 1 else f"{one.diverged} of {one.runs} "
    return f"{title} ({count}diverged in epoch {one.diverged_at})"


def _cell(spread: "Spread", index: int, text) -> str:
    """The mean, with the range where it is one; empty for an epoch that was not reached."""
    if not 0 <= index < len(spread.mean):
        return ""
    mean, low, high = (text(float(values[index])) for values in (spread.mean, spread.low, spread.high))
    return mean if low == high else f"{mean} ({low} to {high})"


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())

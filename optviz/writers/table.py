"""Results as data: JSON and NPZ hold all of any result, CSV a comparison's epochs, Markdown its optimizers."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optviz.files import replacing
from optviz.writers._format import file_format

if TYPE_CHECKING:
    from optviz.results import Comparison

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
    """Write the tables that ``optviz mnist`` prints, and the sentences below them."""
    _write(path, "\n".join(_markdown(comparison, comment)).rstrip("\n") + "\n")


@file_format("npz", title="all of a result, to be drawn again", holds=("table", "result"))
def write_npz(path: Path, result: Any, comment: str) -> None:
    """Write the record with `optviz.results.save`; its own fields say all that `comment` could."""
    from optviz import results

    results.save(path, result)


def _markdown(comparison: "Comparison", comment: str) -> Iterator[str]:
    from optviz.tables import tables

    for table in tables(comparison):
        yield from (_plain(table.title), "")
        yield f"| {' | '.join(' '.join(head) for head in table.heads)} |"
        yield "|" + "|".join("---" if index in table.left else "---:" for index in range(len(table.heads))) + "|"
        yield from (f"| {' | '.join(map(_plain, row))} |" for row in table.rows)
        yield ""
        for note in table.notes:
            yield from (_plain(note), "")
    if comment:
        yield comment


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: names are anybody's."""
    return re.sub(r"([\\`*_\[\]<>&|])", r"\\\1", text)


def _write(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())

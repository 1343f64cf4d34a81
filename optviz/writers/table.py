"""Results as data: JSON and NPZ hold all of any result, CSV its smallest parts, Markdown the printed tables."""

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from optviz.errors import printable
from optviz.results.words import json_text
from optviz.writers import provenance
from optviz.writers._format import file_format

if TYPE_CHECKING:
    from optviz.results import Comparison, Study
    from optviz.results.table import Table

MEASURES = ("epoch", "train_loss", "test_loss", "test_accuracy", "seconds")
CELL = ("function", "optimizer", "lr", "area", "share_solved", "share_diverged", "median_steps")


@file_format("json", title="all of a result, as --json prints it", holds=("table", "result"), readable=True)
def write_json(file: BinaryIO, result: Any, document: str) -> None:
    """Write a result's document, what is not finite as null, with its provenance as the key ``made``."""
    text = json_text(result.to_dict() | {"made": json.loads(document)}, indent=2) + "\n"
    file.write(text.encode(errors="backslashreplace"))  # a file name that is no UTF-8, as JSON escapes it


@file_format("csv", title="a row for each epoch, or for each function and optimizer", holds=("table",), readable=True)
def write_csv(file: BinaryIO, result: "Comparison | Study", document: str) -> None:
    """Write a row for each epoch of each run of a comparison, or for each function and optimizer of a study.

    A run that finished no epoch has one row without; a comparison without seconds has no column of them. Cells of what
    is unknown or not finite are empty, and so are those of gaps that are not told. The format has no comments:
    provenance is in the first row of a column of its own, the last, so that whatever reads tables reads this one.
    """
    from optviz.results import Study

    text = io.StringIO()
    rows = _cells(result) if isinstance(result, Study) else _epochs(result)
    more = itertools.chain(("provenance", document), itertools.repeat(""))
    shown = ([*(printable(cell) if isinstance(cell, str) else cell for cell in row), next(more)] for row in rows)
    csv.writer(text, lineterminator="\n").writerows(shown)
    file.write(text.getvalue().encode(errors="backslashreplace"))


@file_format("md", title="a row for each optimizer", holds=("table",), readable=True)
def write_markdown(file: BinaryIO, result: "Comparison | Study", document: str) -> None:
    """Write the tables that ``optviz train`` or ``optviz study`` prints, and the sentences below them."""
    from optviz.results import Study
    from optviz.results.comparison_tables import tables
    from optviz.results.study_tables import study_tables

    shown = study_tables(result) if isinstance(result, Study) else tables(result)
    lines = [*_markdown(shown), provenance.markdown(document), ""]
    file.write("\n".join(lines).encode(errors="backslashreplace"))


@file_format("npz", title="all of a result, to be drawn again", holds=("table", "result"))
def write_npz(file: BinaryIO, result: Any, document: str) -> None:
    """Write the record as `optviz.results.save` does, with its provenance."""
    from optviz.results.saved import pack

    pack(file, result, provenance=document)


def _epochs(comparison: "Comparison") -> Iterator[list[Any]]:
    document = comparison.to_dict()
    measures = [name for name in MEASURES if name != "seconds" or comparison.timed]
    names = list(dict.fromkeys(name for run in document["runs"] for name in run["hyperparameters"]))
    gaps = _gaps(document["optimum"])
    more = ["gap"] if document["optimum"] else []
    yield ["optimizer", "variant", "defaults", "seed", *measures, *more, "diverged_at", *names]
    for run in document["runs"]:
        head = [run[name] for name in ("optimizer", "variant", "defaults", "seed")]
        tail = [run["diverged_at"], *(run["hyperparameters"].get(name) for name in names)]
        for epoch in run["epochs"] or [{}]:
            gap = gaps.get((run["optimizer"], run["seed"], epoch.get("epoch")))
            yield [*head, *(epoch.get(name) for name in measures), *([gap] if more else []), *tail]


def _gaps(optimum: dict[str, Any] | None) -> dict[tuple[Any, ...], float | None]:
    """The gaps of runs at the ends of epochs, by optimizer, seed and epoch."""
    return {
        (path["optimizer"], path["seed"], epoch): gap
        for path in (optimum["paths"] if optimum else [])
        for epoch, gap in zip(path["epochs"], path["gaps"], strict=True)
    }


def _cells(study: "Study") -> Iterator[list[Any]]:
    yield [*CELL, "quartile_low", "quartile_high"]
    for cell in study.to_dict()["cells"]:
        yield [*(cell[name] for name in CELL), *cell["quartile_steps"]]


def _markdown(tables: "Iterable[Table]") -> Iterator[str]:
    for table in tables:
        yield from (_plain(table.title), "")
        yield f"| {' | '.join(' '.join(head) for head in table.heads)} |"
        yield "|" + "|".join("---" if index in table.left else "---:" for index in range(len(table.heads))) + "|"
        yield from (f"| {' | '.join(map(_plain, row))} |" for row in table.rows)
        yield ""
        for note in table.notes:
            yield from (_plain(note), "")


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: names are anybody's."""
    return re.sub(r"([\\`*_\[\]<>&|])", r"\\\1", printable(text))

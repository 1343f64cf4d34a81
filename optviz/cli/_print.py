"""How text, tables and documents are printed: lines that fit the terminal, names that cannot steer it."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from optviz.errors import printable
from optviz.results.words import json_text

if TYPE_CHECKING:
    from rich.text import Text

    from optviz.results.table import Table

SCHEMA = 1
HANGING = 4 * " "  # before what goes on on the next line

WIDEST = 1000  # columns; a table takes what it needs, on a narrower terminal in several blocks
PIPE = 120  # columns of sentences, where no terminal says how many there are
GAP = 2  # columns between two of a table
LONGEST = 44  # columns of a name; longer ones go on on the next line


def document(facts: dict[str, Any]) -> None:
    """Print one JSON document: indented on a terminal, compact in a pipe."""
    indent, separators = (2, (",", ": ")) if sys.stdout.isatty() else (None, (",", ":"))
    print(json_text({"schema": SCHEMA} | facts, indent=indent, separators=separators))


def rows(cells: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> None:
    """Print aligned columns, the last one ragged."""
    for text in _fitted(aligned(cells, heading), sys.stdout):
        print(text)


def line(text: str) -> None:
    """Print a line."""
    for part in _fitted([printable(text)], sys.stdout):
        print(part)


def path(name: str | os.PathLike) -> None:
    """Print a path: to a program as it is, to a terminal as it can be shown."""
    print(printable(str(name)) if sys.stdout.isatty() else name)


def on_stderr(lines: Iterable[str]) -> None:
    """Print lines for people."""
    for text in _fitted(map(printable, lines), sys.stderr):
        print(text, file=sys.stderr)


def room(stream: Any) -> int | None:
    """The columns of a terminal; None where there is none, and lines may be as long as they are."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def aligned(cells: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> Iterator[str]:
    """Lines whose columns stand below each other."""
    lines = [list(map(printable, row)) for row in ([heading, *cells] if heading else cells)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for row in lines:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _fitted(lines: Iterable[str], stream: Any) -> Iterator[str]:
    """Lines that are broken between words where the terminal is narrower, and go on indented."""
    columns = room(stream)
    wrapper = textwrap.TextWrapper(subsequent_indent=HANGING, break_long_words=False, break_on_hyphens=False)
    for text in lines:
        if columns is None or len(text) <= columns:
            yield text
        else:
            wrapper.width = max(columns, 20)
            yield from wrapper.wrap(text.rstrip())


def tables(shown: "Iterable[Table]") -> None:
    """Print tables on standard error with the sentences below them; their numbers are the same at every width."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, ConsoleDimensions
    from rich.table import Table as Grid

    console = Console(stderr=True, highlight=False)
    columns = console.width if console.is_terminal else PIPE
    most = columns if console.is_terminal else WIDEST
    longest = min(LONGEST, max(most // 2 - GAP, 10))
    console.size = ConsoleDimensions(WIDEST, 1)  # the height counts where the terminal is a dumb one
    for table in shown:
        console.print(_text(table.title), width=columns)
        for block in _blocks(table, most, longest):
            grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
            for index in block:
                if index in table.left:
                    grid.add_column(_text(*table.heads[index]), overflow="fold", max_width=longest)
                else:
                    grid.add_column(_text(*table.heads[index]), justify="right", no_wrap=True)
            for index, row in enumerate(table.rows):
                grid.add_row(*(_text(row[column]) for column in block), style="bold" if index in table.leading else "")
            console.print(grid)
        for note in table.notes:
            console.print(_text(note), width=columns)
        console.print()


def _blocks(table: "Table", most: int, longest: int) -> Iterator[list[int]]:
    """The columns that stand side by side in so much room, block after block; each begins with those of the names.

    A terminal would break longer lines inside their numbers. Words are broken after `longest` columns.
    """
    from rich.cells import cell_len

    def width(index: int) -> int:
        cells = [*table.heads[index], *(row[index] for row in table.rows)]
        widest = max(cell_len(printable(cell)) for cell in cells) + GAP
        return min(widest, longest + GAP) if index in table.left else widest

    first = min(table.left, default=-1) + 1
    names, taken = list(range(first)), sum(map(width, range(first)))
    block: list[int] = []
    for index in range(first, len(table.heads)):
        if block and taken + sum(map(width, [*block, index])) > most:
            yield names + block
            block = []
        block.append(index)
    yield names + block


def _text(*lines: str) -> "Text":
    from rich.text import Text

    return Text("\n".join(map(printable, lines)))

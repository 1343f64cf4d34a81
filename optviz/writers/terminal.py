"""Tables on a terminal, printed on standard error by Rich."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from optviz.errors import printable

if TYPE_CHECKING:
    from rich.text import Text

    from optviz.results.table import Table

WIDEST = 1000  # columns; a table takes what it needs, on a narrower terminal in several blocks
PIPE = 120  # columns of sentences, where no terminal says how many there are
GAP = 2  # columns between two of a table
LONGEST = 44  # columns of a name; longer ones go on on the next line


def print_tables(tables: "Iterable[Table]") -> None:
    """Print tables on standard error with the sentences below them; their numbers are the same at every width."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, ConsoleDimensions
    from rich.table import Table as Grid

    console = Console(stderr=True, highlight=False)
    columns = console.width if console.is_terminal else PIPE
    most = columns if console.is_terminal else WIDEST
    longest = min(LONGEST, max(most // 2 - GAP, 10))
    console.size = ConsoleDimensions(WIDEST, 1)  # the height counts where the terminal is a dumb one
    for table in tables:
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

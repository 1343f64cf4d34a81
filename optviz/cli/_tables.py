"""Tables for people, on standard error."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from optviz.cli import _run
from optviz.text import printable

if TYPE_CHECKING:
    from rich.text import Text

    from optviz.results import Comparison
    from optviz.tables import Table

WIDEST = 1000  # columns; a table takes what it needs, and a narrower terminal breaks its lines, not its numbers
PIPE = 120  # columns of sentences, where no terminal says how many there are
NAMES = 44  # columns; longer words go on on the next line


def print_comparison(comparison: "Comparison") -> None:
    """Print a comparison's tables with the sentences that belong to them."""
    from optviz.tables import tables

    print_tables(tables(comparison))


def print_tables(tables: "Iterable[Table]") -> None:
    """Print tables with the sentences that belong to them, the same for every width of the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, ConsoleDimensions
    from rich.table import Table as Grid

    if _run.quiet:
        return
    console = Console(stderr=True, highlight=False)
    room = console.width if console.is_terminal else PIPE
    console.size = ConsoleDimensions(WIDEST, 1)  # the height counts where the terminal is a dumb one
    for table in tables:
        grid = Grid(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
        for index, head in enumerate(table.heads):
            if index in table.left:
                grid.add_column(_text(*head), overflow="fold", max_width=NAMES)
            else:
                grid.add_column(_text(*head), justify="right", no_wrap=True)
        for index, row in enumerate(table.rows):
            grid.add_row(*map(_text, row), style="bold" if index in table.leading else "")
        console.print(_text(table.title), width=room)
        console.print(grid)
        for note in table.notes:
            console.print(_text(note), width=room)
        console.print()


def _text(*lines: str) -> "Text":
    from rich.text import Text

    return Text("\n".join(map(printable, lines)))

"""``optviz explore``: every function and every optimizer on one page."""

from pathlib import Path

from optviz.cli import _print
from optviz.cli._groups import command
from optviz.cli._output import Output, writes
from optviz.errors import UsageError


@command(
    "One page to play with: every function, every optimizer.",
    """
    Every function and every optimizer on one page, explorer.html
        explore
    Under another name
        explore -o optimizers.html
    """,
    "output format quiet verbose",
    output=writes("explorer.html", ".html"),
)
def explore(output: Output) -> None:
    """Write a page that computes races in its reader's browser: one file that needs no network.

    It holds every test function of two variables and every update rule with its variants and default sets. A reader
    chooses, moves the start and the learning rates, has them tuned by the fair rule, types a formula, puts a second
    function beside the first, and is shown the command that makes the same pictures.

    Prints the path of the file.
    """
    places = output.places()
    if len(places) > 1:
        raise UsageError("-o is given twice", "Give it once: there is one page.")
    from optviz.files import free_name
    from optviz.page.explorer import explore as write

    file = places[0] if places else free_name("explorer.html")
    with output.working("writing", "writing"):
        write(file, format=output.format)
    if isinstance(file, Path):
        _print.path(file)

"""``optviz help``: help for a command, and pages that belong to none."""

from typing import Annotated

import typer

from optviz.cli import _output, _run
from optviz.cli._help import examples
from optviz.errors import UnknownNameError
from optviz.registry import suggestion

EXAMPLES = examples(
    ("What the exit codes mean", "help exit-codes"),
    ("The manual page of a command", "help animate"),
)


def help_page(
    topic: Annotated[
        str | None,
        typer.Argument(metavar="[TOPIC]", show_default=False, help="A command, or the page exit-codes."),
    ] = None,
) -> None:
    """Show the help of a command, or the page exit-codes."""
    from optviz.cli._app import COMMANDS, app

    known = ["exit-codes", *COMMANDS]
    if topic == "exit-codes":
        _output.print_table([(str(code), meaning) for code, meaning in _run.EXIT_CODES.items()])
    elif topic is None or topic in known:
        app([*([topic] if topic else []), "--help"], prog_name="optviz", standalone_mode=False)
    else:
        raise UnknownNameError(f"no help on '{topic}'", f"{suggestion(topic, known)}There is: {', '.join(known)}")

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


def _topics(incomplete: str) -> list[str]:
    return [name for name in _known() if name.startswith(incomplete)]


def help_page(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]",
            autocompletion=_topics,
            show_default=False,
            help="A command, as animate or cache clear, or the page exit-codes.",
        ),
    ] = None,
) -> None:
    """Show the help of a command, or the page exit-codes."""
    from optviz.cli._app import app

    known = _known()
    if topic == ["exit-codes"]:
        _output.print_table([(str(code), meaning) for code, meaning in _run.EXIT_CODES.items()])
    elif not topic or topic[0] in known[1:]:
        app([*(topic or []), "--help"], prog_name="optviz", standalone_mode=False)
    else:
        words = " ".join(topic)
        raise UnknownNameError(f"no help on '{words}'", f"{suggestion(words, known)}There is: {', '.join(known)}")


def _known() -> list[str]:
    from optviz.cli._app import COMMANDS

    return ["exit-codes", *COMMANDS, "cache"]

"""``optviz help``: help for a command, and pages that belong to none."""

from typing import Any

import typer

from optviz.cli import _print
from optviz.cli._errors import EXIT_CODES
from optviz.cli._groups import command, option
from optviz.errors import UnknownNameError
from optviz.registry import suggestion


def _topics(context: typer.Context, incomplete: str = "") -> list[str]:
    commands: Any = context.find_root().command
    names = ["exit-codes", *(name for name, command in commands.commands.items() if not command.hidden)]
    return [name for name in names if name.startswith(incomplete)]


@command(
    "Help on a command, or on exit codes.",
    """
    What the exit codes mean
        help exit-codes
    The manual page of a command
        help animate
    """,
)
def help(
    context: typer.Context,
    topic: list[str] | None = option(
        "[TOPIC]", "A command, as animate or cache clear, or the page exit-codes.", complete=_topics, argument=True
    ),
) -> None:
    """Show the help of a command, or the page exit-codes."""
    optviz: Any = context.find_root().command
    if topic == ["exit-codes"]:
        _print.rows([(str(code), meaning) for code, meaning in EXIT_CODES.items()])
    elif not topic or topic[0] in optviz.commands:
        optviz.main([*(topic or []), "--help"], prog_name="optviz", standalone_mode=False)
    else:
        words, known = " ".join(topic), _topics(context)
        raise UnknownNameError(f"no help on '{words}'", f"{suggestion(words, known)}There is: {', '.join(known)}")

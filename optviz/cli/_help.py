"""Help that reads like a manual page: what it does, arguments, options by group, examples.

Plain text on purpose: panels would load a second library for every ``--help`` and break when the text is piped.
"""

import textwrap
from typing import Any

from typer.core import TyperCommand


class Manual(TyperCommand):
    """A command whose options are grouped, and whose epilog is a list of examples kept line by line."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write each group of options under its own heading, in the order of the signature."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or usual, []).append(record)
        for heading, records in groups.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples as they stand."""
        if self.epilog:
            formatter.write("\nExamples:\n" + textwrap.indent(self.epilog, "  ") + "\n")


def examples(*pairs: tuple[str, str]) -> str:
    """An epilog of commands, each with what it does above it.

    Parameters
    ----------
    *pairs : (what it does, command)
    """
    return "\n\n".join(f"# {purpose}\n$ optviz {command}" for purpose, command in pairs)

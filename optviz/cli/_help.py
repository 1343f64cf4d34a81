"""Help that reads like a manual page: what it does, arguments, options by group, examples.

Plain text on purpose: panels would load a second library for every ``--help`` and break when the text is piped.
"""

import textwrap
from typing import Any

from typer.core import TyperCommand

from optviz.errors import UsageError


class Manual(TyperCommand):
    """A command whose options are grouped, and whose epilog is a list of examples kept line by line.

    What takes one value takes it once: of two the last would win, and nobody would say so.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, and refuse an option that is given a second value."""
        if not ctx.resilient_parsing:  # as for completion, when the line is not finished
            _, _, order = self.make_parser(ctx).parse_args(args=list(args))
            once = [one for one in order if not (one.multiple or getattr(one, "count", False) or _is_flag(one))]
            for option in once:
                if once.count(option) > 1 and option.param_type_name == "option":
                    raise UsageError(f"{max(option.opts, key=len)} is given twice", "Give it once.")
        return super().parse_args(ctx, args)

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


def _is_flag(option: Any) -> bool:
    return bool(getattr(option, "is_flag", False))


def examples(*pairs: tuple[str, str]) -> str:
    """An epilog of commands, each with what it does above it.

    Parameters
    ----------
    *pairs : (what it does, command)
    """
    return "\n\n".join(f"# {purpose}\n$ optviz {command}" for purpose, command in pairs)

"""A command line as it can be typed again."""

import shlex
from collections.abc import Sequence

import typer


def typed(context: typer.Context, without: Sequence[str] = ()) -> str:
    """The command line as it can be typed again, with the options that were given, by their long names.

    Parameters
    ----------
    context : typer.Context
    without : sequence of str
        Parameters to leave out.
    """
    words = context.command_path.split()
    for parameter in context.command.params:
        name, source = parameter.name or "", context.get_parameter_source(parameter.name or "")
        if name in without or source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[name]
        option = max(parameter.opts, key=len)
        if value is True:
            words.append(option)
        else:
            values = value if isinstance(value, list | tuple) else [value]
            words += [
                word for one in values for word in ((option, str(one)) if option.startswith("-") else (str(one),))
            ]
    return shlex.join(words)

"""A command as it was typed, so that a file can say what made it: in long names, without what is of no consequence."""

import re
from pathlib import Path
from typing import Any

# What decides neither what comes out, but where it goes, nor how it looks, but how much is said and how the work is
# done. Which picture a file shows is said by the file.
UNSEEN = (
    *("output", "format", "picture", "json", "quiet", "no_progress", "verbose"),
    *("jobs", "threads", "engine", "resume"),
)
FOLDERS = re.compile(r"[^\s,;=()'\"]*[/\\](?=[^/\\]*\.(?:py:|npz$))")  # of a file that is named, with what it holds


def typed(name: str, context: Any) -> list[str]:
    """The words of a command after ``optviz``, in the order of its help; folders of this machine are left out."""
    arguments, options = [], []
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in UNSEEN or source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[parameter.name]
        values = [_apart(parameter.name, each) for each in (value if isinstance(value, list | tuple) else [value])]
        if parameter.param_type_name == "argument":
            arguments += values
        else:
            flag = max(parameter.opts, key=len)
            options += [flag] if value is True else [word for each in values for word in (flag, each)]
    if any(word.startswith("-") for word in arguments):  # a formula, which would be read as an option
        return [name, *options, "--", *arguments]
    return [name, *arguments, *options]


def _apart(name: str, value: Any) -> str:
    """A word without the folder of the file or data set that it names."""
    if name == "dataset" and re.search(r"[/\\]", value):
        return f"./{Path(value).name}"
    return FOLDERS.sub("", str(value))

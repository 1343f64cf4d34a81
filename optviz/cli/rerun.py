"""``optviz rerun``: the command that made a file, run again.

What stands in a file is anybody's. No shell reads it; it is read as a command line of the few commands that compute
something and draw it, and what could read or write other files, run code or ask another machine is refused.
"""

import re
import shlex
from pathlib import Path
from typing import Any

import typer

from optviz.cli._groups import command, option
from optviz.cli._output import STANDARD_OUTPUT, Output
from optviz.cli._typed import UNSEEN
from optviz.errors import DataError, UsageError

COMMANDS = ("animate", "plot", "explain", "basins", "sweep", "swarm", "study", "train", "explore")
REFUSED = {*UNSEEN, "help"} - {"picture"}  # options that no file of ours names
NAMING = (
    "function",
    "functions",
    "rule",
    "optimizer",
    "optimizers",
)  # where a colon would stand before code to be loaded
MOTION = ("--fps", "--frames")
ALONE = {"plot": ["--picture", "race"]}  # what keeps a command from writing more than the file


@command(
    "The command that made a file, once more.",
    """
    What made a picture, and the picture again, under a name that is free
        rerun rosenbrock.gif
    As another format
        rerun rosenbrock.gif -o rosenbrock.webp
    """,
    "output format quiet no_progress verbose",
    output={"help": "Where to write instead. The ending picks the format."},
)
def rerun(
    context: typer.Context,
    output: Output,
    file: str = option("FILE", "A file that optviz wrote, of any format.", ..., argument=True),
) -> None:
    """Read from a file which command made it, print the command, and run it again.

    Every file that optviz writes tells it; optviz list formats names the formats. With the same versions the new file
    is the same bytes, but for seconds that are measured. What was written from Python, or drawn from a saved result,
    has no command that could be run; and a function or an optimizer in a file of Python is code, which runs only if
    you type its command yourself.

    Prints the paths of the files, one a line; and on standard error what the command says.
    """
    if output.output and len(output.output) > 1:
        raise UsageError(f"-o names {len(output.output)} files, and {file} is one", "Give one.")
    from optviz.files import free_name
    from optviz.writers import reading

    told = reading.read(file)
    words = checked(file, told["command"], context)
    wanted = output.output[0] if output.output else str(free_name(Path(file).name))
    more = ["-o", wanted]
    if wanted == STANDARD_OUTPUT:
        more += ["--format", output.format or Path(file).suffix[1:]]
    elif output.format:
        more += ["--format", output.format]
    elif told.get("beside") == "gif" and Path(wanted).suffix == ".png":
        whole = Path(wanted).with_suffix(".gif")  # which leaves its last frame beside it
        if not output.output:
            whole = free_name(whole.name)
        elif whole.exists():
            raise UsageError(f"{wanted} comes with {whole}, which is there already", "Name another with -o.")
        more = ["-o", str(whole)]
    from optviz.writers import FORMATS, format_of

    format = FORMATS[more[-1]] if "--format" in more else format_of(more[1])
    if "animation" not in format.holds:
        words = without_motion(words)
    output.note(f"$ {shlex.join(['optviz', *words])}")
    talk = {"--quiet": output.quiet, "--no-progress": output.no_progress}
    more += [name for name, wished in talk.items() if wished] + ["-v"] * output.verbose
    line = [words[0], *more, *words[1:]]
    context.find_root().command.main(line, prog_name="optviz", standalone_mode=False, obj=output)


def without_motion(words: list[str]) -> list[str]:
    """A command for a still picture: without what only moving ones have."""
    kept, rest = [], iter(words)
    for word in rest:
        if word in MOTION:
            next(rest)
        elif word.partition("=")[0] not in MOTION:
            kept.append(word)
    return kept


def checked(file: str, command: list[str] | None, context: typer.Context) -> list[str]:
    """The words of a command that may be run; refuses all others.

    Raises
    ------
    DataError
        If there is no command, or it is none that makes a file from nothing but its words.
    """
    if command is None:
        raise DataError(f"{file} was written from Python: there is no command", "Run your program again.")
    typed = shlex.join(["optviz", *command])
    name, *arguments = command
    if name == "draw":
        raise DataError(f"{file} was drawn from a saved result", f"Draw it again from there: {typed} -o FILE")
    if name == "gallery":
        raise DataError(f"{file} belongs to a gallery", f"Make it again there, if you trust it: {typed}")
    if name not in COMMANDS:
        raise DataError(f"{file} names a command that makes no such file: {typed}", "Type it yourself if you trust it.")
    for parameter, value in _options(file, name, arguments, context):
        if parameter in REFUSED or (parameter == "picture" and "," in value):
            raise DataError(
                f"{file} names an option that no such file has: {typed}", "Type it yourself if you trust it."
            )
        if parameter in NAMING and ":" in value:
            raise DataError(f"{file} was made with code in a file: {typed}", "Type it yourself if you trust that file.")
        if parameter == "dataset" and re.search(r"[/\\]", value):
            raise DataError(f"{file} was made with images in a folder: {typed}", "Type it yourself where they are.")
    return [*command, *(ALONE.get(name, []) if "--picture" not in arguments else [])]


def _options(file: str, name: str, arguments: list[str], context: typer.Context) -> list[tuple[str, str]]:
    """What the command would understand: each option and argument with its value, as they were typed."""
    root: Any = context.find_root().command
    known = root.get_command(context, name)
    inner = known.context_class(known, info_name=name, parent=context.find_root())
    try:
        values, rest, order = known.make_parser(inner).parse_args(args=list(arguments))
    except Exception as error:  # what Typer raises over a line that it cannot read
        said = " ".join(str(getattr(error, "message", error)).split())
        raise DataError(f"{file} names a command that cannot be understood: {said}", "Type it yourself.") from error
    if rest:
        raise DataError(f"{file} names a command with too many words: {' '.join(rest)}", "Type it yourself.")
    found = []
    for parameter in dict.fromkeys(order):
        value = values.get(parameter.name)
        each = value if isinstance(value, list | tuple) else [value]
        found += [(str(parameter.name), str(one)) for one in each]
    return found

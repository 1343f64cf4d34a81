"""``optviz cache``: what is kept on disk, compiled kernels and the runs of comparisons."""

import typer

from optviz.cli import _print
from optviz.cli._groups import Manual, flat
from optviz.cli._output import INSTEAD, Output
from optviz.errors import MissingError


def path(output: Output) -> None:
    """Print the folder of the compiled kernels; OPTVIZ_CACHE_DIR chooses another."""
    from optviz.kernels import cache

    folder = cache.folder()
    if folder is None:
        raise MissingError("this user has no place for compiled kernels", "Set OPTVIZ_CACHE_DIR to a folder.")
    if output.json:
        _print.document({"path": str(folder)})
    else:
        _print.path(folder)


def clear(output: Output) -> None:
    """Remove every compiled kernel, and the runs of comparisons.

    The next command compiles what it needs again; --resume finds nothing to go on from.
    """
    from optviz.kernels import cache
    from optviz.runs.networks import journal

    removed, journals = cache.clear(), journal.clear()
    if output.json:
        _print.document({"removed": removed, "comparisons": journals})
        return
    print(f"removed {removed} compiled kernel{'s' * (removed != 1)}")
    if journals:
        print(f"removed the runs of {journals} comparison{'s' * (journals != 1)}")


def verify(output: Output) -> None:
    """Read every compiled kernel and compare it with its digest; damaged ones are recompiled when needed."""
    from optviz.kernels import cache

    sound, damaged, exposed = cache.verify()
    if output.json:
        _print.document({"sound": sound, "damaged": list(map(str, damaged)), "exposed": list(map(str, exposed))})
        return
    others = f", {len(exposed)} not used: others could have written them" if exposed else ""
    print(f"{sound} sound, {len(damaged)} damaged{others}")
    for file in damaged + exposed:
        _print.path(file)


app = typer.Typer(rich_markup_mode=None, help="Show, clear or check what is kept on disk.", no_args_is_help=False)
for function in (path, clear, verify):
    app.command(function.__name__, cls=Manual)(flat(function, ["json"], {"json": INSTEAD}))

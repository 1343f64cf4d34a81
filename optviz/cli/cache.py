"""``optviz cache``: what is kept on disk, compiled kernels and the runs of comparisons."""

import typer

from optviz.cli import _options, _output
from optviz.cli._help import Manual
from optviz.errors import MissingError

app = typer.Typer(rich_markup_mode=None, help="Show, clear or check what is kept on disk.", no_args_is_help=False)


@app.command(cls=Manual)
def path(json: _options.Json = False) -> None:
    """Print the folder of the compiled kernels; OPTVIZ_CACHE_DIR chooses another."""
    from optviz.kernels import cache

    folder = cache.folder()
    if folder is None:
        raise MissingError("this user has no place for compiled kernels", "Set OPTVIZ_CACHE_DIR to a folder.")
    if json:
        _output.print_json({"path": str(folder)})
    else:
        _output.print_path(folder)


@app.command(cls=Manual)
def clear(json: _options.Json = False) -> None:
    """Remove every compiled kernel, and the runs of comparisons.

    The next command compiles what it needs again; --resume finds nothing to go on from.
    """
    from optviz.kernels import cache
    from optviz.runs.networks import journal

    removed, journals = cache.clear(), journal.clear()
    if json:
        _output.print_json({"removed": removed, "comparisons": journals})
        return
    print(f"removed {removed} compiled kernel{'s' * (removed != 1)}")
    if journals:
        print(f"removed the runs of {journals} comparison{'s' * (journals != 1)}")


@app.command(cls=Manual)
def verify(json: _options.Json = False) -> None:
    """Read every compiled kernel and compare it with its digest; damaged ones are recompiled when needed."""
    from optviz.kernels import cache

    sound, damaged, exposed = cache.verify()
    if json:
        _output.print_json({"sound": sound, "damaged": list(map(str, damaged)), "exposed": list(map(str, exposed))})
        return
    others = f", {len(exposed)} not used: others could have written them" if exposed else ""
    print(f"{sound} sound, {len(damaged)} damaged{others}")
    for file in damaged + exposed:
        _output.print_path(file)

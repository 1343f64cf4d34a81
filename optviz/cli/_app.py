"""The application: every command of the folder under its name."""

from collections.abc import Callable
from typing import Annotated

import typer

import optviz
from optviz.cli import animate, basins, cache, doctor, draw, gallery, mnist, plot, race, show, swarm, sweep
from optviz.cli import help as help_
from optviz.cli import list as list_
from optviz.cli._help import Manual

# Name -> command, its examples, and its line in the list of commands.
COMMANDS: dict[str, tuple[Callable[..., None], str, str]] = {
    "animate": (animate.animate, animate.EXAMPLES, "A race of optimizers as a moving picture."),
    "plot": (plot.plot, plot.EXAMPLES, "The same race as still pictures."),
    "basins": (basins.basins, basins.EXAMPLES, "From which starts each optimizer arrives, and where."),
    "sweep": (sweep.sweep, sweep.EXAMPLES, "Which hyperparameters arrive, how soon, and which diverge."),
    "swarm": (swarm.swarm, swarm.EXAMPLES, "Thousands of starts that flow down together."),
    "race": (race.race, race.EXAMPLES, "Every optimizer on every function, from many starts."),
    "mnist": (mnist.mnist, mnist.EXAMPLES, "Train a small network with each optimizer."),
    "draw": (draw.draw, draw.EXAMPLES, "Pictures of a saved result."),
    "gallery": (gallery.gallery, gallery.EXAMPLES, "Every race, and a page that shows them."),
    "list": (list_.list_units, list_.EXAMPLES, "Optimizers, functions, networks, data sets, noise, formats."),
    "show": (show.show, show.EXAMPLES, "Everything about one of them."),
    "doctor": (doctor.doctor, doctor.EXAMPLES, "What is installed here, and what a GPU needs."),
    "help": (help_.help_page, help_.EXAMPLES, "Help on a command, or on exit codes."),
}

app = typer.Typer(
    name="optviz",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"optviz {optviz.__version__}")
        raise typer.Exit()


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """See, measure and choose optimizers.

    Start with: optviz animate rosenbrock
    """
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


for name, (command, epilog, summary) in COMMANDS.items():
    app.command(name, cls=Manual, epilog=epilog, short_help=summary)(command)
app.add_typer(cache.app, name="cache", short_help="What is kept on disk.")

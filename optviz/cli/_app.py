"""The application: every command of the folder under its name."""

from typing import Annotated

import typer

import optviz
from optviz.cli import (
    animate,
    basins,
    cache,
    doctor,
    draw,
    explain,
    explore,
    gallery,
    help,
    list,
    new,
    plot,
    rerun,
    show,
    study,
    swarm,
    sweep,
    train,
)
from optviz.cli._groups import Manual, renamed

# In the order in which they are listed; each module defines the command of its name.
LISTED = (
    animate, plot, explain, basins, sweep, swarm, study, train,
    draw, rerun, explore, gallery, list, show, new, doctor, help,
)  # fmt: skip
COMMANDS = {name: vars(module)[name] for module in LISTED for name in [module.__name__.rpartition(".")[2]]}
FORMER = {"race": "study", "mnist": "train"}  # what commands were called before -> what they are called now

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


for command in COMMANDS.values():
    app.command(command.name, cls=Manual, epilog=command.examples, short_help=command.summary)(command.function)
app.add_typer(cache.app, name="cache", short_help="What is kept on disk.")
for former, name in FORMER.items():
    command = renamed(former, COMMANDS[name])
    app.command(former, cls=Manual, epilog=command.examples, hidden=True)(command.function)

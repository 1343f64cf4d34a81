"""Commands and options that were renamed still work and say so; modules of the command line import no circle."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from optviz import cli
from optviz.cli._app import COMMANDS, FORMER
from tests.cli.test_bad_input import refused

FOLDER = Path(cli.__file__).parent
NOTICE = {former: f"optviz {former} is now called optviz {name}.\n" for former, name in FORMER.items()}


@pytest.mark.parametrize("former", FORMER)
@pytest.mark.parametrize("more", [[], ["--json"], ["-o", "a.svg", "-o", "a.csv"], ["--lr", "0.1"]], ids=str)
def test_a_former_command_is_the_new_one_and_says_so(inside, undrawn, former, more):
    name = FORMER[former]
    new = inside(name, *more)
    call = undrawn.pop(name)
    old = inside(former, *more)
    assert undrawn[name] == call
    assert (old.code, old.out, old.err) == (new.code, new.out, NOTICE[former] + new.err)
    quiet = inside(former, *more, "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, old.out, "")


@pytest.mark.parametrize("former", FORMER)
def test_a_former_command_refuses_what_the_new_one_refuses(inside, asked, former):
    new, old = (inside(name, "--optimizers", "adma") for name in (FORMER[former], former))
    assert (old.code, old.out, old.err) == (new.code, new.out, NOTICE[former] + new.err) and new.code == 2
    assert inside(former, "--thme", "dark").err.startswith("error: no such option '--thme'. Did you mean '--theme'?")


def test_former_commands_are_not_listed(inside):
    listed = [line.split()[0] for line in inside("--help").out.partition("Commands:")[2].splitlines() if line.strip()]
    assert listed == [*COMMANDS, "cache"] and not set(FORMER) & set(listed)
    for former, name in FORMER.items():
        assert inside("help", former).out.splitlines()[1:] == inside("help", name).out.splitlines()[1:]
        assert former not in inside("help", "nothing").err


@pytest.mark.parametrize("line", ["basins saddle", "sweep rosenbrock", "swarm saddle", "study"])
def test_jobs_of_threads_are_threads_and_say_so(inside, undrawn, line):
    command, *more = line.split()
    assert inside(command, *more, "-j", "2", "--quiet").code == 0
    call = undrawn.pop(command)
    done = inside(command, *more, "--jobs", "2")
    assert undrawn[command] == call and call[1]["threads"] == 2
    assert done.code == 0 and done.err.startswith("--jobs is now called --threads here.\n")
    assert "--jobs" not in inside(command, "--help").out
    refused(inside(command, *more, "--jobs=0", "--quiet"))


def test_jobs_and_threads_together_are_refused(inside, undrawn):
    done = inside("study", "--jobs", "2", "--threads", "2")
    refused(done)
    assert "--jobs is now called --threads, which is given too. Give one." in done.err
    assert not undrawn


def test_a_former_picture_of_the_gallery(inside, asked, here, monkeypatch):
    from optviz import gallery

    monkeypatch.setattr("optviz.drawing.draw", lambda result, file, **look: [file])
    with pytest.warns(UserWarning, match="'race' of the gallery is now called 'study'"):
        assert "study.png" in {path.name for path in gallery.write_gallery("pictures", only=["race"])}


def imports(path):
    """The modules of the folder that a module imports, at its head or in a function."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            continue
        for name in names:
            last = name.removeprefix("optviz.cli.")
            if name != last and (FOLDER / f"{last}.py").exists():
                yield last


def test_modules_of_the_command_line_import_each_other_in_no_circle():
    graph = {path.stem: {*imports(path)} for path in FOLDER.glob("*.py")}
    assert sum(map(len, graph.values())) > 50
    order = [*TopologicalSorter(graph).static_order()]  # which raises CycleError
    assert len(order) == len(graph)

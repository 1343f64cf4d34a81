"""What the documentation shows works as it is shown."""

import re
import shlex
from pathlib import Path

import pytest

from optviz.cli._app import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def commands():
    shown = [line for block in blocks("sh") for line in block.splitlines()]
    shown += [line.removeprefix("$ ") for command in COMMANDS.values() for line in command[1].splitlines()]
    return [line for line in shown if line.startswith("optviz ")]


class Reached(Exception):
    """The command got as far as the work itself."""


def reached(*arguments, **options):
    raise Reached


@pytest.mark.parametrize("line", commands())
def test_every_documented_command_is_understood(line, tmp_path, monkeypatch, capsys):
    from optviz.cli import _run

    monkeypatch.chdir(tmp_path)
    for home in (
        "runs.race.race",
        "runs.basins.basins",
        "runs.sweep.sweep",
        "runs.swarm.swarm",
        "runs.study.study",
        "runs.training.train",
        "runs.training.journal_of",
        "gallery.write_gallery",
        "results.load",
    ):
        monkeypatch.setattr(f"optviz.{home}", reached)
    code = _run.run(shlex.split(line)[1:])
    err = capsys.readouterr().err
    assert (code == 0 and not err) or (code == 101 and "Reached" in err), err


@pytest.mark.slow
def test_every_python_block_runs(tmp_path, tmp_path_factory, monkeypatch):
    from optviz.optimizers import REGISTRY

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(REGISTRY, "_units", dict(REGISTRY._units))
    REGISTRY.names()
    names: dict = {"__name__": "readme"}
    for number, block in enumerate(blocks("python")):
        file = tmp_path_factory.mktemp("readme") / f"block{number}.py"  # kernels read a formula's source
        file.write_text(block)
        exec(compile(block, file, "exec"), names)  # the documentation's own code
    assert names["run"].points.shape == (301, 2)
    assert [trajectory.optimizer for trajectory in names["race"].trajectories] == ["momentum", "adam", "signum"]
    assert abs(names["weights"]).max() < 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "himmelblau.gif", "himmelblau.png", "himmelblau.svg", "mnist.png", "mnist.csv",
    }  # fmt: skip


def test_files_that_the_readme_names_are_there():
    for link in re.findall(r"\]\(([^):]+)\)", README):
        assert (ROOT / link).exists() or link.startswith("gallery/"), link


def test_the_readme_and_the_help_agree_on_exit_codes():
    from optviz.cli._run import EXIT_CODES

    _, _, section = README.partition("## Scripts")
    shown = dict(re.findall(r"^\| (\d+) \| (.*) \|$", section, flags=re.MULTILINE))
    assert {int(code): meaning for code, meaning in shown.items()} == EXIT_CODES

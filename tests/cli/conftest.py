"""The command line as tests call it: in this process, which is fast, or in one of its own, as a user does."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from optviz.functions import Function
from tests.cli.batch_results import RESULTS

# Command -> what it runs.
RUNS = {
    "animate": "points.race.race",
    "basins": "points.basins.basins",
    "explain": "points.explain.explain",
    "sweep": "points.sweep.sweep",
    "swarm": "points.swarm.swarm",
    "study": "points.study.study",
    "train": "networks.training.train",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, which is also the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def inside(here, capsys):
    """Run a command in this process; gives ``code``, ``out`` and ``err``."""
    from optviz.cli import _run

    def call(*arguments):
        capsys.readouterr()
        code = _run.run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return call


@pytest.fixture
def outside(here):
    """Run a command in a process of its own, in an empty folder; gives a `subprocess.CompletedProcess`."""

    def call(*arguments, **variables):
        environment = os.environ | {name: value for name, value in variables.items() if value is not None}
        for name in [name for name, value in variables.items() if value is None]:
            environment.pop(name, None)
        return subprocess.run(
            [sys.executable, "-m", "optviz", *map(str, arguments)],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )

    return call


def by_name(value):
    """Test functions by their names, alone and in lists."""
    if isinstance(value, list):
        return [by_name(one) for one in value]
    return value.name if isinstance(value, Function) else value


@pytest.fixture
def asked(monkeypatch):
    """Runs that take no time: each gives its small result, and notes here what it was asked for."""
    calls = {}

    def run(command):
        def give(*arguments, progress=None, **options):
            if progress:
                progress(1, 2)
            named = {name: by_name(value) for name, value in options.items()}
            calls[command] = tuple(map(by_name, arguments)), named
            return RESULTS[command]

        return give

    for command, place in RUNS.items():
        monkeypatch.setattr(f"optviz.runs.{place}", run(command))
    monkeypatch.setattr("optviz.runs.networks.training.journal_of", lambda **arguments: None)

    def poster(result, picture, folder, theme):
        (folder / picture.poster).write_bytes(b"")
        return folder / picture.poster

    def explorer(folder):
        (folder / "explorer.html").write_text("<title>optviz explorer</title>")
        return folder / "explorer.html"

    monkeypatch.setattr("optviz.page.explorer.Explorer.to_html", lambda page: "<html><head></head></html>")
    monkeypatch.setattr("optviz.gallery.making.write_poster", poster)
    monkeypatch.setattr("optviz.gallery.pages.write_explorer", explorer)
    return calls


@pytest.fixture
def undrawn(asked, monkeypatch):
    """The same, and pictures that take no time: they are named and not drawn."""
    monkeypatch.setattr("optviz.drawing.draw", lambda result, *files, **look: list(files))
    return asked

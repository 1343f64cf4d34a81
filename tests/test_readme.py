"""What the documentation shows works as it is shown."""

import doctest
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from optviz.cli._app import COMMANDS
from optviz.units import registry
from tests.optimizers.peers import library

ROOT = Path(__file__).parent.parent
PACKAGES = ("torch", "optax", "keras", "scipy", "sklearn", "pandas")  # of which examples show the use
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def commands():
    shown = [line for block in blocks("sh") for line in block.splitlines()]
    shown += [line.removeprefix("$ ") for command in COMMANDS.values() for line in command.examples.splitlines()]
    return [line for line in shown if line.startswith("optviz ")]


class Reached(Exception):
    """The command got as far as the work itself."""


def reached(*arguments, **options):
    raise Reached


@pytest.mark.parametrize("line", commands())
def test_every_documented_command_is_understood(line, tmp_path, monkeypatch, capsys):
    from optviz.cli import _run

    monkeypatch.chdir(tmp_path)
    for kind in ("functions", "optimizers"):  # a file that is run registers what it defines, for this test alone
        known = [*registry(kind)]  # all are loaded, and none of them is loaded twice
        monkeypatch.setattr(registry(kind), "_units", {unit.name: unit for unit in known})
    if ".py:" in line:  # what optviz new has written before
        kind = "function" if " animate canyon" in line else "optimizer"
        name = re.search(r"(\w+)\.py:", line)[1]
        assert _run.run(["new", kind, name, "--quiet"]) == 0
        capsys.readouterr()
    for home in (
        "runs.points.race.race",
        "runs.points.basins.basins",
        "runs.points.sweep.sweep",
        "runs.points.explain.explain",
        "runs.points.swarm.swarm",
        "runs.points.study.study",
        "runs.networks.training.train",
        "runs.networks.training.journal_of",
        "page.explorer.Explorer.to_html",
        "gallery.write_gallery",
        "results.load",
        "writers.reading.read",
    ):
        monkeypatch.setattr(f"optviz.{home}", reached)
    code = _run.run(shlex.split(line)[1:])
    err = capsys.readouterr().err
    assert (code == 0 and (not err or line.startswith("optviz new"))) or (code == 101 and "Reached" in err), err


# What the blocks leave that write.
LEAVES = [
    {"himmelblau.gif", "himmelblau.png", "himmelblau.svg"},
    {"mnist.png", "mnist.csv"},
    {"convergence.pdf", "mine.png"},
]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_every_python_block_runs_by_itself(number, tmp_path):
    block = blocks("python")[number]
    compile(block, "README.md", "exec")
    for name in PACKAGES:
        if f"import {name}" in block or f"to_{name}" in block:
            pytest.importorskip(name)
    if "cuda" in block and not sys.modules["torch"].cuda.is_available():
        pytest.skip("needs a GPU")
    (tmp_path / "work").mkdir()
    (tmp_path / "block.py").write_text(block)  # kernels read a formula's source
    command = [sys.executable, "-W", "error", str(tmp_path / "block.py")]
    done = subprocess.run(command, cwd=tmp_path / "work", capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in (tmp_path / "work").iterdir()} in [set(), *LEAVES]


def modules_with_examples():
    files = sorted((ROOT / "optviz").rglob("*.py"))
    shown = [file.relative_to(ROOT) for file in files if re.search(r"^ *>>> ", file.read_text(), flags=re.MULTILINE)]
    return [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in shown]


@pytest.mark.parametrize("name", modules_with_examples())
def test_every_example_of_a_docstring_runs_by_itself(name):
    package = name.removeprefix("optviz.").partition(".")[0]
    if package in PACKAGES:
        try:
            library(package)
        except ImportError:
            pytest.skip(f"could not import {package!r}")
    module = import_module(name)
    examples = [test for test in doctest.DocTestFinder().find(module, globs={}) if test.examples]
    assert examples
    for example in examples:
        result = doctest.DocTestRunner(verbose=False).run(example, clear_globs=False)
        assert result.attempted and not result.failed


def test_the_rooms_of_units_are_there_without_an_import_of_their_own():
    program = "import optviz; print(*(len(getattr(optviz, room).REGISTRY.names()) > 1 for room in optviz._ROOMS))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 7


def test_files_that_the_readme_names_are_there():
    for link in re.findall(r"\]\(([^):]+)\)", README):
        assert (ROOT / link).exists() or link.startswith("gallery/"), link


def test_the_readme_and_the_help_agree_on_exit_codes():
    from optviz.cli._errors import EXIT_CODES

    _, _, section = README.partition("## Scripts")
    shown = dict(re.findall(r"^\| (\d+) \| (.*) \|$", section, flags=re.MULTILINE))
    assert {int(code): meaning for code, meaning in shown.items()} == EXIT_CODES

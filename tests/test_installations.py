"""Installations and environments that lack something: they say what, or do without."""

import compileall
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import optviz


def run(folder, *arguments, **variables):
    command = [sys.executable, "-P", "-W", "error", "-m", "optviz", *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True, timeout=120)


RACE = ["sphere", "--optimizers", "sgd", "--lr", "0.1", "--steps", "4", "--quiet"]


def test_a_backend_that_matplotlib_lacks_does_not_matter(tmp_path):
    named, unnamed = (run(tmp_path, "plot", *RACE, "-o", f"x{name}.pdf", MPLBACKEND=name) for name in ("nonsense", ""))
    assert (named.returncode, named.stderr) == (unnamed.returncode, unnamed.stderr) == (0, "")
    assert (tmp_path / "xnonsense.pdf").read_bytes() == (tmp_path / "x.pdf").read_bytes()


@pytest.mark.parametrize(("name", "kept"), [("svg", "svg"), ("nonsense", None)])
def test_whoever_draws_by_pyplot_gets_the_backend_that_was_asked_for(tmp_path, name, kept):
    program = (
        "import os, optviz.figures, matplotlib;"
        "print(matplotlib.rcParams._get_backend_or_none(), os.environ['MPLBACKEND'])"
    )
    environment = os.environ | {"MPLBACKEND": name}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(kept), name]


def test_an_installation_without_sources_says_so(tmp_path):
    package = tmp_path / "optviz"
    shutil.copytree(Path(optviz.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    assert compileall.compile_dir(package, quiet=1, legacy=True)
    for source in package.rglob("*.py"):
        source.unlink()
    assert run(tmp_path, "show", "adam", PYTHONPATH=str(tmp_path)).returncode == 0
    done = run(tmp_path, "plot", *RACE, "-o", "a.svg", PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "error: this installation of optviz lacks its sources (.py files), which kernels are compiled from",
        "Install it again: pip install --force-reinstall --no-deps optviz",
    ]

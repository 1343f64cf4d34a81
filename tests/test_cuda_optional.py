"""Nothing of CUDA is imported where nobody asks for it, and two modules import it where somebody does."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "optviz"
GATES = {PACKAGE / "kernels" / "cuda" / name for name in ("backend.py", "linking.py")}

# What runs in a process of its own: an import of anything of CUDA is an error there, and noted in case it is caught.
FORBIDDEN = """
import sys

asked = []


class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("cuda", "cupy", "numba_cuda", "numba_cuda_mlir"):
            forbidden = True
        else:
            forbidden = name.startswith(("numba.cuda", "optviz.kernels.cuda"))
        if forbidden:
            asked.append(name)
            raise ImportError(f"{name} is forbidden here")


sys.meta_path.insert(0, Forbidden())
"""
COMMANDS = """
from optviz.cli import _run

FAST = ["--optimizers", "sgd,adam", "--lr", "defaults", "--steps", "20", "--quiet"]
for line in (
    ["animate", "sphere", *FAST, "-o", "animate.npz"],
    ["plot", "sphere", *FAST, "-o", "plot.png"],
    ["basins", "sphere", *FAST, "--resolution", "8", "-o", "basins.json"],
    ["swarm", "sphere", *FAST, "-o", "swarm.npz"],
    ["sweep", "sphere", "--optimizer", "momentum", "--steps", "20", "--resolution", "8", "--quiet", "-o", "sweep.npz"],
    ["study", *FAST, "--functions", "sphere", "-o", "race.json"],
    ["train", "--network", "logreg", "--optimizers", "sgd", "--epochs", "1", "--quiet", "-o", "mnist.json"],
    ["draw", "animate.npz", "-o", "draw.png", "--quiet"],
    ["list", "optimizers"],
    ["show", "adam"],
    ["cache", "verify"],
):
    code = _run.run(line)
    assert code == 0, line
"""
PYTHON = """
import numpy as np

import optviz

optviz.minimize("rosenbrock", "adam", steps=5)
optviz.minimize_many("himmelblau", "adam", starts=np.zeros((3, 2)), steps=5, lr=0.05)
rule = optviz.optimizer("adam")
weights = {"w": np.ones(5), "b": np.ones(3)}
rule.step(weights, {"w": np.ones(5), "b": np.ones(3)}, rule.init(weights))
"""
AUTO = """
from optviz.kernels import devices

assert devices.chosen("auto") == "cpu"
from optviz.cli import _run

assert _run.run(["doctor"]) == 0
"""


def without_cuda(code, folder):
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDEN + code + "\nassert not asked, asked"],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]


@pytest.mark.parametrize("code", [pytest.param(COMMANDS, marks=pytest.mark.slow), PYTHON], ids=["commands", "python"])
def test_nothing_of_cuda_is_imported_unasked(tmp_path, code):
    without_cuda(code, tmp_path)


def test_nothing_of_cuda_is_imported_where_it_is_not_installed(tmp_path):
    from optviz.kernels import devices

    if devices.version("numba-cuda"):
        pytest.skip("numba-cuda is installed")
    without_cuda(AUTO, tmp_path)


def imports(file):
    """The full names of all that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of_cuda(file):
    return [name for name in imports(file) if f"{name}.".startswith(("numba.cuda.", "numba_cuda.", "cupy."))]


def test_two_modules_import_cuda():
    assert {file for file in PACKAGE.rglob("*.py") if of_cuda(file)} == GATES

"""A unit from outside the package: one function, and every door, kernel and picture knows it.

The module below stands for another distribution. It registers an optimizer and a function with the decorators, as a
notebook does; with a ``dist-info`` beside it, it announces them by entry points, as an installed package does.
"""

import json
import os
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest

import optviz
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as OPTIMIZERS

UNITS = dedent('''
    """Units of another distribution."""

    from math import cos, sin

    from optviz.functions import function
    from optviz.optimizers import optimizer


    @optimizer(title="Careful", reference="Nobody 2026, equation 1", equation="x ← x − lr g / (1 + |g|)")
    def careful(x, g, steps_taken, lr=0.1, caution=1.0):
        """Move against the gradient, never farther than lr."""
        return x - lr * g / (caution + abs(g)), steps_taken + 1


    def ripples_gradient(x, y):
        return 2 * x + 0.5 * cos(5 * x), 2 * y


    @function(
        title="Ripples",
        family="bowl",
        formula="f(x, y) = x² + y² + 0.1 sin 5x",
        gradient=ripples_gradient,
        bounds=((-2.0, 2.0), (-2.0, 2.0)),
        start=(1.5, 1.0),
        minimizers=[(-0.16741215412439453, 0.0)],
        minimum=-0.04624097864539728,
        steps=60,
    )
    def ripples(x, y):
        """A bowl with ripples."""
        return x**2 + y**2 + 0.1 * sin(5 * x)
''')
BROKEN = "raise RuntimeError('half installed')\n"
ENTRY_POINTS = dedent("""
    [optviz.optimizers]
    careful = otherpackage:careful
    missing = brokenpackage:missing

    [optviz.functions]
    ripples = otherpackage:ripples
""")


@pytest.fixture
def units(tmp_path, monkeypatch):
    """The module, imported in this process; its units leave the registries afterwards."""
    (tmp_path / "decorated_units.py").write_text(UNITS)
    monkeypatch.syspath_prepend(tmp_path)
    OPTIMIZERS.names(), FUNCTIONS.names()
    for registry in (OPTIMIZERS, FUNCTIONS):
        monkeypatch.setattr(registry, "_units", dict(registry._units))
    import decorated_units

    yield decorated_units
    del sys.modules["decorated_units"]


@pytest.fixture
def installed(tmp_path):
    """Run the command line where another distribution announces the units by entry points."""
    (tmp_path / "otherpackage.py").write_text(UNITS)
    (tmp_path / "brokenpackage.py").write_text(BROKEN)
    info = tmp_path / "otherpackage-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: otherpackage\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))

    def call(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "optviz", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=240,
        )

    return call


def test_a_decorated_unit_runs_in_its_kernels(units):
    run = optviz.minimize("ripples", "careful", steps=200)
    assert run.hyperparameters == {"lr": 0.1, "caution": 1.0}
    assert run.points[-1] == pytest.approx(FUNCTIONS["ripples"].minimizers[0], abs=1e-3)

    x = np.array([1.0, -2.0, 0.5], np.float32)
    expected = x - np.float32(0.1) * x / (1 + abs(x))
    opt = optviz.optimizer(units.careful)
    state = opt.init(x)
    opt.step(x, x.copy(), state)
    np.testing.assert_allclose(x, expected, rtol=1e-6)
    np.testing.assert_array_equal(state["steps_taken"], 1)


def test_a_decorated_unit_races(units):
    race = optviz.race("ripples", ["sgd", "careful"], resolution=32)
    assert [run.title for run in race.trajectories] == ["SGD", "Careful"]
    assert race.rates["careful"] == "tuned"
    assert race.steps == 60


def test_an_installed_unit_is_listed_and_shown(installed):
    listed = installed("list", "optimizers")
    assert listed.returncode == 0
    units = listed.stdout.partition("\n\n")[0].splitlines()  # before the sets
    assert units[-1].split()[:2] == ["careful", "Careful"]
    assert listed.stderr.splitlines()[0] == (
        "warning: the optimizer 'missing' of the package 'otherpackage' does not load: RuntimeError: half installed"
    )
    assert "ripples" in installed("list", "functions", "--quiet").stdout.split()
    shown = installed("show", "careful")
    assert "x ← x − lr g / (1 + |g|)" in shown.stdout
    assert "Nobody 2026" in shown.stdout
    assert "minimizers" in installed("show", "ripples").stdout
    assert "Did you mean 'careful'?" in installed("animate", "ripples", "--optimizers", "careffl").stderr


def test_a_plugin_that_does_not_load_is_named_and_hurts_nobody_else(installed):
    shown = installed("show", "missing")
    assert shown.returncode == 3
    assert shown.stderr.splitlines()[0] == (
        "error: the optimizer 'missing' of the package 'otherpackage' does not load: RuntimeError: half installed"
    )
    assert installed("show", "adam").returncode == 0


FAULTS = {
    "a formula that does not compile": (
        "@optimizer()\ndef faulty(x, g, lr=0.1):\n    return x - lr * g * SETTINGS['c']\n",
        ("animate", "sphere", "--optimizers", "faulty", "--lr", "0.1"),
        7,
    ),
    "step scalars": (
        "def scalars(t, lr):\n    return {'rate': lr / SETTINGS['d'] if lr != 0.5 else 1}\n\n"
        "@optimizer(scalars=scalars)\ndef faulty(x, g, rate, lr=0.1):\n    return x - rate * g\n",
        ("animate", "sphere", "--optimizers", "faulty", "--lr", "0.1"),
        6,
    ),
    "a network's layers": (
        "from optviz.networks import network\n\n@network()\ndef faulty(shape, classes):\n    return SETTINGS['d']\n",
        ("train", "--network", "faulty"),
        9,
    ),
    "a data set": (
        "from optviz.datasets import dataset\n\n@dataset()\ndef faulty():\n    return SETTINGS['d']\n",
        ("mnist", "--dataset", "faulty"),
        9,
    ),
}
GROUPS = {"a network's layers": "networks", "a data set": "datasets"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_plugin_is_its_authors(fault, installed, tmp_path):
    text, command, line = FAULTS[fault]
    (tmp_path / "otherpackage.py").write_text(
        "from optviz.optimizers import optimizer\n\nSETTINGS = {'c': 1.0}\n\n" + text
    )
    points = f"[optviz.{GROUPS.get(fault, 'optimizers')}]\nfaulty = otherpackage:faulty\n"
    (tmp_path / "otherpackage-1.0.dist-info" / "entry_points.txt").write_text(points)
    done = installed(*command)
    assert done.returncode == 1, done.stderr
    problem = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert f"otherpackage.py, line {line}" in problem
    assert "Traceback" not in done.stderr and "mistake in optviz" not in done.stderr


def test_a_plugin_that_ends_the_program_is_named(installed, tmp_path):
    (tmp_path / "brokenpackage.py").write_text("raise SystemExit(0)\n")
    shown = installed("show", "missing")
    assert shown.returncode == 3
    assert "'otherpackage' does not load: SystemExit: 0" in shown.stderr


@pytest.mark.slow
def test_an_installed_unit_is_animated(installed, tmp_path):
    done = installed("animate", "ripples", "--optimizers", "sgd,careful", "--json", "-o", "ripples.gif")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["function"] == "ripples"
    assert [run["optimizer"] for run in document["runs"]] == ["sgd", "careful"]
    assert (tmp_path / "ripples.gif").read_bytes().startswith(b"GIF89a")
    assert (tmp_path / "ripples.png").exists()

"""A first run says how many of its kernels are ready; later ones say nothing of them."""

import os
import subprocess
import sys

import pytest

from optviz.cli._print import Watcher
from optviz.kernels import cache
from tests.datasets.files import blobs, write

COUNT = """
import sys
from optviz.cli import _print, _run
from optviz.kernels import cache

def compiling(watcher, total):
    states = []
    class Told:
        def __enter__(self):
            cache.listener = states.append
        def __exit__(self, *how):
            cache.listener = None
            print(total, states.count(cache.READY), states.count(cache.COMPILING), file=sys.stderr)
    return Told()

_print.Watcher.compiling = compiling
assert _run.run(sys.argv[1:]) == 0
"""
FEW = ["--optimizers", "sgd,adam", "--steps", "20"]
LINES = {
    "animate": ["animate", "saddle", *FEW],
    "rates given": ["plot", "saddle", *FEW, "--lr", "0.1"],
    "basins": ["basins", "saddle", *FEW, "--resolution", "8", "--lr", "adam=0.1"],
    "swarm": ["swarm", "saddle", *FEW, "--starts", "9", "--frames", "5"],
    "solvers": ["animate", "booth", "--optimizers", "sgd,newton,gauss_newton,compass", "--steps", "20"],
    "solvers alone": ["basins", "booth", "--optimizers", "newton", "--steps", "20", "--resolution", "8"],
    "study": ["study", *FEW, "--functions", "saddle,booth", "--starts", "9"],
    "mlp": ["train", "--dataset", "./four", "--optimizers", "sgd,adam", "--epochs", "1"],
    "cnn": ["train", "--dataset", "./four", "--optimizers", "sgd", "--epochs", "1", "--network", "cnn"],
    "sweep": ["sweep", "saddle", "--resolution", "8", "--steps", "20"],
}


class Bar:
    def __init__(self):
        self.said = []

    def add_task(self, name, total):
        self.said.append((name, None, total))

    def update(self, task, completed, total, description):
        self.said.append((description, completed, total))


@pytest.fixture
def watcher():
    watcher = Watcher(Bar())
    watcher.begin("running")
    watcher._task = 0
    return watcher


def test_kernels_are_counted_while_one_is_compiled(watcher):
    with watcher.compiling(3):
        for state in (cache.READY, cache.COMPILING, cache.READY, cache.COMPILING, cache.READY):
            cache.listener(state)
        watcher(10, 20)
    assert cache.listener is None
    assert watcher._bar.said == [
        ("running", None, None),
        ("compiling once, 1 of 3", 1, 3),
        ("running", 0, None),
        ("compiling once, 2 of 3", 2, 3),
        ("running", 0, None),
        ("running", 10, 20),
    ]


def test_where_all_are_on_disk_nothing_is_said(watcher):
    with watcher.compiling(2):
        for _ in range(2):
            cache.listener(cache.READY)
    assert watcher._bar.said == [("running", None, None)]


def test_a_count_never_passes_its_total(watcher):
    with watcher.compiling(1):
        for state in (cache.READY, cache.COMPILING, cache.READY):
            cache.listener(state)
    assert watcher._bar.said[1] == ("compiling once, 1 of 2", 1, 2)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_the_total_is_what_a_cold_and_a_warm_run_need(here, line):
    write(here / "four", blobs())
    for cold in (True, False):
        done = subprocess.run(
            [sys.executable, "-c", COUNT, *line, "--json"],
            env=os.environ | {"OPTVIZ_CACHE_DIR": str(here / "cache")}, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        total, ready, compiled = map(int, done.stderr.split())
        assert ready == total and compiled == (total if cold else 0)

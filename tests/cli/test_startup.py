"""A command that only reads names starts at once: no kernels, no pictures, no arrays."""

import subprocess
import sys

import pytest

HEAVY = ("numba", "llvmlite", "matplotlib", "numpy", "PIL", "rich", "joblib")
PROBE = """
import sys
from optviz.cli import main
sys.argv = ["optviz", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    print([name for name in {heavy} if name in sys.modules], end.code, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["animate", "--help"],
        ["sweep", "--help"],
        ["doctor", "--help"],
        ["list", "optimizers"],
        ["list", "functions", "--json"],
        ["list", "networks"],
        ["list", "datasets"],
        ["list", "noise"],
        ["list", "formats"],
        ["list", "schedules"],
        ["list", "wrappers"],
        ["show", "adam"],
        ["show", "lookahead(adam, k=5)"],
        ["show", "gaussian"],
        ["help", "exit-codes"],
        ["animate", "rosenbrock", "--optimizers", "adma"],
        ["study", "--optimizers", "sgd,adma"],
    ],
    ids=" ".join,
)
def test_light_commands_import_nothing_heavy(arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(heavy=HEAVY), *arguments], capture_output=True, text=True, timeout=60
    )
    code = 2 if "adma" in arguments[-1] else 0
    assert done.stderr.splitlines()[-1] == f"[] {code}", done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "optviz animate ros",
        "optviz animate --optimizers sgd,ad",
        "optviz show ad",
        "optviz animate --optimizers lookahead(ad",
        "optviz sweep --x mom",
        "optviz sweep --set be",
        "optviz basins --noise gau",
        "optviz study --functions booth,sph",
        "optviz doc",
    ],
)
def test_completion_offers_names_without_kernels(words):
    code = PROBE.format(heavy=HEAVY)
    environment = {"_OPTVIZ_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split()
    assert all(line.startswith(words.split()[-1]) for line in done.stdout.split())
    assert done.stderr.splitlines()[-1].startswith("[]")

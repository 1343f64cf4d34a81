"""A user whom the system does not know and who has no home, as in containers: everything runs, nothing is kept."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.datasets.files import blobs, write

VARIABLES = ("HOME", "USERPROFILE", "OPTVIZ_CACHE_DIR", "OPTVIZ_DATA_DIR", "MPLCONFIGDIR")
# A system that knows nobody; the commands are the lines of what it is given.
PROGRAM = """
import os, shlex, sys
try:
    import pwd
except ImportError:
    sys.exit(42)
def unknown(*_):
    raise KeyError("getpwuid(): uid not found: 12345")
if os.geteuid() != 12345:
    pwd.getpwuid = pwd.getpwnam = unknown
from optviz.cli import _run
for line in sys.argv[1:]:
    print(_run.run(shlex.split(line)), flush=True)
"""
LIGHT = [
    "doctor --json",
    "cache path",
    "cache verify",
    "cache clear",
    "show adam",
    "mnist --dataset fashion-mnist --epochs 0",
]
WORK = [
    "mnist --dataset ./four --optimizers sgd --epochs 1 -o m.png -q --no-progress",
    "mnist --dataset ./four --optimizers sgd --epochs 1 --resume -o m.json -q",
    "mnist --dataset fashion-mnist --optimizers sgd --epochs 1 -q",
    "animate sphere --steps 4 --optimizers sgd --lr 0.1 -o a.gif -q",
]


def unknown_user(folder, lines, *before):
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES and name[:3] != "XDG"}
    done = subprocess.run(
        [*before, sys.executable, "-c", PROGRAM, *lines],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode == 42:
        pytest.skip("this system has no such list of users")
    return done


def check_light(done):
    lines = done.stdout.splitlines()
    facts = json.loads(lines[0])
    assert facts["cache"] == {"path": None, "kept": False}
    assert [line for line in lines if line.isdecimal()] == ["0", "3", "0", "0", "0", "2"]
    assert "0 sound, 0 damaged" in lines
    assert "this user has no place for compiled kernels" in done.stderr


def test_a_user_without_home(tmp_path):
    check_light(unknown_user(tmp_path, LIGHT))


@pytest.mark.slow
def test_a_user_without_home_computes(tmp_path):
    write(tmp_path / "four", blobs())
    done = unknown_user(tmp_path, WORK)
    assert [line for line in done.stdout.splitlines() if line.isdecimal()] == ["0", "0", "3", "0"]
    assert "mistake" not in done.stderr and "the user has no home" in done.stderr
    assert {"m.png", "m.json", "a.gif"} <= {file.name for file in tmp_path.iterdir()}


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="the superuser alone can be somebody else")
def test_a_real_user_id_without_a_name(tmp_path_factory):
    if not shutil.which("setpriv"):
        pytest.skip("there is no setpriv here")
    folder = tmp_path_factory.mktemp("unknown")
    write(folder / "four", blobs())
    for place in (folder, folder / "four"):
        place.chmod(0o777)
    # It may read where Python is installed, whoever owns that, and writes nowhere else.
    as_unknown = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
    as_unknown += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    done = unknown_user(folder, [*LIGHT, *WORK], *as_unknown)
    if done.returncode and not done.stdout:
        pytest.skip("this system does not let us be somebody else")
    codes = [line for line in done.stdout.splitlines() if line.isdecimal()]
    assert codes == ["0", "3", "0", "0", "0", "2", "0", "0", "3", "0"], done.stderr
    assert (folder / "m.png").stat().st_uid == 12345

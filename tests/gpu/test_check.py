"""The script that says whether a card computes rightly: in the simulator, and what it makes of results and of tools."""

import os
import re
import subprocess
import sys

import pytest

from optviz.kernels import devices
from optviz.kernels.cuda import backend
from tests.gpu import check, facts
from tests.gpu.report import POSIX, ROOT, Late, Missing, Report, Wrong

XML = """<testsuites><testsuite name="pytest" tests="4" time="9">
<testcase classname="tests.cuda.test_tile" name="test_one[float32]" time="1.5"/>
<testcase classname="tests.cuda.test_tile" name="test_two" time="0.25">
<failure message="assert">def test_two():
&gt;   assert 1 == 2
E   assert 1 == 2

tests/cuda/test_tile.py:3: AssertionError</failure></testcase>
<testcase classname="tests.cuda.test_fleet" name="test_three" time="0">
<skipped message="no torch">x</skipped></testcase>
<testcase classname="tests.cuda.test_fleet" name="test_four" time="2"><error message="boom">at setup</error></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def report(tmp_path):
    return Report(tmp_path / "report.md", "A title", 5)


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setattr(backend, "SIMULATED", False)


def test_results_of_pytest(tmp_path):
    (tmp_path / "results.xml").write_text(XML)
    found = check.results(tmp_path / "results.xml")
    assert [how for _, how, *_ in found] == ["passed", "failure", "skipped", "error"]
    text = "\n".join(check.told(found))
    for line in (
        "| test_fleet | 0 | 1 | 1 | 2.0 |",
        "| test_tile | 1 | 1 | 0 | 1.8 |",
        "| all | 1 | 2 | 1 | 3.8 |",
        "test_tile::test_two\nE   assert 1 == 2",
        "test_fleet::test_four\nat setup",
        "- skipped, 1: no torch",
    ):
        assert line in text
    many = [(f"test_a::test_{i}", "failure", 0.0, "E no") for i in range(check.SHOWN + 3)]
    assert "3 more failed." in list(check.told(many))


def test_tests_that_fail_fail_the_part(report, monkeypatch):
    def until(command, seconds):
        (path,) = [word.partition("=")[2] for word in command if word.startswith("--junit-xml=")]
        with open(path, "w") as file:
            file.write(XML)
        return 1

    monkeypatch.setattr(check, "until", until)
    with pytest.raises(Wrong, match="pytest ended with 1"):
        list(check.tests(report, []))
    monkeypatch.setattr(check, "until", lambda *given: until(*given) and None)
    with pytest.raises(Late, match="4 tests have ended"):
        list(check.tests(report, []))
    monkeypatch.setattr(check, "until", lambda *given: 2)
    with pytest.raises(Wrong, match="wrote no results"):
        list(check.tests(report, []))


@pytest.mark.skipif(not POSIX, reason="processes cannot be told to stop here")
def test_a_process_is_told_to_stop_and_may_say_what_it_has(tmp_path):
    code = f"""
import time
try:
    time.sleep(600)
except KeyboardInterrupt:
    open({str(tmp_path / "said")!r}, "w").write("so far")
"""
    assert check.until([sys.executable, "-c", code], 2) is None
    assert (tmp_path / "said").read_text() == "so far"
    assert check.until([sys.executable, "-c", "raise SystemExit(4)"], 60) == 4


def test_processes_must_agree(report, monkeypatch):
    answers = iter(["a: 1\nb: 2\n", "a: 1\nb: 3\n"])
    monkeypatch.setattr(check, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, next(answers), ""))
    with pytest.raises(Wrong, match="two processes differ in: b"):
        list(check.same_bits(report))
    monkeypatch.setattr(check, "run", lambda *_, **__: subprocess.CompletedProcess([], -11, "a: 1\n", "Segfault\n"))
    with pytest.raises(Wrong, match="ended with -11: Segfault"):
        list(check.same_bits(report))


posix = pytest.mark.skipif(not POSIX, reason="a script is no program here")
CLEAN = "========= ERROR SUMMARY: 0 errors"
RACES = "========= RACECHECK SUMMARY: 2 hazards displayed (1 error, 1 warning)"


@posix
@pytest.mark.parametrize(
    ("summary", "code", "words"),
    [
        (CLEAN, 0, None),
        ("========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)", 0, None),
        (RACES, 0, "has found something"),
        ("========= ERROR SUMMARY: 3 errors", check.FAULTS, "has found something"),
        (CLEAN, 1, "ended with 1"),
        ("nothing", 0, "ended with 0"),
    ],
)
def test_what_a_tool_says(report, monkeypatch, tmp_path, card, summary, code, words):
    tool = tmp_path / "compute-sanitizer"
    tool.write_text(f'#!/bin/sh\necho "========= COMPUTE-SANITIZER"\necho "{summary}"\nexit {code}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    if words is None:
        assert list(check.watched(report, "memcheck", 1)) == [f"memcheck: {summary.strip('= ')}"]
    else:
        with pytest.raises(Wrong, match=words):
            list(check.watched(report, "memcheck", 1))


def test_a_tool_that_is_not_there(report, monkeypatch, card):
    monkeypatch.setattr(check, "sanitizer", lambda: None)
    with pytest.raises(Missing, match="pip install nvidia-cuda-sanitizer-api"):
        list(check.watched(report, "memcheck", 1))


@posix
@pytest.mark.parametrize("way", ["toolkit", "package"])
def test_where_tools_are(monkeypatch, tmp_path, way):
    tool = tmp_path / "bin" / "compute-sanitizer"
    tool.parent.mkdir()
    tool.write_text("")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(check, "TOOLKITS", ())
    if way == "toolkit":
        monkeypatch.setenv("CUDA_HOME", str(tmp_path))
    else:
        folder = tmp_path / "nvidia_cuda_sanitizer_api-13.5.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Name: nvidia-cuda-sanitizer-api\nVersion: 13.5\n")
        (folder / "RECORD").write_text("bin/compute-sanitizer,,\n")
        monkeypatch.syspath_prepend(tmp_path)
    assert check.sanitizer() == str(tool)


def test_without_a_gpu_it_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(devices, "missing", lambda: ("no GPU", "Do something."))
    with pytest.raises(SystemExit, match="^3$"):
        check.main([])
    assert capsys.readouterr().err == "no GPU. Do something.\n"


def test_facts_of_a_card(monkeypatch, card):
    from tests.ptx.test_model import Driver

    device = {"name": "NVIDIA H100", "compute_capability": "9.0", "memory": 80 << 30, "multiprocessors": 132}
    said = {"problem": None, "version": "13.0", "devices": [device]}
    monkeypatch.setattr(facts.driver, "facts", lambda: said)
    monkeypatch.setattr(backend, "cuda", type("Cuda", (), {"get_current_device": staticmethod(Driver)}))
    monkeypatch.setattr(Driver, "L2_CACHE_SIZE", 50 << 20, raising=False)
    found = facts.everything()
    assert found["memory"] == "80 GiB, 3,352 GB/s by its clock and width"
    assert found["multiprocessors"] == "132 at 1.98 GHz, 66.9 TFLOP/s in float32"


def simulated(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.mark.slow
def test_in_the_simulator(tmp_path):
    done = simulated("-m", "tests.gpu.check", "-o", str(tmp_path / "report.md"), "--minutes", "12")
    text = (tmp_path / "report.md").read_text()
    assert done.returncode == 0, text + done.stderr
    ended = re.findall(r"^\| .+ \| ([a-z ]+) \| \d+ \|$", text, re.MULTILINE)
    assert ended == ["passed"] * 5 + ["left out"] * len(check.TOOLS)
    assert facts.SIMULATED in text and "A second process gave the same bits." in text


@pytest.mark.slow
def test_every_kernel_is_launched():
    code = """
from optviz.kernels.cuda import backend
seen, original = set(), backend.launch

def launch(kernel, *given, **options):
    seen.add(kernel.__name__.partition("__")[0])
    original(kernel, *given, **options)

backend.launch = launch
from tests.gpu import every
from tests.ptx.listing import kernels
every.main()
listed = {one.kernel.__name__.partition("__")[0] for one in kernels()}
listed -= {"element", "tick"}  # the tests' own, and what is launched in graphs only, which the simulator has not
assert listed <= seen, listed - seen
"""
    done = simulated("-W", "ignore", "-c", code)
    assert done.returncode == 0, done.stderr

"""What the doctor says on machines of every kind."""

import json
import os
import tomllib
from pathlib import Path

import pytest

from optviz.kernels import driver as nvidia
from optviz.runs import installation
from tests.kernels.drivers import A100, CUDA12, CUDA13, V100, driver, installed

ABSENT = FileNotFoundError("libcuda.so.1")
TRIAL = "optviz.kernels.cuda.trial"


@pytest.fixture
def machine(monkeypatch, inside):
    """Run the doctor on a machine; its driver and its trial answer in this process."""

    def call(library, packages=None, *arguments, trial="", **variables):
        installed(monkeypatch, library, packages)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        answers = {"optviz.kernels.driver": lambda: (json.dumps(nvidia.facts()), ""), TRIAL: lambda: ("", trial)}
        monkeypatch.setattr(installation, "_apart", lambda module: answers[module]())
        done = inside("doctor", *arguments)
        assert (done.code, done.err) == (0, "")
        return done.out

    return call


def rows(out):
    """The facts by their names, and the verdict."""
    *lines, empty, verdict = out.splitlines()
    assert empty == ""
    width = max(len(line.split("  ")[0]) for line in lines) + 2
    assert all(line[width - 1] == " " and line[width] != " " for line in lines)
    return {line[:width].strip(): line[width:] for line in lines}, verdict


def test_without_a_driver(machine):
    facts, verdict = rows(machine(ABSENT))
    assert verdict == "optviz computes on the CPU: no NVIDIA driver is installed"
    assert facts["driver"] == "no NVIDIA driver is installed"
    assert facts["numba-cuda"] == "not installed"
    assert 'pip install "optviz[cuda12]"' in facts["for a GPU"]
    assert 'pip install "optviz[cuda13]"' in facts["for a GPU"]
    assert {"optviz", "Python", "numpy", "numba", "llvmlite", "processor", "cache"} <= set(facts)


@pytest.mark.parametrize(("version", "extra"), [(12040, "cuda12"), (13000, "cuda13")])
def test_with_a_driver_alone(machine, version, extra):
    facts, verdict = rows(machine(driver(version, (A100, V100))))
    assert verdict == "optviz computes on the CPU: CUDA for Numba is not installed"
    assert facts["driver"] == f"for CUDA {version // 1000}.{version % 1000 // 10}"
    assert facts["device 0"] == "NVIDIA A100-SXM4-40GB, compute capability 8.0, 42.4 GB, 108 multiprocessors"
    assert facts["device 1"] == "Tesla V100-SXM2-16GB, compute capability 7.0, 16.9 GB, 80 multiprocessors"
    assert facts["for a GPU"] == f'Install it: pip install "optviz[{extra}]"'
    assert "nvvm" not in facts


def test_with_everything(machine):
    facts, verdict = rows(machine(driver(13000), CUDA13))
    assert verdict == "optviz computes on the CPU, and with --device cuda on NVIDIA A100-SXM4-40GB"
    assert facts["numba-cuda"] == "0.30.4, for CUDA 13"
    assert facts["nvvm"] == "nvidia-nvvm 13.5.37"
    assert facts["cudart"] == "/usr/lib/libcudart.so"
    assert facts["kernels"] == "can be compiled, run"
    assert "for a GPU" not in facts


@pytest.mark.parametrize(
    ("code", "said"),
    [(100, "the NVIDIA driver finds no device"), (999, "the NVIDIA driver does not start: unknown error (error 999)")],
)
def test_with_a_driver_that_does_not_start(machine, code, said):
    facts, verdict = rows(machine(driver(started=code), CUDA12))
    assert verdict == f"optviz computes on the CPU: {said}"
    assert facts["driver"] == f"for CUDA 12.4; {said}"
    assert facts["kernels"] == "can be compiled, do not run"


def test_with_a_kernel_that_does_not_run(machine):
    facts, verdict = rows(machine(driver(), CUDA12, trial="the CUDA device failed: out of order"))
    assert verdict == "optviz computes on the CPU: a kernel fails: the CUDA device failed: out of order"
    assert facts["kernels"] == "can be compiled, do not run"


def test_the_simulator_is_named(machine):
    facts, verdict = rows(machine(ABSENT, NUMBA_ENABLE_CUDASIM="1"))
    assert verdict.startswith("optviz computes on the CPU; --device cuda is Numba's simulator")
    assert "NUMBA_ENABLE_CUDASIM" in facts["simulator"]


def test_the_document_of_a_machine_with_a_gpu(machine):
    document = json.loads(machine(driver(13010, (A100, V100)), CUDA13, "--json"))
    assert document["schema"] == 1
    assert (document["device"], document["problem"], document["remedy"]) == ("cuda", None, None)
    assert document["cuda"] == {
        "simulated": False,
        "driver": {
            "problem": None,
            "version": "13.1",
            "devices": [
                {"name": A100[0], "compute_capability": "8.0", "memory": A100[2], "multiprocessors": 108},
                {"name": V100[0], "compute_capability": "7.0", "memory": V100[2], "multiprocessors": 80},
            ],
        },
        "numba_cuda": "0.30.4",
        "toolkit": 13,
        "libraries": {
            "nvvm": "nvidia-nvvm 13.5.37",
            "nvrtc": "/usr/lib/libnvrtc.so",
            "nvJitLink": "/usr/lib/libnvJitLink.so",
            "cudart": "/usr/lib/libcudart.so",
        },
        "compiles": True,
        "runs": True,
    }


def test_the_document_of_a_machine_without(machine):
    document = json.loads(machine(ABSENT, None, "--json"))
    assert set(document) == {
        "schema", "optviz", "python", "platform", "packages", "processor", "cache", "cuda", "extras", "device",
        "problem", "remedy",
    }  # fmt: skip
    assert (document["device"], document["problem"]) == ("cpu", "no NVIDIA driver is installed")
    assert not (document["cuda"]["compiles"] or document["cuda"]["runs"])
    assert document["packages"]["numba"]
    assert document["processor"]["cores"] >= 1


def test_the_machine_that_this_is(outside, here):
    done = outside("doctor", "--json", OPTVIZ_CACHE_DIR=str(here / "new"))
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["cache"] == {"path": str(here / "new" / "kernels"), "kept": True}
    assert (document["device"] == "cuda") == document["cuda"]["runs"] == (document["problem"] is None)
    assert not (here / "new").exists()  # it looks and leaves things as they are


def test_a_kernel_of_the_simulator_runs(outside):
    done = outside("doctor", "--json", NUMBA_ENABLE_CUDASIM="1")
    document = json.loads(done.stdout)
    assert (document["device"], document["cuda"]["runs"], document["problem"]) == ("cuda", True, None)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_cache_that_is_not_used_is_told(machine, here):
    folder = here / "kernels"
    folder.mkdir()
    for mode, said in ((0o700, "writable"), (0o777, "cannot be used: every process compiles anew")):
        folder.chmod(mode)  # a folder that others can write may hold anything
        facts, _ = rows(machine(ABSENT, OPTVIZ_CACHE_DIR=str(here)))
        assert facts["cache"] == f"{folder}, {said}"
    facts, _ = rows(machine(ABSENT, OPTVIZ_CACHE_DIR=str(here / "file")))
    assert facts["cache"].endswith("writable")
    (here / "file").touch()
    facts, _ = rows(machine(ABSENT, OPTVIZ_CACHE_DIR=str(here / "file")))
    assert facts["cache"].endswith("compiles anew")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print('all is well')", ("all is well\n", "")),
        ("import sys; sys.exit('no such device')", ("", "no such device")),
        ("import os; os._exit(7)", ("", "exit code 7")),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ("", "signal 9 ends its process")),
        ("import time; time.sleep(600)", ("", "no answer in 1 seconds")),
    ],
)
def test_a_process_that_crashes_or_hangs_is_an_answer(here, monkeypatch, code, answer):
    (here / "probe.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(here))
    monkeypatch.setattr(installation, "LONGEST_WAIT", 1 if "sleep" in code else 60)
    assert installation._apart("probe") == answer


def test_a_driver_that_crashes_is_told(machine, monkeypatch, inside):
    installed(monkeypatch, ABSENT)
    monkeypatch.setattr(installation, "_apart", lambda module: ("", "signal 11 ends its process"))
    _, verdict = rows(inside("doctor").out)
    assert verdict == "optviz computes on the CPU: the NVIDIA driver fails: signal 11 ends its process"


def test_every_extra_of_a_user_is_told(machine):
    extras = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    told = json.loads(machine(ABSENT, None, "--json"))["extras"]
    assert set(told) == set(extras) - {
        "cuda12",
        "cuda13",
        "test",
        "check",
        "oracle",
        "browser",
        "notebooks",
        "docs",
        "package",
        "trainers",
    }
    for extra, facts in told.items():
        assert set(facts["packages"]) == {requirement.split(">")[0] for requirement in extras[extra]}
        assert facts["install"] == f'pip install "optviz[{extra}]"'


def test_a_missing_extra_comes_with_its_command(machine, monkeypatch):
    monkeypatch.setattr(installation, "EXTRAS", {"data": (("a_package_that_nobody_has",), "downloads data sets")})
    facts, _ = rows(machine(ABSENT))
    assert facts["data"] == 'not installed (downloads data sets): pip install "optviz[data]"'

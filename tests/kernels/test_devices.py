"""The choice of a device, and what is said where none can be used."""

import sys
import tomllib
from pathlib import Path

import pytest

from optviz.errors import MissingError, UsageError, UsageTypeError
from optviz.kernels import devices
from optviz.kernels import driver as nvidia
from tests.kernels.drivers import A100, CUDA12, CUDA13, K80, V100, driver, installed

ABSENT = FileNotFoundError("libcuda.so.1")


def reason():
    return devices.lacking(devices.facts(nvidia.facts()))


def test_a_driver_says_what_it_is_and_has(monkeypatch):
    installed(monkeypatch, driver(13010, (A100, V100)))
    assert nvidia.facts() == {
        "problem": None,
        "version": "13.1",
        "devices": [
            {"name": A100[0], "compute_capability": "8.0", "memory": A100[2], "multiprocessors": 108},
            {"name": V100[0], "compute_capability": "7.0", "memory": V100[2], "multiprocessors": 80},
        ],
    }


@pytest.mark.parametrize(
    ("library", "version", "problem"),
    [
        (ABSENT, None, "no NVIDIA driver is installed"),
        (OSError("libcuda.so.1: file too short"), None, "the NVIDIA driver cannot be used: libcuda.so.1: file too sh"),
        (object(), None, "the NVIDIA driver cannot be used: 'object' object has no attribute 'cuDriverGetVersion'"),
        (driver(started=100), "12.4", "the NVIDIA driver finds no device"),
        (driver(devices=()), "12.4", "the NVIDIA driver finds no device"),
        (driver(started=999), "12.4", "the NVIDIA driver does not start: unknown error (error 999)"),
        (driver(started=4711), "12.4", "the NVIDIA driver does not start: no reason given (error 4711)"),
    ],
)
def test_a_driver_that_cannot_be_used_says_why(monkeypatch, library, version, problem):
    installed(monkeypatch, library, CUDA12)
    found = nvidia.facts()
    assert (found["version"], found["devices"]) == (version, [])
    assert found["problem"].startswith(problem)
    assert reason()[0] == found["problem"]
    assert reason()[1]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("{0}: cannot open shared object file: No such file or directory", FileNotFoundError),
        ("/usr/lib/{0}: file too short", OSError),
        ("libother.so: cannot open shared object file: No such file or directory", OSError),
    ],
)
def test_a_driver_that_is_not_there_is_told_from_one_that_does_not_load(monkeypatch, said, kind):
    def load(name):
        raise OSError(said.format(name))

    monkeypatch.setattr("ctypes.CDLL", load)
    with pytest.raises(OSError) as caught:
        nvidia.loaded()
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("library", "packages", "problem", "extra"),
    [
        (driver(12000), None, "CUDA for Numba is not installed", "cuda12"),
        (driver(13000), None, "CUDA for Numba is not installed", "cuda13"),
        (driver(14020), None, "CUDA for Numba is not installed", "cuda13"),
        (driver(13000, (V100,)), None, "CUDA for Numba is not installed", "cuda12"),
        (driver(12040), CUDA13, "the packages installed are for CUDA 13, the driver is for CUDA 12.4", "cuda12"),
        (driver(13000, (V100, A100)), CUDA13, f"{V100[0]} has compute capability 7.0, CUDA 13 begins at 7.5", "cuda12"),
        (driver(12040, (K80,)), CUDA12, f"{K80[0]} has compute capability 3.7, CUDA 12 begins at 5.0", None),
        (driver(11080), CUDA12, "the NVIDIA driver is for CUDA 11.8, older than 12.0", None),
    ],
)
def test_what_is_lacking_comes_with_the_command_that_installs_it(monkeypatch, library, packages, problem, extra):
    installed(monkeypatch, library, packages)
    said, remedy = reason()
    assert said == problem
    assert (f'pip install "optviz[{extra}]"' in remedy) == (extra is not None)
    with pytest.raises(MissingError, match="compute capability|CUDA") as caught:
        devices.chosen("cuda")
    assert (caught.value.problem, caught.value.remedy) == (said, remedy)
    assert devices.chosen("auto") == devices.chosen("cpu") == "cpu"


@pytest.mark.parametrize("packages", [CUDA12, CUDA13])
@pytest.mark.parametrize("absent", devices.COMPILERS)
def test_a_compiler_without_its_libraries_is_named(monkeypatch, packages, absent):
    installed(monkeypatch, driver(13000), packages, [name for name in devices.LIBRARIES if name != absent])
    problem, remedy = reason()
    assert problem == f"kernels cannot be compiled without {absent}"
    assert remedy.endswith('pip install "optviz[cuda13]"')


@pytest.mark.parametrize(("version", "packages"), [(12040, CUDA12), (13000, CUDA12), (13000, CUDA13)])
def test_nothing_is_lacking_where_driver_and_packages_fit(monkeypatch, version, packages):
    installed(monkeypatch, driver(version), packages)
    assert reason() is None
    assert devices.facts(nvidia.facts())["toolkit"] == (13 if packages is CUDA13 else 12)


def test_numba_has_the_last_word(monkeypatch):
    from optviz.kernels.cuda.backend import cuda

    installed(monkeypatch, driver(), CUDA12)
    monkeypatch.setattr(cuda, "is_available", lambda: True)
    assert devices.chosen("auto") == devices.chosen("cuda") == "cuda"
    monkeypatch.setattr(cuda, "is_available", lambda: False)
    monkeypatch.setattr(cuda, "cuda_error", lambda: "it is switched off")
    assert devices.chosen("auto") == "cpu"
    with pytest.raises(MissingError, match="Numba cannot use CUDA: it is switched off"):
        devices.chosen("cuda")


def test_hidden_devices_are_named(monkeypatch):
    installed(monkeypatch, driver(started=100), CUDA12)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert reason() == ("the NVIDIA driver finds no device", "CUDA_VISIBLE_DEVICES is '': unset it.")


def test_without_a_driver_each_extra_is_named(monkeypatch):
    installed(monkeypatch, ABSENT)
    _, remedy = reason()
    for major in devices.LOWEST:
        assert f'pip install "optviz[cuda{major}]"' in remedy


@pytest.mark.parametrize("name", devices.STREAMS)
def test_default_streams_of_threads_are_refused(monkeypatch, name):
    installed(monkeypatch, driver(13000), CUDA13)
    monkeypatch.setenv(name, "1")
    assert reason() == (
        f"{name} gives each thread a default stream, and kernels here rely on there being one",
        "Unset it.",
    )
    monkeypatch.setenv(name, "0")
    assert reason() is None


def test_without_a_driver_packages_that_are_there_are_not_asked_for(monkeypatch):
    installed(monkeypatch, ABSENT, CUDA13)
    assert reason()[1] == "Install the driver of an NVIDIA GPU."


def test_the_simulator_is_a_device(monkeypatch):
    installed(monkeypatch, ABSENT)
    monkeypatch.setenv("NUMBA_ENABLE_CUDASIM", "1")
    found = devices.facts(nvidia.facts())
    assert found["simulated"]
    assert devices.lacking(found) is None


def test_packages_and_paths_of_libraries(monkeypatch):
    installed(monkeypatch, driver(), CUDA13, ["nvvm", "nvrtc"])
    libraries = devices.facts(nvidia.facts())["libraries"]
    assert libraries == {
        "nvvm": "nvidia-nvvm 13.5.37", "nvrtc": "/usr/lib/libnvrtc.so", "nvJitLink": None, "cudart": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("device", "kind", "hint"),
    [
        ("gpu", UsageError, "Did you mean 'cuda'?"),
        ("cdua", UsageError, "Did you mean 'cuda'?"),
        ("CPU", UsageError, "Did you mean 'cpu'?"),
        ("", UsageError, "Choose from: cpu, cuda, auto"),
        (None, UsageTypeError, "Give one of cpu, cuda, auto"),
        (0, UsageTypeError, "Give one of cpu, cuda, auto"),
    ],
)
def test_other_devices_are_refused(device, kind, hint):
    with pytest.raises(kind) as caught:
        devices.chosen(device)
    assert caught.value.remedy.startswith(hint)


def test_the_cpu_asks_nobody(monkeypatch):
    monkeypatch.setattr(nvidia, "facts", None)
    assert devices.chosen("cpu") == "cpu"


def test_extras_have_the_names_that_are_told():
    project = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text())["project"]
    for major in devices.LOWEST:
        (package,) = project["optional-dependencies"][f"cuda{major}"]
        assert package.startswith(f"numba-cuda[cu{major}]")


def test_the_processor_has_a_name_and_known_instructions():
    found = devices.processor()
    assert found["name"]
    assert set(found["vectors"]) <= set(devices.VECTORS)
    if sys.platform == "linux" and "avx2" in Path("/proc/cpuinfo").read_text():
        assert "avx2" in found["vectors"]


def test_what_only_the_cpu_has_decides_auto(monkeypatch):
    monkeypatch.setattr(devices, "missing", lambda: None)
    assert devices.chosen("auto") == devices.chosen("cuda", cpu_only=True) == "cuda"
    assert devices.chosen("auto", cpu_only=True) == "cpu"

"""Kernels that are linked from parts: the same code as compiled whole, each part once, and found again on disk."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from optviz.kernels.cuda.backend import SIMULATED

if importlib.util.find_spec("numba_cuda") is None:
    pytest.skip("CUDA for Numba is not installed; install it: pip install -e '.[cuda13]'", allow_module_level=True)
if SIMULATED:
    pytest.skip("the simulator compiles nothing", allow_module_level=True)

from numba.cuda import dispatcher  # noqa: E402
from numba.cuda.codegen import CUDACodeLibrary  # noqa: E402

from optviz.functions import REGISTRY as FUNCTIONS  # noqa: E402
from optviz.kernels import cache  # noqa: E402
from optviz.kernels.cuda import backend, linking  # noqa: E402
from optviz.kernels.cuda.linking import Inner, Part  # noqa: E402
from tests.ptx.assemble import compute_capability, link, measured  # noqa: E402
from tests.ptx.kernels_tile import _steps  # noqa: E402

CARD = (9, 0)
CUDA = backend.cuda


@pytest.fixture(autouse=True)
def _a_card(monkeypatch):
    """Numba is told that it has a card, for whatever it makes until the driver would be asked."""
    monkeypatch.setattr(CUDACodeLibrary, "_ensure_cc", lambda self, capability: capability or (*CARD, ""))
    with compute_capability(CARD):
        yield


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("OPTVIZ_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(linking, "_texts", {})
    return tmp_path


def test_numba_has_what_linking_takes_from_it():
    assert linking.LINKS


def instructions(ptx):
    """How often each instruction stands in a kernel."""
    found = (re.match(r"\s+(?:@!?%p\d+\s+)?([a-z][\w.]*)\s", line) for line in ptx.splitlines())
    return Counter(match[1] for match in found if match)


@pytest.mark.parametrize(
    ("rule", "function"),
    [("sgd", "himmelblau"), ("adam", "rosenbrock"), ("lookahead(adam, k=2)", "rastrigin"), ("sam(lamb)", "rosenbrock")],
)
def test_a_linked_kernel_is_what_a_whole_one_is(rule, function):
    kernel = _steps(rule, FUNCTIONS[function])
    linked = ptx_of(kernel.kernel._cache.build(kernel.arguments))
    whole = CUDA.compile_ptx(kernel.kernel.py_func, kernel.arguments, cc=CARD)[0]
    assert measured(link(linked, CARD)) == measured(link(whole, CARD))
    one, other = instructions(linked), instructions(whole)
    assert {name: count for name, count in one.items() if ".f32" in name} == {
        name: count for name, count in other.items() if ".f32" in name
    }
    assert abs(one.total() - other.total()) < 0.02 * other.total()


def test_pairs_cost_their_parts_once(empty_cache, monkeypatch):
    compiled = []
    for name in ("frame_text", "part_text"):
        original = getattr(linking, name)
        monkeypatch.setattr(
            linking, name, lambda *given, name=name, original=original: compiled.append(name) or original(*given)
        )
    for rule in ("adam", "rmsprop", "momentum", "adagrad"):
        for function in ("rosenbrock", "himmelblau", "beale"):
            kernel = _steps(rule, FUNCTIONS[function])
            kernel.kernel._cache.build(kernel.arguments)
    # A frame for each number of slots, step scalars and constants; a rule; value, gradient and distance of a function.
    assert Counter(compiled) == {"frame_text": 3, "part_text": 4 + 2 * 3 + 1}


def ptx_of(kernel):
    return kernel.library.get_asm_strs(cc=(*CARD, ""))[0]


def load(kernel):
    """What the dispatcher does before it compiles."""
    return kernel.kernel._cache.load_overload(kernel.arguments, None)


def test_a_kernel_is_on_disk_once_it_has_been_made(empty_cache, monkeypatch):
    told = []
    monkeypatch.setattr(cache, "listener", told.append)
    kernel = _steps("adam", FUNCTIONS["rosenbrock"])
    first = load(kernel)
    assert told == [cache.COMPILING, cache.READY]
    monkeypatch.setattr(linking, "frame_text", None)  # nothing is compiled any more
    monkeypatch.setattr(linking, "_texts", {})
    second = load(kernel)
    assert told[2:] == [cache.READY]
    assert second is not first and second.entry_name == first.entry_name
    assert bytes(second.library.get_cubin().code) == bytes(first.library.get_cubin().code)
    assert second.argument_types == first.argument_types == kernel.arguments


def test_a_damaged_file_costs_a_compilation(empty_cache):
    kernel = _steps("sgd", FUNCTIONS["rosenbrock"])
    sound = instructions(ptx_of(load(kernel)))
    for file in (empty_cache / "kernels").iterdir():
        file.write_bytes(file.read_bytes()[:-7] + b"damaged")
    linking._texts.clear()
    assert instructions(ptx_of(load(kernel))) == sound
    assert cache.verify()[1] == []


def test_a_kernel_is_loaded_while_numba_holds_its_lock(empty_cache, monkeypatch):
    """Numba's context refuses a module that it has, and so one of two threads that load it at once."""
    bound = []
    monkeypatch.setattr(dispatcher._Kernel, "bind", lambda kernel: bound.append(kernel.library.get_cubin()))
    kernel = _steps("adam", FUNCTIONS["rosenbrock"])
    load(kernel)
    assert len(bound) == 1
    load(kernel)
    assert len(bound) == 2


def test_a_kernel_that_the_driver_does_not_take_is_made_again(empty_cache, monkeypatch):
    told, taken = [], dispatcher._Kernel.bind
    kernel = _steps("adam", FUNCTIONS["rosenbrock"])
    load(kernel)
    monkeypatch.setattr(cache, "listener", told.append)

    def bind(kernel):
        if not told:
            raise RuntimeError("CUDA_ERROR_NO_BINARY_FOR_GPU")
        taken(kernel)

    monkeypatch.setattr(dispatcher._Kernel, "bind", bind)
    assert load(kernel) is not None
    assert told == [cache.COMPILING, cache.READY]


def test_another_card_and_another_compiler_have_kernels_of_their_own(empty_cache, monkeypatch):
    kernel = _steps("sgd", FUNCTIONS["rosenbrock"])
    load(kernel)
    count = len([*(empty_cache / "kernels").iterdir()])
    monkeypatch.setattr(linking, "toolkit", lambda: "another")
    monkeypatch.setattr(linking, "_texts", {})
    load(kernel)
    assert len([*(empty_cache / "kernels").iterdir()]) == 2 * count
    with compute_capability((8, 0)):
        load(kernel)
    assert len([*(empty_cache / "kernels").iterdir()]) == 3 * count


HERE = """
import json, sys
from numba.cuda.codegen import CUDACodeLibrary
CUDACodeLibrary._ensure_cc = lambda self, capability: capability or (9, 0, "")
from optviz.functions import REGISTRY
from optviz.kernels.cuda import linking
from tests.ptx.assemble import compute_capability
from tests.ptx.kernels_tile import _steps
made = []
for name in ("frame_text", "part_text"):
    original = getattr(linking, name)
    setattr(linking, name, lambda *given, original=original, name=name: made.append(name) or original(*given))
ptx = []
with compute_capability((9, 0)):
    for pair in sys.argv[1:]:
        rule, function = pair.split(":")
        kernel = _steps(rule, REGISTRY[function])
        ptx.append(kernel.kernel._cache.build(kernel.arguments).library.get_asm_strs(cc=(9, 0, ""))[0])
print(json.dumps([made, ptx]))
"""


def in_a_process(*pairs):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    made = subprocess.run(
        [sys.executable, "-c", HERE, *pairs], capture_output=True, text=True, check=True, env=environment
    )
    return json.loads(made.stdout)


@pytest.mark.slow
def test_texts_of_several_processes_fit_together(empty_cache):
    """Numba's names of functions are counted in each process: those of two processes mean different things."""
    in_a_process("sgd:himmelblau", "lamb:beale", "adam:rosenbrock")
    in_a_process("momentum:rastrigin", "nadam:rosenbrock")
    made, mixed = in_a_process("adam:rastrigin", "nadam:beale", "sgd:rosenbrock")
    assert made == []
    for ptx, pair in zip(mixed, (("adam", "rastrigin"), ("nadam", "beale"), ("sgd", "rosenbrock")), strict=True):
        kernel = _steps(pair[0], FUNCTIONS[pair[1]])
        whole = CUDA.compile_ptx(kernel.kernel.py_func, kernel.arguments, cc=CARD)[0]
        assert measured(link(ptx, CARD)) == measured(link(whole, CARD))


# What frames and parts may be.

NUMBER: object = None
DOUBLE: object = None
TWICE: object = None


def scaled(x):
    i = CUDA.grid(1)
    x[i] = TWICE(x[i])


def twice(x):
    return DOUBLE(x)


def double(x):
    return x + x


def whole_number(x):
    return 2


def kernel_of(function, result, label):
    part = Part(CUDA.jit(device=True)(function), result, label)
    return backend.specialise(scaled, label, "", frame="test", TWICE=Inner(twice), DOUBLE=part)


def test_inner_templates_call_the_parts_of_their_frame(empty_cache):
    from numba.cuda import types

    kernel = kernel_of(double, np.float32, "double")
    ptx = ptx_of(kernel._cache.build((types.float32[::1],)))
    assert "add.f32" in ptx and "call" not in ptx and ".extern" not in ptx
    assert ".entry scaled__double(" in ptx


def test_a_kernel_may_be_called_in_any_letters(empty_cache):
    from numba.cuda import types

    library = kernel_of(double, np.float32, "größe")._cache.build((types.float32[::1],)).library
    assert b"scaled__gr__e" in bytes(library.get_cubin().code)


def test_a_part_that_gives_something_else_is_compiled_with_its_frame(empty_cache):
    from numba.cuda import types

    arguments = (types.float32[::1],)
    kernel = kernel_of(whole_number, np.float32, "whole number")
    with pytest.raises(linking.Differs, match="whole number"):
        kernel._cache.build(arguments)
    assert kernel._cache.load_overload(arguments, None) is None  # and so Numba compiles it
    assert "st.global" in CUDA.compile_ptx(kernel.py_func, arguments, cc=CARD)[0]


def test_code_to_be_debugged_is_numbas(monkeypatch):
    monkeypatch.setattr(linking.config, "CUDA_DEBUGINFO_DEFAULT", 1)
    monkeypatch.setattr(linking.config, "OPT", 0)
    kernel = kernel_of(double, np.float32, "debugged")
    assert not hasattr(kernel._cache, "build")

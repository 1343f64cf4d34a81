"""Every kernel, compiled and assembled for every architecture without a GPU.

Each kernel is tried on one architecture by default, the next kernel on the next; the slow tests try all on all.
"""

import importlib.util
import itertools
import re

import numpy as np
import pytest

from optviz.kernels.cuda.backend import SIMULATED, cuda
from tests.ptx.occupancy import ARCHITECTURES

if importlib.util.find_spec("numba_cuda") is None:
    pytest.skip("CUDA for Numba is not installed; install it: pip install -e '.[cuda13]'", allow_module_level=True)
if SIMULATED:
    pytest.skip("the simulator compiles nothing", allow_module_level=True)

from numba.cuda import types  # noqa: E402

from tests.ptx.assemble import Assembled, assembled, compiled, declared, link, measured  # noqa: E402
from tests.ptx.listing import Kernel, kernels  # noqa: E402
from tests.ptx.table import HEAD, markdown, plain  # noqa: E402

PROMOTION = re.compile(r"cvt(\.ftz)?\.f64\.f32")
MOST_SHARED = 48 << 10  # bytes that a block has without asking for more


def cases():
    turns = itertools.cycle(ARCHITECTURES)
    for kernel, turn in zip(kernels(), turns, strict=False):
        for capability in ARCHITECTURES:
            name = f"{kernel.name} sm_{capability[0]}{capability[1]}"
            yield pytest.param(kernel, capability, id=name, marks=[pytest.mark.slow] if capability != turn else [])


def faults(kernel: Kernel, found: Assembled) -> list[str]:
    """What must not be."""
    promoting = PROMOTION.findall(found.ptx) if kernel.dtype == "float32" else []
    limit = kernel.registers
    said = {
        f"float32 numbers become float64 in {len(promoting)} places": promoting,
        f"{found.spills} bytes of spills": found.spills,
        f"{found.registers} registers, at most {limit} are meant": limit is not None and found.registers > limit,
        f"{found.shared} bytes of shared memory": found.shared > MOST_SHARED,
        f"{kernel.threads} threads of {found.registers} registers cannot be launched": not found.blocks,
    }
    return [words for words, wrong in said.items() if wrong]


@pytest.mark.parametrize(("kernel", "capability"), [*cases()])
def test_kernel(kernel, capability, pending, found):
    found[kernel, capability] = pending[kernel, capability].result()
    assert faults(kernel, found[kernel, capability]) == []


def test_names_tell_kernels_apart():
    names = [kernel.name for kernel in kernels()]
    assert len(names) == len(set(names))


# What the tests above would say about a bad kernel.

ARRAY = types.float32[::1]


def promoting(x):
    i = cuda.grid(1)
    x[i] = x[i] * 0.1


def crowded(x):
    i = cuda.grid(1)
    a = cuda.local.array(48, np.float32)
    for k in range(48):
        a[k] = x[i + k]
    for k in range(48):
        x[i + k] = a[k] * a[47 - k] + a[(k * 7) % 48]


def sharing(x):
    i = cuda.grid(1)
    a = cuda.shared.array(1000, np.float32)
    a[cuda.threadIdx.x] = x[i]
    cuda.syncthreads()
    x[i] = a[999 - cuda.threadIdx.x]


def kernel_of(function, *, threads=128, shared=0, registers=None, **options):
    jitted = cuda.jit(lto=False, **options)(function)
    return Kernel(function.__name__, jitted, (ARRAY,), threads, "float32", shared, registers)


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (kernel_of(promoting), "float32 numbers become float64 in 1 places"),
        (kernel_of(crowded, max_registers=24), "bytes of spills"),
        (kernel_of(sharing, registers=2), "registers, at most 2 are meant"),
        (kernel_of(sharing, shared=48 << 10), "53152 bytes of shared memory"),
        (kernel_of(crowded, threads=1024), "registers cannot be launched"),
        (kernel_of(sharing), None),
    ],
    ids=["promotion", "spills", "registers", "shared", "launch", "none"],
)
def test_what_a_bad_kernel_is_told(kernel, words):
    told = faults(kernel, assembled(kernel, (8, 0)))
    assert len(told) == (words is not None) and all(one.endswith(words) for one in told)


def test_shared_memory_is_static_and_dynamic():
    ptx = compiled(kernel_of(sharing), (8, 0))
    assert declared(ptx) == 4000
    assert "4000 bytes smem" in link(ptx, (8, 0))
    assert assembled(kernel_of(sharing, shared=96), (9, 0)).shared == 4096


def test_shared_arrays_are_aligned():
    two = ".shared .align 4 .b8 one$1[5];\n.shared .align 8 .b8 two$2[16];\n.extern .shared .align 4 .b8 more[];"
    assert declared(two) == 24


def test_what_an_assembler_says():
    log = """ptxas info    : Function properties for part
    8 bytes stack frame, 4 bytes spill stores, 12 bytes spill loads
    ptxas info    : Function properties for kernel
    16 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
    ptxas info    : Used 42 registers, used 1 barriers, 600 bytes cmem[0]
    info    : used 42 registers, used 1 barriers, 0 stack, 8448 bytes smem, 600 bytes cmem[0], 0 bytes lmem"""
    assert measured(log) == {"registers": 42, "spills": 16, "stack": 24}


def test_table():
    kernel = kernel_of(sharing)
    found = {(kernel, each): assembled(kernel, each) for each in [(8, 0), (12, 0)]}
    head, row = plain(found)
    assert len(head) == len(row) and head.split()[-1] == "sm_120" and " 4,000 " in row
    cells = markdown(found).splitlines()[2].strip("|").split("|")
    assert len(cells) == len(HEAD) and cells[0].strip() == "sharing"
    assert [cell.strip()[-1] for cell in cells[-5:]] == ["-", "%", "-", "-", "%"]

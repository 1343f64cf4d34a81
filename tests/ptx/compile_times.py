"""How long kernels take to be made, measured without a device: ``python -m tests.ptx.compile_times``.

Processor time of this machine, in seconds: of a kernel that is compiled whole; of the first of its frame; of one more
pair whose function is new; of one more pair of a rule and a function that are known; and of a kernel that an earlier
process has made.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from numba.cuda.codegen import CUDACodeLibrary

from optviz.functions import REGISTRY
from optviz.kernels.cuda import linking
from optviz.kernels.cuda.backend import cuda
from tests.ptx.assemble import compute_capability, link
from tests.ptx.kernels_tile import _steps

CARD = (9, 0)
FUNCTIONS = ("rosenbrock", "himmelblau", "beale", "ackley", "booth")
RULES = ("adam", "rmsprop", "adagrad", "adabelief", "amsgrad")


def made(rule: str, function: str) -> float:
    """Seconds until a kernel is ready to be loaded by the driver."""
    kernel = _steps(rule, REGISTRY[function])
    begin = time.process_time()
    linked = kernel.kernel._cache.load_overload(kernel.arguments, None)
    linked.library.get_cubin()
    return time.process_time() - begin


def whole(rule: str, function: str) -> float:
    kernel = _steps(rule, REGISTRY[function])
    begin = time.process_time()
    link(cuda.compile_ptx(kernel.kernel.py_func, kernel.arguments, cc=CARD)[0], CARD)
    return time.process_time() - begin


def measured(known: bool) -> dict[str, float]:
    """The seconds of each kind of kernel, in this process; where an earlier one has made them, only those."""
    with compute_capability(CARD):
        if known:
            made("sgd", "booth")  # what a process does once
            return {"from disk": statistics.median(made(rule, "rosenbrock") for rule in RULES)}
        found = {"first of a process": made("sgd", "booth"), "first of its frame": made("adam", "rosenbrock")}
        for rule in RULES:
            made(rule, "rosenbrock")
        for function in FUNCTIONS:
            made("adam", function)
        known_parts = [made(rule, function) for rule in RULES[1:] for function in FUNCTIONS[1:4]]
        found["pair of known parts"] = statistics.median(known_parts)
        new = [made("adam", function) for function in ("griewank", "matyas", "levy", "easom")]
        found["pair with a new function"] = statistics.median(new)
        found["compiled whole"] = statistics.median(whole("adam", function) for function in FUNCTIONS)
        return found


def table() -> dict[str, float]:
    """`measured`, by a process that has nothing and by one that finds everything on disk."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"OPTVIZ_CACHE_DIR": folder}
        found: dict[str, float] = {}
        for known in ("", "known"):
            said = subprocess.run(
                [sys.executable, "-m", __spec__.name, "one", known], env=environment, capture_output=True, check=True
            )
            found |= json.loads(said.stdout)
        return found


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] == ["one"]:
        CUDACodeLibrary._ensure_cc = lambda self, capability: capability or (*CARD, "")
        linking.toolkit()
        print(json.dumps(measured(bool(arguments[1]))))
        return
    for kind, seconds in table().items():
        print(f"{kind:28} {seconds:7.3f} s")


if __name__ == "__main__":
    main(sys.argv[1:])

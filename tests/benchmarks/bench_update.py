"""The step of every rule that torch has, against torch; and what schedules, weight decay and wrappers cost.

Run it on a quiet machine: ``python tests/benchmarks/bench_update.py``, or with names of parts behind it: ``rules``,
``memory``, ``costs``, ``every``, ``first``. All sides run on one thread, in turns, so that a change of the machine's
speed meets all of them; of each side's rounds the least counts, and beside a ratio of these stands the median of the
rounds' ratios. Step scalars are made for 256 steps at once: what that takes is measured by itself, and its share of a
step is part of every time here. torch runs its fused form where it has one, else its foreach form. All arrays begin
where a cache line does, as torch's do; NumPy's may not, and then a step of SGD takes up to a fifth longer.

Bandwidth is counted as the bytes that a formula must move: it reads x, g and its slots and writes x and the slots, each
once. Adam moves 28 bytes a parameter in float32; the copy reads one array and writes another, 8 bytes an element.
"""

import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

import optviz.runs.arrays.optimizer as ours
from optviz.optimizers import REGISTRY
from optviz.runs.arrays.host import AHEAD, Numbers

NETWORK = ((784, 128), (128,), (128, 10), (10,))  # 101,770 parameters
LARGE = 10_000_000
# What optviz writes -> the class and the numbers of torch.
TORCH: dict[str, tuple[str, dict]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {}),
    "adadelta": ("Adadelta", {}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop(momentum=0.9)": ("RMSprop", {"momentum": 0.9}),
    "rmsprop(centered=True)": ("RMSprop", {"centered": True}),
    "rmsprop(momentum=0.9, centered=True)": ("RMSprop", {"momentum": 0.9, "centered": True}),
    "adam": ("Adam", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "adamw": ("AdamW", {}),
    "adamax": ("Adamax", {}),
    "nadam": ("NAdam", {}),
    "radam": ("RAdam", {}),
    "asgd": ("ASGD", {}),
    "rprop": ("Rprop", {}),
}
FUSED = ("SGD", "Adagrad", "Adam", "AdamW")
# What is put around a rule.
EXTRAS = {
    "lr cosine": "{rule}(lr='cosine(0.001, steps=1000000)')",
    "decay l2": "{rule}(weight_decay=0.01, decay=l2)",
    "decay decoupled": "{rule}(weight_decay=0.01, decay=decoupled)",
    "clip": "clip({rule})",
    "lookahead": "lookahead({rule})",
    "ema": "ema({rule})",
}

Sides = dict[str, Callable[[], object]]


def race(sides: Sides, rounds: int, steps: int) -> list[dict[str, float]]:
    """Seconds a step of each side: the medians of each round."""
    for call in sides.values():
        call()
    result = []
    for _ in range(rounds):
        medians = {}
        for name, call in sides.items():
            times = []
            for _ in range(steps):
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
            medians[name] = statistics.median(times) + getattr(call, "ahead", 0.0)
        result.append(medians)
    return result


def best(rounds: list[dict[str, float]], side: str) -> float:
    return min(one[side] for one in rounds)


def ratio(rounds: list[dict[str, float]], side: str, other: str) -> tuple[float, float]:
    """How many times as long a side takes as another: of the best rounds, and the rounds' median."""
    return best(rounds, side) / best(rounds, other), statistics.median(one[side] / one[other] for one in rounds)


def arrays_of(shapes: tuple) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def aligned(array: np.ndarray) -> np.ndarray:
    """A copy that begins where a cache line does."""
    room = np.empty(array.nbytes + 64, np.uint8)
    first = -room.ctypes.data % 64
    copy = room[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def step(text: str, arrays: list[np.ndarray], gradients: list[np.ndarray]) -> Callable[[], object]:
    """A step of an optimizer of ours on a copy of the arrays."""
    optimizer = ours.optimizer(text)
    mine, gradients = [aligned(array) for array in arrays], [aligned(array) for array in gradients]
    state = [
        {name: value if name == "t" else aligned(value) for name, value in entry.items()}
        for entry in optimizer.init(mine)
    ]
    value = 1.0 if optimizer.setting.formula.takes_value else None
    call = functools.partial(optimizer.step, mine, gradients, state, value=value)
    call.ahead = ahead(optimizer)  # type: ignore[attr-defined]
    return call


def ahead(optimizer: ours.Optimizer) -> float:
    """Seconds a step that its step scalars take."""
    numbers = Numbers(optimizer.setting, np.float32)
    times = []
    for block in range(15):
        start = time.perf_counter()
        numbers.scalars(1 + block * AHEAD)
        times.append(time.perf_counter() - start)
    return min(times) / AHEAD


def torch_step(text: str, arrays: list[np.ndarray], gradients: list[np.ndarray]) -> Callable[[], object]:
    """A step of torch's optimizer for what we write so."""
    import torch

    torch.set_num_threads(1)
    name, numbers = TORCH[text]
    parameters = [torch.nn.Parameter(torch.tensor(array)) for array in arrays]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)
    form = {"fused": True} if name in FUSED else {"foreach": True}
    return getattr(torch.optim, name)(parameters, **numbers, **form).step


def rules() -> None:
    """Every rule that torch has, on the parameters of a network."""
    arrays, gradients = arrays_of(NETWORK), arrays_of(NETWORK)
    print(f"{sum(array.size for array in arrays):,} float32 parameters in {len(arrays)} arrays, one thread")
    print(f"  {'':38} {'optviz':>8} {'torch':>9}          {'ratio':>6} {'median':>7}")
    for text, (name, _) in TORCH.items():
        sides = {"optviz": step(text, arrays, gradients), "torch": torch_step(text, arrays, gradients)}
        rounds = race(sides, 150, 7)
        least, median = ratio(rounds, "torch", "optviz")
        form = "fused" if name in FUSED else "foreach"
        mine, theirs = (best(rounds, side) * 1e6 for side in sides)
        print(f"  {text:38} {mine:5.1f} us {theirs:6.1f} us {form:8} {least:6.2f} {median:7.2f}", flush=True)


def memory() -> None:
    """Likewise with ten million parameters, where memory is what a step waits for."""
    arrays, gradients = arrays_of((LARGE,)), arrays_of((LARGE,))
    target = np.empty_like(arrays[0])
    print(f"{LARGE:,} float32 parameters: the time that a step's bytes take at the copy's bandwidth, and the step")
    for text in TORCH:
        slots = len(ours.optimizer(text).setting.formula.slots)
        sides: Sides = {
            "optviz": step(text, arrays, gradients),
            "copy": lambda: np.copyto(target, arrays[0]),
            "torch": torch_step(text, arrays, gradients),
        }
        rounds = race(sides, 12, 3)
        copies = (3 + 2 * slots) / 2  # of an array, whose bytes a step moves
        least, median = (part / copies for part in ratio(rounds, "optviz", "copy"))
        bound, mine, theirs = best(rounds, "copy") * copies, best(rounds, "optviz"), ratio(rounds, "torch", "optviz")[0]
        print(
            f"  {text:38} {4 * (3 + 2 * slots):3} bytes {bound * 1e3:6.2f} ms {mine * 1e3:6.2f} ms"
            f" {least:6.2f} {median:6.2f}   torch {theirs:6.2f} x",
            flush=True,
        )


def costs() -> None:
    """Schedules, weight decay and wrappers around two rules, at both sizes."""
    for shapes, count, steps in ((NETWORK, 150, 7), ((LARGE,), 12, 3)):
        arrays, gradients = arrays_of(shapes), arrays_of(shapes)
        print(f"{sum(array.size for array in arrays):,} float32 parameters: a step as a multiple of the bare rule's")
        for rule in ("adam", "sgd"):
            sides = {rule: step(rule, arrays, gradients)}
            sides |= {name: step(text.format(rule=rule), arrays, gradients) for name, text in EXTRAS.items()}
            rounds = race(sides, count, steps)
            print(f"  {rule:18} {best(rounds, rule) * 1e6:9.1f} us")
            for name in EXTRAS:
                least, median = ratio(rounds, name, rule)
                print(f"  {name:18} {best(rounds, name) * 1e6:9.1f} us {least:6.3f} {median:7.3f}", flush=True)


def everything() -> None:
    """Every rule of the registry: nanoseconds a parameter."""
    arrays, gradients = arrays_of(NETWORK), arrays_of(NETWORK)
    count = sum(array.size for array in arrays)
    print(f"{count:,} float32 parameters in {len(arrays)} arrays: nanoseconds a parameter")
    for rule in REGISTRY:
        if rule.kind == "matrices":  # see bench_matrices.py
            continue
        call = step(rule.name, arrays, gradients)
        seconds = best(race({"": call}, 40, 5), "")
        print(f"  {rule.name:24} {seconds / count * 1e9:7.3f} ns", flush=True)


FIRST = """
import sys, time
import numpy as np
import optviz.runs.arrays.optimizer as arrays
from optviz.kernels import cache
from optviz.runs.points.minimize import minimize
from optviz.runs.points.race import race
said = []
cache.listener = said.append
def step(text):
    x, optimizer = np.ones(3, np.float32), arrays.optimizer(text)
    optimizer.step(x, x.copy(), optimizer.init(x))
# What any first kernel costs is not this rule's.
minimize("rosenbrock", "sgd", steps=1)
step("sgd")
for call in (
    lambda: minimize("rosenbrock", sys.argv[1], steps=1),
    lambda: step(sys.argv[1]),
    lambda: race("rosenbrock", ["sgd", sys.argv[1], "nesterov", "lion"], steps=1),
):
    del said[:]
    begin = time.perf_counter()
    call()
    print(time.perf_counter() - begin, said.count("compiling"))
"""


def first() -> None:
    """What the first use of one more rule costs, compiled and from the cache, and how many kernels it compiles."""
    print("first use of one more rule, ms and kernels compiled: a run, a step of arrays, a race with three others")
    for text in ("adam", "amsgrad", "schedule_free_adamw", "lookahead(adam(weight_decay=0.01))"):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("compiled", "cached", "cached"):
                output = subprocess.run(
                    [sys.executable, "-c", FIRST, text],
                    check=True,
                    capture_output=True,
                    text=True,
                    env=os.environ | {"OPTVIZ_CACHE_DIR": folder},
                )
                pairs = [line.split() for line in output.stdout.splitlines()]
                told = "".join(f"{float(seconds) * 1e3:9.1f} {count}" for seconds, count in pairs)
                print(f"  {text:38} {name:9}{told}", flush=True)


PARTS = {"rules": rules, "memory": memory, "costs": costs, "every": everything, "first": first}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()

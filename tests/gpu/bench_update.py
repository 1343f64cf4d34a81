"""The step of an optimizer on arrays, as bandwidth, beside torch's fused and multi-tensor steps and a copy.

Bandwidth is counted as the bytes that the formula must move: in float32 a step reads parameters, gradients and state
slots and writes parameters and slots, 4 bytes each; a copy reads one array and writes another.
"""

from collections.abc import Iterator, Sequence

import numpy as np

import optviz
from optviz.kernels.cuda import backend, memory
from tests.gpu.sides import Bench, Sides, timed, torch_here
from tests.ptx import model
from tests.ptx.model_networks import ARRAY, NUMBER, START

RULES = {  # what torch calls them
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
}
COPY = "copy of as many numbers"
PASSED = 6  # numbers of a step that its launch passes


def update(bench: Bench) -> Iterator[str]:
    sizes = bench.sizes
    yield f"Peak of the memory by its clock and width: {bench.card.memory:,.0f} GB/s."
    share = sizes.parameters // sizes.arrays
    lists = [sizes.parameters], [share] * sizes.arrays, [min(share, sizes.small)] * sizes.arrays
    cases = [(rule, counts) for counts in lists for rule in RULES]
    for place, (rule, counts) in enumerate(cases):
        sides: Sides = {"optviz": steps(rule, counts, sizes.calls)}
        if torch_here():
            sides["torch fused"] = torch_steps(rule, counts, sizes.calls, fused=True)
            sides["torch foreach"] = torch_steps(rule, counts, sizes.calls, foreach=True)
        sides[COPY] = copies(sum(counts), sizes.calls)
        moved = sum(counts) * 1e-9
        work = dict.fromkeys(sides, model.moved(optviz.configure(rule)) * moved) | {COPY: 2 * model.SIZE * moved}
        title = f"{rule}, float32, arrays of {counts[0]:,}: {len(counts)}"
        known = predicted(bench, rule, counts)
        medians = yield from bench.compare(title, sides, work, "GB/s", known, 1 / (len(cases) - place))
        if {"optviz", COPY} <= medians.keys():
            speed, copy = (work[name] / medians[name] for name in ("optviz", COPY))
            yield f"optviz has {speed / copy:.0%} of the copy's bandwidth, {speed / bench.card.memory:.0%} of the peak."


def predicted(bench: Bench, rule: str, counts: Sequence[int]) -> dict[str, float]:
    """Seconds, of the card or of the launch, whichever is longer."""
    launch = START + ARRAY + PASSED * NUMBER
    own = model.update(optviz.configure(rule), counts, bench.card).total
    copy = 2 * model.SIZE * sum(counts) / (model.REACH * bench.card.memory * 1e3)
    return {"optviz": max(own, launch) / 1e6, COPY: max(copy, START) / 1e6}


def steps(rule: str, counts: Sequence[int], calls: int) -> Iterator[float]:
    """Ours, on torch's tensors where torch has a GPU, else on Numba's arrays."""
    torch = torch_here()
    params, grads = (
        [torch.randn(n, device="cuda") if torch else memory.full((n,), (4,), 1.0, np.float32) for n in counts]
        for _ in range(2)
    )
    optimizer = optviz.optimizer(rule)
    state = optimizer.init(params)
    yield from timed(lambda: optimizer.step(params, grads, state), calls)


def torch_steps(rule: str, counts: Sequence[int], calls: int, **how: bool) -> Iterator[float]:
    torch = torch_here()
    params = [torch.nn.Parameter(torch.randn(n, device="cuda")) for n in counts]
    for param in params:
        param.grad = torch.randn_like(param)
    name, numbers = RULES[rule]
    yield from timed(getattr(torch.optim, name)(params, **{"lr": 1e-3} | numbers | how).step, calls)


def copies(count: int, calls: int) -> Iterator[float]:
    source, target = backend.put(np.ones(count, np.float32)), backend.empty(count, np.float32)
    yield from timed(lambda: target.copy_to_device(source), calls)

"""Our classes for torch against torch's own: a step of Adam, AdamW and others on one thread.

Run it on a quiet machine, with torch installed: ``python tests/benchmarks/bench_torch.py``. All sides make their
steps in turns; of their rounds the medians are compared. Gradients are new tensors in every round, as a training loop
makes them, or stay where they are.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import statistics  # noqa: E402 - threads are counted when NumPy is imported
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402

import torch  # noqa: E402

import optviz.torch  # noqa: E402

# Convolutions, their batch norms, and the last layer of a ResNet-18.
STAGES = ((64, 64), (64, 128), (128, 256), (256, 512))
RESNET = [(64, 3, 7, 7), (64,), (64,)]
for _before, _width in STAGES:
    for _block in range(2):
        _into = _before if _block == 0 else _width
        RESNET += [(_width, _into, 3, 3), (_width,), (_width,), (_width, _width, 3, 3), (_width,), (_width,)]
        if _block == 0 and _into != _width:
            RESNET += [(_width, _into, 1, 1), (_width,), (_width,)]
RESNET += [(1000, 512), (1000,)]
MODELS = {
    "mlp, 4 tensors": [(128, 784), (128,), (10, 128), (10,)],
    f"ResNet-18, {len(RESNET)} tensors": RESNET,
    "400 small tensors": [(64, 64), (64,)] * 200,
}
ROUNDS = {"mlp, 4 tensors": 400, "400 small tensors": 60}
RULES = {"Adam": {}, "AdamW": {}, "SGD": {"momentum": 0.9}}
FORMS = ("fused", "foreach", "for-loop")


def side(shapes: list[tuple[int, ...]], make: Callable, new: bool, changes: bool = False) -> Callable[[], None]:
    """A step on tensors of its own."""
    parameters = [torch.nn.Parameter(torch.randn(shape)) for shape in shapes]
    gradients = [torch.randn(shape) * 1e-2 for shape in shapes]
    optimizer, count = make(parameters), 0

    def call() -> None:
        nonlocal count
        if changes:
            count += 1
            optimizer.param_groups[0]["lr"] = 1e-3 / (1 + count)
        optimizer.step()

    def give() -> None:
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone() if new else gradient

    give()
    call.give = give  # type: ignore[attr-defined]
    return call


def turns(sides: dict[str, Callable], rounds: int, new: bool) -> dict[str, list[float]]:
    """The seconds of each side in each round; two rounds before are not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 2):
        for name, call in sides.items():
            if new:
                call.give()  # type: ignore[attr-defined]
            start = time.perf_counter()
            call()
            if number > 1:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def main() -> None:
    torch.set_num_threads(1)
    for model, shapes in MODELS.items():
        for rule, given in RULES.items():
            ours, theirs = getattr(optviz.torch, rule), getattr(torch.optim, rule)
            sides = {"optviz": side(shapes, lambda p: ours(p, **given), True)}  # noqa: B023
            sides["optviz, another rate"] = side(shapes, lambda p: ours(p, **given), True, changes=True)  # noqa: B023
            for form in FORMS:
                how = {"fused": {"fused": True}, "foreach": {"foreach": True}, "for-loop": {"foreach": False}}[form]
                sides[form] = side(shapes, lambda p: theirs(p, **given, **how), True)  # noqa: B023
            found = turns(sides, ROUNDS.get(model, 20), True)
            middle = {name: statistics.median(each) for name, each in found.items()}
            told = ", ".join(f"{name} {middle[name] / middle['optviz']:.2f}" for name in sides if name != "optviz")
            print(f"{model}: {rule} {middle['optviz'] * 1e6:8.0f} us; in units of it: {told}", flush=True)


if __name__ == "__main__":
    main()

"""The JSON of small seeded runs of every kind is what it was when `tests/documents` was written.

A rebuilding must leave every number alone: ``python -m tests.test_documents`` writes the documents anew, and only a
change that means to change numbers may do so. Seconds are left out. Losses of networks depend on how the processor
fuses and orders sums, so that they are compared bit for bit on a processor of the kind that wrote them, and within
`TOLERANCE` on others.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llvmlite import binding

import optviz
from optviz.kernels.cache import COMPILES
from tests.datasets.files import blobs, write

FOLDER = Path(__file__).parent / "documents"
TOLERANCE = 0.02
STEPS = 40


def batch(folder: Path) -> Any:
    starts = [(-1.5, 2.0), (0.0, 0.0), (3.0, -4.0)]
    return optviz.minimize_many(
        "himmelblau", "adam", starts, steps=STEPS, lr=0.3, noise="gaussian:0.1", history=[0, 10, STEPS]
    )


def basins(folder: Path) -> Any:
    return optviz.basins("himmelblau", ["momentum", "adam"], steps=STEPS, resolution=12)


def swarm(folder: Path) -> Any:
    return optviz.swarm("himmelblau", ["momentum"], starts=24, steps=STEPS)


def sweep(folder: Path) -> Any:
    return optviz.sweep("quadratic", "momentum", ("lr", 1e-3, 1.0, 12), ("momentum", 0.0, 0.99, 12), steps=STEPS)


def study(folder: Path) -> Any:
    return optviz.study(["sphere", "booth"], ["sgd", "momentum", "adam"], steps=STEPS, starts=20)


def comparison(folder: Path) -> Any:
    data = write(folder / "blobs", blobs())
    return optviz.train(data, optimizers=["sgd", "adam"], epochs=2, batch_size=32, seeds=2, target=0.5, plane=True)


def tuning(folder: Path) -> Any:
    data = write(folder / "blobs", blobs())
    return optviz.train(data, "logreg", ["sgd", "adam"], epochs=1, batch_size=32, lr="tuned")


RUNS: dict[str, Callable[[Path], Any]] = {
    "race": lambda folder: optviz.race("rosenbrock", steps=STEPS, resolution=8),
    "race_noisy": lambda folder: optviz.race("beale", ["sgd", "adam"], steps=STEPS, noise="gaussian:0.1", seed=3),
    "batch": batch,
    "basins": basins,
    "sweep": sweep,
    "swarm": swarm,
    "study": study,
    "comparison": comparison,
    "tuning": tuning,
}
NETWORKS = ("comparison", "tuning")


def document(name: str, folder: Path) -> Any:
    """What a run gives, as plain values that JSON holds, without what was measured by a clock."""
    result = RUNS[name](folder)
    told = result.to_dict(arrays=True) if name in ("study",) else result.to_dict()
    return _without_seconds(json.loads(json.dumps(told)), str(folder))


def _without_seconds(value: Any, folder: str) -> Any:
    if isinstance(value, dict):
        kept = {key: part for key, part in value.items() if "seconds" not in key}
        return {key: _without_seconds(part, folder) for key, part in kept.items()}
    if isinstance(value, list):
        return [_without_seconds(part, folder) for part in value]
    return value.replace(folder, "") if isinstance(value, str) else value


def differences(ours: Any, kept: Any, tolerance: float = 0.0, place: str = "") -> list[str]:
    """Where two documents differ, as paths with both values."""
    if isinstance(kept, dict) and isinstance(ours, dict) and kept.keys() == ours.keys():
        return [line for key in kept for line in differences(ours[key], kept[key], tolerance, f"{place}.{key}")]
    if isinstance(kept, list) and isinstance(ours, list) and len(kept) == len(ours):
        pairs = enumerate(zip(ours, kept, strict=True))
        return [line for at, (mine, yours) in pairs for line in differences(mine, yours, tolerance, f"{place}[{at}]")]
    if isinstance(kept, float) and isinstance(ours, float) and tolerance:
        return [] if math.isclose(ours, kept, rel_tol=tolerance, abs_tol=tolerance) else [f"{place}: {ours} not {kept}"]
    return [] if type(ours) is type(kept) and ours == kept else [f"{place}: {ours!r} not {kept!r}"]


@pytest.mark.skipif(not COMPILES, reason="nothing is compiled")
@pytest.mark.parametrize("name", RUNS)
def test_numbers_are_what_they_were(name, tmp_path):
    kept = json.loads((FOLDER / f"{name}.json").read_text())
    elsewhere = name in NETWORKS and kept["processor"] != binding.get_host_cpu_name()
    assert not differences(document(name, tmp_path), kept["document"], TOLERANCE if elsewhere else 0.0)


def test_a_document_differs_by_one_bit():
    assert differences([1.0, {"a": 0.1}], [1.0, {"a": math.nextafter(0.1, 1)}]) == [
        "[1].a: 0.1 not 0.10000000000000002"
    ]
    assert differences([1.0], [1]) and differences([None], [0.0]) and differences({"a": 1}, {"b": 1})


if __name__ == "__main__":
    import tempfile

    FOLDER.mkdir(exist_ok=True)
    for run in RUNS:
        with tempfile.TemporaryDirectory() as place:
            text = {"processor": binding.get_host_cpu_name(), "document": document(run, Path(place))}
            (FOLDER / f"{run}.json").write_text(json.dumps(text, separators=(",", ":")) + "\n")

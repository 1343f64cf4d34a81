"""Races on a solid surface against the same races on a map: time and size of an 800x600 GIF of 200 frames.

Run it on a quiet machine: ``python tests/benchmarks/bench_surface.py``. Both are drawn in one process, in turns, so
that a change of the machine's speed meets both; medians of the rounds count. Asked for: at most 1.5 times either.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import optviz

FUNCTIONS = ("rosenbrock", "rastrigin", "himmelblau", "ackley")


def compared(function: str, rounds: int, folder: Path) -> tuple[float, float]:
    """How many times the time and the bytes a surface takes."""
    race = optviz.race(function)
    seconds: dict[str, list[float]] = {"2d": [], "3d": []}
    for _ in range(rounds):
        for view, taken in seconds.items():
            started = time.perf_counter()
            optviz.draw(race, folder / f"{view}.gif", view=view)
            taken.append(time.perf_counter() - started)
    flat, solid = (statistics.median(taken) for taken in seconds.values())
    sizes = [(folder / f"{view}.gif").stat().st_size for view in seconds]
    print(f"{function:12} map {flat:.2f} s {sizes[0]:,} bytes   surface {solid:.2f} s {sizes[1]:,} bytes")
    return solid / flat, sizes[1] / sizes[0]


def test_a_surface_takes_little_more_than_a_map(tmp_path: Path, capsys) -> None:
    """Time and bytes of each function, at most 1.5 times those of its map."""
    with capsys.disabled():
        found = {function: compared(function, 3, tmp_path) for function in FUNCTIONS}
    assert all(max(ratios) <= 1.5 for ratios in found.values()), found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    with tempfile.TemporaryDirectory() as place:
        for name in FUNCTIONS:
            ratios = compared(name, parser.parse_args().rounds, Path(place))
            print(f"{'':12} {ratios[0]:.2f} times the time, {ratios[1]:.2f} times the bytes")

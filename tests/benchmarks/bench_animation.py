"""A race of seven optimizers on Rosenbrock as an 800x600 GIF of 200 frames, against matplotlib's own animation.

Run it on a quiet machine: ``python tests/benchmarks/bench_animation.py``. Both sides draw the same race in one
process, in turns, so that a change of the machine's speed meets both; medians of the rounds count.

The peer is what a script would do: ``FuncAnimation`` over a ``contourf`` map with seven growing lines and heads and the
logarithmic curves, saved by ``PillowWriter``. It takes most of a minute for 200 frames, so that every eighth of them
is drawn and time and size are scaled by eight; ``--full`` draws them all. Its picture shows less: no live table, no
comets, no casing, no shading.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

import optviz
from optviz import writers
from optviz.figures.engine.timeline import schedule
from optviz.figures.race import race_animation
from optviz.results import Race

FRAMES, SIZE = 200, (800, 600)


def ours(race: Race, path: Path) -> None:
    """Set up, draw and encode."""
    writers.write(path, race_animation(race, SIZE, frames=FRAMES))


def drawing(race: Race) -> None:
    """Set up and draw alone."""
    for _ in race_animation(race, SIZE, frames=FRAMES).frames():
        pass


def peer(race: Race, path: Path, every: int) -> None:
    """The same race by FuncAnimation and PillowWriter, every so many frames."""
    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    FigureCanvasAgg(figure)
    plane, curve = figure.subplots(1, 2, width_ratios=(5, 3))
    land = race.landscape
    gap = np.log1p(np.maximum(land.values - land.minimum, 0))
    (left, right), (low, high) = land.view
    at = ((np.arange(len(gap)) + 0.5) / len(gap))[::2]  # a grid of 244 x 244, as a script would take
    plane.contourf(left + at * (right - left), low + at * (high - low), gap[::2, ::2], levels=18)
    plane.set(xlim=(left, right), ylim=(low, high), title=land.title)
    curve.set(xlim=(0, race.steps), ylim=(1e-6, 1e4), yscale="log")
    trails = [plane.plot([], [], lw=1.6, label=run.title)[0] for run in race.trajectories]
    marks = [plane.plot([], [], "o", color=trail.get_color())[0] for trail in trails]
    losses = [curve.plot([], [])[0] for _ in trails]
    curve.legend(trails, [run.title for run in race.trajectories])

    def update(step: int) -> list:
        for run, trail, mark, loss in zip(race.trajectories, trails, marks, losses, strict=True):
            x, y = run.points[: step + 1].T
            trail.set_data(x, y)
            mark.set_data(x[-1:], y[-1:])
            loss.set_data(np.arange(step + 1), np.maximum(run.gap[: step + 1], 1e-12))
        return [*trails, *marks, *losses]

    steps = schedule(FRAMES, race.steps).astype(int)[every - 1 :: every]
    FuncAnimation(figure, update, frames=list(steps), blit=False).save(path, writer=PillowWriter(fps=25))


def timed(call: Callable, *arguments) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    call(*arguments)
    return time.perf_counter() - wall, time.process_time() - processor


def quality(race: Race, path: Path, every: int = 10) -> list[float]:
    """PSNR in dB of every so many frames as Pillow decodes them, against the frames as drawn."""
    found = []
    with Image.open(path) as image:
        for index, frame in enumerate(race_animation(race, SIZE, frames=FRAMES).frames()):
            if index % every and index != FRAMES - 1:
                continue
            image.seek(index)
            error = np.asarray(image.convert("RGB")).astype(float) - frame[..., :3]
            found.append(float(10 * np.log10(255**2 / np.mean(error**2))))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="let the peer draw all 200 frames")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    every = 1 if options.full else 8
    race = optviz.race("rosenbrock")
    ours_times, drawing_times, peer_times = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        mine, theirs = Path(folder, "optviz.gif"), Path(folder, "matplotlib.gif")
        timed(ours, race, mine)
        for _ in range(options.rounds):
            ours_times.append(timed(ours, race, mine))
            drawing_times.append(timed(drawing, race))
            peer_times.append(tuple(every * seconds for seconds in timed(peer, race, theirs, every)))
        sizes = mine.stat().st_size / 1e6, every * theirs.stat().st_size / 1e6
        decibels = quality(race, mine)
    report(race, options, {"optviz": ours_times, "  of it drawing": drawing_times, "matplotlib": peer_times})
    print(f"  size             {sizes[0]:8.2f} MB, matplotlib {sizes[1]:.2f} MB")
    print(f"  decoded, drawn   {min(decibels):8.1f} dB at least, {statistics.median(decibels):.1f} dB in the median")


def report(race: Race, options: argparse.Namespace, times: dict[str, list]) -> None:
    print(f"{FRAMES} frames of {SIZE[0]}x{SIZE[1]}, {len(race.trajectories)} optimizers, {race.steps} steps")
    print(
        f"medians of {options.rounds}; matplotlib " + ("in full" if options.full else "scaled up from every 8th frame")
    )
    medians = {name: [statistics.median(kind) for kind in zip(*taken, strict=True)] for name, taken in times.items()}
    for name, (wall, processor) in medians.items():
        print(f"  {name:16} {wall:8.2f} s wall {processor:8.2f} s processor")
    wall, processor = (theirs / mine for theirs, mine in zip(medians["matplotlib"], medians["optviz"], strict=True))
    print(f"  ratio            {wall:8.1f}        {processor:8.1f}")


if __name__ == "__main__":
    main()

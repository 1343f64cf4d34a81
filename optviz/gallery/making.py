"""How pictures of the gallery are made: one task after another, or races and steps side by side."""

import functools
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from optviz.files import remove_parts
from optviz.functions import REGISTRY
from optviz.gallery.pictures import MNIST, Picture, every
from optviz.gallery.posters import write_poster

Task = tuple[Picture, ...]  # pictures of one run
ALONE = (
    "race",
    "kinds",
    "surface",
    "explain",
)  # kinds that one process makes by itself, so that several work side by side


def tasks(names: Sequence[str]) -> list[Task]:
    """What is to be done for several names, in the order in which it is done: what shows seconds comes last."""
    pictures = [*every([name for name in names if name != MNIST])]
    pictures.sort(key=lambda picture: picture.kind not in ALONE)
    found: list[Task] = [(picture,) for picture in pictures]
    return [*found, (*every([MNIST]),)] if MNIST in names else found


def make(
    todo: Sequence[Task], folder: Path, theme: str, jobs: int | None, tell: Callable[[float, str], None]
) -> Iterator[tuple[Task, list[Path]]]:
    """Make pictures, and give each task with its files when it is finished.

    Parameters
    ----------
    todo : sequence of Task
    folder : Path
    theme : {"dark", "light"}
    jobs : int, optional
        Processes or threads that work side by side; by default one per core.
    tell : callable
        ``tell(tasks done, what is going on)``.

    Raises
    ------
    KeyboardInterrupt
        If the user interrupts.
    """
    alone = [task for task in todo if task[0].kind in ALONE]
    rest = [task for task in todo if task[0].kind not in ALONE]
    for done, (task, files) in enumerate(_side_by_side(alone, folder, theme, jobs or multiprocessing.cpu_count()), 1):
        yield task, files
        tell(done, f"drew {files[0].name}")
    for done, task in enumerate(rest, len(alone)):
        files = _task(task, folder, theme, jobs, functools.partial(_share, tell, done, task[0].kind))
        yield task, files
        tell(done + 1, f"drew {task[0].file}")


def _side_by_side(todo: Sequence[Task], folder: Path, theme: str, jobs: int) -> Iterator[tuple[Task, list[Path]]]:
    """Do one task after another, or several at a time."""
    if jobs == 1 or len(todo) <= 1:
        yield from ((task, _task(task, folder, theme)) for task in todo)
        return
    from concurrent.futures import as_completed

    from joblib.externals.loky import get_reusable_executor

    from optviz.runs.jobs import end_children, interrupts_kept_from_children

    # Processes start afresh instead of being forked: a fork after threads have run would take their locks along.
    executor = get_reusable_executor(min(jobs, len(todo)), env={"OPENBLAS_NUM_THREADS": "1"})
    others = multiprocessing.active_children()
    try:
        with interrupts_kept_from_children():
            running = {executor.submit(_task, task, folder, theme): task for task in todo}
        for one in as_completed(running):
            yield running[one], one.result()
    except BaseException:
        end_children(others)
        executor.shutdown(wait=False, kill_workers=True)
        remove_parts(folder, age=0.0)  # a killed process leaves what it was writing
        raise


def _task(
    task: Task, folder: Path, theme: str, jobs: int | None = None, progress: Callable[..., Any] | None = None
) -> list[Path]:
    """Run once and draw every picture of it, the poster of each last."""
    result, files = _result(task[0], jobs, progress), []
    for picture in sorted(task, key=lambda picture: not picture.moves):  # what moves takes longest
        files += _drawn(result, folder / picture.file, picture, theme)
        files.append(write_poster(result, picture, folder, theme))
    return files


def _drawn(result: Any, file: Path, picture: Picture, theme: str) -> list[Path]:
    """Draw what a command makes, and say in the file that it does."""
    from optviz.drawing import draw
    from optviz.writers.provenance import commanded

    with commanded(picture.words(theme)):
        return draw(result, file, theme=theme, view="3d" if picture.kind == "surface" else "2d")


def _result(picture: Picture, jobs: int | None, progress: Callable[..., Any] | None) -> Any:
    """The run that the command of a picture makes without options."""
    from optviz import drawing

    options: dict[str, Any] = {"threads": jobs, "progress": progress}
    match picture.kind:
        case "race" | "surface":
            from optviz.runs.points.race import race

            return race(picture.function)
        case "kinds":
            from optviz.runs.points.race import race

            by = "evaluations" if "--by" in picture.command else "steps"
            return race(picture.function, picture.optimizers, by=by)
        case "explain":
            from optviz.runs.points import explain

            return explain.explain(picture.optimizers[0], picture.function)
        case "basins":
            from optviz.runs.points.basins import basins

            grid = drawing.basins_pixels(len(picture.optimizers), REGISTRY[picture.function].region)
            return basins(picture.function, picture.optimizers, resolution=grid, **options)
        case "sweep":
            from optviz.runs.points.sweep import sweep

            wide, high = drawing.sweep_pixels()
            axes = ("lr", None, None, wide), ("momentum", None, None, high)
            return sweep(picture.function, picture.optimizers[0], *axes, **options)
        case "swarm":
            from optviz.runs.points.swarm import swarm

            return swarm(picture.function, **options)
        case "study":
            from optviz.runs.points.study import study

            return study("@classic", **options)
    from optviz.runs.networks.training import train

    comparison = train(jobs=jobs, plane=True, progress=progress)
    if comparison.interrupted:
        raise KeyboardInterrupt
    return comparison


def _share(tell: Callable[..., Any], before: int, name: str, done: float, total: float, text: str = "") -> None:
    """Say how far one task is among all."""
    tell(before + (done / total if total else 0.0), f"{name}: {text or 'running'}")

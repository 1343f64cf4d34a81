"""The gallery: every test function's race, the MNIST comparison, and a page that shows them."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from optviz.errors import UnknownNameError, UsageError
from optviz.files import check_writable, replacing
from optviz.functions import REGISTRY, Function
from optviz.registry import suggestion

MARK = "<!-- Written by optviz gallery; changes made by hand are lost. -->"
MNIST, PLANE = "mnist", "mnist-plane"
COLUMNS = 2


def write_gallery(
    folder: str | os.PathLike = "gallery",
    *,
    only: Sequence[str] | None = None,
    theme: str = "dark",
    jobs: int | None = None,
    progress: Callable[[float, float, str], None] | None = None,
) -> list[Path]:
    """Draw the race on every test function and the MNIST comparison, and write a page that shows them.

    Every picture is what its own command writes with the same theme. The races are the same bytes whatever the number
    of jobs; the MNIST picture shows seconds, so it is made last, with the machine to itself.

    Parameters
    ----------
    folder : path
        Made if it is missing. Pictures of an earlier gallery are replaced; the page shows those that are there.
    only : sequence of str, optional
        Test functions to draw, and ``"mnist"``; by default all.
    theme : {"dark", "light"}
    jobs : int, optional
        Processes that draw side by side; by default one per core.
    progress : callable, optional
        ``progress(pictures done, all pictures, what is going on)``.

    Returns
    -------
    list of Path
        The files written, the page last.

    Raises
    ------
    UsageError
        If a name is unknown, or the folder cannot be written or holds a page of somebody else.
    KeyboardInterrupt
        If the user interrupts; what is finished is kept, and the page shows it.
    """
    names = _chosen(only)
    folder = Path(folder)
    _check(folder)
    written: list[Path] = []
    page = folder / "README.md"
    races = [name for name in names if name != MNIST]

    def tell(done: int, text: str) -> None:
        if progress:
            progress(done, len(names), text)

    try:
        for done, files in enumerate(_races(races, folder, theme, jobs or os.cpu_count() or 1), 1):
            written += files
            tell(done, f"drew {files[0].name}")
        if MNIST in names:
            written += _comparison(folder, theme, jobs, lambda done, total, text: tell(len(races), f"MNIST: {text}"))
            tell(len(names), "done")
    finally:
        if written:
            with replacing(page) as file:
                file.write(_page(folder, theme).encode())
    return [*written, page]


def _chosen(only: Sequence[str] | None) -> list[str]:
    known = [*REGISTRY.names(), MNIST]
    for name in only or ():
        if name not in known:
            hint = suggestion(name, known)
            raise UnknownNameError(f"the gallery has no '{name}'", f"{hint}See: optviz list functions; and mnist")
    return [name for name in known if name in only] if only is not None else known


def _check(folder: Path) -> None:
    """Refuse a folder that cannot be written or whose page is somebody else's; make it if it is missing."""
    if not folder.exists():
        check_writable(folder)
        folder.mkdir()
    if not folder.is_dir():
        raise UsageError(f"cannot write the gallery to {folder}: it is a file", "Name a folder.")
    page = check_writable(folder / "README.md")
    if page.exists() and not page.read_text(errors="replace").startswith(MARK):
        raise UsageError(f"{page} was not written by optviz gallery", "Name another folder, or move that file away.")


def _races(names: Sequence[str], folder: Path, theme: str, jobs: int) -> Iterator[list[Path]]:
    """Draw one race after another, or several at a time, and give the files of each when it is finished."""
    if jobs == 1 or len(names) <= 1:
        yield from (_race(name, folder, theme) for name in names)
        return
    import multiprocessing
    from concurrent.futures import as_completed

    from joblib.externals.loky import get_reusable_executor

    from optviz.runs.jobs import deaf_children, end_children

    # Processes start afresh instead of being forked: a fork after threads have run would take their locks along.
    executor = get_reusable_executor(min(jobs, len(names)), env={"OPENBLAS_NUM_THREADS": "1"})
    others = multiprocessing.active_children()
    try:
        with deaf_children():
            pictures = [executor.submit(_race, name, folder, theme) for name in names]
        for picture in as_completed(pictures):
            yield picture.result()
    except BaseException:
        end_children(others)
        executor.shutdown(wait=False, kill_workers=True)
        for name in names:  # a killed process leaves what it was writing
            for part in folder.glob(f".{name}.*.part"):
                part.unlink(missing_ok=True)
        raise


def _race(name: str, folder: Path, theme: str) -> list[Path]:
    from optviz.drawing import draw
    from optviz.runs.race import race

    return draw(race(name), folder / f"{name}.gif", theme=theme)


def _comparison(folder: Path, theme: str, jobs: int | None, progress: Callable) -> list[Path]:
    from optviz.drawing import draw
    from optviz.runs.training import train

    comparison = train(jobs=jobs, plane=True, progress=progress)
    if comparison.interrupted:
        raise KeyboardInterrupt
    moving = draw(comparison, folder / f"{PLANE}.gif", theme=theme)
    return [*moving, *draw(comparison, folder / f"{MNIST}.png", theme=theme)]


def _page(folder: Path, theme: str) -> str:
    """The page: a grid of the pictures that are in the folder, each with the command that makes it."""
    option = "" if theme == "dark" else f" --theme {theme}"
    functions = [unit for unit in _loaded() if (folder / f"{unit.name}.gif").exists()]
    cells = [
        f"[![{unit.title}]({unit.name}.gif)]({unit.name}.png)<br>`optviz animate {unit.name}{option}`"
        for unit in functions
    ]
    lines = [MARK, "", "# Gallery", ""]
    lines += [
        "Seven optimizers race from one start on each test function. Their learning rates are tuned with the same",
        "budget; each picture says which rates they are. Click a picture for its last frame.",
        "",
    ]
    if cells:
        lines += ["| " * COLUMNS + "|", "|---" * COLUMNS + "|"]
        rows = [cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)]
        lines += ["| " + " | ".join([*row, *[""] * (COLUMNS - len(row))]) + " |" for row in rows]
        lines += [""]
    if (folder / f"{MNIST}.png").exists():
        lines += ["The same optimizers train a small network on MNIST, with Keras' hyperparameters:", ""]
        lines += [f"![MNIST]({MNIST}.png)", "", f"`optviz mnist{option} -o mnist.png`", ""]
    if (folder / f"{PLANE}.gif").exists():
        lines += ["Their weights on the plane of their two common principal directions, with the loss on it:", ""]
        lines += [f"[![The training plane]({PLANE}.gif)]({PLANE}.png)", "", f"`optviz mnist{option} -o mnist.gif`", ""]
    return "\n".join([*lines, f"`optviz gallery{option}` writes this page and every picture on it.", ""])


def _loaded() -> Iterator[Function]:
    """The registered functions; a plug-in that does not load has been named before."""
    for name in REGISTRY.names():
        with contextlib.suppress(ImportError):
            yield REGISTRY[name]

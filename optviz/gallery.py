"""The gallery: races on test functions, what only many runs show, the MNIST comparison, and a page of it all."""

import contextlib
import functools
import itertools
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optviz.errors import UnknownNameError, UsageError
from optviz.files import check_writable, open_regular, remove_parts, replacing
from optviz.functions import CLASSIC, REGISTRY, Function, expanded, sets
from optviz.registry import suggestion

MARK = "<!-- Written by optviz gallery; changes made by hand are lost. -->"
COLUMNS = 2
MNIST = "mnist"


@dataclass(frozen=True)
class Picture:
    """A picture that has a row of the page to itself.

    Attributes
    ----------
    file : str
        A ``.gif`` has a ``.png`` of its last frame beside it.
    title : str
    command : str
        What writes it, after ``optviz``.
    about : str
        A sentence.
    """

    file: str
    title: str
    command: str
    about: str


# Under the names that `only` knows.
PICTURES: dict[str, tuple[Picture, ...]] = {
    "basins": (
        Picture(
            "himmelblau-basins.png",
            "Basins of attraction of Himmelblau's function",
            "basins himmelblau",
            "Seven optimizers on Himmelblau's function, from every start: at which minimizer each ends, and how soon:",
        ),
    ),
    "sweep": (
        Picture(
            "rosenbrock-momentum-sweep.png",
            "Learning rate and momentum on Rosenbrock's function",
            "sweep rosenbrock",
            "Momentum on Rosenbrock's function, with other hyperparameters at each pixel: how soon it arrives:",
        ),
    ),
    "swarm": (
        Picture(
            "himmelblau-swarm.gif",
            "Thousands of runs of Adam on Himmelblau's function",
            "swarm himmelblau",
            "Adam on Himmelblau's function, from thousands of starts, each in the colour of where it will end:",
        ),
    ),
    "study": (
        Picture(
            "study.png",
            "Every optimizer on the classic test functions",
            "study --functions @classic",
            "Seven optimizers on the classic test functions, tuned with the same budget, from the same hundred starts:",
        ),
    ),
    MNIST: (
        Picture(
            "mnist.png",
            "MNIST",
            "train -o mnist.png",
            "Seven optimizers train a small network on MNIST, with Keras' hyperparameters:",
        ),
        Picture(
            "mnist-plane.gif",
            "The training plane",
            "train -o mnist.gif",
            "Their weights on the plane of their two common principal directions, with the loss on it:",
        ),
    ),
}


def write_gallery(
    folder: str | os.PathLike = "gallery",
    *,
    only: Sequence[str] | None = None,
    theme: str = "dark",
    jobs: int | None = None,
    progress: Callable[[float, float, str], None] | None = None,
) -> list[Path]:
    """Draw races on test functions and what else there is to see, and write a page that shows it.

    Every picture is what its own command writes with the same theme, and the same bytes whatever the number of jobs;
    but for MNIST's, which show seconds and are therefore made last, with the machine to themselves.

    Parameters
    ----------
    folder : path
        Made if it is missing. Pictures of an earlier gallery are replaced; the page shows those that are there.
    only : sequence of str, optional
        Test functions, sets of them (``"@valley"``, ``"@all"``), and ``"basins"``, ``"sweep"``, ``"swarm"``,
        ``"study"`` and ``"mnist"``; by default ``"@classic"`` and each of these.
    theme : {"dark", "light"}
    jobs : int, optional
        Processes or threads that work side by side; by default one per core.
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
    races, others = ([name for name in names if (name in PICTURES) is apart] for apart in (False, True))

    def tell(done: float, text: str) -> None:
        if progress:
            progress(done, len(names), text)

    try:
        for done, files in enumerate(_races(races, folder, theme, jobs or os.cpu_count() or 1), 1):
            written += files
            tell(done, f"drew {files[0].name}")
        for done, name in enumerate(others, len(races)):
            draw = _comparison if name == MNIST else _many
            written += draw(name, folder, theme, jobs, functools.partial(_share, tell, done, name))
            tell(done + 1, f"drew {written[-1].name}")
    finally:
        if written:
            made = {**made_with(page), **dict.fromkeys((path.name for path in written), versions())}
            with replacing(page) as file:
                file.write(page_text(folder, theme, made).encode())
    return [*written, page]


def usual() -> list[str]:
    """What is drawn unless told otherwise, in the order of the page: races on the classic functions, and the rest."""
    return [*CLASSIC, *PICTURES]


def known() -> list[str]:
    """The names that `only` may hold, in the order of the page; besides it may hold sets of functions."""
    return [*sets()["@all"], *PICTURES]


def _chosen(only: Sequence[str] | None) -> list[str]:
    if only is not None and "race" in only:
        warnings.warn("the picture 'race' of the gallery is now called 'study'", stacklevel=3)
        only = ["study" if name == "race" else name for name in only]
    if only is None:
        return usual()
    only = expanded(only)
    for name in only:
        if name not in known():
            more = f"See: optviz list functions; and {', '.join(PICTURES)}"
            raise UnknownNameError(f"the gallery has no '{name}'", f"{suggestion(name, known())}{more}")
    return [name for name in known() if name in only]


def _check(folder: Path) -> None:
    """Refuse a folder that cannot be written or whose page is somebody else's; make it if it is missing."""
    if not folder.exists():
        check_writable(folder)
        folder.mkdir()
    if not folder.is_dir():
        raise UsageError(f"cannot write the gallery to {folder}: it is a file", "Name a folder.")
    page = check_writable(folder / "README.md")
    if page.exists() and not _begins_as_ours(page):
        raise UsageError(f"{page} was not written by optviz gallery", "Name another folder, or move that file away.")


def _begins_as_ours(page: Path) -> bool:
    with open_regular(page) as file:
        return file.read(len(MARK.encode())) == MARK.encode()


def _races(names: Sequence[str], folder: Path, theme: str, jobs: int) -> Iterator[list[Path]]:
    """Draw one race after another, or several at a time, and give the files of each when it is finished."""
    if jobs == 1 or len(names) <= 1:
        yield from (_race(name, folder, theme) for name in names)
        return
    import multiprocessing
    from concurrent.futures import as_completed

    from joblib.externals.loky import get_reusable_executor

    from optviz.runs.jobs import end_children, interrupts_kept_from_children

    # Processes start afresh instead of being forked: a fork after threads have run would take their locks along.
    executor = get_reusable_executor(min(jobs, len(names)), env={"OPENBLAS_NUM_THREADS": "1"})
    others = multiprocessing.active_children()
    try:
        with interrupts_kept_from_children():
            pictures = [executor.submit(_race, name, folder, theme) for name in names]
        for picture in as_completed(pictures):
            yield picture.result()
    except BaseException:
        end_children(others)
        executor.shutdown(wait=False, kill_workers=True)
        remove_parts(folder, age=0.0)  # a killed process leaves what it was writing
        raise


def _race(name: str, folder: Path, theme: str) -> list[Path]:
    from optviz.runs.points.race import race

    return _drawn(race(name), folder / f"{name}.gif", f"animate {name}", theme)


def _many(name: str, folder: Path, theme: str, jobs: int | None, progress: Callable) -> list[Path]:
    """Draw what many runs show."""
    (picture,) = PICTURES[name]
    return _drawn(_result(name, jobs, progress), folder / picture.file, picture.command, theme)


def _drawn(result: Any, file: Path, command: str, theme: str) -> list[Path]:
    """Draw what a command makes, and say in the file that it does."""
    from optviz.drawing import draw
    from optviz.writers.provenance import commanded

    words = command.partition(" -o ")[0].split()
    with commanded([*words, *([] if theme == "dark" else ["--theme", theme])]):
        return draw(result, file, theme=theme)


def _result(name: str, jobs: int | None, progress: Callable) -> Any:
    """The run that the command of that name makes without options."""
    from optviz import drawing
    from optviz.optimizers import SEVEN
    from optviz.runs.points.basins import basins
    from optviz.runs.points.study import study
    from optviz.runs.points.swarm import swarm
    from optviz.runs.points.sweep import sweep

    options: dict[str, Any] = {"threads": jobs, "progress": progress}
    if name == "basins":
        grid = drawing.basins_pixels(len(SEVEN), REGISTRY["himmelblau"].region)
        return basins("himmelblau", SEVEN, resolution=grid, **options)
    if name == "sweep":
        wide, high = drawing.sweep_pixels()
        return sweep("rosenbrock", "momentum", ("lr", None, None, wide), ("momentum", None, None, high), **options)
    return swarm("himmelblau", **options) if name == "swarm" else study("@classic", **options)


def _comparison(name: str, folder: Path, theme: str, jobs: int | None, progress: Callable) -> list[Path]:
    from optviz.runs.networks.training import train

    comparison = train(jobs=jobs, plane=True, progress=progress)
    if comparison.interrupted:
        raise KeyboardInterrupt
    # What moves comes first: it takes longest.
    pictures = reversed(PICTURES[name])
    return [file for one in pictures for file in _drawn(comparison, folder / one.file, one.command, theme)]


def _share(tell: Callable, before: int, name: str, done: float, total: float, text: str = "") -> None:
    """Say how far one picture is among all."""
    tell(before + (done / total if total else 0.0), f"{name}: {text or 'running'}")


def versions() -> str:
    """The libraries and the kind of machine, which decide the bytes of a picture beside this package."""
    import platform
    from importlib.metadata import version

    from matplotlib import ft2font
    from PIL import features

    libraries = {
        **{name: version(name) for name in ("numpy", "numba", "llvmlite", "matplotlib", "pillow")},
        "freetype": ft2font.__freetype_version__,
        "zlib": features.version("zlib"),
        **dict([platform.libc_ver()]),
    }
    return ", ".join([f"{name} {number}" for name, number in libraries.items() if number] + [platform.machine()])


def made_with(page: Path) -> dict[str, str]:
    """What a page says that each of its pictures was made with, by file name; nothing where there is no page."""
    text = page.read_text("utf-8", "replace") if page.exists() else ""
    return dict(re.findall(r"^<!-- (\S+): (.*) -->$", text, flags=re.MULTILINE))


def page_text(folder: Path, theme: str, made: Mapping[str, str]) -> str:
    """The page: what is in the folder, each picture with the command that makes it and what it was made with."""
    option = "" if theme == "dark" else f" --theme {theme}"
    cells = [
        f"{_shown(unit.title, f'{unit.name}.gif')}<br>`optviz animate {unit.name}{option}`"
        for unit in _loaded()
        if (folder / f"{unit.name}.gif").exists()
    ]
    lines = [MARK, "", "# Gallery", "", "Click a picture that moves for its last frame.", ""]
    if cells:
        lines += [
            "Seven optimizers race from one start on each test function. Their learning rates are tuned with the same",
            "budget; each picture says which rates they are.",
            "",
            "| " * COLUMNS + "|",
            "|---" * COLUMNS + "|",
        ]
        rows = [cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)]
        lines += ["| " + " | ".join([*row, *[""] * (COLUMNS - len(row))]) + " |" for row in rows]
        lines += [""]
    for picture in itertools.chain.from_iterable(PICTURES.values()):
        if (folder / picture.file).exists():
            command = f"`optviz {picture.command}{option}`"
            lines += [picture.about, "", _shown(picture.title, picture.file), "", command, ""]
    lines += [f"`optviz gallery{option}` writes this page and every picture on it.", ""]
    lines += [f"<!-- {name}: {made[name]} -->" for name in sorted(made) if (folder / name).exists()]
    return "\n".join([*lines, ""])


def _shown(title: str, file: str) -> str:
    """A picture as Markdown; a click on what moves shows its last frame."""
    image = f"![{title}]({file})"
    return f"[{image}]({Path(file).with_suffix('.png')})" if file.endswith(".gif") else image


def _loaded() -> Iterator[Function]:
    """The registered functions; a plug-in that does not load has been named before."""
    for name in REGISTRY.names():
        with contextlib.suppress(ImportError):
            yield REGISTRY[name]

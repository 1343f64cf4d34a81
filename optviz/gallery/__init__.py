"""The gallery: races on test functions, pictures of every other kind, and pages that show them."""

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from optviz.errors import UnknownNameError
from optviz.files import check_writable
from optviz.functions import CLASSIC, expanded, sets
from optviz.gallery import making, pages, record
from optviz.gallery.pictures import others
from optviz.registry import suggestion


def write_gallery(
    folder: str | os.PathLike[str] = "gallery",
    *,
    only: Sequence[str] | None = None,
    theme: str = "dark",
    jobs: int | None = None,
    progress: Callable[[float, float, str], None] | None = None,
    finished: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Draw races on test functions and what else there is to see, and write pages that show it.

    Every picture is what its own command writes with the same theme, and the same bytes whatever the number of jobs;
    but for MNIST's, which show seconds and are therefore made last, with the machine to themselves. A picture that is
    there already, by the same command, code and libraries, is left as it is.

    Parameters
    ----------
    folder : path
        Made if it is missing. Pictures of an earlier gallery are replaced; the pages show those that are there:
        ``index.html`` and ``explorer.html`` in a browser, from disk too, and ``README.md`` in a repository.
    only : sequence of str, optional
        Test functions, sets of them (``"@valley"``, ``"@all"``), ``"kinds"``, ``"surface"``, ``"basins"``, ``"sweep"``,
        ``"swarm"``, ``"study"``, ``"explain"`` and ``"mnist"``; by default ``"@classic"`` and each of these.
    theme : {"dark", "light"}
        Of the pictures.
    jobs : int, optional
        Processes or threads that work side by side; by default one per core.
    progress : callable, optional
        ``progress(tasks done, all tasks, what is going on)``.
    finished : callable, optional
        ``finished(file)`` as soon as one is written, so that whoever interrupts knows which there are.

    Returns
    -------
    list of Path
        The files written, the pages last.

    Raises
    ------
    UsageError
        If a name is unknown, or the folder cannot be written or holds a page of somebody else.
    KeyboardInterrupt
        If the user interrupts; what is finished is kept, and the pages show it.

    Examples
    --------
    >>> import optviz, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:  # the pages alone, without a picture
    ...     sorted(file.name for file in optviz.write_gallery(folder, only=[]))
    ['README.md', 'explorer.html', 'index.html', 'pictures.json']
    """
    names = _chosen(only)
    folder = Path(folder)
    pages.check(folder)
    known, made = record.read(folder), {}

    def is_current(task: making.Task) -> bool:
        return all(
            known.get(file) == record.entry(picture.words(theme)) and (folder / file).is_file()
            for picture in task
            for file in picture.files
        )

    every = making.tasks(names)
    todo = [task for task in every if not is_current(task)]
    for file in [record.RECORD, *(file for task in todo for picture in task for file in picture.files)]:
        check_writable(folder / file)
    before = len(every) - len(todo)
    written: list[Path] = []

    def add(*files: Path) -> None:
        written.extend(files)
        for file in files:
            if finished:
                finished(file)

    def tell(done: float, text: str) -> None:
        if progress:
            progress(before + done, len(every), text)

    if known.get(pages.EXPLORER) != record.entry(pages.EXPLORE, "*") or not (folder / pages.EXPLORER).is_file():
        add(pages.write_explorer(folder))
        made[pages.EXPLORER] = record.entry(pages.EXPLORE, "*")
    try:
        for task, files in making.make(todo, folder, theme, jobs, tell):
            add(*files)
            for picture in task:
                made |= dict.fromkeys(picture.files, record.entry(picture.words(theme)))
    finally:
        add(record.write(folder, made), *pages.write(folder, theme))
    return written


def usual() -> list[str]:
    """What is drawn unless told otherwise, in the order of the pages: races on the classic functions, and the rest."""
    return [*CLASSIC, *others()]


def known() -> list[str]:
    """The names that `only` may hold, in the order of the pages; besides it may hold sets of functions."""
    return [*sets()["@all"], *others()]


def _chosen(only: Sequence[str] | None) -> list[str]:
    if only is not None and "race" in only:
        warnings.warn("the picture 'race' of the gallery is now called 'study'", stacklevel=3)
        only = ["study" if name == "race" else name for name in only]
    if only is None:
        return usual()
    only = expanded(only)
    for name in only:
        if name not in known():
            more = f"See: optviz list functions; and {', '.join(others())}"
            raise UnknownNameError(f"the gallery has no '{name}'", f"{suggestion(name, known())}{more}")
    return [name for name in known() if name in only]

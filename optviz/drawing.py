"""From a result to files: one call draws and writes, each file in the format that its ending names."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from optviz import writers
from optviz.errors import UsageError, UsageTypeError
from optviz.results import Comparison, Race

# What a result can become, the preferred form first; the form decides what a file of either kind holds.
FORMS: dict[type, tuple[str, ...]] = {
    Race: ("animation", "figure", "result"),
    Comparison: ("figure", "table"),
}


def draw(
    result: Race | Comparison,
    *paths: str | Path,
    curves: bool = False,
    size: tuple[int, int] = (800, 600),
    theme: str = "dark",
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw a result and write it to files.

    Parameters
    ----------
    result : Race or Comparison
    *paths : path
        The files; their endings pick the formats. A race becomes an animation (``.gif``, with a ``.png`` of its last
        frame beside it), a picture of its end (``.png .svg .pdf``) or numbers (``.json .npz``); a comparison becomes
        a picture, numbers or a table (``.csv .md``).
    curves : bool
        Draw a race's convergence curves alone, without the map.
    size : (width, height)
        In pixels.
    theme : {"dark", "light"}
    progress : callable, optional
        ``progress(frames drawn, all frames)``, called after each frame of an animation.

    Returns
    -------
    list of Path
        The files written, in the order of `paths`; the last frame of an animation follows it.

    Raises
    ------
    UsageError
        If an ending is unknown or unfit, a place cannot be written, or the size or the theme cannot be used. Nothing
        has been drawn then.
    OptvizError
        If the file system refuses. A file is written whole or left as it was.
    """
    written: list[Path] = []
    for path, form in check(type(result), paths, ["figure"] if curves else None).items():
        if form == "poster":
            continue  # written together with its animation
        if form in ("table", "result"):
            writers.write(path, result)
        elif form == "figure" or isinstance(result, Comparison):
            figure = _figure(result, curves, size, theme)
            writers.write(path, figure, figure.comment)
        else:
            from optviz.figures.race import race_animation

            animation = Watched(race_animation(result, size=size, theme=theme), progress)
            writers.write(path, animation)
            written.append(path)
            path = path.with_suffix(".png")
            writers.write(path, animation.last, animation.comment)
        written.append(path)
    return written


def check(kind: type, paths: Sequence[str | Path], forms: Sequence[str] | None = None) -> dict[Path, str]:
    """Refuse files that cannot be written, before any work is done.

    Parameters
    ----------
    kind : type
        `Race` or `Comparison`.
    paths
        As for `draw`.
    forms : sequence of str, optional
        What is wanted of what the result can become; all of it by default.

    Returns
    -------
    dict of Path to str
        Every file that will be written, with what it holds: ``"animation"``, ``"poster"`` (the last frame of the
        animation before it), ``"figure"``, ``"table"`` or ``"result"``.

    Raises
    ------
    UsageError
        If an ending is unknown or unfit, or a place cannot be written.
    """
    if kind not in FORMS:
        raise UsageTypeError(f"cannot draw a {kind.__name__}", "Give what optviz.race or optviz.train returned.")
    if not paths:
        raise UsageError("no file to write", "Name at least one: 'race.gif'")
    forms = forms or FORMS[kind]
    files: dict[Path, str] = {}
    for path in map(Path, paths):
        form = files[path] = writers.check(path, forms)
        if form == "animation":
            poster = path.with_suffix(".png")
            writers.check(poster, ["figure"])
            files[poster] = "poster"
    return files


def free_name(name: str | Path) -> Path:
    """`name`, or the first of name-2, name-3, ... such that no file is replaced that nobody named.

    A free ``.gif`` leaves room for the ``.png`` beside it.
    """
    path = Path(name)
    for number in range(2, 10_000):
        if not path.exists() and not (path.suffix == ".gif" and path.with_suffix(".png").exists()):
            break
        path = Path(name).with_stem(f"{Path(name).stem}-{number}")
    return path


class Watched:
    """An animation that reports each frame and keeps a copy of the last one.

    Attributes
    ----------
    last : (height, width, 4) uint8
        The last frame, once all have been drawn.
    """

    last: np.ndarray

    def __init__(self, animation: Any, progress: Callable[[int, int], None] | None = None):
        self._animation = animation
        self._progress = progress

    def __getattr__(self, name: str) -> Any:
        return getattr(self._animation, name)

    def frames(self) -> Iterator[np.ndarray]:
        """The animation's frames."""
        total = len(self._animation.durations)
        for number, frame in enumerate(self._animation.frames(), 1):
            if number == total:
                self.last = frame.copy()
            yield frame
            if self._progress:
                self._progress(number, total)


def _figure(result: Race | Comparison, curves: bool, size: tuple[int, int], theme: str) -> Any:
    if isinstance(result, Comparison):
        from optviz.figures.training import training_figure

        return training_figure(result, size=size, theme=theme)
    if curves:
        from optviz.figures.convergence import convergence_figure

        return convergence_figure(result, size=size, theme=theme)
    from optviz.figures.race import race_figure

    return race_figure(result, size=size, theme=theme)

"""From a result to files: one call draws and writes, each file in the format that its ending names."""

import os
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from optviz import writers
from optviz.errors import UsageError, UsageTypeError
from optviz.registry import suggestion
from optviz.results import Basins, Batch, Comparison, Explanation, Landscape, Race, Study, Swarm, Sweep
from optviz.results.forms import ANIMATIONS, DRAWN, FORMS, PICTURES, PIXELS

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

Result: TypeAlias = Race | Comparison | Basins | Sweep | Swarm | Study | Batch | Explanation

TURN = 20.0  # degrees that the camera of a surface turns in the course of a video
VIDEOS = ("mp4", "webm")  # what holds it: in a GIF a turn would change every pixel of every frame


def draw(
    result: Result,
    *files: str | Path | BinaryIO,
    format: str | None = None,
    picture: str | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    fps: float | None = None,
    frames: int | None = None,
    highlight: Sequence[str] = (),
    show: str | None = None,
    view: str = "2d",
    camera: Sequence[float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw a result and write it to files.

    >>> import io, optviz
    >>> race, file = optviz.race("beale", ["sgd"], lr=0.01, steps=20), io.BytesIO()
    >>> optviz.draw(race, file, format="png"), file.getvalue()[1:4]
    ([], b'PNG')

    Parameters
    ----------
    result : Race, Comparison, Basins, Sweep, Swarm, Study or Explanation
    *files : path or binary file
        Where to write; the endings of paths pick the formats. Every result becomes a picture (``.png .svg .pdf .webp
        .avif``) or numbers (``.json .npz``). A race, a swarm, an explanation and a comparison's training plane become
        an animation (``.gif``, with a ``.png`` of its last frame beside it, ``.apng .webp .avif .mp4 .webm``); a
        comparison and a study become a table (``.csv .md``); every result becomes a page (``.html``): of a race one
        that runs again in its reader's browser, of a comparison one with everything, of the others the picture with its
        values under the pointer and the tables. What holds both is an animation, unless `picture` says what a still
        one shows.
    format : str, optional
        The format of what is written to files that are open and have no ending: ``"png"``.
    picture : str, optional
        What a still picture, or a page with one, shows: of a race ``"race"`` or ``"convergence"``; of a comparison
        ``"curves"``, ``"plane"``, ``"rates"``, ``"target"``, ``"confusion"`` or ``"mistakes"``; of basins ``"basins"``
        or ``"values"``; of a study ``"study"`` or ``"functions"``. By default the first.
    size : (width, height), optional
        In pixels. By default what suits the picture.
    theme : {"dark", "light"}, optional
        By default pictures are dark, and a page follows its reader's system; readers may choose the other one on it.
    fps : int, optional
        Frames a second of an animation, 1 to 50; by default 25, and of an explanation one column in 0.9 s.
    frames : int, optional
        Of the animation of a race; a swarm keeps as many as its run was asked for.
    highlight : sequence of str, optional
        The optimizers in colour, at most eight; all others are grey. By default all are in colour, or of more than
        eight those that end best. The foot of the picture says so.
    show : {"lr", "curvature"}, optional
        What else the pictures of a race show: the learning rates by step, below the curves; ellipses of curvature
        around the minimizers, on the map.
    view : {"2d", "3d"}
        Whether the picture of a race shows a map or a solid surface, whose heights are the levels of the map's colours.
        In a video the surface turns by 20 degrees in all, and not in a GIF, since a turn changes every pixel. A page
        opens with it.
    camera : (azimuth, elevation) or (azimuth, elevation, height), optional
        From where the surface is seen, in degrees, and how high it is, in widths. By default the highest block of which
        some direction hides at most one iterate in twenty and no global minimum, from where fewest are hidden.
    progress : callable, optional
        ``progress(frames drawn, all frames)``, called after each frame of an animation.

    Returns
    -------
    list of Path
        The files written, in the order of `files`, without those that were open; the last frame of a GIF follows it.

    Raises
    ------
    UsageError
        If an ending or a picture is unknown or unfit, a place cannot be written, the size or the theme cannot be used,
        or the result does not hold what is to be drawn.
    MissingError
        If a format needs what is not installed here.
    OptvizError
        If the file system refuses. A file is written whole or left as it was.
    """
    from optviz.figures.look import look, sight

    looks, seen = look(result, theme, size, highlight, show), sight(result, view, camera)
    given = {"fps": fps, "frames": frames if isinstance(result, Race) else None}
    motion = {name: value for name, value in given.items() if value is not None}
    usual = next(iter(PICTURES[type(result)]), None)
    told: dict[str, Any] = {"format": format, "picture": picture if picture and picture != usual else ""}
    written: list[Path] = []
    for file, form in check(type(result), files, picture=picture, format=format).items():
        if form == "poster":
            continue  # written together with its animation
        if form in ("table", "result"):
            writers.write(file, result, **told)
        elif form == "page":
            writers.write(file, _page(result, picture, theme, size, highlight, **seen), **told)
        elif form == "report" and isinstance(result, Comparison):
            from optviz.report import Report

            writers.write(file, Report(result, theme=theme), **told)
        elif form == "figure" and type(result) in PIXELS and writers.format_of(file, format).name == "png":
            writers.write(file, *_function(PIXELS[type(result)])(result, **looks), **told)
        elif form == "figure":
            page = figure(result, picture=picture, theme=theme, size=size, highlight=highlight, show=show, **seen)
            writers.write(file, page, page.comment, **told)
        else:
            from optviz.figures.engine.animation import Watched

            animate = _function(ANIMATIONS[type(result)])
            turn = {"turn": TURN} if seen and writers.format_of(file, format).name in VIDEOS else {}
            animation = Watched(animate(result, **looks, **motion, **seen, **turn), progress)
            writers.write(file, animation, format=format)
            if isinstance(file, Path) and (poster := _poster(file)):
                written.append(file)
                file = poster
                writers.write(file, animation.last, animation.comment, beside="gif")
        written += [file] if isinstance(file, Path) else []
    return written


def _poster(file: Path) -> Path | None:
    """Where the last frame of an animation is written, if it is."""
    return file.with_suffix(".png") if writers.format_of(file).poster else None


def _page(
    result: Result,
    picture: str | None,
    theme: str | None,
    size: tuple[int, int] | None,
    highlight: Sequence[str],
    **seen: Any,
) -> Any:
    """A result as a page: of a race the interactive one."""
    if isinstance(result, Race):
        from optviz.page.race import RacePage

        return RacePage(result, theme, **seen)
    from optviz.figures.engine.theme import find
    from optviz.figures.look import look
    from optviz.page.result import ResultPage

    light, dark = (find(look(result, name, None, highlight, None)["theme"]) for name in ("light", "dark"))

    def drawn(theme: Any, size: tuple[int, int] | None) -> "Page":
        return figure(result, picture=picture, theme=theme, size=size)

    return ResultPage(result, drawn, size, theme, (light, dark))


def figure(
    result: Result,
    *,
    picture: str | None = None,
    theme: str | None = None,
    size: tuple[int, int] | None = None,
    highlight: Sequence[str] = (),
    show: str | None = None,
    view: str = "2d",
    camera: Sequence[float] | None = None,
) -> "Page":
    """A whole picture of a result as a matplotlib Figure, to save, to show in a notebook, or to look at.

    >>> import optviz
    >>> optviz.figure(optviz.race("beale", ["sgd"], lr=0.01, steps=20)).get_size_inches().tolist()
    [8.0, 6.0]

    Parameters
    ----------
    result : Race, Comparison, Basins, Sweep, Swarm, Study or Explanation
    picture, theme, size, highlight, show, view, camera
        As for `draw`.

    Returns
    -------
    Page
        A `matplotlib.figure.Figure` whose ``comment`` holds the run's facts; ``find("map")`` says where something
        stands. It is drawn in our style whatever the user's settings are.

    Raises
    ------
    UsageError
        If the picture is unknown, the size or the theme cannot be used, or the result does not hold what it shows.
    """
    kind = type(result)
    if not PICTURES.get(kind):
        raise UsageTypeError(f"cannot draw a {kind.__name__}", f"Give a result of {DRAWN}.")
    name = _checked_picture(kind, picture) or next(iter(PICTURES[kind]))
    from optviz.figures.look import look, sight

    taken, seen = look(result, theme, size, highlight, show), sight(result, view, camera)
    page: Page = _function(PICTURES[kind][name])(result, **taken, **(seen if name == "race" else {}))
    return page


def plot_map(function: Any, ax: Any = None, **properties: Any) -> Any:
    """Draw the shaded map of a test function into an Axes.

    >>> import optviz
    >>> optviz.plot_map("beale").get_array().shape
    (488, 488, 3)

    Parameters
    ----------
    function : str, Function, Landscape or Race
    ax : matplotlib.axes.Axes, optional
        By default that of a new Figure.
    **properties
        Of the image, see `matplotlib.axes.Axes.imshow`.

    Returns
    -------
    matplotlib.image.AxesImage

    Raises
    ------
    UnknownNameError
        If the function is not registered.
    """
    from optviz.figures.plots import plot_landscape

    ground = getattr(function, "landscape", function)
    if not isinstance(ground, Landscape):
        from optviz.runs.points.landscape import landscape

        ground = landscape(function)
    return plot_landscape(ground, ax, **properties)


def basins_pixels(count: int, region: tuple[Any, ...], size: tuple[int, int] | None = None) -> tuple[int, int]:
    """How many pixels wide and high a panel of a picture of basins is: as many runs can be seen one by one.

    Parameters
    ----------
    count : int
        The number of optimizers.
    region : ((x_low, x_high), (y_low, y_high))
        Of the starts.
    size : (width, height), optional
        As for `draw`.

    Raises
    ------
    UsageError
        If the picture cannot be drawn at this size.
    """
    from optviz.figures import basins

    return basins.panel_pixels(count, region, size or basins.SIZE)


def sweep_pixels(size: tuple[int, int] | None = None) -> tuple[int, int]:
    """How many pixels wide and high the map of a sweep is, as `basins_pixels`."""
    from optviz.figures import sweep

    return sweep.panel_pixels(size or sweep.SIZE)


def check(
    kind: type,
    files: Sequence[str | Path | BinaryIO],
    forms: Sequence[str] | None = None,
    picture: str | None = None,
    format: str | None = None,
) -> dict[Path | BinaryIO, str]:
    """Refuse files that cannot be written, before any work is done.

    Parameters
    ----------
    kind : type
        `Race`, `Comparison`, `Basins`, `Sweep`, `Swarm`, `Study`, `Explanation` or `Batch`.
    files, picture, format
        As for `draw`.
    forms : sequence of str, optional
        What is wanted of what the result can become; all of it by default.

    Returns
    -------
    dict of Path or file to str
        Every file that will be written, with what it holds: ``"animation"``, ``"poster"`` (the last frame of the
        animation before it), ``"figure"``, ``"page"``, ``"report"``, ``"table"`` or ``"result"``.

    Raises
    ------
    UsageError
        If an ending, a format or the picture is unknown or unfit, or a place cannot be written.
    MissingError
        If a format needs what is not installed here.
    """
    if kind not in FORMS:
        raise UsageTypeError(f"cannot draw a {kind.__name__}", f"Give a result of {DRAWN}.")
    if not files:
        raise UsageError("no file to write", "Name at least one: 'race.gif'")
    _checked_picture(kind, picture)
    wanted = forms or FORMS[kind]
    if picture:
        wanted = sorted(wanted, key=lambda form: form != "figure")
    found: dict[Path | BinaryIO, str] = {}
    for file in files:
        file = Path(file) if isinstance(file, str | os.PathLike) else file
        form = found[file] = writers.check(file, wanted, format)
        if form == "animation" and isinstance(file, Path) and (poster := _poster(file)):
            writers.check(poster, ["figure"])
            found[poster] = "poster"
    return found


def has_picture(kind: type, forms: Iterable[str]) -> bool:
    """Whether a file that holds one of these forms shows a picture that can be chosen: any page but that of a race."""
    return "figure" in forms or ("page" in forms and kind is not Race)


def _checked_picture(kind: type, picture: str | None) -> str | None:
    if picture is not None and picture not in PICTURES[kind]:
        known = list(PICTURES[kind])
        hint = suggestion(picture, known)
        raise UsageError(f"unknown picture '{picture}'", f"{hint}Choose from: {', '.join(known)}")
    return picture


def _function(place: tuple[str, str]) -> Callable[..., Any]:
    """A function of `optviz.figures`, by its module and its name."""
    return getattr(import_module(f"optviz.figures.{place[0]}"), place[1])

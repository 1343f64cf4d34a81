"""From a result to files: one call draws and writes, each file in the format that its ending names."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from optviz import writers
from optviz.errors import UsageError, UsageTypeError
from optviz.registry import suggestion
from optviz.results import Basins, Batch, Comparison, Explanation, Landscape, Race, Study, Swarm, Sweep

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

Result: TypeAlias = Race | Comparison | Basins | Sweep | Swarm | Study | Batch | Explanation

SHOWN = ("lr", "curvature")  # what pictures of a race show besides
DRAWN = "race, train, basins, sweep, swarm, study or explain"
# What a result can become, the preferred form first; the form decides what a file of either kind holds.
FORMS: dict[type, tuple[str, ...]] = {
    Race: ("animation", "figure", "page", "result"),
    Comparison: ("animation", "figure", "report", "table"),
    Basins: ("figure", "page", "result"),
    Sweep: ("figure", "page", "result"),
    Swarm: ("animation", "figure", "page", "result"),
    Study: ("figure", "page", "table"),
    Batch: ("result",),
    Explanation: ("figure", "animation", "page", "result"),
}
# The still pictures of a result: name -> the module of optviz.figures and its function; the first is the usual one.
PICTURES: dict[type, dict[str, tuple[str, str]]] = {
    Race: {"race": ("race", "race_figure"), "convergence": ("convergence", "convergence_figure")},
    Comparison: {
        "curves": ("training", "training_figure"),
        "plane": ("plane", "plane_figure"),
        "rates": ("rates", "rates_figure"),
        "target": ("targets", "targets_figure"),
        "confusion": ("confusion", "confusion_figure"),
        "mistakes": ("mistakes", "mistakes_figure"),
    },
    Basins: {"basins": ("basins", "basins_figure"), "values": ("basins", "basin_values_figure")},
    Sweep: {"sweep": ("sweep", "sweep_figure")},
    Swarm: {"swarm": ("swarm", "swarm_figure")},
    Study: {"study": ("study", "study_figure"), "functions": ("study", "functions_figure")},
    Batch: {},
    Explanation: {"explain": ("explain", "explain_figure")},
}
ANIMATIONS: dict[type, tuple[str, str]] = {
    Race: ("race", "race_animation"),
    Comparison: ("plane", "plane_animation"),
    Swarm: ("swarm", "swarm_animation"),
    Explanation: ("explain", "explain_animation"),
}
# Pictures of which a .png needs no Figure, which takes half of the time: their pixels and their facts.
PIXELS: dict[type, tuple[str, str]] = {Explanation: ("explain", "explain_pixels")}


def draw(
    result: Result,
    *paths: str | Path,
    picture: str | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    fps: float | None = None,
    frames: int | None = None,
    highlight: Sequence[str] = (),
    show: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Draw a result and write it to files.

    Parameters
    ----------
    result : Race, Comparison, Basins, Sweep, Swarm, Study or Explanation
    *paths : path
        The files; their endings pick the formats. Every result becomes a picture (``.png .svg .pdf``) or numbers
        (``.json .npz``). A race, a swarm, an explanation and a comparison's training plane become an animation
        (``.gif``, with a ``.png`` of its last frame beside it); a comparison and a study become a table (``.csv .md``);
        every result becomes a page (``.html``): of a race one that runs again in its reader's browser, of a comparison
        one with everything, of the others the picture with its values under the pointer and the tables.
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
    progress : callable, optional
        ``progress(frames drawn, all frames)``, called after each frame of an animation.

    Returns
    -------
    list of Path
        The files written, in the order of `paths`; the last frame of an animation follows it.

    Raises
    ------
    UsageError
        If an ending or a picture is unknown or unfit, a place cannot be written, the size or the theme cannot be used,
        or the result does not hold what is to be drawn.
    OptvizError
        If the file system refuses. A file is written whole or left as it was.
    """
    look = _look(result, theme, size, highlight, show)
    given = {"fps": fps, "frames": frames if isinstance(result, Race) else None}
    motion = {name: value for name, value in given.items() if value is not None}
    written: list[Path] = []
    for path, form in check(type(result), paths, picture=picture).items():
        if form == "poster":
            continue  # written together with its animation
        if form in ("table", "result"):
            writers.write(path, result)
        elif form == "page":
            writers.write(path, _page(result, picture, theme, size, highlight))
        elif form == "report" and isinstance(result, Comparison):
            from optviz.report import Report

            writers.write(path, Report(result, theme=theme))
        elif form == "figure" and type(result) in PIXELS and path.suffix.lower() == ".png":
            writers.write(path, *_function(PIXELS[type(result)])(result, **look))
        elif form == "figure":
            pictures = PICTURES[type(result)]
            figure = _function(pictures[picture or next(iter(pictures))])(result, **look)
            writers.write(path, figure, figure.comment)
        else:
            animate = _function(ANIMATIONS[type(result)])
            from optviz.figures.engine.animation import Watched

            animation = Watched(animate(result, **look, **motion), progress)
            writers.write(path, animation)
            written.append(path)
            path = path.with_suffix(".png")
            writers.write(path, animation.last, animation.comment)
        written.append(path)
    return written


def _page(
    result: Result, picture: str | None, theme: str | None, size: tuple[int, int] | None, highlight: Sequence[str]
) -> Any:
    """A result as a page: of a race the interactive one."""
    if isinstance(result, Race):
        from optviz.page.race import RacePage

        return RacePage(result, theme)
    from optviz.figures.engine.theme import find
    from optviz.page.result import ResultPage

    light, dark = (find(_look(result, name, None, highlight, None)["theme"]) for name in ("light", "dark"))

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
) -> "Page":
    """A whole picture of a result as a matplotlib Figure, to save, to show in a notebook, or to look at.

    Parameters
    ----------
    result : Race, Comparison, Basins, Sweep, Swarm, Study or Explanation
    picture, theme, size, highlight, show
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
    page: Page = _function(PICTURES[kind][name])(result, **_look(result, theme, size, highlight, show))
    return page


def _look(
    result: Result, theme: str | None, size: tuple[int, int] | None, highlight: Sequence[str], show: str | None
) -> dict[str, Any]:
    """What the functions of all pictures of a result take."""
    if show is not None and (show not in SHOWN or not isinstance(result, Race)):
        raise UsageError(f"show is '{show}'", f"A race can show: {', '.join(SHOWN)}")
    look: dict[str, Any] = {"theme": theme or "dark"}
    if highlight:
        from optviz.figures.highlight import themed

        look["theme"] = themed(result, look["theme"], highlight)
    return look | ({"size": size} if size else {}) | ({"show": show} if show else {})


def plot_map(function: Any, ax: Any = None, **properties: Any) -> Any:
    """Draw the shaded map of a test function into an Axes.

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


def basins_pixels(count: int, region: tuple, size: tuple[int, int] | None = None) -> tuple[int, int]:
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
    kind: type, paths: Sequence[str | Path], forms: Sequence[str] | None = None, picture: str | None = None
) -> dict[Path, str]:
    """Refuse files that cannot be written, before any work is done.

    Parameters
    ----------
    kind : type
        `Race`, `Comparison`, `Basins`, `Sweep`, `Swarm`, `Study`, `Explanation` or `Batch`.
    paths
        As for `draw`.
    forms : sequence of str, optional
        What is wanted of what the result can become; all of it by default.
    picture : str, optional
        As for `draw`.

    Returns
    -------
    dict of Path to str
        Every file that will be written, with what it holds: ``"animation"``, ``"poster"`` (the last frame of the
        animation before it), ``"figure"``, ``"page"``, ``"report"``, ``"table"`` or ``"result"``.

    Raises
    ------
    UsageError
        If an ending or the picture is unknown or unfit, or a place cannot be written.
    """
    if kind not in FORMS:
        raise UsageTypeError(f"cannot draw a {kind.__name__}", f"Give a result of {DRAWN}.")
    if not paths:
        raise UsageError("no file to write", "Name at least one: 'race.gif'")
    _checked_picture(kind, picture)
    files: dict[Path, str] = {}
    for path in map(Path, paths):
        form = files[path] = writers.check(path, forms or FORMS[kind])
        if form == "animation":
            poster = path.with_suffix(".png")
            writers.check(poster, ["figure"])
            files[poster] = "poster"
    return files


def has_picture(kind: type, forms: Iterable[str]) -> bool:
    """Whether a file that holds one of these forms shows a picture that can be chosen: any page but that of a race."""
    return "figure" in forms or ("page" in forms and kind is not Race)


def _checked_picture(kind: type, picture: str | None) -> str | None:
    if picture is not None and picture not in PICTURES[kind]:
        known = list(PICTURES[kind])
        hint = suggestion(picture, known)
        raise UsageError(f"unknown picture '{picture}'", f"{hint}Choose from: {', '.join(known)}")
    return picture


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


def _function(place: tuple[str, str]) -> Callable[..., Any]:
    """A function of `optviz.figures`, by its module and its name."""
    return getattr(import_module(f"optviz.figures.{place[0]}"), place[1])

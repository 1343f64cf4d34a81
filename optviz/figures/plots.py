"""Results inside of a figure of the user's own: each function draws into an Axes and returns what it has drawn.

The axes' own style rules: scales, limits and labels stay where the caller has set them or something is drawn already,
the ground decides whether colours are those of the dark or of the light theme, fonts and ticks are the user's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cbook import normalize_kwargs
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.figures.engine.artists import PathLine, theme_of
from optviz.figures.engine.axis import Axis
from optviz.figures.engine.heads import head
from optviz.figures.engine.minimizer_colours import minimizer_colours
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.style import Entrant, Style, entrants
from optviz.figures.engine.wording import FLOOR
from optviz.registry import suggestion
from optviz.results import Basins, Comparison, Landscape, Race, Sweep
from optviz.results.race import BY

Chosen = Mapping[str, str] | Sequence[str] | None
QUANTITIES = {"test_accuracy": "test accuracy", "test_loss": "test loss", "train_loss": "training loss"}
WIDTH = 1.6  # points, as a trail of a picture
TICKED, FONT = 300.0, 12.0  # px: the length of an axis for which ticks are chosen where matplotlib has none


def plot_paths(
    race: Race,
    ax: Axes | None = None,
    *,
    colors: Chosen = None,
    labels: Chosen = None,
    iterates: bool = False,
    **properties: Any,
) -> list[Line2D]:
    """Draw the ways of the optimizers of a race.

    >>> import optviz
    >>> len(optviz.plot_paths(optviz.race("beale", ["sgd", "adam"], lr=0.01, steps=20)))
    2

    Parameters
    ----------
    race : Race
    ax : matplotlib.axes.Axes, optional
        By default that of a new Figure, which the artists know: ``lines[0].figure``.
    colors, labels : mapping or sequence of str, optional
        By the optimizers' names, or in the order of the race; by default as in the pictures of a race.
    iterates : bool
        Whether to draw the points at which gradients are taken, where an optimizer reports others: Schedule-Free,
        averages, Lookahead.
    **properties
        Of the lines, see `matplotlib.lines.Line2D`; paths have their own dashes and heads.

    Returns
    -------
    list of Line2D
        With a head at the end of each; leaps are faint, and trails along each other take turns.

    Raises
    ------
    UsageError
        If there are too few colours or labels.
    """
    ax = _axes(ax, race, Race)
    drawn, group = ax.has_data(), list[PathLine]()
    for entrant, run in zip(_entrants(race.trajectories, ax, colors, labels), race.trajectories, strict=True):
        points = run.iterates if iterates and run.iterates is not None else run.points
        ax.add_line(PathLine(group, entrant, points, **{"linewidth": WIDTH, **_plain(properties)}))
    if not drawn:  # what is there already, a map for example, rules over what a path leaves it for
        ax.autoscale_view()
    _labelled(ax, "x", "y")
    return [*group]


def plot_landscape(landscape: Landscape, ax: Axes | None = None, **properties: Any) -> AxesImage:
    """Draw the shaded map of a test function, see `optviz.plot_map`."""
    ax = _axes(ax, landscape, Landscape)
    relief = Relief(landscape.values, landscape.minimum, theme_of(ax))
    return _shown(relief.shaded(len(landscape.values)), landscape, ax, properties)


def plot_convergence(
    result: Race | Comparison,
    ax: Axes | None = None,
    *,
    by: str | None = None,
    colors: Chosen = None,
    labels: Chosen = None,
    **properties: Any,
) -> list[Line2D]:
    """Draw how the suboptimality gaps of a race, or the training losses of a comparison, fall.

    >>> import optviz
    >>> optviz.plot_convergence(optviz.race("beale", ["sgd"], lr=0.01, steps=20))[0].axes.get_yscale()
    'log'

    An axes in which nothing is drawn gets a logarithmic scale for them. Gaps below 1e-12 are rounding, and drawn there.
    Parameters but `by` as for `plot_paths`.

    Parameters
    ----------
    by : {"steps", "evaluations"}, optional
        What the gaps of a race are drawn over; by default what the race was run by.

    Returns
    -------
    list of Line2D

    Raises
    ------
    UsageError
        If `by` is something else.
    """
    if by not in (None, *BY):
        raise UsageError(f"by is {shown(by)}", f"Choose from: {', '.join(BY)}")
    if isinstance(result, Comparison):
        return plot_training(result, ax, quantity="train_loss", colors=colors, labels=labels, **properties)
    ax = _axes(ax, result, Race, y="log")
    lines: list[Line2D] = []
    for entrant, run in zip(_entrants(result.trajectories, ax, colors, labels), result.trajectories, strict=True):
        gaps = np.where(np.isfinite(run.gap), np.maximum(run.gap, FLOOR), np.nan)
        over = run.spent if (by or result.by) == "evaluations" else np.arange(len(gaps))
        lines += ax.plot(over, gaps, **_look(entrant, len(gaps)) | _plain(properties))
    _labelled(ax, (by or result.by).removesuffix("s"), result.landscape.gap)
    return lines


def plot_training(
    comparison: Comparison,
    ax: Axes | None = None,
    *,
    quantity: str = "test_accuracy",
    seconds: bool = False,
    colors: Chosen = None,
    labels: Chosen = None,
    **properties: Any,
) -> list[Line2D]:
    """Draw how the optimizers of a comparison train: means over seeds, and bands from the lowest to the highest.

    >>> import optviz
    >>> len(optviz.plot_training(optviz.train(network="logreg", optimizers=["adam"], epochs=1)))
    1

    Parameters
    ----------
    comparison : Comparison
    ax, colors, labels, **properties
        As for `plot_paths`. Losses get a logarithmic scale where nothing is drawn yet.
    quantity : {"test_accuracy", "test_loss", "train_loss"}
    seconds : bool
        Over the seconds of training, not over epochs.

    Returns
    -------
    list of Line2D
        One for each optimizer of which an epoch has ended.

    Raises
    ------
    UsageError
        If the quantity is unknown, or there are too few colours or labels.
    """
    if quantity not in QUANTITIES:
        hint = suggestion(quantity, [*QUANTITIES])
        raise UsageError(f"unknown quantity '{quantity}'", f"{hint}Choose from: {', '.join(QUANTITIES)}")
    ax = _axes(ax, comparison, Comparison, y=None if quantity == "test_accuracy" else "log")
    if not seconds and not ax.has_data() and isinstance(locator := ax.xaxis.get_major_locator(), MaxNLocator):
        locator.set_params(integer=True)
    found = comparison.summaries()
    lines: list[Line2D] = []
    for entrant, one in zip(_entrants([one.first for one in found], ax, colors, labels), found, strict=True):
        if one.epochs:
            spread = getattr(one, quantity)
            x = one.seconds.mean if seconds else np.arange(1, one.epochs + 1)
            (line,) = ax.plot(x, spread.mean, **_look(entrant, one.epochs) | _plain(properties))
            ax.fill_between(x, spread.low, spread.high, color=line.get_color(), alpha=0.18, linewidth=0)
            lines.append(line)
    _labelled(ax, "second" if seconds else "epoch", QUANTITIES[quantity])
    return lines


def plot_basins(
    basins: Basins, ax: Axes | None = None, *, optimizer: str | None = None, colors: Chosen = None, **properties: Any
) -> AxesImage:
    """Draw at which minimizer one optimizer ends from every start.

    >>> import optviz
    >>> optviz.plot_basins(optviz.basins("beale", ["sgd"], lr=0.01, resolution=16)).get_array().shape
    (16, 16, 3)

    Parameters
    ----------
    basins : Basins
    ax : matplotlib.axes.Axes, optional
    optimizer : str, optional
        Its name; by default the first.
    colors : sequence of str, optional
        Of the minimizers.
    **properties
        Of the image, see `matplotlib.axes.Axes.imshow`.

    Returns
    -------
    AxesImage

    Raises
    ------
    UsageError
        If there is no such optimizer, or there are too few colours.
    """
    from optviz.figures import basin_colours

    ax = _axes(ax, basins, Basins)
    named = {one.contender.optimizer: one for one in basins.maps}
    if optimizer is not None and optimizer not in named:
        raise UsageError(f"these basins have no optimizer '{optimizer}'", f"Choose from: {', '.join(named)}")
    one, theme = named[optimizer or next(iter(named))], theme_of(ax)
    hues = _given(colors, [*map(str, range(len(basins.minimizers)))], minimizer_colours(basins.minimizers, theme))
    light = basin_colours.basin_light(one, hues, basin_colours.pace(basins.maps), None, theme)
    pixels = basin_colours.painted(light, one.diverged > 0, light.shape[1::-1], theme)
    return _shown(pixels, basins.landscape, ax, {"interpolation": "nearest", **properties})


def plot_sweep(sweep: Sweep, ax: Axes | None = None, *, theory: bool = True, **properties: Any) -> QuadMesh:
    """Draw how soon each pair of hyperparameters arrives.

    >>> import optviz
    >>> sweep = optviz.sweep("beale", "momentum", ("lr", 0.001, 0.01, 40), ("momentum", 0.0, 0.9, 40))
    >>> optviz.plot_sweep(sweep).axes.get_xlabel()
    'lr'

    Parameters
    ----------
    sweep : Sweep
    ax : matplotlib.axes.Axes, optional
        One in which nothing is drawn gets the scales of the sweep.
    theory : bool
        Whether to draw what theory says, and the best robust point.
    **properties
        Of the mesh, see `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    QuadMesh
    """
    from optviz.figures.sweep import SCALES
    from optviz.figures.sweep_colours import Speed, cells

    ax = _axes(ax, sweep, Sweep)
    style, fresh = Style(theme_of(ax)), not ax.has_data()
    edges = []
    for axis, side in ((sweep.x, "x"), (sweep.y, "y")):
        scale = SCALES[axis.scale]
        low, high = scale.unit(np.array([axis.low, axis.high]))
        edges.append(scale.back(np.linspace(low, high, len(axis.values) + 1)))
        if fresh and axis.scale == "log":
            ax.set(**{f"{side}scale": "log"})
        elif fresh and axis.scale != "linear":
            getattr(ax, f"set_{side}scale")("function", functions=(scale.unit, scale.back))
            ticks = Axis(axis.low, axis.high, scale).ticked(TICKED, FONT, upright=side == "y").ticks
            getattr(ax, f"set_{side}ticks")(*zip(*ticks, strict=True))
    colours = cells(sweep, Speed.of(sweep), style)
    mesh = ax.pcolormesh(*edges, colours, **{"rasterized": True, **properties})
    if theory:
        for curve in filter(sweep.shows, sweep.theory):
            ax.plot(
                *curve.points.T, color=style.theme.ink, marker="D" if len(curve.points) == 1 else "", label=curve.text
            )
        if sweep.best:
            at = sweep.best[sweep.x.name], sweep.best[sweep.y.name]
            ax.plot(*at, "o", color=style.theme.ink, markerfacecolor="none", markersize=9, label="best robust point")
    if fresh:
        ax.set(xlim=(sweep.x.low, sweep.x.high), ylim=(sweep.y.low, sweep.y.high))
    _labelled(ax, sweep.x.name, sweep.y.name)
    return mesh


def _axes(ax: Axes | None, result: Any, kind: type, y: str | None = None) -> Axes:
    """The axes, or those of a new figure; `y` is a scale for one in which nothing is drawn."""
    if not isinstance(result, kind):
        raise UsageTypeError(
            f"{shown(result)} is no {kind.__name__}", f"Give a result of that kind, a {kind.__name__}."
        )
    ax = Figure().add_subplot() if ax is None else ax
    if not isinstance(ax, Axes):
        raise UsageTypeError(f"ax is {shown(ax)}", "Give a matplotlib Axes, one of figure.subplots().")
    if y and not ax.has_data() and ax.get_yscale() == "linear":
        ax.set_yscale(y)
    return ax


def _shown(pixels: np.ndarray, landscape: Landscape, ax: Axes, properties: dict[str, Any]) -> AxesImage:
    """Pixels over the view of a landscape, as opaque to a grid as other surfaces of matplotlib are."""
    (left, right), (low, high) = landscape.view
    looks: dict[str, Any] = {"extent": (left, right, low, high), "origin": "upper", "aspect": "auto", "zorder": 0.6}
    image = ax.imshow(pixels, **{**looks, **properties})
    _labelled(ax, "x", "y")
    return image


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties of lines under their long names, so that those of the caller replace ours."""
    return normalize_kwargs(properties, Line2D)


def _labelled(ax: Axes, x: str, y: str) -> None:
    """Name the axes that the caller has not named."""
    if not ax.get_xlabel():
        ax.set_xlabel(x)
    if not ax.get_ylabel():
        ax.set_ylabel(y)


def _entrants(runs: Iterable[Any], ax: Axes, colors: Chosen, labels: Chosen) -> list[Entrant]:
    """How runs appear in an axes."""
    titles = {run.optimizer: run.title for run in runs}
    known = entrants(titles, theme_of(ax))
    hues = _given(colors, [*known], [entrant.colour for entrant in known.values()])
    said = _given(labels, [*known], [*titles.values()])
    return [Entrant(*look) for look in zip(said, hues, (entrant.head for entrant in known.values()), strict=True)]


def _given(chosen: Chosen, names: Sequence[str], usual: Sequence[str]) -> list[str]:
    """What the caller has chosen by name or in order, and the usual for the rest of the names."""
    if isinstance(chosen, Mapping):
        return [chosen.get(name, value) for name, value in zip(names, usual, strict=True)]
    if chosen is not None and len(chosen) < len(names):
        raise UsageError(f"{len(chosen)} are given for {len(names)}", "Give one for each, or a mapping from names.")
    return [*(usual if chosen is None else chosen)][: len(names)]


def _look(entrant: Entrant, count: int) -> dict[str, Any]:
    """A line with its head at the end."""
    outline = head(entrant.head, 1.0)
    marker = Path(outline.vertices * (1, -1), outline.codes)
    look = {"color": entrant.colour, "label": entrant.title, "linewidth": WIDTH}
    return {**look, "marker": marker, "markevery": [count - 1], "markersize": 6.0}

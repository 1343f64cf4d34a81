"""One optimizer from one start, with other hyperparameters at each pixel of a map."""

import math
import numbers
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.functions import Function
from optviz.noise import NoiseSetting
from optviz.optimizers import ALIASES, RANGES, Setting, UpdateRule, check_runs, configure
from optviz.registry import suggestion
from optviz.results.numeric import each, plain
from optviz.results.sweep import Axis, Sweep
from optviz.runs.memory import check_fits
from optviz.runs.points.checks import checked_noise, checked_seed, checked_tolerance, checked_whole
from optviz.runs.points.criteria import SettledGap
from optviz.runs.points.entrants import contender
from optviz.runs.points.landscape import landscape
from optviz.runs.points.minimize import checked_start, checked_steps
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Progress, Runner, checked_device
from optviz.runs.points.slices import Slice
from optviz.runs.points.subject import plane_function
from optviz.runs.points.theory import theory
from optviz.runs.points.tuning import jittered, tune
from optviz.runs.scalars import step_costs

PIXELS = 200  # of an axis unless told otherwise
RADIUS = 10  # pixels around the best one that must all arrive, on a map of 400 or more
BELOW, ABOVE = 30, 10  # usual learning rates reach so many times below and above the tuned one
# The usual ends and scale of an axis; the learning rate's depend on the function.
USUAL: dict[str, tuple[float, float, str]] = {
    "momentum": (0.0, 0.999, "log(1-b)"),
    "beta1": (0.0, 0.999, "log(1-b)"),
    "rho": (0.0, 0.9999, "log(1-b)"),
    "beta2": (0.0, 0.99999, "log(1-b)"),
    "eps": (1e-12, 1e2, "log"),
    "weight_decay": (1e-6, 1.0, "log"),
    "lr_decay": (1e-5, 1.0, "log"),
    "initial_accumulator_value": (1e-6, 10.0, "log"),
    "dampening": (0.0, 1.0, "linear"),
}

AxisLike = str | Sequence[Any]


def sweep(
    function: str | Function,
    optimizer: str | UpdateRule | Setting,
    x: AxisLike,
    y: AxisLike,
    *,
    start: Sequence[float] | None = None,
    steps: int = 1000,
    tolerance: float = 1e-4,
    noise: Any = None,
    seed: int = 0,
    defaults: str | None = None,
    variant: str | None = None,
    threads: int | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
    **hyperparameters: Any,
) -> Sweep:
    """Run one optimizer from one start at every point of a plane of two hyperparameters, in float64.

    Parameters
    ----------
    function : str or Function
        Of two variables.
    optimizer : str, UpdateRule or Setting
    x, y : str or sequence
        What varies along the axes: ``("lr", low, high, n)``, with a scale at the end if the usual one does not suit:
        ``"log"``, ``"linear"`` or ``"log(1-b)"``, logarithmic in one minus the value. `low` and `high` are the borders
        of the map, `n` its pixels; values are taken at the pixels' centres. A name alone gives the usual ends:
        for ``lr`` 30 times below to 10 times above the tuned rate; so do ends that are both None.
    start : (x, y), optional
        By default the function's own start.
    steps : int
    tolerance : float
        A run has arrived once f - f* stays this small.
    noise, seed, threads, device, progress
        As for `optviz.minimize_many`. All pixels see the same noise.
    defaults, variant, **hyperparameters
        See `optviz.optimizers.configure`; what does not vary.

    Returns
    -------
    Sweep

    Raises
    ------
    UnknownNameError
        If the function, the optimizer or the noise model is not registered.
    UsageError, UsageTypeError
        If a hyperparameter is unknown, a range empty or not allowed, an argument cannot be used, or memory does not
        hold the result.
    MissingError
        If the device is ``"cuda"`` and there is none.

    Examples
    --------
    >>> import optviz
    >>> sweep = optviz.sweep("quadratic", "momentum", ("lr", 0.001, 0.01, 40), ("momentum", 0.0, 0.9, 40))
    >>> sweep.best["steps"], sweep.arrived.shape
    (59, (40, 40))
    """
    device, threads = checked_device(device, threads)
    unit = plane_function(function)
    setting = configure(optimizer, defaults=defaults, variant=variant, **hyperparameters)
    for place in ("points", "sweep"):
        check_runs(setting, place, unit)
    x0, y0 = checked_start(unit, start)
    origin = x0, y0
    steps, tolerance, seed = checked_steps(steps), checked_tolerance(tolerance), checked_seed(seed)
    setting = base = setting.resolved(steps)
    model = checked_noise(noise)
    across, up = (_request(setting, axis, what) for axis, what in ((x, "x"), (y, "y")))
    if across[0] == up[0]:
        raise UsageError(f"both axes are {up[0]}", f"{setting.plain_name} has: {', '.join(setting.varying)}")
    nx, ny = across[3], up[3]
    check_fits(f"a sweep of {nx:,} x {ny:,} pixels", nx * ny * (2 * 4 + 8), "Ask for fewer.")
    axes = {}
    for request in sorted((across, up), key=lambda one: one[:2] == ("lr", None)):  # what must be tuned comes last
        axes[request[0]] = _axis(unit, setting, request, origin, steps, model, seed)
    columns, lines = axes[across[0]], axes[up[0]]
    nx, ny = len(columns.values), len(lines.values)  # whole numbers may be fewer than what was asked for
    # At the far corner everything that varies is on, so that the formula is the one that has it all.
    setting = setting.replace(**{axis.name: float(axis.values[-1]) for axis in (columns, lines)})
    own = columns.name, lines.name
    problem = Problem(setting, unit, steps, [unit.minimum + tolerance], own=own, noise=model, seed=seed)
    arrived, diverged = np.empty((ny, nx), np.int32), np.empty((ny, nx), np.int32)
    values = np.empty((ny, nx))
    _run(Runner(problem, device), origin, columns, lines, (arrived, diverged, values), threads, progress)
    return Sweep(
        landscape=landscape(unit, 120),
        contender=contender(base, "given" if "lr" in base.fixed else base.defaults),
        x=columns,
        y=lines,
        start=origin,
        steps=steps,
        seed=seed,
        tolerance=tolerance,
        noise=model.text if model else "",
        arrived=arrived,
        diverged=diverged,
        values=values,
        best=robust(arrived, columns, lines),
        theory=theory(unit, base, columns, lines),
        device=device,
    )


def _run(
    runner: Runner,
    start: tuple[float, float],
    columns: Axis,
    lines: Axis,
    grids: tuple[np.ndarray, np.ndarray, np.ndarray],
    threads: int | None,
    progress: Progress | None,
) -> None:
    """Fill the grids of arrivals, divergences and values, some lines of pixels at a time."""
    arrived, diverged, values = grids
    # What step scalars depend on, powers of it or a schedule, is to be the same all along a line.
    along, other = columns, lines
    costs = step_costs(runner.problem.setting)
    if costs.get(columns.name, 0) > costs.get(lines.name, 0):
        along, other = lines, columns
        arrived, diverged, values = arrived.T, diverged.T, values.T
    length, number = len(along.values), len(other.values)
    several = min(runner.processor.lines(length), number)
    starts, pixels = np.tile(np.array(start), (several * length, 1)), np.tile(along.values, several)
    group = 1 if along.name in costs else length

    def job(some: slice) -> Slice:
        def collect(place: slice, points: np.ndarray, ends: np.ndarray, at: np.ndarray, gone: np.ndarray) -> None:
            for into, row in ((arrived, at[0]), (diverged, gone), (values, ends)):
                into[some] = row.reshape(-1, length)

        count = (some.stop - some.start) * length
        own = {along.name: pixels[:count], other.name: np.repeat(other.values[some], length)}
        return runner.slice(starts[:count], collect=collect, own=own, group=group)

    parts = [slice(first, min(first + several, number)) for first in range(0, number, several)]
    runner.finish([job(some) for some in parts], threads, progress)


def _request(setting: Setting, axis: AxisLike, what: str) -> tuple[str, float | None, float | None, int, str | None]:
    """Name, ends, pixels and scale of an axis, each of its right type."""
    example = f'Give a name or ({what}="lr"): ("lr", low, high, pixels)'
    parts = (axis,) if isinstance(axis, str) else tuple(axis) if isinstance(axis, Sequence) else ()
    if len(parts) not in (1, 4, 5) or not isinstance(parts[0], str):
        raise UsageTypeError(f"{what} is {shown(axis)}", example)
    known = setting.varying
    name = parts[0] if parts[0] in known else (ALIASES | setting.rule.aliases).get(parts[0], parts[0])
    if name not in known:
        hint = suggestion(name, [*known])
        raise UsageError(
            f"{what}: {setting.plain_name} has no hyperparameter {shown(name)}", f"{hint}It has: {', '.join(known)}"
        )
    if RANGES.get(name) is bool or setting.rule.ranges.get(name) is bool:
        raise UsageError(f"{what}: {name} is a switch and cannot vary", "Run the sweep once with it and once without.")
    low, high, pixels, scale = (*parts[1:], *(None,) * (5 - len(parts))) if len(parts) > 1 else (None, None, None, None)
    if (low, high) != (None, None):
        low, high = plain(low), plain(high)
        for end in (low, high):
            if isinstance(end, bool) or not isinstance(end, numbers.Real):
                raise UsageTypeError(f"{what}: {name} reaches from {shown(low)} to {shown(high)}", example)
        # NaN ends here, and integers beyond the largest float.
        if not -sys.float_info.max <= low < high <= sys.float_info.max:
            raise UsageError(
                f"{what}: {name} reaches from {shown(low)} to {shown(high)}",
                "Give two finite numbers, the smaller one first.",
            )
        low, high = float(low), float(high)
    if scale is not None and scale not in _TURNS:
        raise UsageError(f"{what}: unknown scale {shown(scale)}", f"Choose from: {', '.join(_TURNS)}")
    count = PIXELS if pixels is None else checked_whole(f"{what}: pixels", pixels, 2, 1_000_000)
    if low is None and name != "lr" and name not in USUAL:
        remedy = f'Give its ends: {name}=LOW:HIGH, in Python ("{name}", low, high, {count})'
        raise UsageError(f"{what}: {name} has no usual range", remedy)
    return name, low, high, count, scale


def _axis(
    function: Function,
    setting: Setting,
    request: tuple[str, float | None, float | None, int, str | None],
    start: tuple[float, float],
    steps: int,
    noise: NoiseSetting | None,
    seed: int,
) -> Axis:
    name, low, high, count, scale = request
    if low is None or high is None:
        if name == "lr":
            starts = jittered(function, start, seed)
            (best,), _ = tune(function, [setting], starts, steps, SettledGap(function), noise, seed)
            rate = best.hyperparameters["lr"]
            low, high = rate / BELOW, rate * ABOVE
        else:
            low, high = USUAL[name][:2]
    if name in _whole(setting):
        return _whole_axis(setting, name, low, high, count)
    if scale is None:
        scale = USUAL[name][2] if name in USUAL else "log" if low > 0 else "linear"
    if scale == "log" and low <= 0:
        raise UsageError(f"{name} reaches down to {low:g}", "A logarithmic axis must begin above 0; or choose linear.")
    if scale == "log(1-b)" and high >= 1:
        raise UsageError(f"{name} reaches up to {high:g}", "An axis of log(1-b) must end below 1.")
    forth, back = _TURNS[scale]
    a, b = forth(low), forth(high)
    values = each(back, a + (b - a) * ((np.arange(count) + 0.5) / count))
    for value in (low if scale != "log(1-b)" else values[0], values[0], values[-1]):
        setting.replace(**{name: float(value)})  # out of range, it is refused
    if not (np.diff(values) > 0).all():
        raise UsageError(
            f"{name} from {low!r} to {high!r} has fewer than {count} numbers",
            "Widen the range or ask for fewer pixels.",
        )
    return Axis(name, scale, float(low), float(high), values)


def _whole_axis(setting: Setting, name: str, low: float, high: float, count: int) -> Axis:
    """Whole numbers evenly spread, all that there are or as many as asked for, each in the middle of its pixel."""
    first, last = math.ceil(low), math.floor(high)
    step = max(1, -(-(last - first + 1) // count))
    values = np.arange(first, last + 1, step, dtype=np.float64)
    if len(values) < 2:
        raise UsageError(f"{name} from {low:g} to {high:g} has fewer than 2 whole numbers", "Widen the range.")
    for value in (values[0], values[-1]):
        setting.replace(**{name: float(value)})  # out of range, it is refused
    return Axis(name, "linear", float(values[0] - step / 2), float(values[-1] + step / 2), values)


def _whole(setting: Setting) -> set[str]:
    """The hyperparameters of wrappers that are whole numbers."""
    return {names[own] for wrapper, names in setting.wrappers for own in wrapper.whole}


_TURNS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "log": (math.log, math.exp),
    "linear": (float, float),
    "log(1-b)": (lambda value: -math.log1p(-value), lambda value: -math.expm1(-value)),
}


def robust(arrived: np.ndarray, x: Axis, y: Axis, radius: int | None = None) -> dict[str, Any] | None:
    """The pixel whose slowest neighbour is fastest: not the luckiest, but one that may be missed a little.

    Parameters
    ----------
    arrived : (ny, nx) int32
        -1 where a run did not arrive.
    x, y : Axis
    radius : int, optional
        Of the square neighbourhood, in pixels; all of it must lie inside the map. By default a fortieth of the shorter
        side, 1 to 10.

    Returns
    -------
    dict or None
        See `optviz.results.parts.Sweep`.
    """
    if radius is None:
        radius = min(max(min(arrived.shape) // 40, 1), RADIUS)
    never = np.iinfo(np.int32).max
    slow = np.where(arrived < 0, never, arrived)
    width = 2 * radius + 1
    if min(slow.shape) < width:
        return None
    for axis in (0, 1):
        slow = np.lib.stride_tricks.sliding_window_view(slow, width, axis=axis).max(axis=-1)
    if slow.min() == never:
        return None
    # Of several equally good ones, that whose own run is fastest.
    own = arrived[radius:-radius, radius:-radius]
    row, column = np.unravel_index(np.lexsort((own.ravel(), slow.ravel()))[0], slow.shape)
    row, column = int(row) + radius, int(column) + radius
    return {
        "column": column,
        "row": row,
        x.name: float(x.values[column]),
        y.name: float(y.values[row]),
        "steps": int(arrived[row, column]),
        "worst": int(slow[row - radius, column - radius]),
        "radius": radius,
    }

"""What runs on test functions refuse before they start."""

import math
import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.functions import Bounds, Function
from optviz.noise import NoiseSetting
from optviz.noise import configure as configure_noise
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import Setting, able, check_runs, expanded, is_set
from optviz.registry import Registry
from optviz.results.numeric import plain

FEW = 2000  # runs that are made one after the other in Python


def checked_list(what: str, given: Any, registry: Registry) -> list[Any]:
    """One or more units, as names or objects; all that are registered for ``"all"``."""
    if isinstance(given, str) and given == "all":
        return list(registry)
    if isinstance(given, str) or not isinstance(given, Iterable):
        example = given if isinstance(given, str) else registry.names()[0]
        raise UsageTypeError(f"{what} is {shown(given)}", f'Give a list of names, or "all": {what}=["{example}"]')
    listed = list(given)
    if not listed:
        raise UsageError(f"the list of {what} is empty", "Name at least one.")
    return listed


def checked_optimizers(given: Any, functions: Sequence[Function], noise: Any = None) -> list[Any]:
    """One or more optimizers, with those members of sets in place of these that can run; all such for ``"all"``."""
    if isinstance(given, str) and given == "all":
        given = "@all"
    listed = expanded(checked_list("optimizers", [given] if is_set(given) else given, OPTIMIZERS))
    return able(listed, ["points"] if noise is None else ["points", "noise"], functions)


def checked_noise(noise: Any, dimension: int = 2) -> NoiseSetting | None:
    """A noise model that suits so many coordinates; None for None."""
    if noise is None:
        return None
    setting = configure_noise(noise)
    setting.by_coordinate(dimension)
    return setting


def check_setting(
    setting: Setting,
    function: Function,
    noise: Any = None,
    runs: int = 1,
    device: str = "cpu",
    dtype: type = np.float64,
) -> None:
    """Refuse a setting that cannot make so many runs on a function, so computed.

    Raises
    ------
    UsageError
        If rules of its kind, or another library's, cannot.
    MissingError
        If that library is not installed.
    """
    given = {"noise": noise is not None, "float32": dtype == np.float32, "cuda points": device != "cpu"}
    for where in ("points", *(name for name, there in given.items() if there)):
        check_runs(setting, where, function)
    if setting.kind == "contender" and runs > FEW:
        problem = f"{setting.plain_name} makes one run after the other in Python, and {runs:,} are asked for"
        raise UsageError(problem, f"Ask for {FEW:,} at most, or leave it out.")


def checked_dtype(dtype: Any) -> type:
    """``np.float32`` or ``np.float64``."""
    try:
        precision = np.dtype(dtype).type
    except TypeError:
        precision = None
    if precision not in (np.float32, np.float64):
        raise UsageTypeError(f"dtype is {dtype!r}", "Runs compute in float64 or float32.")
    return precision


def checked_whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise UsageTypeError(f"{name} is {shown(value)}", "It must be a whole number.")
    if not low <= int(value) <= high:
        raise UsageError(f"{name} is {value}", f"It must be between {low:,} and {high:,}.")
    return int(value)


def checked_seed(seed: Any) -> int:
    """A whole number, 0 or more, of at most 64 bits."""
    seed = plain(seed)
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise UsageTypeError(f"seed is {shown(seed)}", "It must be a whole number.")
    if not 0 <= int(seed) < 1 << 64:
        raise UsageError(f"seed is {seed}", "It must be a whole number from 0 to 2**64 - 1.")
    return int(seed)


def checked_tolerance(tolerance: Any) -> float:
    """A finite number above 0."""
    tolerance = plain(tolerance)
    if isinstance(tolerance, bool) or not isinstance(tolerance, numbers.Real):
        raise UsageTypeError(f"tolerance is {shown(tolerance)}", "It must be a number: tolerance=1e-4")
    try:
        value = float(tolerance)
    except OverflowError:  # an integer beyond the largest float
        value = math.inf
    if not 0 < value < math.inf:
        raise UsageError(f"tolerance is {shown(tolerance)}", "It must be a finite number above 0.")
    return value


def checked_starts(function: Function, starts: Any) -> np.ndarray:
    """Starts as an (n, d) array of floats; what is a float array already is not copied.

    Raises
    ------
    UsageError, UsageTypeError
        If there are none, if they are no numbers or of the wrong shape, not finite, or where runs have diverged.
    """
    dimension = len(function.bounds)
    example = f"Give an array of numbers of shape (n, {dimension})."
    try:
        array = np.asarray(starts)
    except ValueError:  # rows of different lengths
        raise UsageTypeError("starts is not an array", example) from None
    if array.dtype.kind not in "iuf":
        raise UsageTypeError(f"starts is of dtype {array.dtype}", example)
    if array.ndim != 2 or array.shape[1] != dimension:
        raise UsageError(f"starts is of shape {array.shape}", example)
    if not len(array):
        raise UsageError("starts is empty", "Give at least one start.")
    array = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    for c in range(dimension):
        least, most = array[:, c].min(), array[:, c].max()  # NaN if any is
        if not (np.isfinite(least) and np.isfinite(most)):
            worst = int(np.argmin(np.isfinite(array[:, c])))
            raise UsageError(f"start {worst} is {tuple(array[worst].tolist())}", "Starts must be finite numbers.")
        if max(-least, most) > function.far:
            worst = int(np.argmax(np.abs(array[:, c])))
            raise UsageError(
                f"start {worst} is too far away for {function.name}: {tuple(array[worst].tolist())}",
                f"{coordinate(c, dimension)} must lie between {-function.far:g} and {function.far:g}: "
                "runs beyond have diverged.",
            )
    return array


def checked_bounds(function: Function, bounds: Any) -> Bounds:
    """A region to look at: ((x0, x1), (y0, y1)) inside the function's bounds; its region for None."""
    if bounds is None:
        return function.region
    example = "Give ((x0, x1), (y0, y1)) with x0 < x1 and y0 < y1."
    try:
        array = np.asarray(bounds)
    except ValueError:  # pairs of different lengths
        array = np.empty(0)
    if array.shape != (2, 2) or array.dtype.kind not in "iuf":
        raise UsageTypeError(f"bounds is {shown(bounds)}", example)
    array = array.astype(float)
    for axis, (low, high), (least, most) in zip("xy", array.tolist(), function.bounds, strict=True):
        if not (math.isfinite(low) and math.isfinite(high)) or low >= high:
            raise UsageError(f"the bounds of {axis} are {low:g} to {high:g}", example)
        if low < least or high > most:
            raise UsageError(
                f"the bounds of {axis}, {low:g} to {high:g}, leave those of {function.name}",
                f"{axis} must stay between {least:g} and {most:g}.",
            )
        if max(abs(low), abs(high)) * 2**-46 > high - low:
            raise UsageError(
                f"the bounds of {axis} are too close: {low!r} to {high!r}", "float64 has no numbers left between them."
            )
    return (tuple(array[0].tolist()), tuple(array[1].tolist()))


def checked_resolution(resolution: Any) -> tuple[int, int]:
    """Pixels (nx, ny) of a grid, each from 1 to a million."""
    pair = resolution if isinstance(resolution, Sequence | np.ndarray) else (resolution, resolution)
    if isinstance(pair, str) or len(pair) != 2:
        raise UsageTypeError(
            f"resolution is {shown(resolution)}", "Give one whole number or two: resolution=(516, 516)"
        )
    nx, ny = (checked_whole("resolution", number, 1, 1_000_000) for number in pair)
    return nx, ny


def coordinate(c: int, dimension: int) -> str:
    """What a coordinate is called."""
    return "xy"[c] if dimension == 2 else f"coordinate {c + 1}"

"""What is typed for an option, read into a value, and the kinds of options that do so.

Values arrive as text and are read here, so that every refusal names the option and the value and suggests the nearest
one, whatever version of Typer is installed. `flag` is the option's name.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from optviz.cli._groups import option
from optviz.errors import UsageError
from optviz.registry import suggestion
from optviz.units import registry

SIZES = ((480, 360), (3840, 2160))  # pixels: from what holds readable text to 4K


def completion(known: Callable[[], Iterable[str]], several: bool = False) -> Callable[[str], list[str]]:
    """A completion that offers what is known, or a comma list of it."""

    def complete(incomplete: str) -> list[str]:
        before, comma, start = incomplete.rpartition(",") if several else ("", "", incomplete)
        return [f"{before}{comma}{name}" for name in known() if name.startswith(start)]

    return complete


def unit(kind: str, help: str, default: Any = ..., metavar: str = "NAME", **more: Any) -> Any:
    """An option whose value is the name of a unit."""
    offered = completion(lambda: registry(kind).names())
    return option(metavar, help, default, **({"read": partial(one_unit, kind), "complete": offered} | more))


def units(kind: str, help: str, default: tuple[str, ...]) -> Any:
    """An option whose value is comma lists of units, or all; it may be repeated."""
    offered = completion(lambda: [*registry(kind).names(), "all"], several=True)
    return option("all|A,B,C", help, default, read=partial(some_units, kind), complete=offered)


def words(known: Sequence[str], help: str, default: str | None = None, *, read: bool = True) -> Any:
    """An option whose value is one of some words; without `read` it is not checked here."""
    reader = partial(choice, known) if read else None
    return option("|".join(known), help, default, read=reader, complete=completion(lambda: known))


def count(low: int, high: int, help: str, default: str | None = None, **more: Any) -> Any:
    """An option whose value is a whole number from `low` to `high`."""
    return option("N", help, default, read=partial(whole, low, high), **more)


def one_unit(kind: str, flag: str, name: str) -> str:
    """The name of a unit, as it is registered."""
    return registry(kind)[name].name


def some_units(kind: str, flag: str, given: Sequence[str]) -> list[str]:
    """The names of repeated comma lists of units, as they are registered, or ``all``."""
    if [text.strip() for text in given] == ["all"]:
        return registry(kind).names()
    names = listed(flag, given)
    if not all(names):
        raise UsageError(f"{flag} holds an empty name", f"See: optviz list {kind}")
    return listed(flag, [registry(kind)[name].name for name in names])


def split(flag: str, given: Sequence[str], kind: str = "optimizers") -> list[str]:
    """The texts of repeated comma lists, each once; commas in brackets part nothing."""
    from optviz.formulas.calls import split

    texts = [text for each in given for text in split(each)]
    for text in texts:
        if not text:
            raise UsageError(f"{flag} holds an empty name", f"See: optviz list {kind}")
        if texts.count(text) > 1:
            raise UsageError(f"{flag} names '{text}' twice", "Name it once.")
    return texts


def listed(flag: str, given: Sequence[str] | None) -> list[str]:
    """The names of repeated comma lists, each once; none where the option was not given."""
    names = [name.strip() for text in given or () for name in text.split(",")]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{flag} names '{name}' twice", "Name it once.")
    return names


def choice(known: Sequence[str], flag: str, word: str) -> str:
    """One of some words."""
    if word not in known:
        hint = suggestion(word, list(known))
        raise UsageError(f"{flag}: unknown value '{word}'", f"{hint}Choose from: {', '.join(known)}")
    return word


def whole(low: int, high: int, flag: str, text: str) -> int:
    """A whole number from `low` to `high`."""
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise UsageError(f"{flag}: '{text}' cannot be used", f"Give a whole number from {low} to {high}.")
    return value


def number(flag: str, text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{flag}: '{text}' is not a finite number", "Example: 0.05")
    return value


def tolerance(flag: str, text: str) -> float:
    """A number above 0."""
    value = number(flag, text)
    if value <= 0:
        raise UsageError(f"{flag}: '{text}' is not above 0", "Example: --tolerance 1e-4")
    return value


def share(with_zero: bool, remedy: str, flag: str, text: str) -> float:
    """A number below 1, or a percentage below 100 %; 0 or above 0."""
    value = number(flag, text[:-1]) / 100 if text.endswith("%") else number(flag, text)
    if not (0 < value < 1 or with_zero and value == 0):
        raise UsageError(f"{flag}: '{text}' cannot be used", remedy)
    return value


def point(flag: str, text: str) -> tuple[float, float]:
    """Two finite numbers from ``X,Y``."""
    x, y = _halves(flag, text, ",", "point", f"Give two numbers: {flag} -1.5,2")
    return number(flag, x), number(flag, y)


def interval(flag: str, text: str) -> tuple[float, float]:
    """Two finite numbers from ``LOW:HIGH``, the lower one first."""
    ends = _halves(flag, text, ":", "range", "Give its two ends, the lower one first: -2:2")
    low, high = (number(flag, end) for end in ends)
    if not low < high:
        raise UsageError(f"{flag}: nothing lies from {low:g} to {high:g}", "Give the lower end first: -2:2")
    return low, high


def region(flag: str, text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two ranges from ``X0:X1,Y0:Y1``, or from four numbers ``X0,X1,Y0,Y1``."""
    ends = text.split(",")
    if len(ends) == 4:
        text = f"{ends[0]}:{ends[1]},{ends[2]}:{ends[3]}"
    x, y = _halves(flag, text, ",", "region", f"Give two ranges: {flag} -2:2,-1:3")
    return interval(flag, x), interval(flag, y)


def _halves(flag: str, text: str, separator: str, what: str, remedy: str) -> list[str]:
    parts = text.split(separator)
    if len(parts) != 2:
        raise UsageError(f"{flag}: '{text}' is not a {what}", remedy)
    return parts


def grid(flag: str, text: str) -> tuple[int, int]:
    """Two whole numbers from ``N`` or ``NxM``. What memory holds is for the run to say."""
    parts = text.lower().split("x")
    if not 1 <= len(parts) <= 2 or not all(part.isdecimal() and len(part) < 10 and int(part) for part in parts):
        raise UsageError(f"{flag}: '{text}' cannot be used", "Give one whole number or two: 258 or 400x300")
    return int(parts[0]), int(parts[-1])


def pixels(flag: str, text: str) -> tuple[int, int]:
    """Width and height of a picture from ``WxH``."""
    (low_width, low_height), (high_width, high_height) = SIZES
    width, _, height = text.lower().partition("x")
    fits = all(side.isdecimal() and len(side) < 10 for side in (width, height))
    if not fits or not (low_width <= int(width) <= high_width and low_height <= int(height) <= high_height):
        sizes = f"from {low_width}x{low_height} to {high_width}x{high_height}: 800x600"
        raise UsageError(f"{flag}: '{text}' cannot be used", f"Give width and height in pixels, {sizes}")
    return int(width), int(height)


def noise(flag: str, text: str) -> str:
    """A noise model with its numbers that suits functions of two variables."""
    from optviz.noise import configure

    configure(text).by_coordinate(2)
    return text


def camera(flag: str, text: str) -> tuple[float, ...]:
    """A direction, and perhaps a height, from ``AZ,EL`` or ``AZ,EL,HEIGHT``."""
    from optviz.figures.engine.camera import REMEDY, aimed

    try:
        numbers = [float(part) for part in text.split(",")]
        aimed(numbers)
    except (ValueError, UsageError):
        raise UsageError(f"{flag}: '{text}' is no camera", REMEDY) from None
    return tuple(numbers)

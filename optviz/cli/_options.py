"""Options that several commands share, and what their values mean.

Values arrive as text and are read here, so that every refusal names the option and the value and suggests the nearest
one, whatever version of Typer is installed.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

import typer

from optviz.cli import _names, _output, _run
from optviz.errors import UsageError
from optviz.registry import suggestion

THEMES = ("dark", "light")
DEFAULT_TABLES = ("torch", "keras", "paper", "optax")
SIZES = ((480, 360), (3840, 2160))  # pixels: from what holds readable text to 4K
STEPS = 1_000_000

RUN, PICTURE, OUTPUT = "What runs", "The picture", "Output"


def _count(value: int) -> int:
    _run.verbosity = value
    return value


def _hush(value: bool) -> bool:
    _run.quiet = value
    return value


FunctionName: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FUNCTION",
        autocompletion=_names.functions,
        show_default=False,
        help="A test function; optviz list functions names them.",
    ),
]
Optimizers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--optimizers",
        metavar="all|A,B,C",
        autocompletion=_names.optimizers,
        rich_help_panel=RUN,
        show_default=False,
        help="Which optimizers; optviz list optimizers names them. May be repeated. Without it: sgd, momentum, "
        "nesterov, adagrad, adadelta, rmsprop and adam.",
    ),
]
Start: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--start",
        metavar="X,Y",
        rich_help_panel=RUN,
        show_default=False,
        help="Where all of them start. Without it: the function's own start.",
    ),
]
Steps: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--steps",
        metavar="N",
        rich_help_panel=RUN,
        show_default=False,
        help="How many steps. Without it: as many as tell the function's story.",
    ),
]
Seed: TypeAlias = Annotated[
    str, typer.Option("--seed", metavar="N", rich_help_panel=RUN, help="Seed of everything that is random.")
]
Rates: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--lr",
        metavar="[NAME=]LR",
        rich_help_panel=RUN,
        show_default=False,
        help="Learning rate of one optimizer (adam=0.05) or of all (0.05). May be repeated.",
    ),
]
Defaults: TypeAlias = Annotated[
    str,
    typer.Option(
        "--defaults",
        metavar="torch|keras|paper|optax",
        autocompletion=_names.among(*DEFAULT_TABLES),
        rich_help_panel=RUN,
        help="Whose hyperparameters, and whose formula where they differ.",
    ),
]
Theme: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--theme",
        metavar="dark|light",
        autocompletion=_names.among(*THEMES),
        rich_help_panel=PICTURE,
        show_default=False,
        help="Colours of the picture. Without it: dark; of a page: those of the reader's system.",
    ),
]
Size: TypeAlias = Annotated[
    str, typer.Option("--size", metavar="WxH", rich_help_panel=PICTURE, help="Pixels, width by height.")
]
FittingSize: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="WxH",
        rich_help_panel=PICTURE,
        show_default=False,
        help="Pixels, width by height. Without it: what suits the picture.",
    ),
]
Noise: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--noise",
        metavar="MODEL[:NUMBERS]",
        autocompletion=_names.noises,
        rich_help_panel=RUN,
        show_default=False,
        help="Noise in the gradients, as gaussian:0.1; optviz list noise names the models. Without it: none.",
    ),
]
Fps: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--fps",
        metavar="N",
        rich_help_panel=PICTURE,
        show_default=False,
        help="Frames a second of the moving picture, 1 to 50. Without it: 25.",
    ),
]
Jobs: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        rich_help_panel=RUN,
        show_default=False,
        help="How many runs at a time. Without it: one per core.",
    ),
]
Device: TypeAlias = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="cpu|cuda|auto",
        autocompletion=_names.devices,
        rich_help_panel=RUN,
        help="What computes: the processor, or an NVIDIA GPU; auto is a GPU where one can be used. optviz doctor says "
        "what is here.",
    ),
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", rich_help_panel=OUTPUT, help="Print one JSON document instead.")
]
Document: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json",
        rich_help_panel=OUTPUT,
        help="Print one JSON document, what a .json file holds, instead of paths, and write only what -o names.",
    ),
]
Quiet: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", callback=_hush, rich_help_panel=OUTPUT, help="Say nothing on standard error but errors."
    ),
]
NoProgress: TypeAlias = Annotated[
    bool, typer.Option("--no-progress", rich_help_panel=OUTPUT, help="Draw no progress bar.")
]
Verbose: TypeAlias = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        callback=_count,
        show_default=False,
        rich_help_panel=OUTPUT,
        help="Say how long each part took; -vv shows the traceback of an error.",
    ),
]


def chosen(given: Sequence[str] | None, kind: str = "optimizers") -> list[str] | None:
    """The units of repeated comma lists, each known and named once, or all; None where the option was not given.

    Parameters
    ----------
    given : sequence of str or None
    kind : str
        Of `_names.KINDS`; also the name of the option.
    """
    if not given:
        return None
    known = _names.registry(kind)
    if [text.strip() for text in given] == ["all"]:
        return known.names()
    names = listed(f"--{kind}", given)
    for name in names:
        if not name:
            raise UsageError(f"--{kind} holds an empty name", f"See: optviz list {kind}")
        known[name]
    return names


def listed(option: str, given: Sequence[str] | None) -> list[str]:
    """The names of repeated comma lists, each once; none where the option was not given."""
    names = [name.strip() for text in given or () for name in text.split(",")]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{option} names '{name}' twice", "Name it once.")
    return names


def choice(option: str, value: str, known: Sequence[str]) -> str:
    """`value` if it is one of `known`."""
    if value not in known:
        hint = suggestion(value, list(known))
        raise UsageError(f"{option}: unknown value '{value}'", f"{hint}Choose from: {', '.join(known)}")
    return value


def device(text: str, cpu_only: str = "") -> str:
    """``cpu`` or ``cuda``, as ``--device`` asks for; what ``auto`` has chosen is said on standard error.

    It raises MissingError for ``cuda`` where no device can be used. `cpu_only` names options that were given and that
    only the CPU has, so that ``auto`` is the CPU.
    """
    from optviz.kernels import devices

    found = devices.chosen(text, cpu_only=bool(cpu_only))
    if text == "auto":
        reason = devices.missing()
        because = f"{cpu_only} is for the CPU" if cpu_only else reason[0] if reason else ""
        _output.note(f"device: {found}" + (f": {because}" if because else ""))
    return found


def number(option: str, text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{option}: '{text}' is not a finite number", "Example: 0.05")
    return value


def whole(option: str, text: str | None, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`; None stays None."""
    if text is None:
        return None
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise UsageError(f"{option}: '{text}' cannot be used", f"Give a whole number from {low} to {high}.")
    return value


def start(text: str | None) -> tuple[float, float] | None:
    """Two finite numbers from ``X,Y``."""
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != 2:
        raise UsageError(f"--start: '{text}' is not a point", "Give two numbers: --start -1.5,2")
    x, y = (number("--start", part) for part in parts)
    return x, y


def interval(option: str, text: str) -> tuple[float, float]:
    """Two finite numbers from ``LOW:HIGH``, the lower one first."""
    parts = text.split(":")
    if len(parts) != 2:
        raise UsageError(f"{option}: '{text}' is not a range", "Give its two ends, the lower one first: -2:2")
    low, high = (number(option, part) for part in parts)
    if not low < high:
        raise UsageError(f"{option}: nothing lies from {low:g} to {high:g}", "Give the lower end first: -2:2")
    return low, high


def size(text: str | None) -> tuple[int, int] | None:
    """Width and height in pixels from ``WxH``; None stays None."""
    if text is None:
        return None
    (low_width, low_height), (high_width, high_height) = SIZES
    width, _, height = text.lower().partition("x")
    fits = width.isdecimal() and height.isdecimal()
    if not fits or not (low_width <= int(width) <= high_width and low_height <= int(height) <= high_height):
        raise UsageError(
            f"--size: '{text}' cannot be used",
            f"Give width and height in pixels, from {low_width}x{low_height} to {high_width}x{high_height}: 800x600",
        )
    return int(width), int(height)


def look(theme: str | None, text: str | None, fps: str | None = None, frames: str | None = None) -> dict[str, Any]:
    """Theme, size, and how a moving picture moves, as `optviz.draw` takes them."""
    moving = {"fps": whole("--fps", fps, 1, 50), "frames": whole("--frames", frames, 2, 1000)}
    given = {name: value for name, value in moving.items() if value is not None}
    return {"theme": None if theme is None else choice("--theme", theme, THEMES), "size": size(text)} | given


def noise(text: str | None) -> str | None:
    """A noise model with its numbers that suits functions of two variables; None stays None."""
    if text is not None:
        from optviz.noise import configure

        configure(text).by_coordinate(2)
    return text

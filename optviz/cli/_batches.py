"""What ``basins``, ``sweep``, ``swarm`` and ``race`` share: options, what their values mean, a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from optviz.cli import _names, _options, _races
from optviz.errors import UsageError

if TYPE_CHECKING:
    from optviz.results import Basins, Swarm
    from optviz.results.table import Table

Bounds: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--bounds",
        metavar="X0:X1,Y0:Y1",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="The region of the starts. Without it: the function's own. A smaller one zooms in.",
    ),
]
Resolution: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--resolution",
        metavar="N|NxM",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="How many runs along x and y; N for both. Without it: one for each pixel of the picture.",
    ),
]
Steps: TypeAlias = Annotated[
    str, typer.Option("--steps", metavar="N", rich_help_panel=_options.RUN, help="How many steps each run may take.")
]
Tolerance: TypeAlias = Annotated[
    str,
    typer.Option(
        "--tolerance",
        metavar="T",
        rich_help_panel=_options.RUN,
        help="How far above a minimum a run may end that counts as arrived.",
    ),
]
Starts: TypeAlias = Annotated[
    str, typer.Option("--starts", metavar="N", rich_help_panel=_options.RUN, help="From how many starts.")
]
Threads: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        rich_help_panel=_options.RUN,
        show_default=False,
        help="How many threads of the processor; the numbers are the same with any. Without it: one per core.",
    ),
]

MOST_STARTS = 10_000_000


def contenders(given: Sequence[str] | None, usual: Sequence[str] = (), kind: str = "optimizers") -> list[str]:
    """The units that an option names; without it the usual ones, or all, which the word ``all`` asks for too."""
    return _options.chosen(given, kind) or list(usual) or _names.registry(kind).names()


def bounds(text: str | None) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Two ranges from ``X0:X1,Y0:Y1``; None stays None."""
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != 2:
        raise UsageError(f"--bounds: '{text}' is not a region", "Give two ranges: --bounds -2:2,-1:3")
    x, y = (_options.interval("--bounds", part) for part in parts)
    return x, y


def resolution(text: str | None) -> tuple[int, int] | None:
    """Two whole numbers from ``N`` or ``NxM``; None stays None. What memory holds is for the run to say."""
    if text is None:
        return None
    parts = text.lower().split("x")
    if not 1 <= len(parts) <= 2 or not all(part.isdecimal() and len(part) < 10 and int(part) for part in parts):
        raise UsageError(f"--resolution: '{text}' cannot be used", "Give one whole number or two: 258 or 400x300")
    return int(parts[0]), int(parts[-1])


def tolerance(text: str) -> float:
    """A number above 0."""
    value = _options.number("--tolerance", text)
    if value <= 0:
        raise UsageError(f"--tolerance: '{text}' is not above 0", "Example: --tolerance 1e-4")
    return value


def common(steps: str, noise: str | None, defaults: str, seed: str, jobs: str | None, device: str) -> dict[str, Any]:
    """The arguments that every run of many takes."""
    return {
        "steps": _options.whole("--steps", steps, 1, _options.STEPS),
        "noise": _options.noise(noise),
        "defaults": _options.choice("--defaults", defaults, _options.DEFAULT_TABLES),
        "seed": _options.whole("--seed", seed, 0, _races.SEEDS),
        "threads": _options.whole("--jobs", jobs, 1, 1024),
        "device": _options.device(device, "--jobs" if jobs else ""),
    }


def endings(result: "Basins | Swarm") -> "Table":
    """Where the runs of each optimizer end, as a table: one row each."""
    from optviz.results.basins import Basins
    from optviz.results.parts import median_steps, share
    from optviz.results.table import NONE, Table
    from optviz.results.words import counted

    runs = result.maps if isinstance(result, Basins) else result.runs
    rows = []
    for run in runs:
        rate, median = run.contender.hyperparameters.get("lr"), median_steps(run.arrived)
        shares = [share(run.arrived), float((run.diverged > 0).mean())]
        shares += [float((run.reached == index).mean()) for index in range(len(result.minimizers))]
        arrived, diverged, *ends = (f"{100 * part:.1f}" for part in shares)
        known = [NONE if rate is None else f"{rate:.4g}", arrived, NONE if median is None else f"{median:g}", diverged]
        rows.append((run.contender.title, *known, *ends))
    places = [("% end at", f"({x:.4g}, {y:.4g})") for x, y in result.minimizers]
    heads = (("optimizer",), ("lr",), ("%", "arrived"), ("median", "steps"), ("%", "diverged"), *places)
    columns, lines = runs[0].reached.shape[::-1] if runs[0].reached.ndim == 2 else (len(runs[0].reached), 0)
    starts = f"{columns:,} × {counted(lines, 'start')}" if lines else counted(columns, "start")
    title = f"{result.landscape.title}: {starts}, {counted(result.steps, 'step')}"
    return Table(title, heads, frozenset({0}), tuple(rows), notes=(result.provenance(),))

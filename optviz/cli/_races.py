"""What ``animate`` and ``plot`` share: reading the race's options, running it, telling how it ended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optviz.cli import _names, _options, _output, _rates

if TYPE_CHECKING:
    from optviz.results import Race

SEEDS = 2**32 - 1


def specification(
    function: str,
    optimizers: Sequence[str] | None,
    start: str | None,
    steps: str | None,
    noise: str | None,
    lr: Sequence[str] | None,
    defaults: str,
    seed: str,
    device: str,
) -> dict[str, Any]:
    """The arguments of `optviz.race`, each option checked as far as it can be without loading a kernel."""
    _names.registry("functions")[function]
    names = _options.chosen(optimizers)
    options = {
        "start": _options.start(start),
        "steps": _options.whole("--steps", steps, 1, _options.STEPS),
        "seed": _options.whole("--seed", seed, 0, SEEDS),
        "defaults": _options.choice("--defaults", defaults, _options.DEFAULT_TABLES),
        "noise": _options.noise(noise),
        "lr": _rates.rates(lr, names),
        "device": _options.device(device),
    }
    return {"function": function, **({"optimizers": names} if names else {}), **options}


def run(race: dict[str, Any], watcher: "_output.Watcher") -> "Race":
    """Run a specification."""
    from optviz.optimizers import SEVEN
    from optviz.runs.points import race as races
    from optviz.runs.points.needed import race_kernels

    watcher.begin("tuning and running")
    needed = race_kernels(race.get("optimizers", SEVEN), race["defaults"])
    with _output.stage("tuning and running"), watcher.compiling(needed):
        return races.race(**race)


def tell(race: "Race") -> None:
    """Tell a person how the race ended."""
    if race.starts_outside:
        x, y = (f"{low:g} to {high:g}" for low, high in race.landscape.bounds)
        _output.note(f"The start is outside the function's bounds, x {x} and y {y}: the map grows to hold it.")
    rows = [_row(race, run) for run in race.trajectories]
    _output.note_table(rows, ("optimizer", "lr", "", f"f − f* at step {race.steps}"))


def _row(race: "Race", run: Any) -> tuple[str, ...]:
    if run.diverged_at is not None:
        end = f"diverged at step {run.diverged_at}"
    else:
        end = f"{run.gap[-1]:.4g}"
    rate = run.hyperparameters.get("lr")
    return run.title, "–" if rate is None else f"{rate:g}", race.rates[run.optimizer], end

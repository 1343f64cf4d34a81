"""How runs on test functions end, as rows and tables: races, basins, swarms, sweeps."""

from optviz.results.basins import Basins
from optviz.results.explanation import Explanation
from optviz.results.parts import median_steps, share
from optviz.results.race import Race
from optviz.results.swarm import Swarm
from optviz.results.sweep import Sweep
from optviz.results.table import NONE, Table
from optviz.results.words import counted


def race_rows(race: Race) -> list[tuple[str, ...]]:
    """How a race ended: a heading, and a row for each optimizer; how many evaluations each made where some count."""
    counts = race.by == "evaluations" or any(run.evaluations is not None for run in race.trajectories)
    stops = any(run.stopped for run in race.trajectories)
    end = f"at step {race.steps}" if race.by == "steps" else f"after {counted(*race.length)}"
    heads = ["optimizer", "lr", "", *["evaluations"] * counts, f"{race.landscape.gap} {end}", *["stopped"] * stops]
    rows: list[tuple[str, ...]] = [tuple(heads)]
    for run in race.trajectories:
        end = f"{run.gap[-1]:.4g}" if run.diverged_at is None else f"diverged at step {run.diverged_at}"
        rate = run.hyperparameters.get("lr")
        row = [run.title, NONE if rate is None else f"{rate:g}", race.rates[run.optimizer]]
        spent = [f"{run.spent[-1]:,}"] if counts else []
        why = [f"{run.stopped} at step {run.stopped_at}" if run.stopped else ""] if stops else []
        rows.append((*row, *spent, end, *why))
    return rows


def explanation_rows(told: Explanation) -> list[tuple[str, ...]]:
    """The steps of an explanation: a heading, and a row for each step in x and in y."""
    heads = [*(column.words for column in told.columns[:-1]), "the next iterate"]  # to which the last one moves
    rows: list[tuple[str, ...]] = [("step", "", *heads, told.height)]
    for row in range(told.steps):
        step = told.first + row
        end = "diverged" if told.diverged_at == step else f"{told.gap[step]:.4g}"
        for axis, name in enumerate("xy"):
            values = (f"{column.values[row, axis]:.4g}" for column in told.columns)
            rows.append((str(step) * (not axis), name, *values, end * (not axis)))
    return rows


def ends_table(result: Basins | Swarm) -> Table:
    """The shares of each optimizer's runs that arrive, that diverge, and that end at each minimizer: one row each."""
    runs = result.maps if isinstance(result, Basins) else result.runs
    rows = []
    for run in runs:
        rate, median = run.contender.hyperparameters.get("lr"), median_steps(run.arrived)
        shares = [share(run.arrived), float((run.diverged > 0).mean())]
        shares += [float((run.reached == index).mean()) for index in range(len(result.minimizers))]
        arrived, diverged, *ends = (f"{100 * part:.1f}" for part in shares)
        known = [NONE if rate is None else f"{rate:.4g}", arrived, NONE if median is None else f"{median:g}", diverged]
        rows.append((run.contender.title, *known, *ends))
    minimizers = [("% end at", f"({x:.4g}, {y:.4g})") for x, y in result.minimizers]
    heads = (("optimizer",), ("lr",), ("%", "arrived"), ("median", "steps"), ("%", "diverged"), *minimizers)
    columns, lines = runs[0].reached.shape[::-1] if runs[0].reached.ndim == 2 else (len(runs[0].reached), 0)
    starts = f"{columns:,} × {counted(lines, 'start')}" if lines else counted(columns, "start")
    title = f"{result.landscape.title}: {starts}, {counted(result.steps, 'step')}"
    return Table(title, heads, frozenset({0}), tuple(rows), notes=(result.provenance(),))


def sweep_rows(sweep: Sweep) -> list[tuple[str, str]]:
    """The best robust pair of a sweep, the shares that arrive and diverge, and what theory says: a row each."""
    arrived, diverged = share(sweep.arrived), float((sweep.diverged > 0).mean())
    best = "none: no pair arrives with all its neighbours"
    if sweep.best is not None:
        pair = ", ".join(f"{axis.name} {sweep.best[axis.name]:.4g}" for axis in (sweep.x, sweep.y))
        near = f"at most {sweep.best['worst']:,} within {sweep.best['radius']} pixels"
        best = f"{pair}: {counted(sweep.best['steps'], 'step')}, {near}"
    rows = [
        ("best robust pair", best),
        ("arrive", f"{100 * arrived:.1f} % of the pairs"),
        (f"not within {counted(sweep.steps, 'step')}", f"{100 * (1 - arrived - diverged):.1f} %"),
        ("diverge", f"{100 * diverged:.1f} %"),
    ]
    drawn = [curve.text if sweep.shows(curve) else f"{curve.text} (outside the map)" for curve in sweep.theory]
    return rows + [("theory" * (not index), text) for index, text in enumerate(drawn)]

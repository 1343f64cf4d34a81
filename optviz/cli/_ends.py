"""Where runs from many starts end, as a table."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optviz.results import Basins, Swarm
    from optviz.results.table import Table


def ends_table(result: "Basins | Swarm") -> "Table":
    """The shares of each optimizer's runs that arrive, that diverge, and that end at each minimizer: one row each."""
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
    minimizers = [("% end at", f"({x:.4g}, {y:.4g})") for x, y in result.minimizers]
    heads = (("optimizer",), ("lr",), ("%", "arrived"), ("median", "steps"), ("%", "diverged"), *minimizers)
    columns, lines = runs[0].reached.shape[::-1] if runs[0].reached.ndim == 2 else (len(runs[0].reached), 0)
    starts = f"{columns:,} × {counted(lines, 'start')}" if lines else counted(columns, "start")
    title = f"{result.landscape.title}: {starts}, {counted(result.steps, 'step')}"
    return Table(title, heads, frozenset({0}), tuple(rows), notes=(result.provenance(),))

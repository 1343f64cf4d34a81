"""A study's tables as text: the optimizers over all functions, each on each function, and the rates they ran with."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.results import pairs
from optviz.results.study import Study
from optviz.results.study_rows import matrix_rows
from optviz.results.study_steps import Overall, Steps, steps_to_target
from optviz.results.table import Table, listed, told_apart
from optviz.results.words import counted

NEVER, NONE = "∞", "–"


def study_tables(study: Study, short: bool = False) -> tuple[Table, ...]:
    """The optimizers, best first; each of them on each function; and their learning rates, where functions differ.

    Parameters
    ----------
    study : Study
    short : bool
        Whether families stand for many functions, see `optviz.results.study_rows`; then without the learning rates.
    """
    rows = study.overall()
    if short and matrix_rows(study).families:
        return _optimizers(study, rows), _families(study, rows)
    varied = any(np.ptp(row.rates) > 0 for row in rows)  # NaN, no rate at all, is not
    return _optimizers(study, rows), _functions(study, rows), *([_rates(study, rows)] if varied else [])


def _optimizers(study: Study, rows: Sequence[Overall]) -> Table:
    ranked = len(rows) > 1 and len(study.functions) > 1
    lost = any(row.diverged for row in rows)
    heads = [
        *([("rank",)] if ranked else []),
        ("optimizer",),
        ("lr",),
        ("area",),
        ("solved", "%"),
        ("median", study.by),
        ("quartiles", f"of {study.by}"),
        ("fastest", "on"),
        *([("diverged", "%")] if lost else []),
    ]
    body = [
        (
            *([pairs.span(row.place)] if ranked else []),
            _title(row),
            _spread(*row.rate_ends),
            f"{row.area:.3f}",
            percent(row.solved),
            _count(row.median),
            f"{_count(row.low)}–{_count(row.high)}" if math.isfinite(row.low) else NEVER,
            f"{row.fastest}",
            *([percent(row.diverged)] if lost else []),
        )
        for row in rows
    ]
    leading = {index for index, row in enumerate(rows) if row.place[0] == 1}
    functions = f"{len(study.functions)} functions" if len(study.functions) > 1 else _line(study.function_titles[0])
    return Table(
        f"{functions}, {counted(study.starts, 'start')} each, {counted(study.steps, study.unit)}",
        tuple(heads),
        frozenset({heads.index(("optimizer",))}),
        tuple(body),
        frozenset(leading if len(leading) < len(rows) else ()),
        tuple(_notes(study, rows)),
    )


def _notes(study: Study, rows: Sequence[Overall]) -> Iterator[str]:
    count = len(study.functions)
    if len(rows) > 1 and count > 1:
        verdict = pairs.judged([row.scores for row in rows])
        yield told_apart([_title(row) for row in rows], verdict.groups, f"{count} functions")
        how = "the mean difference of two areas, function by function, at 95 % (Student's t)"
        yield f"Ranks: the places left open by comparing {how}{pairs.correction(verdict.pairs)}."
    elif len(rows) > 1:
        yield "One function tells no two optimizers apart: each function is one observation."
    ways = {"kept": f"for good, the last twentieth of the {study.by} at least", "first": "once, whatever came later"}
    goals = f"{len(study.targets)} targets from {study.targets[0]:g} to {study.targets[-1]:g}"
    goals = goals if len(study.targets) > 1 else f"the target {study.targets[0]:g}"
    yield (
        f"Area: under the share of starts that have reached f − f* ≤ a target {ways[study.reaching]}, over {goals}, "
        f"with {study.by} on a logarithmic scale from 1 to {study.steps:,}; 1 is everything at once, 0 nothing in time."
    )
    yield (
        f"Solved: f − f* ≤ {study.targets[-1]:g}. Median and quartiles of the {study.by} until then are over all "
        f"starts; {NEVER}: not within {study.steps:,} {study.by}."
    )
    yield f"{study.provenance()}."


def _functions(study: Study, rows: Sequence[Overall]) -> Table:
    cells, diverged = steps_to_target(study.reached, study.steps), (study.diverged > 0).mean(axis=2)
    body = [
        (_line(title), *(_cell(cells, (number, row.index), diverged[number, row.index]) for row in rows))
        for number, title in enumerate(study.function_titles)
    ]
    return Table(
        f"each function: share of starts that reach f − f* ≤ {study.targets[-1]:g}, and median {study.by} until then",
        (("function",), *((_title(row),) for row in rows)),
        frozenset({0}),
        tuple(body),
        notes=tuple(_function_notes(study, cells, diverged)),
    )


def _families(study: Study, rows: Sequence[Overall]) -> Table:
    shown = matrix_rows(study)
    cells = Steps(shown.solved, shown.median, shown.median, shown.median)
    body = [
        (_line(title), *(_cell(cells, (number, row.index), shown.diverged[number, row.index]) for row in rows))
        for number, title in enumerate(shown.titles)
    ]
    return Table(
        f"each family: share of all starts that reach f − f* ≤ {study.targets[-1]:g}, and median {study.by} until then",
        (("family",), *((_title(row),) for row in rows)),
        frozenset({0}),
        tuple(body),
        notes=(f"Each of the {len(study.functions)} functions: optviz study -o study.md, or .csv.",),
    )


def _cell(cells: Steps, at: tuple[int, int], diverged: float) -> str:
    """The share solved, and the median steps where it is known; what became of the runs where half diverged."""
    share = f"{percent(cells.solved[at])} %"
    if math.isfinite(cells.median[at]):
        return f"{share} {_count(cells.median[at]):>{6}}"
    return f"{share} {'diverged' if diverged >= 0.5 else NEVER:>{6}}"


def _function_notes(study: Study, cells: Steps, diverged: np.ndarray) -> Iterator[str]:
    yield f"{NEVER}: half of the starts or more do not get there within {study.steps:,} {study.by}."
    if (diverged >= 0.5).any():
        yield "diverged: half of the starts or more did."
    unsolved = [_line(title) for title, row in zip(study.function_titles, cells.solved, strict=True) if not row.any()]
    if unsolved:
        yield f"Solved from no start by any optimizer: {listed(unsolved)}."


def _rates(study: Study, rows: Sequence[Overall]) -> Table:
    body = [
        (_line(title), *(_rate(row.rates[number]) for row in rows))
        for number, title in enumerate(study.function_titles)
    ]
    return Table(
        "learning rate on each function",
        (("function",), *((_title(row),) for row in rows)),
        frozenset({0}),
        tuple(body),
    )


def _title(row: Overall) -> str:
    return _line(row.contender.title)


def _line(title: str) -> str:
    """A title on one line: names are anybody's."""
    return " ".join(title.split())


def _spread(low: float, high: float) -> str:
    return _rate(low) if low == high or math.isnan(low) else f"{_rate(low)}–{_rate(high)}"


def _rate(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else NONE


def percent(share: float) -> str:
    """Whole percents, with none that says all or nothing where it is not so."""
    return f"{100 * share:.0f}" if share in (0.0, 1.0) else f"{min(max(100 * share, 1), 99):.0f}"


def _count(steps: float) -> str:
    return f"{math.ceil(steps):,}" if math.isfinite(steps) else NEVER

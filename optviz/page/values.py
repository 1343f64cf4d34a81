"""What a page knows of a result: its document, its arrays, and what lies where in its picture.

A page of at most `LIMIT` bytes cannot hold every digit of every run. What it holds is said in it: all, or values of
fewer digits, or every second start, or a swarm's first and last moments; a file of numbers has the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optviz.figures.engine.boxes import Region
from optviz.figures.engine.painter import Page
from optviz.figures.engine.theme import LIGHT
from optviz.figures.engine.wording import number
from optviz.figures.study_order import ranked, share
from optviz.figures.swarm_marks import Flock
from optviz.page.packing import packed, packed_text, rounded
from optviz.results import Basins, Explanation, Study, Swarm, Sweep
from optviz.results.parts import GRIDS
from optviz.results.saved import plain
from optviz.results.study_rows import matrix_rows
from optviz.results.swarm import KEPT
from optviz.results.words import counted

LIMIT = 1_000_000  # bytes of a page
DIGITS = (None, 6, 4, 3, 2)  # of values; None for all
COARSEST = 16  # every so many starts along an axis at most


@dataclass(frozen=True)
class Values:
    """The numbers of a page.

    Attributes
    ----------
    document : dict
        What ``result.to_dict()`` gives, without the arrays that follow.
    arrays : dict of str to array
        By their place in it: ``"optimizers.0.reached"``.
    note : str
        What is left out; nothing where all is there.
    digits : int or None
        To how many digits floating-point numbers of `arrays` are kept, see `optviz.page.packing.rounded`.
    every : int
        Every so many starts along an axis are kept.
    """

    document: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    note: str = ""
    digits: int | None = None
    every: int = 1

    def embedded(self) -> dict[str, Any]:
        """What the page's script reads."""
        arrays = {name: packed(values) for name, values in self.arrays.items()}
        facts = {"document": packed_text(self.document), "arrays": arrays, "note": self.note}
        return facts | {"digits": self.digits, "every": self.every}


def kept(result: Any, shown: Sequence[int]) -> Iterator[Values]:
    """What a page may hold of a result, all of it first, then less and less.

    Parameters
    ----------
    result : Basins, Sweep, Swarm, Study or Explanation
    shown : sequence of int
        The moments that the picture of a swarm shows.
    """
    if isinstance(result, Basins):
        yield from _grids(result, {f"optimizers.{k}.": one for k, one in enumerate(result.maps)}, GRIDS)
    elif isinstance(result, Sweep):
        yield from _grids(result, {"": result}, GRIDS[1:])
    elif isinstance(result, Swarm):
        yield from _moments(result, sorted({0, *shown, len(result.moments) - 1}))
    else:
        yield Values(result.to_dict())


def _grids(result: Basins | Sweep, owners: dict[str, Any], names: Sequence[str]) -> Iterator[Values]:
    document, steps = result.to_dict(arrays=False), [(digits, 1) for digits in DIGITS]
    for digits, every in [*steps, *((DIGITS[-1], every) for every in range(2, COARSEST + 1))]:
        arrays = {f"{own}{name}": getattr(one, name)[::every, ::every] for own, one in owners.items() for name in names}
        if digits:
            arrays = {
                name: rounded(values, digits) if values.dtype.kind == "f" else values for name, values in arrays.items()
            }
        told = f"Values at the ends of runs are exact to one part in {10**digits:,} here" if digits else ""
        told += f", and of {every} starts side by side one is kept" if every > 1 else ""
        yield Values(
            document | {"every": every}, arrays, told and f"{told}; a .json or .npz file has all.", digits, every
        )


def _moments(swarm: Swarm, shown: Sequence[int]) -> Iterator[Values]:
    every = range(len(swarm.moments))
    for chosen in (every, shown):
        document = swarm.to_dict(arrays=False) | {"moments": plain(swarm.moments[[*chosen]])}
        arrays = {
            f"optimizers.{k}.{name}": run.points[[*chosen]] if name == "points" else getattr(run, name)
            for k, run in enumerate(swarm.runs)
            for name in KEPT
        }
        whole = len(chosen) == len(every)
        told = f"Points are those of {counted(len(chosen), 'moment')} here; a .json or .npz file has all."
        yield Values(document, arrays, "" if whole else told)


def places(result: Any, figure: Page, box: tuple[float, float, float, float]) -> list[dict[str, Any]]:
    """What lies where in a picture.

    Parameters
    ----------
    result : Basins, Sweep, Swarm, Study or Explanation
    figure : Page
    box : (left, top, right, bottom)
        The part of it that is shown.

    Returns
    -------
    list of dict
        For each region its ``box`` in shares of the part, from its upper left corner, and what the page's script needs:
        ``of``, the index of an optimizer; of a swarm also the ``moment`` and the ``view``; or, where there are few,
        the words themselves, ``cells`` of ``columns`` and ``rows``.
    """
    regions = [region for region in figure.regions if region.name]
    left, top, right, bottom = box
    found = []
    for region, facts in _known(result, figure, regions):
        x0, y0, x1, y1 = region.box
        within = (x0 - left) / (right - left), (y0 - top) / (bottom - top)
        ends = (x1 - left) / (right - left), (y1 - top) / (bottom - top)
        found.append({"box": [round(float(value), 5) for value in (*within, *ends)], **facts})
    return found


def _known(result: Any, figure: Page, regions: Sequence[Region]) -> Iterator[tuple[Region, dict[str, Any]]]:
    by_name = {region.name: region for region in regions}
    if isinstance(result, Basins):
        for k, one in enumerate(result.maps):
            yield by_name[one.contender.optimizer], {"of": k}
    elif isinstance(result, Sweep):
        yield by_name["map"], {"of": 0}
    elif isinstance(result, Swarm):
        for mark in figure.parts:
            if isinstance(mark, Flock):
                region = by_name[mark.panel.name]
                moment = int(result.moments[mark.moment])
                yield region, {"of": mark.index, "moment": moment, "view": [*region.x, *region.y]}
    elif isinstance(result, Study):
        if "functions" in by_name:
            region = by_name["functions"]
            columns, rows = int(region.x[1]), int(region.y[0])
            yield region, {"columns": columns, "rows": rows, "cells": study_cells(result, rows)}
    elif isinstance(result, Explanation):
        for region in regions:
            if region.name[:1].isdigit():
                row, column = map(int, region.name.split())
                yield region, {"columns": 1, "rows": 1, "cells": [step_lines(result, row, column)]}


def study_cells(study: Study, count: int) -> list[list[str]]:
    """The lines of each cell of the first rows of a study's matrix, row by row, optimizers in their order."""
    order = [row.overall for row in ranked(study, LIGHT)]
    for whole in (False, True):
        shown = matrix_rows(study, whole)
        if count <= len(shown.titles):
            break
    cells = []
    for f, title in enumerate(shown.titles[:count]):
        for one in order:
            o = one.index
            median, rate = shown.median[f, o], np.nan if shown.families else study.rates[f, o]
            lines = [f"{one.contender.title} on {title}", f"solved from {share(shown.solved[f, o])} of starts"]
            lines += [
                f"median {counted(int(np.ceil(median)), 'step')}" if np.isfinite(median) else "median: not in time"
            ]
            lines += [f"lr {number(rate, 3)}"] if np.isfinite(rate) else []
            lines += [f"{share(shown.diverged[f, o])} diverge"] if shown.diverged[f, o] else []
            cells.append(lines + (["the fastest"] if shown.best[f, o] else []))
    return cells


def step_lines(told: Explanation, row: int, column: int) -> list[str]:
    """The numbers of a cell of an explanation; the first column is the map."""
    step = told.first + row
    if column == 0:
        (x, y), value = told.points[step - 1], told.gap[step - 1]
        return [
            f"step {step}: on the map",
            f"from ({number(x, 6)}, {number(y, 6)})",
            f"{told.height} = {number(value, 6)}",
        ]
    one = told.columns[column - 1]
    lines = [f"step {step}: {one.words}", *(f"{axis}: {number(one.values[row, k], 6)}" for k, axis in enumerate("xy"))]
    if one.before is not None:
        lines.append(f"before: ({number(one.before[row, 0], 6)}, {number(one.before[row, 1], 6)})")
    return lines

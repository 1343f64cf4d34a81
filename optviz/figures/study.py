"""Every optimizer on every function: who reaches how much how soon, in which order, and what cannot be told apart."""

import json
from collections.abc import Callable

from optviz.figures.engine.boxes import Block, Column, Either, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.painter import Page
from optviz.figures.engine.sheet import Footer, Header, Sheet
from optviz.figures.engine.style import Style, told_apart
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number
from optviz.figures.study_curves import factors, targets
from optviz.figures.study_matrix import Legend, Matrix, Shades, matrix_notes
from optviz.figures.study_order import Order, ranked
from optviz.results.study import REACHED, Study
from optviz.results.words import counted

DESIGNED = 1000, 720
CURVES = 150.0  # px, the height of a panel of curves at least, where there are two
COLUMN, COLUMNS, WIDEST = 0.52, 0.008, 0.64  # of the width: table and matrix, more for each optimizer, at most
GAP = 20.0  # px, between one part and the next


def study_figure(study: Study, size: tuple[int, int] = DESIGNED, theme: str | Theme = "dark") -> Page:
    """Draw what a study says.

    On the left the share of all functions, targets and starts that each optimizer reaches within so many steps, and
    the share of functions on which it is within a factor of the fastest. On the right the order by the area under the
    first of these curves, with bars that join those that cannot be told apart, and each function with each optimizer.
    Small pictures leave out the functions, which `functions_figure` shows, then the factors.

    Parameters
    ----------
    study : Study
    size : (width, height)
        In pixels, at least 480x360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    Page
        A matplotlib Figure.

    Raises
    ------
    UsageError
        If the picture cannot be drawn at this size, or if the theme is unknown.
    """
    style = Style.of(size, theme, DESIGNED)
    rows = ranked(study, style.theme)
    title = f"{counted(len(rows), 'optimizer')} on {counted(len(study.functions), 'function')}"

    def body(box: Box) -> Block:
        gap, width = style.length(GAP), box[2] - box[0]
        beside = min(COLUMN + COLUMNS * len(rows), WIDEST) * width
        order, matrix = Order(rows, style), Matrix(study, rows, style)
        whole = Column(order, matrix, Shades(style), gap=gap, width=beside)
        alone = Column(order, width=beside)
        curves = [targets(study, rows, style), factors(study, rows, style)]
        two = box[3] - box[1] - gap >= 2 * style.length(CURVES)
        left = Column(*curves[: 1 + two], gap=gap)
        return Row(left, Either(whole, alone, weight=0.0), gap=style.length(14))

    sheet = _sheet(study, title, size, style, body, [*_notes(study), *matrix_notes(study)])
    if not any(isinstance(block, Matrix) and block.worded for block in sheet.blocks):
        sheet = _sheet(study, title, size, style, body, _notes(study))
    return sheet.page()


def functions_figure(study: Study, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw each function with each optimizer: the share of starts that it solves, and how many steps that takes.

    Parameters and errors as for `study_figure`. Cells too narrow for words have a colour alone; functions that do not
    fit are counted.
    """
    style = Style.of(size, theme, DESIGNED)
    rows = ranked(study, style.theme)

    def body(box: Box) -> Block:
        matrix, gap = Matrix(study, rows, style, each=True, most=3.0), style.length(8)
        column = Column(matrix, Shades(style), gap=gap)
        column.place(box)
        return column if matrix.named else Column(Legend(rows, style), matrix, Shades(style), gap=gap)

    sheet = _sheet(study, "Optimizers by function", size, style, body, matrix_notes(study, each=True))
    if not any(isinstance(block, Matrix) and block.worded for block in sheet.blocks):
        sheet = _sheet(study, "Optimizers by function", size, style, body, [])
    return sheet.page()


def _sheet(
    study: Study, title: str, size: tuple[int, int], style: Style, body: Callable[[Box], Block], notes: list[str]
) -> Sheet:
    """A page with the title, what was run, notes at its foot, and where the numbers come from."""
    rule = told_apart((row.entrant for row in ranked(study, style.theme)), style.theme)
    words = " · ".join(filter(None, [*notes, study.provenance(), rule]))
    return Sheet(size, style, Header([title], [[_setting(study)]], style), body, Footer(words, style), _facts(study))


def _notes(study: Study) -> list[str]:
    count = len(study.functions)
    several = count > 1 and len(study.contenders) > 1
    return [
        f"area: under the curve of targets reached by {study.unit}, of 1",
        f"bars join what {count} functions cannot tell apart (95 %, Holm’s correction)" if several else "",
    ]


def _setting(study: Study) -> str:
    first, last = number(float(study.targets[0]), 2), number(float(study.targets[-1]), 2)
    many = len(study.targets) > 1
    goals = f"{len(study.targets)} targets: f − f* ≤ {first} to {last}" if many else f"target: f − f* ≤ {last}"
    counts = f"{counted(study.starts, 'start')} on each function · {counted(study.steps, study.unit)}"
    return f"{counts} · {goals}, {REACHED[study.reaching]}"


def _facts(study: Study) -> str:
    """What was run and how it ended over all functions, as one JSON document in plain ASCII."""
    document = study.to_dict()
    for name in ("cells", "pairs"):
        del document[name]
    return json.dumps(document, allow_nan=False)

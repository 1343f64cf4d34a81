"""Every optimizer on every function: who reaches how much how soon, in which order, and what cannot be told apart."""

from collections.abc import Sequence

from optviz.figures.engine.theme import Theme
from optviz.figures.page import Page
from optviz.figures.sheet import Sheet
from optviz.figures.study_curves import reached, within
from optviz.figures.study_matrix import Matrix, key, laid_out, matrix, matrix_head, matrix_notes
from optviz.figures.study_names import in_lines, legend, line_height
from optviz.figures.study_order import order, order_head
from optviz.figures.study_sheet import Look, looks, study_sheet
from optviz.results.study import Study
from optviz.results.words import counted

CURVES = 150.0  # px, the height of a panel of curves at least, where there are two
COLUMN, COLUMNS, WIDEST = 0.52, 0.008, 0.64  # of the width: table and matrix, more for each optimizer, at most
CELL = 128.0  # px, the width of the matrix's cells at most
KEY = 1.6  # lines, the height of its key
GAP = 20.0  # px, between one part and the next


def study_figure(study: Study, size: tuple[int, int] = (1000, 720), theme: str | Theme = "dark") -> Page:
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
    optimizers, functions = counted(len(study.contenders), "optimizer"), counted(len(study.functions), "function")
    title = f"{optimizers} on {functions}"
    frame = study_sheet(study, title, [*_notes(study), *matrix_notes(study)], size, theme)
    scale, colours = frame.scale, frame.colours
    ones = looks(study, colours)
    foot, cells = _arranged(study, ones, frame)
    if cells is None or not cells.worded:
        frame = study_sheet(study, title, _notes(study), size, theme)
        foot, cells = (frame.box[3], None) if cells is None else _arranged(study, ones, frame)
    left, top, right, bottom = frame.box
    edge, gap = _edge(ones, frame), scale.length(GAP)
    frame.page.add(order(ones, (edge, top, right, foot), scale, colours))
    if cells:
        frame.page.add(matrix(cells, scale, colours))
        frame.page.add(key(edge, bottom - 0.2 * scale.font(12), right, scale, colours))
    side = edge - scale.length(14)
    height = (bottom - top - gap) / 2
    if height < CURVES:
        frame.page.add(reached(study, ones, (left, top, side, bottom), scale, colours))
        return frame.page
    frame.page.add(reached(study, ones, (left, top, side, top + height), scale, colours))
    frame.page.add(within(study, ones, (left, top + height + gap, side, bottom), scale, colours))
    return frame.page


def functions_figure(study: Study, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw each function with each optimizer: the share of starts that it solves, and how many steps that takes.

    Parameters and errors as for `study_figure`. Cells too narrow for words have a colour alone; functions that do not
    fit are counted.
    """
    title = "Optimizers by function"
    frame = study_sheet(study, title, matrix_notes(study), size, theme)
    ones = looks(study, frame.colours)
    lines, cells = _alone(study, ones, frame)
    if not cells.worded:
        frame = study_sheet(study, title, (), size, theme)
        lines, cells = _alone(study, ones, frame)
    left, top, right, bottom = frame.box
    scale, colours = frame.scale, frame.colours
    frame.page.add(legend(lines, (left, top), scale, colours))
    frame.page.add(matrix(cells, scale, colours))
    frame.page.add(key(left, bottom - 0.2 * scale.font(12), right, scale, colours))
    return frame.page


def _notes(study: Study) -> list[str]:
    count = len(study.functions)
    several = count > 1 and len(study.contenders) > 1
    return [
        "area: under the curve of targets reached by step, of 1",
        f"bars join what {count} functions cannot tell apart (95 %, Holm’s correction)" if several else "",
    ]


def _edge(ones: Sequence[Look], frame: Sheet) -> float:
    """Where the table and the matrix start."""
    left, _, right, _ = frame.box
    return right - min(COLUMN + COLUMNS * len(ones), WIDEST) * (right - left)


def _arranged(study: Study, ones: Sequence[Look], frame: Sheet) -> tuple[float, Matrix | None]:
    """The foot of the table, and the matrix below it with rows as high as the table's; None where it does not fit."""
    (_, top, right, bottom), scale = frame.box, frame.scale
    small, head, gap = scale.font(12), order_head(scale), scale.length(GAP)
    room = bottom - top - head - gap - matrix_head(scale) - KEY * small
    pitch = min(room / (len(ones) + len(study.functions)), 2 * small)
    if pitch < small + 3:
        return bottom, None
    foot = top + head + pitch * len(ones)
    box = _edge(ones, frame), foot + gap, right, bottom - KEY * small
    return foot, laid_out(study, ones, box, scale, (scale.length(CELL), pitch))


def _alone(study: Study, ones: Sequence[Look], frame: Sheet) -> tuple[list[list[Look]], Matrix]:
    """The matrix on a page of its own, and the lines of names above it where its columns are too narrow for them."""
    (left, top, right, bottom), scale = frame.box, frame.scale
    small = scale.font(12)
    lines: list[list[Look]] = []
    for _ in range(2):
        box = left, top + len(lines) * line_height(scale), right, bottom - KEY * small
        cells = laid_out(study, ones, box, scale, (scale.length(CELL), 3 * small))
        if cells.named:
            break
        lines = in_lines(ones, right - left, scale)
    return lines, cells

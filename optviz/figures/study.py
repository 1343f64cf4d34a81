"""Every optimizer on every function: who reaches how much how soon, in which order, and what cannot be told apart."""

from collections.abc import Sequence

from optviz.figures.page import Page
from optviz.figures.sheet import Sheet
from optviz.figures.study_curves import reached, within
from optviz.figures.study_matrix import key, matrix, matrix_head
from optviz.figures.study_matrix import notes as matrix_notes
from optviz.figures.study_order import order, order_head
from optviz.figures.study_sheet import counted, looks, study_sheet
from optviz.figures.theme import Theme
from optviz.study import Study

CURVES = 150.0  # px, the height of a panel of curves at least, where there are two
COLUMN, COLUMNS, WIDEST = 0.52, 0.008, 0.64  # of the width: table and matrix, more for each optimizer, at most
BARS = "bars join what {0} functions cannot tell apart (95 % each, uncorrected)"


def study_figure(study: Study, size: tuple[int, int] = (1000, 720), theme: str | Theme = "dark") -> Page:
    """Draw what a study says.

    On the left the share of all functions, targets and starts that each optimizer reaches within so many steps, and
    the share of functions on which it is within a factor of the fastest. On the right the order by the area under the
    first of these curves, with bars that join those that cannot be told apart, and each function with each optimizer.
    Small pictures leave out the functions, then the factors.

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
    frame = _sheet(study, _notes(study), size, theme)
    scale, (left, top, right, bottom) = frame.scale, frame.box
    small, gap = scale.font(12), scale.length(20)
    # Rows of the table and of the matrix below it are equally high.
    heads = order_head(scale) + gap + matrix_head(scale) + 1.6 * small
    pitch = min((bottom - top - heads) / (len(study.contenders) + len(study.functions)), 2 * small)
    whole = pitch >= small + 3
    if not whole:
        frame = _sheet(study, _notes(study)[:2], size, theme)
        left, top, right, bottom = frame.box
    colours, ones = frame.colours, looks(study, frame.colours)
    edge = right - min(COLUMN + COLUMNS * len(ones), WIDEST) * (right - left)
    foot = top + order_head(scale) + pitch * len(ones) if whole else bottom
    frame.page.add(order(ones, (edge, top, right, foot), scale, colours))
    if whole:
        frame.page.add(matrix(study, ones, (edge, foot + gap, right, bottom - 1.6 * small), scale, colours))
        frame.page.add(key(edge, bottom - 0.2 * small, right, scale, colours))
    side = edge - scale.length(14)
    height = (bottom - top - gap) / 2
    if height < CURVES:
        frame.page.add(reached(study, ones, (left, top, side, bottom), scale, colours))
        return frame.page
    frame.page.add(reached(study, ones, (left, top, side, top + height), scale, colours))
    frame.page.add(within(study, ones, (left, top + height + gap, side, bottom), scale, colours))
    return frame.page


def matrix_figure(study: Study, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw each function with each optimizer: the share of starts solved, and the median steps; as `study_figure`."""
    frame = study_sheet(study, "Optimizers by function", matrix_notes(study), size, theme)
    scale, colours = frame.scale, frame.colours
    left, top, right, bottom = frame.box
    small = scale.font(12)
    frame.page.add(matrix(study, looks(study, colours), (left, top, right, bottom - 1.6 * small), scale, colours))
    frame.page.add(key(left, bottom - 0.2 * small, right, scale, colours))
    return frame.page


def _sheet(study: Study, notes: Sequence[str], size: tuple[int, int], theme: str | Theme) -> Sheet:
    functions, optimizers = counted(len(study.functions), "function"), counted(len(study.contenders), "optimizer")
    return study_sheet(study, f"{optimizers} on {functions}", notes, size, theme)


def _notes(study: Study) -> list[str]:
    count = len(study.functions)
    return [
        "area: under the curve of targets reached by step, of 1",
        BARS.format(count) if count > 1 and len(study.contenders) > 1 else "",
        *matrix_notes(study),
    ]

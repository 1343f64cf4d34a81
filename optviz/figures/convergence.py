"""The convergence curves of a race alone, large, beside the final order."""

import numpy as np

from optviz.figures import footer, header
from optviz.figures.curve import Curve
from optviz.figures.engine import theme as themes
from optviz.figures.engine.clip import grown
from optviz.figures.engine.trails import merged
from optviz.figures.layout import Scale, arranged, checked
from optviz.figures.page import Page
from optviz.figures.scene import facts
from optviz.figures.standings import Standings
from optviz.figures.table import Table
from optviz.results import Race

COLUMN = 0.34  # of the page's width, for the table
MARKS = 5  # heads along each curve, so that curves can be told apart without colour


def convergence_figure(race: Race, size: tuple[int, int] = (800, 600), theme: str = "dark") -> Page:
    """Draw how the suboptimality gap of every optimizer falls over the steps.

    Parameters
    ----------
    race : Race
    size : (width, height)
        In pixels at 100 dots per inch, at least 480 x 360.
    theme : {"dark", "light"}

    Returns
    -------
    Page
        A matplotlib Figure; its ``comment`` holds the run's facts.

    Raises
    ------
    UsageError
        If the size or the theme cannot be used.
    """
    look = themes.find(theme)
    scale = Scale.of(checked(size))
    names = [run.optimizer for run in race.trajectories]
    colours, heads = [*themes.colours(names, look).values()], [*themes.heads(names).values()]
    standings = Standings(race)
    order = standings.order(race.steps)
    table = Table(race, standings, colours, heads, scale, look)
    layout = arranged(race, size, scale, 0.0, table.wanted_width(size[0]))

    top, bottom, right = layout.map.y, layout.bar[1], size[0] - layout.margin
    column = right - max(table.wanted_width(size[0]), COLUMN * size[0])
    above = table.place((column, top, right, bottom), 0.0)
    spare = above[3] - above[1] if above else 0.0
    table.place((column, top, right, bottom - spare), 0.0)  # against the top
    curve = Curve(standings, colours, heads, (layout.margin, top, column - scale.length(24), bottom), scale, look)

    page = Page(size, look.page, facts(race))
    page.add(header.title(layout, look) + header.counter(layout, race.steps, look))
    page.add([header.step_number(layout, race.steps, race.steps, look), *footer.foot(race, [], layout, look)])
    page.add([*curve.frame(), *table.frame(), table.marks(order), *table.rows(order, race.steps)])
    lines = [line for index in reversed(order) for line in curve.strokes(index, 0, race.steps)]
    if lines:
        page.add([merged(lines, "round", grown(curve.box, 1))])
    between = race.steps / MARKS
    for place, index in enumerate(order):
        at = np.arange(MARKS) * between + (0.3 + 0.6 * place / len(order)) * between
        page.add(curve.marks([(index, float(step)) for step in at]))
    page.add(curve.clipped(race.steps) + curve.heads(float(race.steps), order))
    return page

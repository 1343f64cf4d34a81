"""The convergence curves of a race alone, large, beside the final order."""

from optviz.figures.engine.boxes import Column, Either, Row
from optviz.figures.engine.key import Flow
from optviz.figures.engine.painter import Page
from optviz.figures.engine.sheet import Footer, Sheet
from optviz.figures.engine.style import USUAL, Style
from optviz.figures.engine.theme import Theme
from optviz.figures.race import curve_panels, entered, facts, header_of, sources, table_of
from optviz.figures.race_key import RING, stops
from optviz.figures.race_stage import Moments
from optviz.figures.standings import Standings
from optviz.results import Race
from optviz.results.evaluations import by_evaluation

COLUMN, LONG = 0.34, 0.45  # of the page's width, for the table, and with the long names of some
BEADS = 5  # heads along each curve


def convergence_figure(
    race: Race, size: tuple[int, int] = USUAL, theme: str | Theme = "dark", show: str | None = None
) -> Page:
    """Draw how the gap of every optimizer falls over the steps; parameters and errors as for `optviz.figure`."""
    style, told = Style.of(size, theme), facts(race)
    race = by_evaluation(race)
    standings, field = Standings(race), entered(race, style)
    end = Moments(standings, race.steps, 1)
    curves = curve_panels(race, standings, end, field, style, show, beads=BEADS)
    two, one = (table_of(standings, end, field, style, two=lines) for lines in (True, False))
    width = max(one.widths(0.0)[0], COLUMN * size[0], min(one.whole, LONG * size[0]))
    body = Row(
        Column(*curves, gap=style.length(14)), Column(Either(two, one), width=width, weight=0.0), gap=style.length(24)
    )
    footer = Footer(sources(race, field, style), style, key=Flow(stops(race, RING), style))
    return Sheet(size, style, header_of(race, style, end.steps), body, footer, told).page()

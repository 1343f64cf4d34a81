"""A comparison as one page of HTML that needs nothing else: no network, no other file, no script to be read.

A script lets its readers sort tables, choose the colours and take the numbers away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module, resources

from optviz.errors import UsageError
from optviz.figures.comparison import entered
from optviz.figures.engine import theme as themes
from optviz.figures.engine.painter import Page
from optviz.figures.engine.theme import DARK, LIGHT, Theme
from optviz.page.document import escaped, policy, program, script, style
from optviz.page.facts import variables
from optviz.page.markup import mark, prose, table
from optviz.page.pictures import picture
from optviz.report import _alternatives, _making, _words
from optviz.results import Comparison
from optviz.results.comparison_tables import tables
from optviz.results.table import Table
from optviz.results.training_published import deviations
from optviz.results.training_seeds import Summary

WIDE, NARROW = (800, 600), (480, 480)  # sizes of pictures on broad and on narrow screens

SCRIPTS = "words", "sheet", "downloads", "report"

# What stands above each picture; the same names have the figures, and the functions of `_alternatives`.
CAPTIONS = {
    "training": "How fast each optimizer learns. Higher is better above, lower below.",
    "plane": "Where each optimizer takes the weights, from the common start: the plane that holds most of all paths, "
    "coloured by the training loss on it.",
    "rates": "How much each optimizer depends on its learning rate: a wide hill forgives a rate that is off.",
    "targets": "How long each optimizer trains until it has reached the target.",
    "confusion": "Which classes the best and the worst optimizer take for which.",
    "mistakes": "Test images that the best and the worst optimizer get wrong.",
}


@dataclass(frozen=True)
class Report:
    """A comparison as a page.

    Parameters
    ----------
    comparison : Comparison
        Also one that was interrupted, or whose runs diverged; what it does not hold is left out.
    theme : {"dark", "light"}, optional
        By default the page holds both and follows the reader's system.

    Raises
    ------
    UnknownNameError
        If the theme is unknown.
    """

    comparison: Comparison
    theme: str | None = None

    def __post_init__(self) -> None:
        if self.theme is not None:
            themes.find(self.theme)

    def to_html(self) -> str:
        """The page. The same comparison gives the same text; no dates, no names of machines."""
        palette = (LIGHT, DARK) if self.theme is None else (themes.find(self.theme),)
        return "\n".join(_page(self.comparison, palette))


@dataclass(frozen=True)
class Section:
    """A part of the page: identifier, heading and content as HTML."""

    name: str
    heading: str
    content: str


def _page(comparison: Comparison, palette: Sequence[Theme]) -> Iterator[str]:
    rows = comparison.ranked()
    main, *others = tables(comparison)
    title = _words.title(comparison, main)
    finding = _words.finding(comparison, rows, main)
    sections = [*_sections(comparison, rows, [main, *others], palette)]
    code, look = program(script(*SCRIPTS)), _style(comparison, palette)
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy(code, look)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta name="color-scheme" content="{" ".join(one.name for one in palette)}">'
    yield f'<meta name="description" content="{escaped(finding)}">'
    yield f"<title>{escaped(title)}</title>"
    yield '<link rel="icon" href="data:,">'
    yield f"<style>{look}</style>"
    yield "</head>"
    yield "<body>"
    yield f"<header>\n<h1>{escaped(title)}</h1>"
    if len(palette) > 1:
        names = 'id="theme" title="dark or light" aria-label="dark or light"'
        yield f'<div class="share"><button type="button" {names} hidden>◐</button></div>'
    yield f'<p class="finding">{prose(finding)}</p>\n</header>'
    links = "".join(f'<li><a href="#{one.name}">{prose(one.heading)}</a></li>' for one in sections)
    yield f'<nav aria-label="Contents"><ul>{links}</ul></nav>'
    yield "<main>"
    for one in sections:
        yield f'<section id="{one.name}" aria-labelledby="{one.name}-heading">'
        yield f'<h2 id="{one.name}-heading">{prose(one.heading)}</h2>\n{one.content}\n</section>'
    yield "</main>"
    yield _making.embedded(comparison)
    yield f"<script>{code}</script>"
    yield "</body>\n</html>\n"


def _sections(
    comparison: Comparison, rows: Sequence[Summary], shown: Sequence[Table], palette: Sequence[Theme]
) -> Iterator[Section]:
    """The sections of the page, in the order in which a reader asks for them."""
    main, *others = shown
    field = entered(comparison, LIGHT)
    symbols = {name: mark(index, field[name].head) for index, name in enumerate(field)}

    def drawn(name: str) -> str:
        alternative = getattr(_alternatives, name)(comparison, rows, shown)
        figure = getattr(import_module(f"optviz.figures.{name}"), f"{name}_figure")
        return drawn_by(figure, comparison, palette, alternative, CAPTIONS[name]) if alternative else ""

    yield Section("result", "Result", table(main, [symbols[row.first.optimizer] for row in rows]))
    parts = [("training", "Training curves", ""), ("plane", "Training plane", "")]
    ours = deviations(comparison.published, comparison.epochs, rows)
    if ours:
        beside = table(others[0], [symbols[one.summary.first.optimizer] for one in ours])
        parts.append(("published", "Published table", beside))
    if comparison.tuning:
        searches = table(others[-1], [symbols[search.optimizer] for search in comparison.tuning.searches])
        parts.append(("rates", "Learning rates", searches))
    target = "" if comparison.target is None else f"Time to {100 * comparison.target:g} %"
    parts += [("targets", target, ""), ("confusion", "Confusion", ""), ("mistakes", "Mistakes", "")]
    for name, heading, content in parts:
        content = "\n".join(filter(None, [drawn(name) if name in CAPTIONS else "", content]))
        if content:
            yield Section(name, heading, content)
    yield Section("made", "How this was made", _making.section(comparison, rows, main, symbols))


def drawn_by(
    figure: Callable[..., Page], comparison: Comparison, palette: Sequence[Theme], alternative: str, caption: str
) -> str:
    """A figure in all its variants as HTML; empty where it finds nothing to draw in the comparison."""
    try:
        drawn = [
            (screens, figure(comparison, size, theme), theme)
            for theme in palette
            for screens, size in (("broad", WIDE), ("narrow", NARROW))
        ]
    except UsageError:
        return ""
    own = [one.colour for theme in palette for one in entered(comparison, theme).values()]
    return picture(drawn, own, alternative, caption)


def _style(comparison: Comparison, palette: Sequence[Theme]) -> str:
    """The style sheet, with the colours of page and optimizers; on paper they are the light ones."""
    own = {theme.name: _colours(comparison, theme) for theme in (LIGHT, DARK)}
    colours = variables(own, palette[0].name if len(palette) == 1 else None)
    rest = resources.files("optviz.report").joinpath("style.css").read_text("utf-8")
    return "\n".join([colours, style("base", "document"), rest])


def _colours(comparison: Comparison, theme: Theme) -> dict[str, str]:
    return {f"o{index}": entrant.colour for index, entrant in enumerate(entered(comparison, theme).values())}

"""A result as a page: its picture with the values under the pointer, its tables, and its numbers to take away."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optviz.errors import UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.painter import Page
from optviz.figures.engine.theme import DARK, LIGHT, Theme
from optviz.figures.study_order import ranked
from optviz.figures.swarm_marks import Flock
from optviz.page.document import document, escaped, script, style
from optviz.page.facts import variables
from optviz.page.markup import mark, prose, table
from optviz.page.pictures import Drawn, cut, images
from optviz.page.values import LIMIT, kept, places
from optviz.results import Basins, Explanation, Study, Swarm, Sweep
from optviz.results.batch_tables import ends_table, explanation_rows, sweep_rows
from optviz.results.study_tables import study_tables
from optviz.results.table import MINUS, Table

NARROW: dict[type, tuple[int, int]] = {
    Basins: (480, 720),
    Sweep: (480, 640),
    Swarm: (480, 720),
    Study: (480, 640),
}  # pictures on phones
SCRIPTS = "words", "sheet", "downloads", "packing", "values", "zoom", "result"


@dataclass(frozen=True)
class ResultPage:
    """A result as a page.

    Attributes
    ----------
    result : Basins, Sweep, Swarm, Study or Explanation
    draw : function
        ``draw(theme, size)`` gives the picture; ``size`` is None for the usual one.
    size : (width, height), optional
        Of the picture on broad screens.
    theme : {"dark", "light"}, optional
        With which the page opens; by default that of the reader's system.
    palette : (Theme, Theme)
        The light one and the dark one.

    Raises
    ------
    UnknownNameError
        If the theme is unknown.
    """

    result: Any
    draw: Callable[[Theme, tuple[int, int] | None], Page]
    size: tuple[int, int] | None = None
    theme: str | None = None
    palette: tuple[Theme, Theme] = (LIGHT, DARK)

    def __post_init__(self) -> None:
        if self.theme is not None:
            themes.find(self.theme)

    def to_html(self) -> str:
        """The page, one file that needs no other, of at most `LIMIT` bytes as far as picture and tables allow."""
        result, drawn = self.result, self._drawn()
        figure, found = drawn[0][1], _typeset(f"{result.headline()}.")
        header, footer = figure.find("header"), figure.find("footer")
        lines = [_formula(result), *(line[0] for line in header.lines)]
        caption = dict.fromkeys(filter(None, [*lines, *(word for word in _corner(header) if word not in found)]))
        told = [words for words in footer.told if words not in result.provenance()]
        texts = {
            "generator": "optviz",
            "title": f"{header.title[0]} – optviz",
            "heading": header.title[0],
            "aria": "picture: arrow keys move from value to value, plus and minus zoom; the tables tell the numbers",
            "provenance": result.provenance(),
        }
        parts = {
            "meta": f'<meta name="description" content="{escaped(found)}">',
            "chosen": f' data-theme="{self.theme}"' if self.theme else "",
            "finding": prose(found),
            "caption": prose(" · ".join(caption)),
            "notes": prose(" · ".join(told)),
            "images": "\n".join(_images(drawn, _colours(result, self.palette), f"{header.title[0]}. {found}")),
            "tables": "\n".join(_tables(result, self.palette[0])),
        }
        program = [script(*SCRIPTS)]
        styles = [variables(_variables(result, self.palette)), style("base", "document", "result")]
        facts = {"kind": type(result).__name__.lower(), "stem": _stem(result), **_regions(result, drawn)}
        moments = [part.moment for part in figure.parts if isinstance(part, Flock)]
        for values in kept(result, moments):
            page = document("result.html", texts, facts | values.embedded(), program, styles, parts)
            if len(page.encode()) <= LIMIT:
                break
        return page

    def _drawn(self) -> list[Drawn]:
        """The picture in both themes, for broad screens and, where it has room on them, for narrow ones."""
        small = NARROW.get(type(self.result))
        found = []
        for theme in self.palette:
            broad, slim = self.draw(theme, self.size), None
            if small is not None:
                try:
                    slim = self.draw(theme, small)
                except UsageError:  # no room for all its parts
                    small = None
            found += [("broad" if slim else "broad narrow", broad, theme)]
            found += [("narrow", slim, theme)] if slim else []
        return found


def _images(drawn: Sequence[Drawn], own: Sequence[str], alternative: str) -> Iterator[str]:
    for attributes, data in images(drawn, own, whole=False):
        yield f'<img {attributes} alt="{escaped(alternative)}" src="{data}">'


def _regions(result: Any, drawn: Sequence[Drawn]) -> dict[str, Any]:
    """What lies where in the pictures for broad and for narrow screens; alike in both themes."""
    found = {}
    for screens, figure, _ in drawn:
        for screen in screens.split():
            if screen not in found:
                found[screen] = places(result, figure, cut(figure, whole=False))
    return found


def _tables(result: Any, theme: Theme) -> Iterator[str]:
    """The tables as the command line prints them; where the numbers come from stands at the foot of the page."""
    if isinstance(result, Study):
        first, *others = study_tables(result)
        notes = tuple(note for note in first.notes if result.provenance() not in note)
        yield table(
            replace(first, notes=notes), [mark(k, row.entrant.head) for k, row in enumerate(ranked(result, theme))]
        )
        yield from map(table, others)
        return
    if isinstance(result, Sweep):
        rows = tuple((what or "theory", found) for what, found in sweep_rows(result))
        shown = Table("what was found", (("what",), ("found",)), frozenset({0, 1}), rows)
    elif isinstance(result, Explanation):
        heads, *steps = explanation_rows(result)  # whose second row says but once what belongs to both
        whole = [(steps[k - k % 2][0], *row[1:-1], steps[k - k % 2][-1]) for k, row in enumerate(steps)]
        shown = Table("every step", tuple((head,) for head in heads), frozenset({0}), tuple(whole))
    else:
        shown = replace(ends_table(result), notes=())
    named = tuple(tuple(map(_typeset, parts)) for parts in shown.heads)
    yield table(replace(shown, heads=named, rows=tuple(tuple(map(_typeset, row)) for row in shown.rows)))


def _typeset(text: str) -> str:
    """Words of the terminal as they are printed: with minus, times and arrow."""
    text = re.sub(r"(?<![\w)])-(?=\d)|(?<= )-(?= )", MINUS, text)
    return text.replace(" -> ", " → ").replace(" x ", " × ")


def _variables(result: Any, palette: Sequence[Theme]) -> dict[str, dict[str, str]]:
    """The colours of a study's optimizers in both themes, as `optviz.page.markup.mark` wants them."""
    if not isinstance(result, Study):
        return {}
    return {one.name: {f"o{k}": row.entrant.colour for k, row in enumerate(ranked(result, one))} for one in palette}


def _colours(result: Any, palette: Sequence[Theme]) -> list[str]:
    return [colour for own in _variables(result, palette).values() for colour in own.values()]


def _formula(result: Any) -> str:
    return "" if isinstance(result, Study) else result.landscape.formula


def _corner(header: Any) -> list[str]:
    """What stands in the corner of a picture; not the step of a moving one."""
    return [] if any(one.at for one in header.corner) else [one.words for one in header.corner]


def _stem(result: Any) -> str:
    """A name for files: ``himmelblau-basins``."""
    kind = type(result).__name__.lower()
    on = [] if isinstance(result, Study) else [result.landscape.function]
    return "-".join(filter(None, re.split("[^a-z0-9]+", "-".join([*on, kind]).lower())))[:80]

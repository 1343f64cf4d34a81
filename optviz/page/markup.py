"""Text, tables and marks as HTML. Every text may be anybody's: nothing gets into the page but through `escaped`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from optviz.figures.engine.heads import head
from optviz.page.document import escaped
from optviz.results.table import Table

TONES = {"diverged": "bad", "differs": "bad", "not reached": "quiet", "–": "quiet"}
PLUS_MINUS, FIGURE_SPACE = " ± ", "\u2007"


def prose(text: str) -> str:
    """A sentence, whose numbers do not part from their signs at the end of a line."""
    return re.sub("(?<=\\d) %|(?<=\\d) ± (?=\\d)", lambda found: found[0].replace(" ", "&nbsp;"), escaped(text))


def mark(index: int, shape: str) -> str:
    """The head of the optimizer of that number in the style sheet, to stand before its name."""
    from matplotlib.path import Path

    outline = Path(*head(shape, 5.4)[:2])
    letters = {Path.MOVETO: "M", Path.LINETO: "L"}
    steps = [
        f"{letters[code]}{x:.2f} {y:.2f}" if code in letters else "Z"
        for (x, y), code in outline.iter_segments(simplify=False)
    ]
    box = '<svg class="mark" width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">'
    return f'{box}<path fill="var(--o{index})" d="{"".join(steps)}"/></svg>'


def table(table: Table, marks: Sequence[str] = ()) -> str:
    """A table, which a script lets its readers sort, and the sentences below it.

    Parameters
    ----------
    table : Table
        The first column of words names each row.
    marks : sequence of str
        HTML that stands before each row's name; none by default.
    """
    columns = range(len(table.heads))
    table = replace(table, rows=tuple(zip(*map(_lined_up, zip(*table.rows, strict=True)), strict=True)))
    named = min(table.left)
    halved = {column for column in columns if any(PLUS_MINUS in row[column] for row in table.rows)}

    def cell(column: int, text: str, before: str) -> str:
        if column == named:
            return f'<th scope="row" class="words">{before}<bdi>{escaped(text)}</bdi></th>'
        return _cell(text, column in table.left, column in halved)

    heads = "".join(_heading(table.heads[k], "words" * (k in table.left), "named" * (k == named)) for k in columns)
    body = [
        f"<tr{_classes('leading' if index in table.leading else '')}>"
        + "".join(cell(column, text, before) for column, text in enumerate(row))
        + "</tr>"
        for index, (row, before) in enumerate(zip(table.rows, marks or [""] * len(table.rows), strict=True))
    ]
    lines = [
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escaped(table.title)}">',
        "<table>",
        f"<caption>{prose(table.title)}</caption>",
        f"<thead><tr>{heads}</tr></thead>",
        "<tbody>",
        *body,
        "</tbody>",
        "</table>",
        "</div>",
        *(f'<p class="note">{prose(note)}</p>' for note in table.notes),
    ]
    return "\n".join(lines)


def _lined_up(texts: Sequence[str]) -> list[str]:
    """The cells of a column, of which the terminal lines up second numbers by spaces: by as few as that takes, and such
    as are as wide as digits.
    """
    gaps = [len(gap) for text in texts for gap in re.findall("  +", text)]
    spare = min(gaps, default=1) - 1
    return [re.sub("  +", lambda found: " " + FIGURE_SPACE * (len(found[0]) - 1 - spare), text) for text in texts]


def _heading(parts: Sequence[str], *classes: str) -> str:
    kind = _classes(*classes)
    text = "<br>".join(map(escaped, parts))
    return f'<th scope="col"{kind}>{text}</th>' if text else f"<td{kind}></td>"


def _cell(text: str, words: bool, halved: bool) -> str:
    """A cell; in a column of intervals the half of each stands apart, so that means stand below each other."""
    value, sign, half = text.partition(PLUS_MINUS)
    apart = f'<span class="half">{sign}{escaped(half)}</span>' if halved else ""
    return f"<td{_classes('words' if words else '', TONES.get(text, ''))}>{escaped(value)}{apart}</td>"


def _classes(*names: str) -> str:
    joined = " ".join(filter(None, names))
    return f' class="{joined}"' if joined else ""

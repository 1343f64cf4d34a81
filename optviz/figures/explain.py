"""How an optimizer takes a step: rows are steps, columns are the formula; as a still picture, and column by column."""

import json
from typing import TYPE_CHECKING

import numpy as np

from optviz.errors import UsageError
from optviz.figures.engine.animation import LAST_MS, Animation, delay
from optviz.figures.engine.boxes import Block
from optviz.figures.engine.clip import Box
from optviz.figures.engine.sheet import Footer, Header, Sheet
from optviz.figures.engine.style import MARGIN, SIZES, Style, entrants
from optviz.figures.engine.theme import DARK, Theme
from optviz.figures.engine.wording import number
from optviz.figures.explain_strip import Strip, designed_width
from optviz.results.explanation import Explanation
from optviz.results.saved import plain
from optviz.style import OURS

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

LIT = 900  # ms that a column is lit
SPACE = 16.0  # px between the header, the strip and the footer
LEAST = 620  # px of width


def explain_figure(told: Explanation, size: tuple[int, int] | None = None, theme: str | Theme = "dark") -> "Page":
    """An explanation as a picture; parameters and errors as for `optviz.figure`."""
    return _sheet(told, size, theme, lit=False).page()


def explain_pixels(
    told: Explanation, size: tuple[int, int] | None = None, theme: str | Theme = "dark"
) -> tuple[np.ndarray, str]:
    """The picture as (height, width, 4) uint8 and the run's facts, without a Figure; arguments as `explain_figure`."""
    with OURS:
        sheet = _sheet(told, size, theme, lit=False)
        return sheet.pixels(), sheet.facts


def explain_animation(
    told: Explanation, size: tuple[int, int] | None = None, theme: str | Theme = "dark", fps: float | None = None
) -> Animation:
    """An explanation whose columns light up one after the other.

    Parameters
    ----------
    told : Explanation
    size, theme
        As for `optviz.draw`.
    fps : int, optional
        Columns a second; by default each is lit for 0.9 s. The whole is shown for 2.6 s in the end.

    Raises
    ------
    UsageError
        If the size, the theme or `fps` cannot be used.
    """
    pause = LIT if fps is None else delay(fps)  # type: ignore[arg-type]
    sheet = _sheet(told, size, theme, lit=True)
    colours = [*sheet.style.theme.optimizers.values(), _strip_of(sheet).entrant.colour]
    return Animation(sheet, [pause] * (sheet.frames - 1) + [LAST_MS], dict.fromkeys(colours))


def usual_size(told: Explanation) -> tuple[int, int]:
    """The size that an explanation is designed for: as large as its columns and rows need."""
    style = Style(DARK)  # lengths are alike in all themes
    wide = max(LEAST, round(designed_width(told) + 2 * MARGIN))
    inner = wide - 2 * MARGIN
    blocks = _header(told, style), _strip(told, style, lit=False), _footer(told, style)
    high = sum(block.heights(inner)[0] for block in blocks) + 2 * MARGIN + 2 * SPACE
    return wide, max(SIZES[1][0], round(high))


def _sheet(told: Explanation, size: tuple[int, int] | None, theme: str | Theme, lit: bool) -> Sheet:
    usual = usual_size(told)
    style = Style.of(size or usual, theme, usual)
    strip = _strip(told, style, lit)

    def body(box: Box) -> Block:
        left, top, right, bottom = box
        space = style.length(SPACE)
        inner = left, top + space, right, bottom - space / 2
        if not strip.fits(inner):
            raise UsageError(
                f"{len(told.columns)} columns and {told.steps} rows have no room at {size[0]}x{size[1]}"
                if size
                else "the columns have no room",
                f"Give a larger size, as {usual[0]}x{usual[1]}, or ask for fewer steps.",
            )
        return _Inset(strip, space)

    sheet = Sheet(
        size or usual, style, _header(told, style), body, _footer(told, style), facts(told), frames=strip.frames
    )
    return sheet


class _Inset(Block):
    """A block with room above and below."""

    def __init__(self, block: Block, space: float):
        self.block, self._space = block, space

    def place(self, box: Box) -> None:
        self.box = box
        left, top, right, bottom = box
        self.block.place((left, top + self._space, right, bottom - self._space / 2))

    def parts(self):
        yield from self.block.parts()


def _strip_of(sheet: Sheet) -> Strip:
    return next(block for block in sheet.blocks if isinstance(block, Strip))


def _strip(told: Explanation, style: Style, lit: bool) -> Strip:
    who = told.contender
    return Strip(told, entrants({who.optimizer: who.title}, style.theme)[who.optimizer], style, lit)


def _header(told: Explanation, style: Style) -> Header:
    who = told.contender
    rates = told.learning_rates
    given = [f"{name} {number(value)}" for name, value in who.hyperparameters.items() if value and name != "lr"]
    if rates is not None:
        low, high = number(float(rates.min())), number(float(rates.max()))
        given.insert(0, f"lr {low}" if low == high else f"lr {low} to {high}")
    x, y = (number(at) for at in told.start)
    on = f"on {told.landscape.title}, from ({x}, {y})"
    which = f", steps {told.first} to {told.last}" if told.steps > 1 else f", step {told.first}"
    which = which if told.first > 1 else ""
    read = "read across: the formula; read down: how its memory changes"
    with_numbers = f"{on}{which}, {', '.join(given)}" if given else on + which
    lines = [[f"{with_numbers} · {read}", with_numbers, f"{on}{which}", on]]
    return Header([f"How {who.title} takes a step", who.title], lines, style)


def _footer(told: Explanation, style: Style) -> Footer:
    signs = ["pale: a step ago"] if any(column.before is not None for column in told.columns) else []
    signs += ["in a box of sizes: what is divided by them"] if any(column.inside for column in told.columns) else []
    if told.diverged_at is not None:
        signs.append(f"diverged at step {told.diverged_at}")
    return Footer(" · ".join([*signs, told.provenance()]), style)


def facts(told: Explanation) -> str:
    """The run's facts as one JSON document in plain ASCII."""
    who = told.contender
    document = {
        "function": told.landscape.function,
        "optimizer": who.optimizer,
        "variant": who.variant,
        "defaults": who.defaults,
        "learning_rate": who.rate,
        "hyperparameters": who.hyperparameters,
        "start": told.start,
        "first": told.first,
        "steps": told.steps,
        "seed": told.seed,
        "provenance": told.provenance(),
        "tuning": told.tuning,
    }
    return json.dumps(plain(document))

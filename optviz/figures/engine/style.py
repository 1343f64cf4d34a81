"""A theme at a size: every length, font size and colour of a picture is asked for here."""

from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Drawn, rgba
from optviz.figures.engine.text import SMALLEST
from optviz.figures.engine.theme import Theme

SIZES = (480, 3840), (360, 2160)
USUAL = 800, 600
MARGIN = 16.0
RADIUS, RING = 5.4, 1.4  # of heads
HEADING = 12.0  # px from the words above panels and tables to these


@dataclass(frozen=True)
class Style:
    """Lengths and font sizes, given as they are at the size that a picture is designed for, and colours.

    Attributes
    ----------
    theme : Theme
    factor : float
        Of all lengths.
    """

    theme: Theme
    factor: float = 1.0

    @classmethod
    def of(
        cls, size: tuple[int, int], theme: str | Theme, designed: tuple[int, int] = USUAL, least: float = 0.75
    ) -> "Style":
        """The style of a picture of that size, where lengths shrink to `least` at most.

        Raises
        ------
        UsageError
            If pictures cannot be drawn at this size, or the theme is unknown.
        """
        shares = [pixels / usual for pixels, usual in zip(checked(size), designed, strict=True)]
        return cls(themes.find(theme), max(min(shares), least))

    def length(self, pixels: float) -> float:
        """A length."""
        return pixels * self.factor

    def font(self, pixels: float, least: float = SMALLEST) -> float:
        """A font size; never below the smallest readable one."""
        return max(float(least), round(2 * pixels * self.factor) / 2)

    @property
    def small(self) -> float:
        """The font size of labels."""
        return self.font(12)

    @property
    def pitch(self) -> int:
        """From line to line of small text."""
        return round(1.35 * self.small)

    @property
    def margin(self) -> float:
        """Around a page."""
        return self.length(MARGIN)

    @property
    def hair(self) -> float:
        """The width of the thinnest lines."""
        return max(1.0, self.length(1))


@dataclass(frozen=True)
class Entrant:
    """How an optimizer appears wherever it does: its name, its colour and the shape of its head."""

    title: str
    colour: str
    head: str

    def mark(self, x: float, y: float, style: Style, radius: float = RADIUS, ring: float = RING) -> Drawn:
        """Its head on a page; `radius` and `ring` are scaled."""
        outline = head(self.head, style.length(radius)).moved(x, y)
        return outline, rgba(style.theme.rim), rgba(self.colour), style.length(ring)


def entrants(named: dict[str, str], theme: Theme) -> dict[str, Entrant]:
    """The entrants of one picture by their registered names, from these names and their titles."""
    colours, heads = themes.colours(named, theme), themes.heads(named)
    return {name: Entrant(title, colours[name], heads[name]) for name, title in named.items()}


def checked(size: tuple[int, int]) -> tuple[int, int]:
    """The size, if pictures can be drawn at it.

    Raises
    ------
    UsageError
        If it is not two whole numbers from 480 x 360 to 3840 x 2160.
    """
    good = len(size) == 2 and all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in size)
    if not (good and all(low <= n <= high for n, (low, high) in zip(size, SIZES, strict=True))):
        shown = "x".join(map(str, size))
        raise UsageError(f"cannot draw at the size {shown}", "Give width and height from 480x360 to 3840x2160 pixels.")
    return int(size[0]), int(size[1])

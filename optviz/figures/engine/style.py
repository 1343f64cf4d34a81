"""A theme at a size: every length, font size and colour of a picture is asked for here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.engine import theme as themes
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Drawn, rgba
from optviz.figures.engine.text import SMALLEST
from optviz.figures.engine.theme import Theme
from optviz.formulas.calls import Call, parse

SIZES = (480, 3840), (360, 2160)
USUAL = 800, 600
MARGIN = 16.0
RADIUS, RING = 5.4, 1.4  # of heads
MOST = 8  # optimizers told apart by colour in one picture; more of them are grey
DASHES = (None, (9.0, 5.0), (3.0, 4.0), (16.0, 5.0))  # of lines of one colour
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
    """How an optimizer appears wherever it does.

    Attributes
    ----------
    title : str
    colour : str
        Of its name, whatever numbers it has; grey where it is not `chosen`.
    head : str
        The shape of its head.
    dash : (float, float) or None
        How long the dashes of its lines are and the gaps between them, in pixels: of several with one name only the
        first has a whole line.
    chosen : bool
        Whether it has a colour; of those that have none only lines and rows are drawn, below the others.
    """

    title: str
    colour: str
    head: str
    dash: tuple[float, float] | None = None
    chosen: bool = True

    def mark(self, x: float, y: float, style: Style, radius: float = RADIUS, ring: float = RING) -> Drawn:
        """Its head on a page; `radius` and `ring` are scaled."""
        outline = head(self.head, style.length(radius)).moved(x, y)
        return outline, rgba(style.theme.rim), rgba(self.colour), style.length(ring)


def entrants(named: Mapping[str, str], theme: Theme, best: Sequence[str] = ()) -> dict[str, Entrant]:
    """The entrants of one picture by their names, from these names and their titles.

    Parameters
    ----------
    named : dict of str to str
    theme : Theme
        Its ``highlight`` says who has a colour, if anybody has said so.
    best : sequence of str
        Those that have a colour where there are too many, the first `MOST` of them; nobody is grey without.
    """
    chosen = coloured(named, theme, best)
    bases = {name: base(name) for name in named}
    colours = themes.colours([bases[name] for name in chosen], theme)
    heads = themes.heads([name for name in named if name not in chosen]) | themes.heads(chosen)
    alike = {name: sorted((one for one in chosen if bases[one] == bases[name]), key=_simplest) for name in chosen}
    return {
        name: Entrant(title, colours[bases[name]], heads[name], DASHES[alike[name].index(name) % len(DASHES)])
        if name in chosen
        else Entrant(title, theme.rest, heads[name], chosen=False)
        for name, title in named.items()
    }


def coloured(named: Iterable[str], theme: Theme, best: Sequence[str] = ()) -> list[str]:
    """Which optimizers of a picture have a colour of their own: those wanted, all of a few, or the best of many."""
    named = [*named]
    if theme.highlight:
        return [name for name in named if name in theme.highlight]
    return [*best[:MOST]] if best and len(named) > MOST else named


def told_apart(field: Iterable[Entrant], theme: Theme) -> str:
    """The rule by which some are grey, in words for the foot of a picture; nothing where nobody is."""
    chosen = [one.chosen for one in field]
    if all(chosen):
        return ""
    return "in colour: those chosen" if theme.highlight else f"in colour: the {sum(chosen)} best"


def base(name: str) -> str:
    """An optimizer's name without its numbers: ``"lookahead(adam)"`` of ``"lookahead(adam, k=5)"``."""
    try:
        call = parse(name, "optimizer")
    except UsageError:  # a result from elsewhere may have any name
        return name
    return _bare(call) if isinstance(call, Call) else name


def _bare(call: Call) -> str:
    inside = ", ".join(_bare(part) for part in call.positional if isinstance(part, Call))
    return f"{call.name}({inside})" if inside else call.name


def _simplest(name: str) -> tuple[bool, str]:
    return name != base(name), name


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

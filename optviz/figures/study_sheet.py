"""What the pictures of a study share: the page with heading and notes, and how each optimizer looks."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from optviz.figures.engine import text
from optviz.figures.engine import theme as themes
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number
from optviz.figures.layout import Scale, checked
from optviz.figures.page import Label, Page
from optviz.figures.sheet import MARGIN, Sheet
from optviz.results.study import REACHED, Study
from optviz.results.study_steps import Overall
from optviz.results.study_tables import percent
from optviz.results.words import counted

DESIGNED_FOR = 1000, 720
LEAST = 0.75  # of the lengths at that size


@dataclass(frozen=True)
class Look:
    """How one optimizer appears: its colour, its head, and its numbers."""

    colour: str
    shape: str
    overall: Overall

    @property
    def title(self) -> str:
        """Its name in pictures."""
        return self.overall.contender.title


def looks(study: Study, colours: Theme) -> list[Look]:
    """The optimizers of a study, best first."""
    names = [one.optimizer for one in study.contenders]
    hue, shape = themes.colours(names, colours), themes.heads(names)
    return [Look(hue[row.contender.optimizer], shape[row.contender.optimizer], row) for row in study.overall()]


def study_sheet(study: Study, title: str, notes: Sequence[str], size: tuple[int, int], theme: str | Theme) -> Sheet:
    """A page with the title, what was run, notes at its foot, and where the numbers come from.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size, or if the theme is unknown.
    """
    colours, (width, height) = themes.find(theme), checked(size)
    scale = Scale(max(min(width / DESIGNED_FOR[0], height / DESIGNED_FOR[1]), LEAST))
    left, right = scale.length(MARGIN), width - scale.length(MARGIN)
    page = Page((width, height), colours.page, _facts(study))
    sizes = tuple(scale.font(pixels) for pixels in (25, 22, 18, 15))
    shown, high = text.fitted(title, right - left, sizes, bold=True)
    base = max(scale.length(34), high + 4)
    page.add([Label(left, base, shown, high, colours.ink, bold=True)])
    small = scale.font(14)
    first = base + max(scale.length(23), small + 2)
    page.add([Label(left, first, text.shortened(_setting(study), right - left, small), small, colours.muted)])
    small, line = scale.font(12), scale.font(12) + 4
    said = [*(note for note in notes if note), study.provenance()]
    lines = text.wrapped(" · ".join(said), right - left, small, " · ")
    foot = height - 8 - line * len(lines)
    page.add(Label(left, foot + line * (row + 0.75), words, small, colours.muted) for row, words in enumerate(lines))
    return Sheet(page, (left, first + scale.length(11), right, foot - 8), scale, colours)


def steps_in_short(steps: float) -> str:
    """At most four signs: ``874``, ``1.2k``."""
    if (whole := math.ceil(steps)) < 1000:
        return str(whole)
    thousands = steps / 1000
    return f"{thousands:.1f}k" if thousands < 9.95 else f"{thousands:.0f}k"


def share(value: float) -> str:
    """In whole percents."""
    return f"{percent(value)}%"


def _setting(study: Study) -> str:
    first, last = number(float(study.targets[0]), 2), number(float(study.targets[-1]), 2)
    many = len(study.targets) > 1
    targets = f"{len(study.targets)} targets: f − f* ≤ {first} to {last}" if many else f"target: f − f* ≤ {last}"
    counts = f"{counted(study.starts, 'start')} on each function · {counted(study.steps, 'step')}"
    return f"{counts} · {targets}, {REACHED[study.reaching]}"


def _facts(study: Study) -> str:
    """What was run and how it ended over all functions, as one JSON document in plain ASCII."""
    document = study.to_dict()
    for name in ("cells", "pairs"):
        del document[name]
    return json.dumps(document, allow_nan=False)

"""The top of a race picture: title, formula and step counter."""

from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Layout
from optviz.figures.page import Item, Label


def title(layout: Layout, theme: Theme) -> list[Item]:
    """Title and formula."""
    name, formula = layout.title, layout.formula
    return [
        Label(layout.margin, name.baseline, name.lines[0], name.size, theme.ink, bold=True),
        *(
            Label(layout.margin, formula.baseline + row * formula.pitch, text, formula.size, theme.muted)
            for row, text in enumerate(formula.lines)
        ),
    ]


def counter(layout: Layout, steps: int, theme: Theme) -> list[Item]:
    """The words around the step number: "step" before it and "/ N" behind."""
    widest = width("8" * len(str(steps)), layout.scale.font(20), bold=True)
    total = _total(layout, steps, theme)
    left = total.left - widest - 2 * layout.scale.length(8)
    return [total, Label(left, total.y, "step", total.size, theme.muted, anchor="right")]


def step_number(layout: Layout, step: int, steps: int, theme: Theme) -> Label:
    """The number of the step that is shown."""
    total = _total(layout, steps, theme)
    right = total.left - layout.scale.length(8)
    return Label(right, total.y, str(step), layout.scale.font(20), theme.ink, bold=True, anchor="right")


def _total(layout: Layout, steps: int, theme: Theme) -> Label:
    right = layout.size[0] - layout.margin
    return Label(right, layout.title.baseline, f"/ {steps}", layout.scale.font(14), theme.muted, anchor="right")

"""Old names of the engine, until the last picture is drawn with it."""

from optviz.figures.engine.items import (
    NONE,
    RGBA,
    Item,
    Label,
    Outline,
    Picture,
    Strokes,
    around,
    closed,
    rectangle,
    rgba,
    rounded,
    shapes,
)
from optviz.figures.engine.painter import Page

__all__ = [
    "NONE",
    "RGBA",
    "Item",
    "Label",
    "Outline",
    "Page",
    "Picture",
    "Strokes",
    "around",
    "closed",
    "rectangle",
    "rgba",
    "rounded",
    "shapes",
]

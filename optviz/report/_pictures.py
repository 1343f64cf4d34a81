"""Figures inside a page: one for each colour scheme on broad and on narrow screens, all in the page itself."""

import base64
import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import entered
from optviz.figures.engine.painter import Page
from optviz.figures.engine.text import DPI
from optviz.figures.engine.theme import Theme, rgb
from optviz.report._html import escaped, prose
from optviz.results import Comparison
from optviz.writers._palette import Lookup, palette

# Size in CSS pixels, and how many pixels of the image are one of them. Lossless WebP with a palette of 255 colours
# takes a fifth of PNG in full colour, and a sixth of SVG.
WIDE, NARROW = ((800, 600), 2.0), ((480, 480), 1.5)
HEM = 4  # of a figure's pixels: what its body overhangs at either side


def picture(
    draw: Callable[..., Page], comparison: Comparison, themes: Sequence[Theme], alternative: str, caption: str
) -> str:
    """A figure as HTML.

    Parameters
    ----------
    draw : function
        ``draw(comparison, size, theme)`` makes the figure.
    comparison : Comparison
    themes : sequence of Theme
        One, or a light one and a dark one; the reader's system chooses, and paper takes the light one.
    alternative, caption : str
        The text instead of the figure, and the one below it.

    Returns
    -------
    str
        Empty where `draw` finds nothing to draw in the comparison.
    """
    try:
        images = [*_images(draw, comparison, themes)]
    except UsageError:
        return ""
    told = f'alt="{escaped(alternative)}"'
    lines = [f'<img {attributes} {told} src="{data}">' for attributes, data in images]
    return "\n".join(["<figure>", f"<figcaption>{prose(caption)}</figcaption>", *lines, "</figure>"])


def _images(draw: Callable[..., Page], comparison: Comparison, themes: Sequence[Theme]) -> Iterator[tuple[str, str]]:
    """Attributes and data of each variant. Only the first is shown where the style sheet does not say otherwise.

    The style sheet chooses, and not a ``<picture>``, because browsers print the source that they showed last: a dark
    one, on paper.
    """
    for theme, time in zip(themes, ("day", "night"), strict=False):
        for (size, density), width in ((WIDE, "broad"), (NARROW, "narrow")):
            pixels = _pixels(draw(comparison, size, theme), density)
            height, breadth = (round(pixels.shape[axis] / density) for axis in (0, 1))
            hidden = "" if (width, time) == ("broad", "day") else " hidden"
            attributes = f'class="{width} {time}" width="{breadth}" height="{height}"{hidden}'
            yield attributes, _data(pixels, comparison, theme)


def _pixels(page: Page, density: float) -> np.ndarray:
    """What a figure shows below its heading and within its margins, which the HTML page has already.

    Returns
    -------
    (height, width, 4) uint8
        So many pixels to one of the figure's own.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    left, _, right, top = page.find("header").box
    page.set_dpi(density * DPI)
    left, right, top = (round(density * edge) for edge in (left - HEM, right + HEM, top))
    canvas = FigureCanvasAgg(page)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[top:, left:right].copy()


def _data(pixels: np.ndarray, comparison: Comparison, theme: Theme) -> str:
    """An image as a data URI, in colours close to its own."""
    from PIL import Image

    quiet = (theme.page, theme.panel, theme.ink, theme.muted, theme.grid, theme.bad)
    reserved = [rgb(colour) for colour in (*quiet, *(one.colour for one in entered(comparison, theme).values()))]
    colours = palette([pixels], reserved)
    index = Lookup(colours)(pixels.view("<u4").ravel()).reshape(pixels.shape[:2])
    file = io.BytesIO()
    Image.fromarray(colours[index]).save(file, format="webp", lossless=True)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"

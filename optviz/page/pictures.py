"""Figures inside a page: one for each colour scheme on broad and on narrow screens, all in the page itself."""

import base64
import io
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.painter import Page
from optviz.figures.engine.text import DPI
from optviz.figures.engine.theme import Theme, rgb
from optviz.page.document import escaped
from optviz.page.markup import prose
from optviz.writers._palette import Lookup, palette

# Pixels of an image for one of CSS. Lossless WebP with a palette of 255 colours takes a fifth of PNG in full colour,
# and a sixth of SVG.
BROAD, NARROW = 2.0, 1.5
HEM, ABOVE = 4, 5  # of a figure's pixels: what its body overhangs at either side, and above

Drawn = tuple[str, Page, Theme]  # of which screens, "broad", "narrow" or both, and of which theme


def cut(page: Page, whole: bool) -> Box:
    """What an HTML page shows of a figure: not its heading and its margins, which the HTML page has already.

    Parameters
    ----------
    page : Page
    whole : bool
        Whether its foot is shown.

    Returns
    -------
    (left, top, right, bottom)
        In the figure's pixels.
    """
    left, _, right, top = page.find("header").box
    bottom = page.get_size_inches()[1] * DPI if whole else page.body[3] + HEM
    return round(left - HEM), round(top - ABOVE), round(right + HEM), round(bottom)


def picture(drawn: Sequence[Drawn], own: Sequence[str], alternative: str, caption: str, whole: bool = True) -> str:
    """Variants of a figure as HTML, of which the style sheet shows one.

    Parameters
    ----------
    drawn : sequence of (screens, Page, Theme)
        The usual one first; of each theme those for broad and for narrow screens.
    own : sequence of str
        Colours that matter, as ``#rrggbb``; they are kept as they are.
    alternative, caption : str
        The text instead of the figure, and the one above it.
    whole : bool
        Whether the figures' feet are shown.
    """
    told = f'alt="{escaped(alternative)}"'
    lines = [f'<img {attributes} {told} src="{data}">' for attributes, data in images(drawn, own, whole)]
    return "\n".join(["<figure>", f"<figcaption>{prose(caption)}</figcaption>", *lines, "</figure>"])


def images(drawn: Sequence[Drawn], own: Sequence[str], whole: bool) -> Iterator[tuple[str, str]]:
    """Attributes and data of each variant.

    The style sheet chooses, and not a ``<picture>``, because browsers print the source that they showed last: a dark
    one, on paper.
    """
    themes = dict.fromkeys(theme.name for _, _, theme in drawn)
    times = dict(zip(themes, ("day", "night"), strict=False))
    for screens, page, theme in drawn:
        density = BROAD if "broad" in screens else NARROW
        left, top, right, bottom = cut(page, whole)
        attributes = f'class="{screens} {times[theme.name]}" width="{right - left}" height="{bottom - top}"'
        yield attributes, _data(_pixels(page, density, (left, top, right, bottom)), theme, own)


def _pixels(page: Page, density: float, box: Box) -> np.ndarray:
    """(height, width, 4) uint8: what a figure shows in a box, so many pixels to one of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    page.set_dpi(density * DPI)
    left, top, right, bottom = (round(density * edge) for edge in box)
    canvas = FigureCanvasAgg(page)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[top:bottom, left:right].copy()


def _data(pixels: np.ndarray, theme: Theme, own: Sequence[str]) -> str:
    """An image as a data URI, in colours close to its own."""
    from PIL import Image

    quiet = (theme.page, theme.panel, theme.ink, theme.muted, theme.grid, theme.bad)
    colours = palette([pixels], [rgb(colour) for colour in dict.fromkeys((*quiet, *own))])
    index = Lookup(colours)(pixels.view("<u4").ravel()).reshape(pixels.shape[:2])
    file = io.BytesIO()
    Image.fromarray(colours[index]).save(file, format="webp", lossless=True)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"

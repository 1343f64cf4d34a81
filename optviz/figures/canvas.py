"""Old names of the engine, until the last picture is drawn with it."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from optviz.figures.engine import canvas
from optviz.figures.engine.canvas import Board
from optviz.figures.engine.painter import Page

__all__ = ["Board", "Canvas"]


class Canvas(canvas.Canvas):
    """The pixels of a page."""

    def __init__(self, page: Page):
        drawn = FigureCanvasAgg(page)
        drawn.draw()
        pixels = np.asarray(drawn.buffer_rgba())
        super().__init__((pixels.shape[1], pixels.shape[0]), "#000000")
        self.pixels[...] = pixels

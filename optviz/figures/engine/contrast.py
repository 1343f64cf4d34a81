"""Text that can be read on any ground."""

import numpy as np

from optviz.figures.engine.theme import Theme, linear, rgb


def readable(paper: np.ndarray, colours: Theme) -> str:
    """Ink or page colour, whichever stands out more on `paper`, (3,) uint8 (WCAG 2.2, contrast ratio)."""
    light = np.array([linear(np.array(colour) / 255) for colour in (paper, rgb(colours.ink), rgb(colours.page))])
    ground, ink, page = light @ (0.2126, 0.7152, 0.0722) + 0.05
    return colours.ink if max(ink / ground, ground / ink) >= max(page / ground, ground / page) else colours.page

"""The colours of minimizers: one for each, the same in every picture that tells where runs end.

Found like those of optimizers, by a search in OKLab that maximises the least distance in normal, deutan, protan and
tritan vision, for the first four more than for all six. They are calmer, because they fill whole regions.
"""

import numpy as np

from optviz.figures.engine import theme as themes
from optviz.figures.engine.theme import Theme, rgb

HUES = {
    "dark": ("#edc236", "#8f79ea", "#3ad9d6", "#dc5c76", "#aff5c1", "#e19359"),
    "light": ("#c38323", "#636dd7", "#21a1c4", "#c4486c", "#086b16", "#681371"),
}
TINT = 0.45  # of ink in the second round
KIN = 2.0  # a hue and its tint may be so many times closer to each other than the same colour to itself


def minimizer_colours(minimizers: np.ndarray, theme: str | Theme) -> list[str]:
    """A colour for each minimizer, as ``#rrggbb``.

    Past the sixth the hues come again, also mixed with ink. Each minimizer in turn then gets the colour whose nearest
    bearer is farthest from it, so that neighbours on the map do not look alike.

    Parameters
    ----------
    minimizers : (k, 2) float64
    theme : {"dark", "light"} or Theme

    Raises
    ------
    UnknownNameError
        If there is no theme of that name.
    """
    colours = themes.find(theme)
    hues = HUES[colours.name]
    rounds = [*hues, *(_tinted(hue, colours.ink) for hue in hues)]
    return [rounds[index] for index in _dealt(np.asarray(minimizers, float), len(hues))]


def _dealt(points: np.ndarray, hues: int) -> list[int]:
    """Which of the hues, or of their tints after them, each point gets."""
    spans = np.ptp(points, axis=0) if len(points) else np.ones(2)
    points = points / np.where(spans > 0, spans, 1.0)  # neither axis counts for more
    dealt: list[int] = [*range(min(len(points), hues))]
    for at in range(hues, len(points)):
        away = np.hypot(*(points[:at] - points[at]).T)
        taken, room = np.array(dealt), []
        for colour in range(2 * hues):
            same, kin = away[taken == colour], KIN * away[taken == (colour + hues) % (2 * hues)]
            room.append((min([*same, *kin]), -len(same)))
        dealt.append(max(range(2 * hues), key=room.__getitem__))
    return dealt


def _tinted(colour: str, ink: str) -> str:
    mixed = [round((1 - TINT) * own + TINT * other) for own, other in zip(rgb(colour), rgb(ink), strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)

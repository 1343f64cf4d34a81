"""The colours of minimizers: one for each, the same in every picture that tells where runs end.

Found like those of optimizers, by a search in OKLab that maximises the least distance in normal, deutan, protan and
tritan vision, for the first four more than for all six. They are calmer, because they fill whole regions.
"""

from optviz.figures import theme as themes
from optviz.figures.theme import Theme, rgb

HUES = {
    "dark": ("#edc236", "#8f79ea", "#3ad9d6", "#dc5c76", "#aff5c1", "#e19359"),
    "light": ("#c38323", "#636dd7", "#21a1c4", "#c4486c", "#086b16", "#681371"),
}
TINT = 0.45  # of ink in every second round


def well_colours(count: int, theme: str | Theme) -> list[str]:
    """A colour for each of so many minimizers, as ``#rrggbb``.

    Past the sixth the hues come again, mixed with ink, and past the twelfth everything does: neighbours on the map can
    then look alike, and their stars have to tell them apart.

    Parameters
    ----------
    count : int
    theme : {"dark", "light"} or Theme

    Raises
    ------
    UnknownNameError
        If there is no theme of that name.
    """
    colours = themes.find(theme)
    hues = HUES[colours.name]
    rounds = [*hues, *(_tinted(hue, colours.ink) for hue in hues)]
    return [rounds[index % len(rounds)] for index in range(count)]


def _tinted(colour: str, ink: str) -> str:
    mixed = [round((1 - TINT) * own + TINT * other) for own, other in zip(rgb(colour), rgb(ink), strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)

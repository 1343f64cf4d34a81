"""Colours and head shapes: what every picture shares, and what belongs to one optimizer.

A colour and a shape belong to an optimizer's name, never to its place in a list, so that the same optimizer looks the
same in every picture. The named colours were found by a search in OKLab that maximises the least distance between any
two in normal, deutan, protan and tritan vision; the spare ones continue that search and are worth less each, so heads
carry the difference where many optimizers meet.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from optviz.errors import UnknownNameError, UsageTypeError, shown
from optviz.registry import suggestion

HEADS = {
    "sgd": "disc",
    "momentum": "square",
    "nesterov": "triangle up",
    "adagrad": "diamond",
    "adadelta": "cross",
    "rmsprop": "triangle down",
    "adam": "hexagon",
    "adamw": "four-point star",
    "lion": "plus",
}
SPARE_HEADS = (
    "hourglass",
    "half disc",
    "pentagon",
    "bow tie",
    "bar",
    "triangle right",
    "arch",
    "shield",
    "lens",
    "triangle left",
    "column",
    "six-point star",
    "slash",
    "backslash",
    "tee",
    "ell",
    "crown",
    "drop",
    "quarter disc",
    "arrow",
)


@dataclass(frozen=True)
class Theme:
    """The colours of a picture, as ``#rrggbb``; pairs hold a colour and its opacity.

    Attributes
    ----------
    name : str
    page, panel, ink, muted, grid : str
        Background, raised background, text, quiet text, rules.
    bad, good : str
        Diverged; arrived.
    ramp : tuple of str
        Map colours from low to high.
    iso, casing : (str, float)
        Iso-lines; the dark or light hem that sets a trail off against the map.
    rim : str
        The ring around a head.
    optimizers : dict of str to str
        The colours of the named optimizers.
    spares : tuple of str
        Colours for all others.
    rest : str
        The grey of those that have no colour where there are too many.
    highlight : tuple of str
        The optimizers that somebody wants to see in colour, all others grey; nobody has said so where there are none.
    """

    name: str
    page: str
    panel: str
    ink: str
    muted: str
    grid: str
    bad: str
    good: str
    ramp: tuple[str, ...]
    iso: tuple[str, float]
    casing: tuple[str, float]
    rim: str
    optimizers: dict[str, str]
    spares: tuple[str, ...]
    rest: str
    highlight: tuple[str, ...] = ()


DARK = Theme(
    name="dark",
    page="#0d1117",
    panel="#11161f",
    ink="#e6edf3",
    muted="#8b949e",
    grid="#232b36",
    bad="#ff7b72",
    good="#56d364",
    ramp=("#0b1220", "#12233b", "#1d3a57", "#33536f", "#587388", "#86989f"),
    iso=("#c9d6e2", 0.16),
    casing=("#05080d", 0.85),
    rim="#05080d",
    optimizers={
        "sgd": "#b5b3ab",
        "momentum": "#35a1ff",
        "nesterov": "#0bd3f5",
        "adagrad": "#9bf9c0",
        "adadelta": "#766aef",
        "rmsprop": "#efed2e",
        "adam": "#f9ad40",
        "adamw": "#fc623c",
        "lion": "#d172be",
    },
    spares=(
        "#966c78", "#72a278", "#d218c6", "#fcfcfc", "#24a200", "#c6d290",
        "#d8def6", "#f066fc", "#eac0c6", "#d296cc", "#d2425a",
    ),
    rest="#4d5661",
)  # fmt: skip

LIGHT = Theme(
    name="light",
    page="#ffffff",
    panel="#fafbfc",
    ink="#1f2328",
    muted="#59636e",
    grid="#e3e8ee",
    bad="#b3261e",
    good="#1a7f37",
    ramp=("#ffffff", "#eef3f8", "#d9e4ee", "#c0d0df", "#a6bacc", "#8ea4b8"),
    iso=("#1f3a55", 0.22),
    casing=("#ffffff", 1.0),
    rim="#ffffff",
    optimizers={
        "sgd": "#6b6b64",
        "momentum": "#3e63a7",
        "nesterov": "#005364",
        "adagrad": "#319f72",
        "adadelta": "#3d0d8c",
        "rmsprop": "#998400",
        "adam": "#aa3b00",
        "adamw": "#820005",
        "lion": "#cf64d4",
    },
    spares=(
        "#3c0036", "#a800f6", "#000c66", "#7200cc", "#3c303c", "#540000",
        "#7884a2", "#961e7e", "#a266fc", "#c030cc", "#cc3048",
    ),
    rest="#b4bcc5",
)  # fmt: skip

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def find(theme: str | Theme) -> Theme:
    """The theme of that name, or the theme itself.

    Raises
    ------
    UnknownNameError, UsageTypeError
        If there is none of that name, or it is no name.
    """
    if isinstance(theme, Theme):
        return theme
    if not isinstance(theme, str):
        raise UsageTypeError(f"theme is {shown(theme)}", "Use one of: dark, light.")
    if theme not in THEMES:
        raise UnknownNameError(f"unknown theme '{theme}'", f"{suggestion(theme, [*THEMES])}Use one of: dark, light.")
    return THEMES[theme]


def colours(names: Iterable[str], theme: Theme) -> dict[str, str]:
    """The colour of each optimizer of one picture, as ``#rrggbb``.

    A name without a colour of its own takes a spare one that its letters pick, the next free one if another name of
    the picture has it; the order of `names` does not matter.
    """
    return _assigned(names, theme.optimizers, theme.spares)


def heads(names: Iterable[str]) -> dict[str, str]:
    """The head shape of each optimizer of one picture, chosen like its colour; all differ up to 29 optimizers."""
    return _assigned(names, HEADS, SPARE_HEADS)


def _assigned(names: Iterable[str], own: dict[str, str], spares: tuple[str, ...]) -> dict[str, str]:
    names = list(dict.fromkeys(names))
    given = {name: own[name] for name in names if name in own}
    strangers = sorted(name for name in names if name not in own)
    # Past the spares, shapes and colours of absent named optimizers serve before anything is used twice.
    pool = [*spares, *(value for name, value in own.items() if name not in given)]
    taken: set[str] = set()
    for name in strangers:
        first = zlib.crc32(name.encode()) % len(spares)
        candidates = [*spares[first:], *spares[:first], *pool[len(spares) :]]
        if taken >= set(pool):
            taken.clear()
        given[name] = next(value for value in candidates if value not in taken)
        taken.add(given[name])
    return {name: given[name] for name in names}


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three integers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# Björn Ottosson 2020, "A perceptual color space for image processing": linear RGB to cone response to OKLab.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OPPONENT = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB of 0 to 1 as linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(light: np.ndarray) -> np.ndarray:
    """Linear RGB (..., 3) as OKLab (..., 3)."""
    return np.cbrt(np.clip(light, 0, 1) @ CONES.T) @ OPPONENT.T


def ramp_table(ramp: tuple[str, ...], steps: int = 1024) -> np.ndarray:
    """The colours of a ramp, interpolated in OKLab.

    Returns
    -------
    (steps, 3) float64
        sRGB of 0 to 1, lowest first.
    """
    stops = oklab(linear(np.array([rgb(colour) for colour in ramp]) / 255))
    at = np.linspace(0, len(ramp) - 1, steps)
    lab = np.stack([np.interp(at, np.arange(len(ramp)), channel) for channel in stops.T], axis=-1)
    light = np.clip((lab @ np.linalg.inv(OPPONENT).T) ** 3 @ np.linalg.inv(CONES).T, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)

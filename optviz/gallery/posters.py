"""Posters: what a card shows before anything moves, 480 x 360 pixels of WebP."""

from pathlib import Path
from typing import Any

from optviz.files import replacing
from optviz.gallery.pictures import Picture, theme_option

SIZE = (480, 360)
QUALITY, METHOD = 75, 6  # of WebP: some 14 kB a poster, and nothing that an eye sees is lost
CELLS = 488  # of the ground of a race, as in its own pictures


def write_poster(result: Any, picture: Picture, folder: Path, theme: str) -> Path:
    """Write the poster of a picture whose other files are there.

    Parameters
    ----------
    result : Race or another result
        What the picture shows.
    picture : Picture
    folder : Path
    theme : {"dark", "light"}

    Returns
    -------
    Path
        The file written.
    """
    from PIL import Image

    from optviz.writers.image import exif
    from optviz.writers.provenance import commanded, document

    file = folder / picture.poster
    image = Image.fromarray(_map(result, theme)) if picture.kind == "race" else _part(folder / picture.still, picture)
    name = picture.function if picture.kind == "race" else picture.kind
    words = ["gallery", "--only", name, *theme_option(theme)]
    with commanded(words), replacing(file) as target:
        image.save(target, format="webp", quality=QUALITY, method=METHOD, exif=exif(document()))
    return file


def _map(race: Any, theme: str) -> Any:
    from optviz.figures.poster import around, race_poster
    from optviz.runs.points.landscape import landscape

    return race_poster(race, landscape(race.landscape.function, CELLS, around(race)), theme)


def _part(file: Path, picture: Picture) -> Any:
    """What is in the focus of a picture, as large as it can be; around it is the picture's ground."""
    from PIL import Image

    with Image.open(file) as opened:
        image = opened.convert("RGB")
    left, top, right, bottom = picture.focus
    right, bottom = min(right, image.width), min(bottom, image.height)
    scale = min(SIZE[0] / (right - left), SIZE[1] / (bottom - top))
    size = round(scale * (right - left)), round(scale * (bottom - top))
    poster = Image.new("RGB", SIZE, image.getpixel((0, 0)))
    part = image.resize(size, Image.Resampling.LANCZOS, (left, top, right, bottom))
    poster.paste(part, ((SIZE[0] - size[0]) // 2, (SIZE[1] - size[1]) // 2))
    return poster

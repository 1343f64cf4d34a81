"""Posters: what a card shows before anything moves, 480 x 360 pixels of WebP."""

from pathlib import Path
from typing import Any

from optviz.files import replacing
from optviz.gallery.pictures import Picture

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
    words = ["gallery", "--only", name, *(["--theme", theme] if theme != "dark" else [])]
    with commanded(words), replacing(file) as target:
        image.save(target, format="webp", quality=QUALITY, method=METHOD, exif=exif(document()))
    return file


def _map(race: Any, theme: str) -> Any:
    from optviz.figures.poster import around, race_poster
    from optviz.runs.points.landscape import landscape

    return race_poster(race, landscape(race.landscape.function, CELLS, around(race)), theme)


def _part(file: Path, picture: Picture) -> Any:
    """What is in the focus of a picture; what that lacks in height is the picture's ground."""
    from PIL import Image

    with Image.open(file) as opened:
        image = opened.convert("RGB")
    left, top, right = picture.focus[0] * image.width, picture.focus[1] * image.height, picture.focus[2] * image.width
    high = (right - left) * SIZE[1] / SIZE[0]
    if top + high > image.height:
        ground = Image.new("RGB", (image.width, round(top + high) + 1), image.getpixel((0, 0)))
        ground.paste(image, (0, 0))
        image = ground
    return image.resize(SIZE, Image.Resampling.LANCZOS, (left, top, right, top + high))

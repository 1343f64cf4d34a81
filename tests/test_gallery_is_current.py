"""The gallery of the repository shows what `optviz gallery` draws now."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from optviz.gallery import record, usual, write_gallery
from optviz.gallery.pages import index, readme
from optviz.gallery.pictures import MNIST, every
from optviz.page.explorer import explore
from optviz.writers.provenance import commanded
from tests.pictures import CELL, difference, strictness

SHOWN = Path(__file__).parent.parent / "gallery"
PAGES = ["README.md", "explorer.html", "index.html"]
LARGEST = 25_000_000  # bytes of the whole folder
here = pytest.mark.skipif(not SHOWN.is_dir(), reason="source distributions come without the gallery")


def files(names):
    """The files of the pictures that those names of the gallery stand for."""
    return [file for picture in every(names) for file in picture.files]


# MNIST's pictures show seconds: they are other ones every time.
DRAWN = [name for name in usual() if name != MNIST]
# A run for each pixel of a map, which takes the room that letters leave: other letters, other runs.
ROOM = {file for picture in every(["basins", "sweep"]) for file in picture.files}


@here
def test_the_gallery_holds_every_picture_and_nothing_else():
    told = [*PAGES, record.RECORD, *files(usual())]
    assert sorted(path.name for path in SHOWN.iterdir()) == sorted(told), "run: optviz gallery"
    assert sorted(record.read(SHOWN)) == sorted([*files(usual()), "explorer.html"])


@here
def test_the_gallery_is_small():
    assert sum(path.stat().st_size for path in SHOWN.iterdir()) <= LARGEST
    first = (SHOWN / "index.html").stat().st_size
    assert first <= 250_000
    posters = [SHOWN / picture.poster for picture in every(usual())]
    assert first + sum(poster.stat().st_size for poster in posters[:8]) <= 300_000  # two rows of four


@here
def test_the_pages_are_what_is_written_now(tmp_path):
    with commanded(["explore"]):
        explore(tmp_path / "explorer.html")
    now = {"README.md": readme(SHOWN, "dark"), "index.html": index(SHOWN, "dark")}
    now["explorer.html"] = (tmp_path / "explorer.html").read_text("utf-8")
    stale = [page for page in PAGES if now[page].encode() != (SHOWN / page).read_bytes()]
    assert not stale, f"stale in gallery/: {', '.join(stale)}; renew them: optviz gallery"


@here
@pytest.mark.slow
def test_every_picture_is_what_is_drawn_now(tmp_path):
    """Byte for byte where the same versions made both; what else `strictness` says."""
    write_gallery(tmp_path, only=DRAWN)
    made, current = record.read(SHOWN), record.versions()
    stale = {}
    for file in files(DRAWN):
        strict = strictness(made.get(file, {}).get("versions"), current)
        if strict != "numbers" or file not in ROOM:
            stale[file] = difference(SHOWN / file, tmp_path / file, strict)
    told = [f"gallery/{file} is stale ({words})" for file, words in stale.items() if words]
    assert not told, "\n".join([*told, "Renew them: optviz gallery"])


# What counts as a difference


def saved(path, *pictures, duration=40, **told):
    first, *others = map(Image.fromarray, pictures)
    first.save(path, **told, **({"save_all": True, "append_images": others, "duration": duration} if others else {}))
    return path


@pytest.fixture
def grey():
    return np.full((10 * CELL, 12 * CELL, 3), 90, np.uint8)


def test_what_no_eye_sees_differs_where_the_same_versions_drew_it(tmp_path, grey):
    edges = grey.copy()
    edges[::CELL, ::2] += 60  # as other edges of letters are
    one, other = saved(tmp_path / "one.png", grey), saved(tmp_path / "other.png", edges)
    assert difference(one, one, "bytes") == difference(one, other, "pixels") == ""
    assert difference(one, other, "bytes") == f"{10 * 6 * CELL} pixels of frame 1 of 1 differ"
    Image.fromarray(grey).save(other, compress_level=1)
    assert difference(one, other, "bytes") == "its bytes differ, and no pixel"


def test_a_line_that_lies_elsewhere_differs_whoever_drew_it(tmp_path, grey):
    moved = grey.copy()
    grey[20:22], moved[26:28] = 255, 255
    one, other = saved(tmp_path / "one.png", grey), saved(tmp_path / "other.png", moved)
    assert difference(one, other, "pixels") == f"{4 * 12 * CELL} pixels of frame 1 of 1 differ"
    assert "size" in difference(one, saved(tmp_path / "small.png", grey[:40]), "pixels")


def test_a_late_frame_and_its_time_count(tmp_path, grey):
    other = grey.copy()
    other[30:40, 30:40] = 255
    film = saved(tmp_path / "one.gif", grey, other)
    later = saved(tmp_path / "two.gif", grey, np.flip(other, axis=1))
    assert difference(film, later, "pixels") == "200 pixels of frame 2 of 2 differ"
    assert "another time" in difference(film, saved(tmp_path / "slow.gif", grey, other, duration=80), "pixels")


def test_numbers_differ_whoever_drew_them(tmp_path, grey):
    said = [PngInfo(), PngInfo()]
    for number, text in enumerate(said):
        text.add_text("Comment", f"lr {number}")
    one = saved(tmp_path / "one.png", grey, pnginfo=said[0])
    assert difference(one, saved(tmp_path / "two.png", grey // 2, pnginfo=said[0]), "numbers") == ""
    assert "numbers" in difference(one, saved(tmp_path / "two.png", grey, pnginfo=said[1]), "numbers")


def test_a_picture_is_compared_as_strictly_as_its_makers_allow():
    here = "numpy 2.4.6, matplotlib 3.11.2, freetype 2.14.3, x86_64"
    assert strictness(here, here) == "bytes" and {"matplotlib", "freetype"} <= {
        *record.versions().replace(",", "").split()
    }
    assert strictness(here.replace("2.4.6", "2.5.0"), here) == "pixels"
    assert strictness(here.replace("2.14.3", "2.6.1"), here) == strictness(None, here) == "numbers"

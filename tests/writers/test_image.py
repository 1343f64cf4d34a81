"""PNG, SVG and PDF: valid, the same bytes each time, with provenance, whole or not at all."""

import errno
import json
import xml.etree.ElementTree as ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from optviz import writers
from optviz.errors import OptvizError

COMMENT = "rosenbrock · lr 0.05 · x₀ = (−1.5, 2) · seed 0"


def drawing():
    figure = Figure(figsize=(3, 2), dpi=100, facecolor="#0d1117")
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    axes.imshow(np.arange(12).reshape(3, 4))
    axes.plot([0, 1, 2], [0, 2, 1], clip_on=True)
    axes.set_title("f − f*")
    return figure


@pytest.mark.parametrize("name", ["png", "svg", "pdf"])
def test_a_figure_gives_the_same_bytes_each_time(tmp_path, name):
    before = dict(matplotlib.rcParams)
    for stem in "ab":
        writers.write(tmp_path / f"{stem}.{name}", drawing(), COMMENT)
    assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()
    assert dict(matplotlib.rcParams) == before


def test_a_users_settings_do_not_change_the_picture(tmp_path):
    writers.write(tmp_path / "a.png", drawing())
    with matplotlib.rc_context({"savefig.bbox": "tight", "savefig.facecolor": "red", "savefig.dpi": 33}):
        writers.write(tmp_path / "b.png", drawing())
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_png_of_a_figure(tmp_path):
    writers.write(tmp_path / "a.png", drawing(), COMMENT)
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert image.size == (300, 200)
        assert json.loads(image.text["Comment"])["facts"] == COMMENT
        assert image.getpixel((1, 1))[:3] == (13, 17, 23)


def test_png_of_a_frame_is_lossless(tmp_path):
    frame = np.random.default_rng(0).integers(0, 256, (30, 41, 4), np.uint8)
    frame[..., 3] = 255
    writers.write(tmp_path / "a.png", frame, COMMENT)
    with Image.open(tmp_path / "a.png") as image:
        assert (np.asarray(image) == frame[..., :3]).all()
        assert json.loads(image.text["Comment"])["facts"] == COMMENT


def test_svg_is_well_formed_and_dated_nowhere(tmp_path):
    writers.write(tmp_path / "a.svg", drawing(), COMMENT)
    text = (tmp_path / "a.svg").read_text()
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg") and root.get("width") == "216pt"
    (told,) = [node.text for node in root.iter() if node.tag.endswith("}description")]
    assert json.loads(told)["facts"] == COMMENT and "<dc:date>" not in text


def test_pdf_is_dated_nowhere(tmp_path):
    writers.write(tmp_path / "a.pdf", drawing(), COMMENT)
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in data and b"/Subject" in data


@pytest.mark.parametrize("name", ["png", "svg", "pdf"])
def test_failures_leave_the_old_file(tmp_path, monkeypatch, name):
    path = tmp_path / f"a.{name}"
    path.write_bytes(b"old")
    broken = drawing()
    monkeypatch.setattr(broken.axes[0].title, "draw", lambda renderer: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        writers.write(path, broken)
    monkeypatch.setattr("optviz.files.os.fsync", full_disk)
    with pytest.raises(OptvizError, match="No space left"):
        writers.write(path, drawing())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def full_disk(descriptor):
    raise OSError(errno.ENOSPC, "No space left on device")

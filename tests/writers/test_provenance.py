"""What made a file, written into every format and read back from anybody's: nothing believed, nothing too large."""

import dataclasses
import html
import io
import json
import struct
import zipfile
import zlib

import numpy as np
import pytest
from matplotlib.figure import Figure

import optviz
from optviz import writers
from optviz.errors import DataError, UsageError
from optviz.results.comparison import without_seconds
from optviz.writers import provenance, reading
from tests.seeds import compared
from tests.writers.test_gif import animation, scene
from tests.writers.test_html import Page

WORDS = ["animate", "(1 - x)**2 + y**2 > -1 # \"'<&>'\" --> ]]> \\ ü", "--lr", "adam=0.05"]
FACTS = json.dumps({"steps": 300, "note": 'é "quoted" <b> -- \\ (x)'})
BEGINNING = '{"optviz": "0.1.0", "schema": 1, "command": '


def content(name):
    """Something that a format holds."""
    things = writers.FORMATS[name].holds
    if "animation" in things:
        return animation(scene(480, 360, frames=2), comment="")
    if "figure" in things:
        figure = Figure((2, 2))
        figure.text(0.1, 0.5, "(x) /Subject (no)")
        return figure
    if "report" in things:
        return Page("<!DOCTYPE html>\n<html><head>\n<title>a</title>\n</head><body></body></html>\n")
    return without_seconds(compared({"adam": [[0.9]]}))


@pytest.fixture(params=writers.FORMATS.names())
def name(request):
    if request.param in ("mp4", "webm"):
        pytest.importorskip("av", exc_type=ImportError)
    return request.param


def test_every_format_gives_back_what_it_was_given(tmp_path, name):
    path = tmp_path / f"a.{name}"
    with provenance.commanded(WORDS):
        writers.write(path, content(name), FACTS)
    told = reading.read(path)
    assert told == {"optviz": optviz.__version__, "schema": 1, "command": WORDS, "facts": json.loads(FACTS)}
    writers.write(path, content(name), FACTS, picture="a", beside="gif")
    assert reading.read(path) == told | {"command": None, "beside": "gif"}


def test_a_picture_that_is_not_the_usual_one_is_told():
    with provenance.commanded(["plot", "ackley"]):
        assert provenance.made("convergence")["command"] == ["plot", "ackley", "--picture", "convergence"]
        assert provenance.made()["command"] == ["plot", "ackley"]
    assert provenance.made("convergence")["command"] is None


def test_every_format_can_be_written_to_a_file_that_is_open(tmp_path, name):
    class Pipe(io.RawIOBase):
        """It can be written to, once, and neither read nor sought."""

        held = b""

        def writable(self):
            return True

        def write(self, data):
            self.held += bytes(data)
            return len(data)

    pipe = Pipe()
    writers.write(pipe, content(name), FACTS, format=name)
    writers.write(tmp_path / f"a.{name}", content(name), FACTS)
    assert pipe.held == (tmp_path / f"a.{name}").read_bytes()


def test_an_open_file_needs_a_format():
    for format, words in ((None, "no ending"), ("gfi", "Did you mean")):
        with pytest.raises(UsageError, match=words):
            writers.write(io.BytesIO(), content("gif"), format=format)


def test_what_ends_early_is_refused(tmp_path, name):
    path = tmp_path / f"a.{name}"
    with provenance.commanded(WORDS):
        writers.write(path, content(name), FACTS)
    whole = path.read_bytes()
    for share in (0, 0.01, 0.1, 0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(share * len(whole))])
        try:
            assert reading.read(path)["command"] == WORDS  # it stood before the end
        except DataError as error:
            assert "cannot tell what made" in error.problem


def test_nothing_is_made_up_of_noise(tmp_path, name):
    rng = np.random.default_rng(0)
    path = tmp_path / f"a.{name}"
    writers.write(path, content(name), FACTS)
    head = path.read_bytes()[:64]
    for size in (0, 1, 64, 5000):
        for before in (b"", head):
            path.write_bytes(before + rng.bytes(size))
            with pytest.raises(DataError):
                reading.read(path)


DOCUMENTS = {  # what stands in a file -> what is said of it
    "[]": "holds no provenance",
    "{}": "holds no provenance",
    '{"optviz": "0.1.0"}': "not as optviz writes it",
    '{"optviz": "99.0", "schema": 1, "command": null}': "newer than this one",
    '{"optviz": "0.1.0", "schema": 2, "command": null}': "a newer optviz wrote it",
    '{"optviz": "0.1.0; rm", "schema": 1, "command": null}': "not as optviz writes it",
    '{"optviz": ["0"], "schema": 1, "command": null}': "not as optviz writes it",
    BEGINNING + '"animate saddle"}': "not as optviz writes it",
    BEGINNING + '[["animate"]]}': "not as optviz writes it",
    BEGINNING + "[]}": "not as optviz writes it",
    BEGINNING + '["animate", "a\\u001b[2J"]}': "not as optviz writes it",
    BEGINNING + '["animate", "\\ud800"]}': "not as optviz writes it",
    BEGINNING + '["animate", "\\u202e"]}': "not as optviz writes it",
    BEGINNING + json.dumps(["a"] * 201) + "}": "not as optviz writes it",
    BEGINNING + json.dumps(["a" * 100_001]) + "}": "not as optviz writes it",
    BEGINNING + 'null, "extra": 1}': "not as optviz writes it",
    BEGINNING + "[" * 100_000: "it is damaged",
    BEGINNING + 'null, "facts": ' + "9" * 5000 + "}": "it is damaged",
}


@pytest.mark.parametrize("text", DOCUMENTS, ids=range(len(DOCUMENTS)))
@pytest.mark.parametrize("format", ["png", "html"])
def test_documents_that_are_none_of_ours_are_refused(tmp_path, format, text):
    path = tmp_path / f"a.{format}"
    if format == "png":
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"tEXt", b"Comment\0" + text.encode())
        )
    else:
        path.write_text(f'<meta name="optviz" content="{html.escape(text)}">')
    with pytest.raises(DataError, match=DOCUMENTS[text]) as refused:
        reading.read(path)
    assert len(refused.value.problem) < 400


def chunk(name, data, size=None):
    return struct.pack(">I", len(data) if size is None else size) + name + data + struct.pack(">I", zlib.crc32(data))


def inflated():
    """An archive of a few kilobytes that holds a gigabyte of provenance."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("provenance.npy", "w") as member:
        for _ in range(64):
            member.write(bytes(1 << 24))
    return file.getvalue()


GIGABYTE = 1 << 30
CLAIMS = {
    "text.png": lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt", b"Comment\0x", GIGABYTE),
    "chunk.png": lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", b"", GIGABYTE),
    "chunks.png": lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"zTXt", b"") * 50_000,
    "blocks.gif": lambda: b"GIF89a" + bytes(7) + b"!\xfe" + (b"\xff" + bytes(255)) * 70_000,
    "text.svg": lambda: b"<dc:description>" * 300_000,
    "text.md": lambda: b"<!-- optviz " * 300_000,
    "text.pdf": lambda: b"/Subject (" + b"(" * 5_000_000,
    "lines.csv": lambda: b'"' * 5_000_000,
    "keys.json": lambda: b'"made": ' * 500_000,
    "text.webp": lambda: reading.BEGINNING * 200_000,
    "inflated.npz": inflated,
}


@pytest.mark.parametrize("file", CLAIMS)
def test_claims_of_gigabytes_take_neither_memory_nor_time(tmp_path, file):
    import tracemalloc

    (tmp_path / file).write_bytes(CLAIMS[file]())
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            reading.read(tmp_path / file)
        assert tracemalloc.get_traced_memory()[1] < 150e6
    finally:
        tracemalloc.stop()


def test_a_file_of_more_than_a_gigabyte_is_not_looked_into(tmp_path):
    with open(tmp_path / "a.webp", "wb") as file:
        file.truncate(reading.LARGEST + 1)
    with pytest.raises(DataError, match="larger than"):
        reading.read(tmp_path / "a.webp")


@pytest.mark.parametrize("file", ["none.gif", "folder.gif"])
def test_what_is_no_file(tmp_path, file):
    (tmp_path / "folder.gif").mkdir()
    with pytest.raises(DataError, match="No such file|is a folder|regular file|directory"):
        reading.read(tmp_path / file)
    with pytest.raises(UsageError, match="unknown ending"):
        reading.read(tmp_path / "a.txt")


def test_the_record_is_read_as_before(tmp_path):
    one = content("npz")
    writers.write(tmp_path / "a.npz", one)
    assert optviz.load(tmp_path / "a.npz").runs[0].optimizer == one.runs[0].optimizer
    optviz.save(tmp_path / "b.npz", dataclasses.replace(one))
    with pytest.raises(DataError, match="holds no provenance"):
        reading.read(tmp_path / "b.npz")

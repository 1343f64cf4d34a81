"""One file out of a zip archive on a server."""

import hashlib
import io
import zipfile

import numpy as np
import pytest

from optviz.datasets import _download
from optviz.datasets._download import Published, Unreachable
from tests.datasets.servers import body, ranges, status

NAME = "digits-train-images-idx3-ubyte.gz"
DATA = np.random.default_rng(0).bytes(300_000)  # as good as packed already
FILE = Published(NAME, len(DATA), hashlib.sha256(DATA).hexdigest(), "sha256:")
OTHERS = {f"gzip/{number}.gz": np.random.default_rng(number).bytes(1_000_000) for number in (1, 2)}


def archive(data=DATA, method=zipfile.ZIP_DEFLATED, name=f"gzip/{NAME}"):
    """A large archive with the file in the middle."""
    (first, one), (last, two) = OTHERS.items()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method, compresslevel=1) as out:
        for member, content in ((first, one), (name, data), (last, two)):
            out.writestr(member, content)
    return whole.getvalue()


WHOLE = archive()


def encrypted():
    """The archive, saying that the file is encrypted."""
    data = bytearray(WHOLE)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(f"gzip/{NAME}".encode(), 0 if flags == 6 else len(data) - 1000)
        data[data.rindex(mark, 0, place) + flags] |= 1
    return bytes(data)


def fetch(server, folder, answer):
    server.answers["/emnist.zip"] = answer
    _download.download(folder, FILE, [f"{server.url}/emnist.zip#gzip/"])
    return (folder / NAME).read_bytes()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_file_alone_is_fetched(server, tmp_path, method):
    assert fetch(server, tmp_path, ranges(archive(method=method))) == DATA
    assert len(server.requests) <= 5  # the size, the directory and its place, then the file in one go
    assert sorted(file.name for file in tmp_path.iterdir()) == [NAME]


def test_a_redirect_keeps_the_place(server, tmp_path):
    server.answers["/moved.zip"] = ranges(WHOLE)
    assert fetch(server, tmp_path, status(302, Location="/moved.zip")) == DATA


BAD = {
    "parts are not served": (body(WHOLE), "does not serve parts"),
    "not found": (status(404), "404"),
    "another place": (lambda handler: _span(handler, "bytes 7-8/9"), "does not serve parts"),
    "no size": (lambda handler: _span(handler, "bytes 0-8/*"), "does not serve parts"),
    "no archive": (ranges(bytes(100_000)), "damaged"),
    "a short one": (ranges(b"PK"), "damaged"),
    "cut off": (ranges(WHOLE[:-30_000]), "damaged"),
    "without the file": (ranges(archive(name="gzip/other.gz")), "has no gzip/"),
    "damaged": (ranges(WHOLE.replace(DATA[1000:1100], bytes(100))), "damaged"),
    "encrypted": (ranges(encrypted()), "damaged"),
    "a file too long": (ranges(archive(DATA + b"?")), "more than"),
    "a file too short": (ranges(archive(DATA[:-1])), "of 300000 bytes"),
    "another file": (ranges(archive(DATA[:-1] + b"?")), "another digest"),
    "a bomb": (ranges(archive(bytes(200_000_000))), "more than"),
}


def _span(handler, text):
    handler.send_response(206)
    handler.send_header("Content-Range", text)
    handler.end_headers()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_archive_is_refused(server, tmp_path, name):
    answer, reason = BAD[name]
    with pytest.raises(Unreachable, match="127.0.0.1: .") as refused:
        fetch(server, tmp_path, answer)
    assert reason in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_huge_directory_is_not_waited_for(server, tmp_path):
    """An archive that says that its directory is all of it."""
    data = bytearray(archive(np.random.default_rng(3).bytes(9_000_000)))
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 20] = end.to_bytes(4, "little") + bytes(4)
    with pytest.raises(Unreachable, match="more than"):
        fetch(server, tmp_path, ranges(bytes(data)))


def test_a_connection_that_breaks_is_refused(server, tmp_path):
    def broken(handler):
        begin = int(handler.headers["Range"][6:-1])
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {begin}-{len(WHOLE) - 1}/{len(WHOLE)}")
        handler.send_header("Content-Length", str(len(WHOLE) - begin))
        handler.end_headers()
        handler.wfile.write(WHOLE[begin : begin + 100_000])

    with pytest.raises(Unreachable):
        fetch(server, tmp_path, broken)
    assert list(tmp_path.iterdir()) == []

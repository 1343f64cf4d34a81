"""Data sets that are downloaded: mirrors honest and not, files put there by hand, and what is left behind."""

import errno
import gzip
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from optviz.datasets import Dataset, _https, _published
from optviz.datasets._download import Published
from optviz.errors import DataError, MissingError, OptvizError
from tests.datasets.files import NAMES, blobs, idx
from tests.datasets.servers import body, chunked, dripping, endless, stalled, status

PARTS = blobs(train=400, test=200)
UNIT = Dataset("little", "Little", lambda: None, train=400, test=200, shape=(9, 14), classes=4)
PLAIN = {part: idx(array) for part, array in PARTS.items()}
PACKED = {f"{NAMES[part]}.gz": gzip.compress(data, 6, mtime=0) for part, data in PLAIN.items()}
FILES = {
    part: Published(
        f"{NAMES[part]}.gz",
        len(PACKED[f"{NAMES[part]}.gz"]),
        hashlib.sha256(PACKED[f"{NAMES[part]}.gz"]).hexdigest(),
        f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}",
    )
    for (part, data), algorithm in zip(PLAIN.items(), ["sha256", "md5"] * 2, strict=True)
}
FIRST = FILES["train"].name
DATA = PACKED[FIRST]
NOWHERE = ("https://127.0.0.1:9/nowhere/",)  # nothing listens there


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of the data set, which need not exist."""
    monkeypatch.setenv("OPTVIZ_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "little"


def load(*mirrors):
    return _published.load(UNIT, FILES, mirrors)


def check(images):
    for part, array in PARTS.items():
        np.testing.assert_array_equal(getattr(images, part), array)


def names(folder):
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def put(folder, files):
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_what_was_downloaded_is_read_and_kept(server, folder, umask):
    mirror = server.mirror("good", PACKED)
    before = os.umask(umask)
    try:
        check(load(mirror))
    finally:
        os.umask(before)
    assert names(folder) == sorted(PACKED)
    for name, data in PACKED.items():
        assert (folder / name).read_bytes() == data
        assert (folder / name).stat().st_mode & 0o777 == 0o666 & ~umask
    assert server.requests == [f"/good/{file.name}" for file in FILES.values()]
    check(load(mirror))
    assert len(server.requests) == 4


def test_only_what_is_missing_is_downloaded(server, folder):
    put(folder, {FIRST: DATA})
    check(load(server.mirror("good", PACKED)))
    assert f"/good/{FIRST}" not in server.requests


def test_pieces_without_a_length_are_read(server, folder):
    check(load(server.mirror("good", {name: chunked(data) for name, data in PACKED.items()})))


def test_redirects_to_https_are_followed(server, folder):
    mirror = server.mirror("good", PACKED)
    moved = {name: status(302, Location=f"{mirror}{name}") for name in PACKED}
    check(load(server.mirror("moved", moved)))


BAD = {
    "another file of that size": (body(DATA[:-1] + b"?"), "another digest"),
    "a web page": (body(b"<html>Not here</html>"), "21 of"),
    "nothing": (body(b""), "0 of"),
    "not found": (status(404), "Not Found (404)"),
    "out of order": (status(503), "503"),
    "rude": (lambda handler: handler.wfile.write(b"HTTP/1.0 500 \x1b[31m\x07" + b"no " * 999 + b"\r\n\r\n"), "no no"),
    "cut off": (body(DATA[:-100], announced=len(DATA)), "of"),
    "a longer file": (body(DATA + b"?"), "more than"),
    "no end": (endless, "more than"),
    "hung up": (lambda handler: handler.connection.close(), ""),
    "no answer of the web": (lambda handler: handler.wfile.write(b"\0" * 500), ""),
    "redirected to http": (status(302, Location=f"http://127.0.0.1:9/{FIRST}"), "http"),
    "redirected to a file": (status(302, Location="file:///etc/passwd"), "file:///etc/passwd"),
    "redirected to ftp": (status(302, Location=f"ftp://127.0.0.1/{FIRST}"), "ftp"),
    "redirected to nowhere": (status(302, Location="https://127.0.0.1:9/"), "refused"),
    "redirected in a circle": (status(302, Location=f"/bad/{FIRST}"), "infinite loop"),
    "redirected to rubbish": (status(302, Location="https://[/ä\t"), ""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_mirror_is_passed_over(server, folder, name):
    answer, reason = BAD[name]
    bad = server.mirror("bad", PACKED | {FIRST: answer})
    with pytest.raises(MissingError) as missing:
        load(bad)
    problem = missing.value.problem
    assert reason in problem.partition("127.0.0.1: ")[2]
    assert problem.isprintable() and len(problem) < 300
    assert names(folder) == []
    check(load(bad, server.mirror("good", PACKED)))
    assert names(folder) == sorted(PACKED)


@pytest.mark.parametrize(
    "limit, answer, reason",
    [("TIMEOUT", stalled(DATA), "does not answer"), ("GRACE", dripping(DATA), "less than 10 kB a second")],
    ids=["half of it, then silence", "a byte now and then"],
)
def test_nobody_waits_for_ever(server, folder, monkeypatch, limit, answer, reason):
    monkeypatch.setattr(_https, limit, 0.3)
    with pytest.raises(MissingError, match=reason):
        load(server.mirror("slow", PACKED | {FIRST: answer}))
    assert names(folder) == []


def test_no_byte_more_than_expected_is_waited_for(server, folder):
    bad = server.mirror("bad", {FIRST: endless})
    with pytest.raises(MissingError):
        load(bad)
    assert server.sent < 32 << 20  # what fits into the buffers of two sockets, and not all that the server has


def test_a_certificate_that_nobody_vouches_for_is_refused(server, folder, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    _https._trusted.cache_clear()
    with pytest.raises(MissingError, match="certificate"):
        load(server.mirror("good", PACKED))
    assert server.requests == []


def test_http_is_refused(server, folder):
    mirror = server.mirror("good", PACKED).replace("https", "http")
    with pytest.raises(MissingError, match="unknown url type: http"):
        load(mirror)


def test_the_last_word_names_address_digest_and_place(server, folder):
    other = server.mirror("empty", {})
    with pytest.raises(MissingError) as missing:
        load(*NOWHERE, other)
    problem, remedy = missing.value.problem, missing.value.remedy
    assert missing.value.exit_code == 3
    assert FIRST in problem and "Little" in problem
    assert "refused" in problem and "404" in problem
    for words in (NOWHERE[0] + FIRST, FILES["train"].sha256, str(folder / FIRST), FILES["test_labels"].name):
        assert words in remedy
    assert "\n" not in problem + remedy


def test_without_a_name_server_the_answer_comes_at_once(server, folder, monkeypatch):
    def offline(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    with pytest.raises(MissingError, match="example.org: Name or service not known"):
        load("https://example.org/")


def test_without_pooch_its_extra_is_named(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingError) as missing:
        load(*NOWHERE)
    assert missing.value.exit_code == 3
    assert "pooch" in missing.value.problem
    assert 'pip install "optviz[data]"' in missing.value.remedy
    assert str(folder / FIRST) in missing.value.remedy
    put(folder, PACKED)
    check(load(*NOWHERE))


@pytest.mark.parametrize("way", ["published", "unpacked", "packed another way", "unpacked under the packed name"])
def test_files_put_there_by_hand_are_read_without_a_connection(folder, way):
    plain = {f"{NAMES[part]}.gz": data for part, data in PLAIN.items()}
    put(
        folder,
        {
            "published": PACKED,
            "unpacked": {NAMES[part]: data for part, data in PLAIN.items()},
            "packed another way": {name: gzip.compress(data, 1) for name, data in plain.items()},
            "unpacked under the packed name": plain,
        }[way],
    )
    check(load(*NOWHERE))


@pytest.mark.parametrize("part", FILES)
@pytest.mark.parametrize("gz", [True, False], ids=["gzip", "plain"])
def test_other_data_are_refused_and_left_alone(folder, part, gz):
    data = PLAIN[part][:-1] + bytes((PLAIN[part][-1] ^ 1,))
    file = folder / (FILES[part].name if gz else NAMES[part])
    put(folder, PACKED)
    (folder / FILES[part].name).unlink()
    file.write_bytes(gzip.compress(data) if gz else data)
    before = file.read_bytes()
    with pytest.raises(DataError) as refused:
        load(*NOWHERE)
    assert str(file) in refused.value.problem
    assert "Delete" in refused.value.remedy
    assert file.read_bytes() == before


@pytest.mark.parametrize("data", [b"", DATA[:-9], b"<html>404</html>", gzip.compress(bytes(1000), mtime=0)])
def test_damaged_files_are_refused(folder, data):
    put(folder, PACKED | {FIRST: data})
    with pytest.raises(DataError) as refused:
        load(*NOWHERE)
    assert str(folder / FIRST) in refused.value.problem
    assert "downloaded again" in refused.value.remedy


def test_a_folder_that_cannot_be_made_is_named(server, folder):
    folder.parent.write_bytes(b"a file")
    with pytest.raises(OptvizError) as refused:
        load(server.mirror("good", PACKED))
    assert str(folder) in refused.value.problem
    assert "OPTVIZ_DATA_DIR" in refused.value.remedy


def test_a_folder_in_place_of_a_file_is_named(server, folder):
    (folder / FIRST).mkdir(parents=True)
    with pytest.raises(OptvizError, match="directory"):
        load(server.mirror("good", PACKED))
    assert names(folder) == [FIRST]


def test_a_full_disk_is_named(server, folder, monkeypatch):
    from optviz.datasets import _download

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_download, "open", full, raising=False)
    with pytest.raises(OptvizError, match="No space left"):
        load(server.mirror("good", PACKED))
    assert names(folder) == []


def test_what_killed_processes_left_is_swept(server, folder):
    put(folder, {"tmpold": b"half", "tmpnew": b"half"})
    os.utime(folder / "tmpold", (0, 0))
    check(load(server.mirror("good", PACKED)))
    assert names(folder) == sorted([*PACKED, "tmpnew"])


def test_pooch_is_quiet_and_keeps_its_own_settings(server, folder, capfd):
    import pooch

    level = pooch.get_logger().level
    load(server.mirror("good", PACKED))
    assert pooch.get_logger().level == level
    assert capfd.readouterr() == ("", "")


SCRIPT = """
import sys
from tests.datasets.test_downloads import check, load
check(load(sys.argv[1]))
"""


def started(mirror):
    """A process of its own that loads the data set."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, mirror],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_may_download_at_once(server, folder):
    both = threading.Barrier(2, timeout=60)

    def together(handler):
        both.wait()
        body(DATA)(handler)

    mirror = server.mirror("good", PACKED | {FIRST: together})
    running = [started(mirror) for _ in range(2)]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert server.requests.count(f"/good/{FIRST}") == 2
    assert names(folder) == sorted(PACKED)


def test_ctrl_c_leaves_nothing_behind(server, folder):
    reached = threading.Event()
    process = started(server.mirror("slow", PACKED | {FIRST: stalled(DATA, reached)}))
    try:
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert "KeyboardInterrupt" in err
    assert names(folder) == []


def test_the_data_folder_is_the_users(monkeypatch, tmp_path):
    import platformdirs

    monkeypatch.delenv("OPTVIZ_DATA_DIR", raising=False)
    assert _published.data_folder("little") == platformdirs.user_data_path("optviz") / "little"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPTVIZ_DATA_DIR", "here")
    assert _published.data_folder("little") == tmp_path / "here" / "little"
    monkeypatch.delenv("OPTVIZ_DATA_DIR")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda _: Path("~/.local/share/optviz"))
    with pytest.raises(MissingError, match="home"):
        _published.data_folder("little")

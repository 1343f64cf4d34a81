"""The page of a report as a file: whole or not at all, and nothing else is one."""

import errno

import pytest

from optviz import writers
from optviz.errors import OptvizError, UsageTypeError


class Page:
    """Something that gives a page."""

    def __init__(self, text="<!DOCTYPE html>\n<title>−“亚当”</title>\n"):
        self.text = text

    def to_html(self):
        return self.text


def test_the_page_is_written_as_it_is(tmp_path):
    writers.write(tmp_path / "a.html", Page(), "seed 0")
    assert (tmp_path / "a.html").read_bytes() == Page().text.encode()
    assert writers.check(tmp_path / "b.HTML", ("figure", "report", "table")) == "report"


@pytest.mark.parametrize("content", [object(), type("Run", (), {"to_dict": dict})()])
def test_only_a_report_is_a_page(tmp_path, content):
    with pytest.raises(UsageTypeError, match=r"a \.html file holds a report or a page, not a"):
        writers.write(tmp_path / "a.html", content)
    with pytest.raises(UsageTypeError, match="not a Page"):
        writers.write(tmp_path / "a.png", Page())
    assert not list(tmp_path.iterdir())


def test_failures_leave_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    path.write_bytes(b"old")
    with pytest.raises(UnicodeEncodeError):
        writers.write(path, Page("half\ud800"))

    def full_disk(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("optviz.files.os.fsync", full_disk)
    with pytest.raises(OptvizError, match="No space left"):
        writers.write(path, Page())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]

"""The registry of formats: endings, what they hold, refusals before any work, atomic writing."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from optviz import writers
from optviz.errors import UsageError, UsageTypeError

STILL = ["png", "svg", "pdf"]
MOVING = ".gif .apng .webp .avif .mp4 .webm"
LAZY = """
import sys
from optviz import writers
print(*writers.FORMATS.names())
assert not {"numpy", "PIL", "matplotlib"} & set(sys.modules), sys.modules.keys()
"""


def test_formats_are_listed_without_loading_what_writes_them():
    shown = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["gif", "apng", "webp", "avif", "mp4", "webm", *STILL, "html", "json", "csv", "md", "npz"]


@pytest.mark.parametrize("unit", list(writers.FORMATS), ids=lambda unit: unit.name)
def test_every_format_says_what_it_is_and_holds(unit):
    assert unit.title and unit.holds and callable(unit.write)
    assert unit.name == unit.name.lower()


@pytest.mark.parametrize(
    ("name", "things", "thing"),
    [
        ("a.gif", ("animation", "figure"), "animation"),
        ("a.png", ("animation", "figure"), "figure"),
        ("A.PDF", ("figure",), "figure"),
        ("a.b.md", ("figure", "table"), "table"),
        ("a.json", ("figure", "table"), "table"),
        ("a.json", ("animation", "figure", "result"), "result"),
    ],
)
def test_check_tells_what_to_make(tmp_path, name, things, thing):
    assert writers.check(tmp_path / name, things) == thing
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "things", "problem", "remedy"),
    [
        ("a.gfi", ("animation", "figure"), "ending '.gfi'", f"Did you mean '.gif'? Endings that work here: {MOVING}"),
        ("a.jsn", ("figure", "table"), "ending '.jsn'", "Did you mean '.json'? Endings that work here: .webp .avif"),
        ("a.xyz", ("animation",), "unknown ending '.xyz'", "Endings that work here: .gif"),
        ("race", ("animation",), "no ending", "Endings that work here: .gif"),
        ("a.csv", ("animation", "figure"), "holds a comparison, and this makes an animation or a figure", ".gif .apng"),
        ("a.gif", ("figure", "table"), "a .gif file holds an animation", ".png .svg .pdf .json .csv .md .npz"),
        ("none/a.gif", ("animation",), "does not exist", "mkdir -p"),
    ],
)  # fmt: skip
def test_check_refuses_before_any_work(tmp_path, name, things, problem, remedy):
    with pytest.raises(UsageError) as refused:
        writers.check(tmp_path / name, things)
    assert refused.value.problem.startswith(f"cannot write {tmp_path / name}")
    assert problem in refused.value.problem
    assert remedy in refused.value.remedy
    assert refused.value.exit_code == 2


def test_check_refuses_a_folder(tmp_path):
    (tmp_path / "a.gif").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        writers.check(tmp_path / "a.gif", ("animation",))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gif", np.zeros((4, 4, 4), np.uint8)),
        ("a.json", SimpleNamespace(savefig=None)),
        ("a.png", "text"),
        ("a.md", None),
    ],
)
def test_write_refuses_what_a_format_cannot_hold(tmp_path, name, content):
    with pytest.raises(UsageTypeError, match=rf"a \.{name[2:]} file holds .* not a {type(content).__name__}"):
        writers.write(tmp_path / name, content)
    assert not list(tmp_path.iterdir())


def test_write_refuses_an_unknown_ending(tmp_path):
    with pytest.raises(UsageError, match="unknown ending '.bmp'"):
        writers.write(tmp_path / "a.bmp", np.zeros((4, 4, 4), np.uint8))


def test_a_new_format_is_one_function(tmp_path, monkeypatch):
    monkeypatch.setattr(writers.FORMATS, "_units", dict(writers.FORMATS._units))

    @writers.file_format("txt", title="how many bytes a frame has", holds=("figure",))
    def write_text(file, content, document):
        file.write(f"{content.nbytes} {json.loads(document)['facts']}".encode())

    assert "txt" in writers.FORMATS.names()
    assert writers.check(tmp_path / "a.txt", ("animation", "figure")) == "figure"
    writers.write(tmp_path / "a.txt", np.zeros((4, 4, 4), np.uint8), "seed 0")
    assert (tmp_path / "a.txt").read_text() == "64 seed 0"

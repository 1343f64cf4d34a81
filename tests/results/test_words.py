"""Names are anybody's: no terminal obeys them, in whatever they are shown."""

import dataclasses
import io
import json
import re
import sys
import warnings

import numpy as np
import pytest

from optviz import drawing, results, writers
from optviz.cli import _print, _run
from optviz.cli._output import Output
from optviz.cli._print import watching
from optviz.errors import UNSHOWN, UsageError, printable
from optviz.figures.engine import text as measured
from optviz.figures.engine.items import Label
from optviz.results.comparison_tables import tables
from optviz.results.words import json_text
from optviz.writers.terminal import print_tables
from tests.records import RECORDS
from tests.seeds import compared

EVIL = "\x1b]0;x\x07\x9b31m\u202ec\x7f\r\u2028\tz"
SHOWN = "\\x1b]0;x\\x07\\x9b31m\\u202ec\\x7f\\r\\u2028\\tz"


def harmless(text):
    """Whether there is nothing in a text but lines."""
    return not UNSHOWN.search(text.replace("\n", ""))


def test_what_is_not_to_be_shown_is_escaped():
    assert printable(EVIL) == SHOWN
    assert printable("f(x) = Σᵢ xᵢ² · 亚当🙂 \udcff") == "f(x) = Σᵢ xᵢ² · 亚当🙂 \udcff"
    for number in [*range(32), *range(0x7F, 0xA0)]:
        assert printable(chr(number)).isascii() and printable(chr(number)).isprintable()


def test_json_says_the_same_without_them():
    text = json_text({EVIL: [EVIL, 1.5]}, indent=2)
    assert harmless(text) and json.loads(text) == {EVIL: [EVIL, 1.5]}


def test_an_errors_words():
    error = UsageError(f"unknown optimizer '{EVIL}'", f"Did you mean '{EVIL}'?")
    assert error.problem == f"unknown optimizer '{SHOWN}'" and harmless(str(error))


def test_warnings_progress_tables_and_notes(capsys, monkeypatch):
    with warnings.catch_warnings(), _run.prepare():
        warnings.simplefilter("always")
        warnings.warn(f"a plug-in\n{EVIL}", stacklevel=1)
    _print.rows([(EVIL, EVIL), (EVIL, "a")])
    Output().note_rows([(EVIL, "a")])
    Output().note(EVIL)
    _print.line(EVIL)
    _print.document({"name": EVIL})
    comparison = compared({"adam": [[0.9]], "sgd": [[0.8]]}, titles={"adam": EVIL, "sgd": "SGD"})
    comparison = dataclasses.replace(comparison, network=EVIL, dataset=EVIL)
    print_tables(tables(comparison))
    out, err = capsys.readouterr()
    assert harmless(out) and harmless(err)
    assert SHOWN in out and SHOWN in err


def test_progress(monkeypatch):
    from rich.console import Console

    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(
        "rich.console.Console", lambda **_: Console(file=stream, force_terminal=True, color_system=None)
    )
    with watching(silent=False) as watcher:
        watcher.begin(f"loading {EVIL} [red]")
        watcher(1, 2, f"training {EVIL} [/]")
    said = re.sub("\x1b\\[[?0-9;]*[a-zA-Z]", "", stream.getvalue())  # what Rich moves the cursor with
    assert "\x1b" not in said and "\x07" not in said and "\x9b" not in said
    assert SHOWN in said and "[red]" in said


def test_paths_are_themselves_to_a_program_and_harmless_on_a_terminal(capsys, monkeypatch):
    _print.path(f"{EVIL}.gif")
    assert capsys.readouterr().out == f"{EVIL}.gif\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    _print.path(f"{EVIL}.gif")
    assert capsys.readouterr().out == f"{SHOWN}.gif\n"


@pytest.mark.parametrize("ending", ["csv", "md", "json"])
def test_tables_in_files(tmp_path, ending):
    comparison = compared({"adam": [[0.9]], "sgd": [[0.8]]}, titles={"adam": EVIL, "sgd": "SGD"})
    runs = tuple(dataclasses.replace(run, optimizer=run.optimizer + EVIL, variant=EVIL) for run in comparison.runs)
    writers.write(tmp_path / f"a.{ending}", dataclasses.replace(comparison, runs=runs, dataset=EVIL), EVIL)
    text = (tmp_path / f"a.{ending}").read_bytes().decode()
    assert harmless(text)
    assert ending == "json" or "\\x1b" in text.replace("\\\\", "\\")


def evil(value):
    """A record with that text in every title and name that is only shown."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: evil(getattr(value, field.name)) for field in dataclasses.fields(value)}
        for name in ("title", "command", "architecture"):
            if isinstance(fields.get(name), str):
                fields[name] = fields[name] + EVIL + "亚当🙂"
        return dataclasses.replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(map(evil, value))
    return value


@pytest.mark.parametrize("name", [name for name, record in RECORDS.items() if drawing.PICTURES.get(type(record))])
def test_pictures(tmp_path, name):
    """What matplotlib gets to draw are glyphs that there are: otherwise it warns, which is an error here."""
    result = evil(RECORDS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.draw(result, tmp_path / "a.svg")
    assert harmless((tmp_path / "a.svg").read_text())


def test_labels_are_measured_as_they_are_shown():
    assert Label(0, 0, EVIL, 12, "#000000").text == SHOWN
    assert measured.width(EVIL, 12) == measured.width(SHOWN, 12)
    assert measured.shortened(EVIL, 1e4, 12) == SHOWN
    assert harmless("".join(measured.wrapped(EVIL, 60, 12)))
    assert np.isfinite(measured.width(EVIL, 12)) and results.SCHEMA


def test_a_square_stands_for_each_character_that_the_font_lacks():
    assert measured.drawable("Adam 亚当🙂 · Σᵢ xᵢ²\t") == "Adam □□□ · Σᵢ xᵢ²\\t"
    assert Label(0, 0, "亚当", 12, "#000000", bold=True).text == "□□"
    assert measured.width("亚当", 12) == measured.width("□□", 12) > 0
    assert measured.shortened("亚" * 99, 100, 12).startswith("□□") and measured.wrapped("亚 当", 1, 12)

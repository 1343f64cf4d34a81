"""A report keeps what was found, whatever happens."""

import argparse
import subprocess
import sys
import time

import pytest

from tests.gpu.report import (
    ABSENT,
    FAILED,
    LATE,
    PASSED,
    POSIX,
    Late,
    Missing,
    Report,
    Wrong,
    asked,
    begun,
    items,
    last_line,
    run,
)


def saying(*lines, then=None):
    def work():
        yield from lines
        if then:
            raise then

    return work


@pytest.fixture
def report(tmp_path):
    return Report(tmp_path / "report.md", "A title", 1, "A note.")


@pytest.mark.parametrize(
    ("then", "outcome", "words"),
    [
        (None, PASSED, ""),
        (Wrong("three is not four"), FAILED, "**three is not four**"),
        (Missing("get it there"), ABSENT, "Left out: get it there"),
        (Late("twice"), LATE, "**Out of time: twice**"),
        (ValueError("a crash"), FAILED, "**ValueError: a crash**"),
    ],
)
def test_parts(report, then, outcome, words, capsys):
    assert report.part("First", saying("one", "two", then=then)) == (outcome == PASSED)
    report.part("Second", saying("three"))
    text = report.path.read_text()
    assert text.startswith("# A title\n\nA note.\n\n| part | outcome | seconds |\n")
    assert f"| First | {outcome} | 0 |" in text and "| Second | passed | 0 |" in text
    assert "\n## First\n\none\ntwo\n" in text and words in text and text.endswith("\n## Second\n\nthree\n")
    assert report.well == (outcome in (PASSED, ABSENT))
    assert capsys.readouterr().out.count("## ") == 2


def test_what_was_said_is_there_before_the_end(report):
    def work():
        yield "first"
        assert "\nfirst\n" in report.path.read_text()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report.part("Stopped", work)
    assert "## Stopped\n\nfirst\n" in report.path.read_text()


@pytest.mark.parametrize("wrong", [["--minutes", "nan"], ["--minutes", "0"], ["--minutes", "inf"], ["-o", "."]])
def test_what_no_report_can_be_is_said_before_any_part(wrong, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    asked(parser, "report.md", 8)
    begun(parser, parser.parse_args([]), "A title", "")
    assert (tmp_path / "report.md").read_text() == "# A title\n"
    with pytest.raises(SystemExit) as ended:
        begun(parser, parser.parse_args(wrong), "A title", "")
    assert ended.value.code == 2 and wrong[0].strip("-o") in capsys.readouterr().err


def test_a_part_without_time_says_so(tmp_path):
    report = Report(tmp_path / "report.md", "A title", 0)
    assert not report.part("First", saying("never"))
    assert report.parts[0].outcome == LATE and "never" not in report.path.read_text()


def test_facts(report):
    report.part("Facts", lambda: items({"a": "b"}))
    assert "| what | here |\n| --- | ---: |\n| a | b |" in report.path.read_text()


def test_a_process():
    done = run([sys.executable, "-c", "import os; print(os.environ['WHERE'])"], 60, WHERE="here")
    assert (done.returncode, done.stdout) == (0, "here\n")
    failed = run([sys.executable, "-c", "raise SystemExit('no card\\n')"], 60)
    assert (failed.returncode, last_line(failed)) == (1, "no card")
    assert "said nothing" in last_line(subprocess.CompletedProcess([], 7, "", ""))


@pytest.mark.skipif(not POSIX, reason="processes have no sessions here")
def test_a_process_that_does_not_end_is_ended_with_those_it_started(tmp_path):
    import fcntl

    path = tmp_path / "locked"
    inner = f"import fcntl, time; file = open({str(path)!r}, 'w'); fcntl.flock(file, fcntl.LOCK_EX); time.sleep(600)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    with pytest.raises(Late, match="not ended after"):
        run([sys.executable, "-c", outer], 3)
    with path.open() as file:
        for _ in range(200):  # until the lock is free
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.05)
    pytest.fail("it lives")


def test_no_process_begins_without_time():
    with pytest.raises(Late, match="no time was left"):
        run(["false"], 0)

"""The tables of ``optviz train`` as they are printed: whole numbers at every width, names as they are."""

import re
import sys
import unicodedata

import pytest

from optviz.results.comparison_tables import tables
from optviz.writers.terminal import print_tables
from tests.seeds import PLANE, TUNING, compared, published, rising

SEVEN = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "nesterov": "Nesterov",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}
FULL = compared(
    {name: rising(0.98 - 0.01 * place, 5) for place, name in enumerate(SEVEN)},
    titles=SEVEN,
    target=0.96,
    tuning=TUNING,
    plane=PLANE,
    published=published({"adam": (0.9, 0.95, 0.985), "sgd": (0.9, 0.95, 0.96)}),
)


@pytest.fixture
def printed(capsys, monkeypatch):
    """Print a comparison as in a pipe, or on a terminal of that many columns; gives what one sees."""

    def call(comparison, width=None, terminal="xterm"):
        for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COLUMNS", str(width or 80))
        monkeypatch.setenv("TERM", terminal)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: width is not None, raising=False)
        print_tables(tables(comparison))
        text = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().err)
        return "\n".join(line.rstrip() for line in text.splitlines())

    return call


def cells(width):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in width)


def test_seven_optimizers_fit_into_120_columns(printed):
    lines = printed(FULL).splitlines()
    assert max(map(len, lines)) <= 120
    assert max(map(len, lines)) > 110  # so the widest table was there


def test_all_cells_and_sentences_are_printed(printed):
    text = printed(FULL)
    words = " ".join(text.split())
    for table in tables(FULL):
        assert table.title in words
        for row in table.rows:
            assert any(all(cell in line for cell in row) for line in text.splitlines()), row
        for note in table.notes:
            assert note in words


@pytest.mark.parametrize(
    ("width", "kind"), [(40, "xterm"), (60, "xterm"), (80, "xterm"), (100, "xterm"), (300, "xterm"), (80, "dumb")]
)
def test_numbers_do_not_depend_on_the_width(printed, width, kind):
    """A narrow terminal has the columns in blocks, each with the names, and no line that it would break."""
    wide, terminal = printed(FULL), printed(FULL, width, kind)
    assert max(map(len, terminal.splitlines())) <= width
    assert set(terminal.split()) - {"─" * k for k in range(200)} == set(wide.split()) - {"─" * k for k in range(200)}
    lines = [" ".join(line.split()) for line in terminal.splitlines()]
    for row in tables(FULL)[0].rows:
        name, numbers = f"{row[0]} {row[1]} ", " ".join(row[2:])
        assert " ".join(line.removeprefix(name) for line in lines if line.startswith(name)) == numbers


def test_names_are_no_markup(printed):
    titles = {"adam": "Ad[bold]am[/] | :smile: \\[x]", "sgd": "[red]SGD"}
    text = printed(compared({"adam": rising(0.98, 2), "sgd": rising(0.9, 2)}, titles=titles))
    assert "Ad[bold]am[/] | :smile: \\[x]" in text and "[red]SGD" in text


def test_wide_letters_keep_the_columns(printed):
    titles = {"adam": "亚当优化器", "sgd": "SGD"}
    text = printed(compared({"adam": rising(0.98, 2), "sgd": rising(0.9, 2)}, titles=titles))
    adam, sgd = (next(line for line in text.splitlines() if name in line and "±" in line) for name in ("亚当", "SGD"))
    assert cells(adam[: adam.index("±")]) == cells(sgd[: sgd.index("±")])


def test_long_names_go_on_on_the_next_line(printed):
    text = printed(compared({"adam": [[0.9]]}, titles={"adam": "momentum " * 20}))
    assert text.count("momentum") == 20 and max(map(len, text.splitlines())) <= 120


def test_leading_rows_are_bold_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    print_tables(tables(compared({"adam": rising(0.98, 3), "sgd": rising(0.9, 3)})))
    lines = capsys.readouterr().err.splitlines()
    assert ["\x1b[1m" in line for line in lines if "±" in line and "0.0" in line] == [True, False]


def test_nothing_to_tell(printed):
    text = printed(compared({}, interrupted=True))
    assert text.splitlines()[0] == "mnist, mlp 784-128-10, batch 64" and "optimizer" in text

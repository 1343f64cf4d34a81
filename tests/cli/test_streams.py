"""What goes where: paths or one document on standard output, words for people on standard error, -q for silence."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from optviz import drawing, results, writers
from optviz.cli import _output, main
from optviz.cli._app import COMMANDS
from optviz.writers.provenance import commanded
from tests.cli.batch_results import RESULTS

PAGES = ("pictures.json", "index.html", "README.md")
GALLERY = [f"gallery/{name}" for name in ("explorer.html", "study.png", "study.webp", *PAGES)]
# What is typed, what is left without -o, and a word of what people are told.
TYPED = {
    "animate": (["animate", "saddle"], ["saddle.gif", "saddle.png"], "f − f*"),
    "plot": (["plot", "saddle"], ["saddle.png", "saddle-convergence.png"], "f − f*"),
    "explain": (["explain", "adam"], ["adam-explain.png"], "gradient"),
    "basins": (["basins", "saddle"], ["saddle-basins.png"], "arrived"),
    "sweep": (["sweep", "rosenbrock"], ["rosenbrock-momentum-sweep.png"], "best robust pair"),
    "swarm": (["swarm", "saddle"], ["saddle-swarm.gif", "saddle-swarm.png"], "arrived"),
    "study": (["study"], ["study.png"], "solved"),
    "train": (["train", "--optimizers", "sgd"], [], "accuracy"),
    "draw": (["draw", "saved.npz", "-o", "drawn.png"], ["drawn.png"], ""),
    "rerun": (["rerun", "made.json"], ["made-2.json"], "$ optviz animate saddle"),
    "explore": (["explore"], ["explorer.html"], ""),
    "gallery": (["gallery", "--only", "study"], GALLERY, ""),
    "new": (["new", "function", "rill"], ["rill.py", "test_rill.py"], "optviz animate rill.py:rill"),
}
TELLING = [name for name in TYPED if name not in ("draw", "rerun", "explore", "gallery", "new")]
KEPT = ["made.json", "saved.npz"]  # what is there before
ASKED = ("list", "show", "doctor", "help")  # whose text is the result

DOCUMENTS = """
import sys
from optviz.cli import _run
lines = ("animate sphere", "plot sphere", "swarm sphere --starts 2 --frames 2", "basins sphere --resolution 2",
    "sweep sphere --resolution 2", "study --functions sphere --starts 2")
for line in lines:
    few = ["--steps", "3", "--json"] + ([] if "sweep" in line else ["--optimizers", "sgd", "--lr", "0.1"])
    assert _run.run([*line.split(), *few]) == 0, line
print([name for name in ("matplotlib", "PIL") if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture
def saved(here, asked, monkeypatch):
    """Runs and pictures that take no time; what is drawn is there, and so is a saved result."""

    def draw(result, *files, picture=None, **look):
        paths = drawing.check(type(result), files, picture=picture)
        for path, form in paths.items():
            writers.write(path, result) if form in ("table", "result") else Path(path).write_bytes(b"")
        return list(paths)

    results.save("saved.npz", RESULTS["animate"])
    with commanded(["animate", "saddle"]):
        writers.write("made.json", RESULTS["animate"])
    monkeypatch.setattr("optviz.drawing.draw", draw)
    return here


def test_every_command_is_here():
    assert {*TYPED, *ASKED} == COMMANDS.keys()


@pytest.mark.parametrize("command", TYPED)
def test_standard_output_is_paths_one_a_line(inside, saved, command):
    line, files, word = TYPED[command]
    done = inside(*line)
    assert (done.code, done.out.splitlines()) == (0, files)
    assert all((saved / file).exists() for file in files)
    assert word in done.err and bool(word) == bool(done.err)


@pytest.mark.parametrize("command", [name for name in TYPED if name != "new"])  # which has nothing to wait for
def test_quiet_is_quiet(saved, monkeypatch, capsys, command):
    line, files, _ = TYPED[command]
    watching = _output.watching

    def warn(*options):
        warnings.warn("look at this", stacklevel=1)
        return watching(*options)

    def called(*more):
        monkeypatch.setattr(sys, "argv", ["optviz", *line, *more])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, *capsys.readouterr()

    monkeypatch.setattr("optviz.cli._output.watching", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert "warning: look at this\n" in called()[2]
        for file in files:
            (saved / file).unlink()
        code, out, err = called("-q")
    assert (code, out.splitlines(), err) == (0, files, "")


@pytest.mark.parametrize("command", TELLING)
def test_a_document_is_what_a_json_file_holds_and_nothing_else_is_written(inside, saved, command):
    line, _, _ = TYPED[command]
    done = inside(*line, "--json")
    assert (done.code, done.err) == (0, "")
    assert sorted(os.listdir(saved)) == KEPT
    document = json.loads(done.out)
    assert document["schema"] == 1
    file = "a.png" if command == "plot" else "a.json"
    again = inside(*line, "--json", "-o", file)
    assert (again.code, again.err) == (0, "")
    if command == "plot":
        line = TYPED["animate"][0]
        assert sorted(os.listdir(saved)) == ["a-convergence.png", "a.png", *KEPT]
        assert inside(*line, "-o", "a.json").code == 0
    else:
        assert sorted(os.listdir(saved)) == ["a.json", *KEPT]
    told = json.loads((saved / "a.json").read_text())
    assert [document.pop("made")["command"][0], told.pop("made")["command"]] == [command, line]
    assert document == told


def test_for_a_document_nothing_is_loaded_that_draws():
    done = subprocess.run(
        [sys.executable, "-c", DOCUMENTS],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == "[]\n"
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(documents) == 6 and "points" in documents[0]["runs"][0]

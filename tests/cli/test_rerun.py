"""``optviz rerun``: the same file again from what it says of itself, and nothing that somebody else put there."""

import json
import shlex
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from optviz import writers
from optviz.cli._app import COMMANDS
from optviz.cli.rerun import COMMANDS as RUN
from optviz.results.comparison import without_seconds
from optviz.writers import reading
from optviz.writers.provenance import commanded
from tests.cli.batch_results import RESULTS
from tests.seeds import compared

SMALL = "--optimizers sgd,adam --steps 20 --lr 0.001 --size 480x360 -q"


def png(path, command, **more):
    """A picture that says that this made it."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", json.dumps({"optviz": "0.1.0", "schema": 1, "command": command, **more}))
    Image.new("RGB", (8, 8)).save(path, pnginfo=text)
    return path


@pytest.mark.thin(2)
@pytest.mark.parametrize("ending", ["gif", "apng", "webp", "avif", "svg", "pdf", "png", "json", "npz", "mp4", "webm"])
def test_a_race_is_the_same_bytes_again(inside, here, ending):
    if ending in ("mp4", "webm"):
        pytest.importorskip("av", exc_type=ImportError)
    moving = ["--frames", "3"] if ending in ("gif", "apng", "webp", "avif", "mp4", "webm") else []
    assert inside("animate", "saddle", *SMALL.split(), *moving, "-o", f"a.{ending}").code == 0
    done = inside("rerun", f"a.{ending}")
    beside = ["a-2.png"] if ending == "gif" else []
    assert (done.code, done.out.splitlines()) == (0, [f"a-2.{ending}", *beside])
    said = ["animate", "saddle", "--optimizers", "sgd,adam", "--steps", "20", "--lr", "0.001", "--size", "480x360"]
    assert reading.read(f"a.{ending}")["command"] == [*said[:4], *sorted_by_help(said[4:]), *moving]
    assert done.err.splitlines()[0].startswith("$ optviz animate saddle --optimizers sgd,adam")
    for old, new in [(f"a.{ending}", f"a-2.{ending}"), *(("a.png", one) for one in beside)]:
        assert (here / old).read_bytes() == (here / new).read_bytes()


def sorted_by_help(options):
    """Options in the order in which the help of animate names them."""
    pairs = list(zip(options[::2], options[1::2], strict=True))
    order = [f"--{name}" for name in "steps lr theme size frames".split()]
    return [word for pair in sorted(pairs, key=lambda pair: order.index(pair[0])) for word in pair]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("plot saddle", ["a.png", "a-convergence.png"]),
        ("plot saddle --picture convergence --theme light", ["a.png"]),
        ("swarm saddle --starts 4 --frames 2", ["a.gif", "a.png"]),
        ("basins saddle --resolution 4 --picture basins,values", ["a-basins.png", "a-values.png"]),
        ("animate saddle --frames 2", ["a.gif", "a.png"]),
        ("animate -- -1+x**2+y**2", ["a.svg"]),
        ("study --functions saddle,sphere --starts 3", ["a.csv", "a.md"]),
    ],
)
def test_every_file_of_a_command_is_made_again(inside, here, line, made):
    words = line.split()
    small = SMALL.split()[:-3] if "basins" not in line else SMALL.split()[:-1]
    files = ["-o", made[0].replace("-basins", "")] + (["-o", "a.md"] if "a.md" in made else [])
    done = inside(words[0], *files, *small, "-q", *words[1:])
    assert (done.code, done.out.split()) == (0, made)
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    for file in made:
        done = inside("rerun", file, "-q")
        (new, *more) = done.out.split()
        assert done.code == 0 and {new, *more}.isdisjoint(before)
        again = next(path for path in (new, *more) if Path(path).suffix == Path(file).suffix)
        assert (here / again).read_bytes() == before[file]
        for path in (new, *more):
            (here / path).unlink()
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


@pytest.mark.parametrize("ending", ["json", "csv", "md", "npz", "html", "png", "svg"])
def test_a_comparison_is_the_same_bytes_again(inside, here, asked, monkeypatch, ending):
    one = without_seconds(compared({"sgd": [[0.8, 0.9]], "adam": [[0.9, 0.95]]}))
    monkeypatch.setattr("optviz.runs.networks.training.train", lambda **given: one)
    assert inside("train", "--no-seconds", "--epochs", 2, "-o", f"a.{ending}", "-j", 1, "-q").code == 0
    assert reading.read(f"a.{ending}")["command"] == ["train", "--epochs", "2", "--no-seconds"]
    assert inside("rerun", f"a.{ending}", "-o", f"b.{ending}", "-q").code == 0
    assert (here / f"a.{ending}").read_bytes() == (here / f"b.{ending}").read_bytes()


def test_what_is_of_no_consequence_and_where_files_are_is_not_told(inside, here, undrawn):
    (here / "there").mkdir()
    (here / "there" / "my.py").write_text("def f(x, y):\n    return x**2 + y**2\n")
    with pytest.MonkeyPatch.context() as patch:
        made = []
        patch.setattr("optviz.drawing.draw", lambda *given, **how: made.append(json.loads(document())) or [])
        typed = f"animate {here}/there/my.py:f --optimizers adam -q --no-progress -v -o {here}/a.gif"
        assert inside(*typed.split()).code == 0
        assert inside("train", "--dataset", "/home/me/digits", "-j", "2", "--resume", "-o", "a.png").code in (0, 101)
    assert made[0]["command"] == ["animate", "my.py:f", "--optimizers", "adam"]
    assert not made[1:] or made[1]["command"] == ["train", "--dataset", "./digits"]


def document():
    from optviz.writers import provenance

    return provenance.document()


def test_another_file_and_another_format(inside, here, asked):
    png(here / "a.png", ["animate", "saddle"])
    before = (here / "a.png").read_bytes()
    assert inside("rerun", "a.png", "-o", "b.json").out == "b.json\n"
    assert inside("rerun", "a.png", "-o", "-", "--format", "json").out == (here / "b.json").read_text()
    assert (here / "a.png").read_bytes() == before
    assert inside("rerun", "a.png", "-o", "a.png", "-q").out == "a.png\n"  # who names it means it
    assert (here / "a.png").read_bytes() != before
    for more in (["-o", "b.png", "-o", "c.png"], ["-o", "b.gfi"], ["-o", "-", "--format", "gfi"], ["--format", "png"]):
        done = inside("rerun", "a.png", *more)
        assert (done.code, done.out) == (2, "")


def test_a_picture_of_a_saved_result_is_what_the_command_draws(inside, here):
    assert inside("basins", "saddle", "--resolution", "4", *SMALL.split()[:-3], "-q", "-o", "r.npz").code == 0
    assert inside("draw", "r.npz", "-o", "d.png", "--picture", "values").code == 0
    assert reading.read("d.png")["command"] == [*reading.read("r.npz")["command"], "--picture", "values"]
    assert inside("rerun", "d.png", "-o", "e.png", "-q").out == "e.png\n"
    assert (here / "d.png").read_bytes() == (here / "e.png").read_bytes()


def test_a_file_beside_is_not_replaced(inside, here):
    """The last frame of an animation is made with the animation."""
    assert inside("animate", "saddle", *SMALL.split(), "--frames", "2", "-o", "a.gif").code == 0
    (here / "keep.gif").write_text("KEEP")
    done = inside("rerun", "a.png", "-o", "keep.png")
    assert (done.code, done.out) == (2, "") and "keep.gif, which is there already" in done.err
    assert (here / "keep.gif").read_text() == "KEEP" and not (here / "keep.png").exists()


def test_several_pictures_are_no_file(inside, here):
    png(here / "a.png", ["plot", "saddle", "--picture", "race,convergence"])
    (here / "o-race.png").write_text("KEEP")
    assert inside("rerun", "a.png", "-o", "o.png").code == 1
    assert (here / "o-race.png").read_text() == "KEEP"


@pytest.mark.parametrize("typed", [["--frames", "3"], ["--frames=3", "--fps", "20"]])
def test_a_still_picture_of_a_moving_one(inside, here, typed):
    png(here / "a.png", ["animate", "saddle", "--optimizers", "sgd", "--steps", "9", "--lr", "0.01", *typed])
    assert inside("rerun", "a.png", "-o", "b.svg", "-q").out == "b.svg\n"
    assert not {"--frames", "--frames=3", "--fps"} & set(reading.read("b.svg")["command"])


def test_a_formula_on_two_lines(inside, here):
    typed = "x**2\n\t+ y**2"
    assert inside("animate", *SMALL.split(), "-o", "a.json", "--", typed).code == 0
    assert inside("rerun", "a.json", "-o", "b.json", "-q").code == 0
    assert (here / "a.json").read_bytes() == (here / "b.json").read_bytes()


def test_files_of_a_gallery_say_so(inside, here):
    assert inside("gallery", "g", "--only", "saddle", "-q").code == 0
    for name in ("index.html", "README.md", "saddle.webp"):
        done = inside("rerun", f"g/{name}")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"error: g/{name} belongs to a gallery\n") and "optviz gallery" in done.err


@pytest.mark.parametrize("look", [["--theme", "light"], ["--size", "480x360"], ["--frames", "9"]])
def test_a_result_that_was_to_look_otherwise_is_drawn_from_there(inside, here, asked, look):
    assert inside("animate", "saddle", *look, "-o", "r.npz", "-o", "r.gif", "-q").code == 0
    assert inside("draw", "r.npz", "-o", "d.svg").code == 0
    assert reading.read("d.svg")["command"] == ["draw", "r.npz"]


def test_a_picture_of_a_saved_result_is_drawn_from_there(inside, here, asked):
    for folder in (".", str(here)):
        assert inside("animate", "saddle", "-o", "r.npz", "-q").code == 0
        assert inside("draw", f"{folder}/r.npz", "-o", "d.png", "--theme", "light").code == 0
        done = inside("rerun", "d.png")
        assert (done.code, done.out) == (1, "")
        assert "drawn from a saved result\nDraw it again from there: optviz draw r.npz --theme light -o" in done.err


def test_what_was_written_from_python_has_no_command(inside, here):
    writers.write("a.json", RESULTS["animate"])
    done = inside("rerun", "a.json")
    assert (done.code, done.err.count("\n")) == (1, 2) and "written from Python" in done.err


HOSTILE = [
    (["rm", "-rf", "/"], "names a command that makes no such file"),
    (["rerun", "a.png"], "names a command that makes no such file"),
    (["gallery", "/tmp/x"], "belongs to a gallery"),
    (["cache", "clear"], "names a command that makes no such file"),
    (["new", "function", "x"], "names a command that makes no such file"),
    (["--install-completion"], "names a command that makes no such file"),
    (["animate", "saddle", "-o", "/etc/passwd"], "names an option that no such file has"),
    (["animate", "saddle", "--output=../x.png"], "names an option that no such file has"),
    (["animate", "saddle", "-qo/tmp/x.png"], "names an option that no such file has"),
    (["animate", "saddle", "--json"], "names an option that no such file has"),
    (["animate", "--help"], "names an option that no such file has"),
    (["train", "--engine", "dask=tcp://evil:1"], "names an option that no such file has"),
    (["train", "--resume"], "names an option that no such file has"),
    (["train", "--dataset", "/home/me/secret"], "was made with images in a folder"),
    (["train", "--dataset=..\\secret"], "was made with images in a folder"),
    (["animate", "evil.py:f"], "was made with code in a file"),
    (["animate", "saddle", "--optimizers", "adam,evil.py:f(lr=1)"], "was made with code in a file"),
    (["animate", "torch:os.system"], "was made with code in a file"),
    (["study", "--functions", "sphere", "--functions", "evil.py:f"], "was made with code in a file"),
    (["sweep", "saddle", "--optimizer", "evil.py:f"], "was made with code in a file"),
    (["draw", "r.npz"], "was drawn from a saved result"),
    (["animate", "saddle", "two"], "too many words"),
    (["animate", "saddle", "--nothing"], "cannot be understood"),
    (["animate", "saddle", "--lr"], "cannot be understood"),
    (["animate; touch x"], "names a command that makes no such file"),
    (["animate", "$(touch x)"], None),
    (["animate", "__import__('os').system('touch x')"], None),
    (["animate", "saddle", "--steps", "1e9"], None),
    (["animate", "saddle", "--size", "99999x99999"], None),
]


@pytest.mark.parametrize(("command", "words"), HOSTILE, ids=[" ".join(command) for command, _ in HOSTILE])
def test_a_command_that_could_do_harm_is_refused(inside, here, monkeypatch, command, words):
    (here / "evil.py").write_text("open('x', 'w')\ndef f(x, y):\n    return x\n")
    path = png(here / "a.png", command)
    before = sorted(here.iterdir())
    done = inside("rerun", path)
    assert done.out == "" and "Traceback" not in done.err
    if words:
        assert done.code == 1 and words in done.err and done.err.startswith(f"error: {path}")
    else:
        assert done.code in (1, 2) and done.err.startswith(f"$ {shlex.join(['optviz', *command])}\nerror: ")
    assert sorted(here.iterdir()) == before


def test_no_option_of_a_command_is_overlooked():
    """Whoever adds an option that reads or writes must say so in `optviz.cli._typed` or `optviz.cli.rerun`."""
    from tests.cli.test_options import described

    harmless = set(
        "function functions rule optimizer optimizers start first starts bounds set minimum instance resolution steps "
        "frames tolerance targets noise lr defaults seed device x y picture theme size fps highlight show view camera "
        "network hidden activation dropout dataset groups epochs batch_size seeds tune tuning_epochs target "
        "no_seconds by gap".split()
    )
    from optviz.cli._typed import UNSEEN

    for name in RUN:
        assert name in COMMANDS and described(name).keys() <= harmless | {*UNSEEN}, name


def test_the_interface_is_told_nothing_of_the_command_before():
    with commanded(["animate", "saddle"]):
        pass
    assert json.loads(document())["command"] is None

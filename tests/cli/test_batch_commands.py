"""``basins``, ``sweep``, ``swarm`` and ``study``: what is typed reaches the run, what it gives is told and written."""

import os
from dataclasses import replace

import numpy as np
import pytest

import optviz
from optviz import drawing
from optviz.errors import OptvizError, UsageError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import SEVEN, members
from tests.cli import batch_results
from tests.cli.batch_results import ALL, BASINS, RESULTS, STUDY, SWARM, SWEEP
from tests.cli.test_bad_input import refused

# What is typed and what the run is asked for.

SHARED = {"noise": None, "defaults": "torch", "seed": 0, "threads": None, "device": "cpu"}
TYPED = [
    "--noise", "gaussian:0.1", "--defaults", "keras", "--seed", "5", "--threads", "2", "--steps", "40",
]  # fmt: skip
READ = {"noise": "gaussian:0.1", "defaults": "keras", "seed": 5, "threads": 2, "device": "cpu", "steps": 40}


def test_basins_asks_for_one_start_per_pixel(inside, undrawn):
    view = FUNCTIONS["saddle"].view
    assert inside(*BASINS).code == 0
    arguments, options = undrawn["basins"]
    assert arguments == ("saddle",)
    assert options.pop("resolution") == drawing.basins_pixels(7, view)
    usual = {"optimizers": list(SEVEN), "bounds": None, "steps": 300, "tolerance": 1e-4, "lr": None}
    assert options == SHARED | usual
    assert inside(*BASINS, "--optimizers", "sgd,adam", "--size", "1600x900").code == 0
    assert undrawn["basins"][1]["resolution"] == drawing.basins_pixels(2, view, (1600, 900))
    assert inside(*BASINS, "--bounds", "0:2,0:1").code == 0
    width, height = undrawn["basins"][1]["resolution"]
    assert abs(width - 2 * height) <= 2


def test_what_is_typed_for_basins(inside, undrawn):
    typed = ["--bounds", "-1:0,0.5:1", "--resolution", "40x30", "--tolerance", "0.01", "--lr", "0.1", *TYPED]
    assert inside(*BASINS, "--optimizers", "adam", "--optimizers", "sgd", *typed).code == 0
    assert undrawn["basins"][1] == READ | {
        "optimizers": ["adam", "sgd"],
        "bounds": ((-1.0, 0.0), (0.5, 1.0)),
        "resolution": (40, 30),
        "tolerance": 0.01,
        "lr": 0.1,
    }
    assert inside(*BASINS, "--optimizers", "all", "--lr", "0.1", "--lr", "adam=1").code == 0
    assert undrawn["basins"][1]["optimizers"] == members("@all")
    rated = [name for name in members("@all") if "lr" in OPTIMIZERS[name].hyperparameters]
    assert undrawn["basins"][1]["lr"] == dict.fromkeys(rated, 0.1) | {"adam": 1.0} and "cocob" not in rated


def test_what_is_typed_for_a_sweep(inside, undrawn):
    assert inside(*SWEEP, "--resolution", "8", *TYPED).code == 0
    arguments, options = undrawn["sweep"]
    assert arguments[:2] == ("rosenbrock", "momentum")
    assert [axis[0] for axis in arguments[2:]] == ["lr", "momentum"]
    assert options == READ | {"start": None, "tolerance": 1e-4}
    typed = ["--x", "beta1=0:0.9:linear", "--y", "beta2=0.9:0.9999:log(1-b)", "--set", "lr=0.1", "--start", "-1,2"]
    assert inside(*SWEEP, "--optimizer", "adam", "--resolution", "8x9", *typed).code == 0
    assert undrawn["sweep"] == (
        ("rosenbrock", "adam", ("beta1", 0.0, 0.9, 8, "linear"), ("beta2", 0.9, 0.9999, 9, "log(1-b)")),
        SHARED | {"start": (-1.0, 2.0), "steps": 1000, "tolerance": 1e-4, "lr": 0.1},
    )
    assert inside(*SWEEP, "--resolution", "8", "--x", "lr=0.1:0.2", "--y", "momentum=0:0.5").code == 0
    assert undrawn["sweep"][0][2:] == (("lr", 0.1, 0.2, 8), ("momentum", 0.0, 0.5, 8))


def test_a_sweep_asks_for_one_run_per_pixel(inside, undrawn):
    ends = ["--x", "lr=0.1:0.2", "--y", "momentum=0:0.5"]
    for size, typed in ((None, []), ((1200, 700), ["--size", "1200x700"])):
        assert inside(*SWEEP, *ends, *typed).code == 0
        assert tuple(axis[3] for axis in undrawn["sweep"][0][2:]) == drawing.sweep_pixels(size)


@pytest.mark.parametrize(
    ("optimizer", "x", "second"),
    [
        ("nesterov", "lr", "momentum"),
        ("adam", "lr", "beta1"),
        ("adadelta", "lr", "rho"),
        ("momentum", "momentum", "lr"),
    ],
)
def test_the_other_axis_is_what_tells_most(inside, undrawn, optimizer, x, second):
    assert inside(*SWEEP, "--optimizer", optimizer, "--x", x, "--resolution", "4").code == 0
    assert undrawn["sweep"][0][3][0] == second


def test_what_is_typed_for_a_swarm(inside, undrawn):
    assert inside(*SWARM).code == 0
    usual = {"optimizers": ["adam"], "starts": 3136, "bounds": None, "frames": 100, "tolerance": 1e-4, "lr": None}
    assert undrawn["swarm"] == (("saddle",), SHARED | usual | {"steps": 300})
    typed = ["--starts", "9", "--frames", "7", "--bounds", "0:1,0:2", "--lr", "adam=0.1", "--tolerance", "1", *TYPED]
    assert inside(*SWARM, "--optimizers", "sgd,adam", *typed).code == 0
    wanted = {"starts": 9, "frames": 7, "bounds": ((0.0, 1.0), (0.0, 2.0)), "lr": {"adam": 0.1}, "tolerance": 1.0}
    assert undrawn["swarm"][1] == READ | wanted | {"optimizers": ["sgd", "adam"]}


def test_what_is_typed_for_a_study(inside, undrawn):
    plane = [unit.name for unit in FUNCTIONS if unit.dimension is None]
    usual = {"starts": 100, "steps": 1000, "lr": None, "targets": "kept", "by": "steps"}
    for typed, optimizers in (([], [*SEVEN]), (["--functions", "all", "--optimizers", "all"], members("@all"))):
        assert inside(*STUDY, *typed).code == 0
        assert undrawn["study"] == ((plane,), SHARED | usual | {"optimizers": optimizers})
    assert inside(*STUDY, "--functions", "booth,sphere", "--optimizers", "sgd", "--starts", "3", *TYPED).code == 0
    some = {"optimizers": ["sgd"], "starts": 3, "lr": None, "targets": "kept", "by": "steps"}
    assert undrawn["study"] == ((["booth", "sphere"],), READ | some)


# What is told.


def test_basins_and_swarms_tell_where_runs_end(inside, undrawn):
    done = inside(*BASINS)
    assert (done.code, done.out) == (0, "saddle-basins.png\n")
    title, *heads, _, sgd, adam, provenance, more, empty = done.err.splitlines()
    assert title == "Saddle: 4 × 3 starts, 20 steps"
    assert [" ".join(line.split()) for line in heads] == [
        "% median % % end at % end at",
        "optimizer lr arrived steps diverged (0, 1) (0, -1)",
    ]
    assert sgd.split() == ["SGD", "0.01", "75.0", "16", "16.7", "41.7", "33.3"]
    assert adam.split() == ["Adam", "0.5", "91.7", "15", "0.0", "50.0", "41.7"]
    assert provenance.startswith("learning rates: the rate with the largest share of 256 starts that arrives, then")
    assert more.endswith("seed 7")
    assert empty == ""
    swarm = inside(*SWARM)
    assert swarm.err.splitlines()[0] == "Saddle: 12 starts, 20 steps"
    assert "0.5     91.7" in swarm.err
    assert swarm.out == "saddle-swarm.gif\n"


def test_a_sweep_tells_the_best_robust_pair_and_theory(inside, undrawn, monkeypatch):
    assert inside(*SWEEP).err.splitlines() == [
        "best robust pair        lr 0.01, momentum 0.45: 15 steps, at most 20 within 1 pixels",
        "arrive                  75.0 % of the pairs",
        "not within 1,000 steps  8.3 %",
        "diverge                 16.7 %",
        "theory                  stable below lr = 2 (1 + momentum) / L",
    ]
    aside = replace(
        batch_results.sweep(),
        theory=tuple(replace(one, points=one.points * 1e6) for one in batch_results.sweep().theory),
    )
    monkeypatch.setitem(RESULTS, "sweep", aside)
    assert "theory                  stable below lr = 2 (1 + momentum) / L (outside the map)\n" in inside(*SWEEP).err
    monkeypatch.setitem(RESULTS, "sweep", batch_results.sweep(best=False))
    assert "best robust pair        none: no pair arrives with all its neighbours\n" in inside(*SWEEP).err


def test_a_study_tells_its_tables(inside, undrawn):
    from optviz.results.study_tables import study_tables

    done = inside(*STUDY)
    assert (done.code, done.out) == (0, "study.png\n")
    for table in study_tables(RESULTS["study"]):
        assert table.title in done.err
        assert all(all(cell in done.err for cell in row) for row in table.rows)


# What is written.

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF", "json": b"{", "npz": b"PK", "gif": b"GIF89a"}
MAGIC |= {"csv": b"", "md": b""}
ENDINGS = {
    "basins": ("png", "svg", "pdf", "json", "npz"),
    "sweep": ("png", "svg", "pdf", "json", "npz"),
    "swarm": ("gif", "svg", "pdf", "json", "npz"),
    "study": ("png", "svg", "pdf", "csv", "md", "json", "npz"),
}


@pytest.mark.slow
@pytest.mark.parametrize("command", ALL)
def test_every_ending_is_written_the_same_twice_and_drawn_again(inside, asked, here, command):
    contents = []
    for stem in ("one", "two"):
        names = [f"{stem}.{ending}" for ending in ENDINGS[command]]
        done = inside(*ALL[command], "-q", *(part for name in names for part in ("-o", name)))
        assert done.code == 0, done.err
        written = done.out.splitlines()
        assert written == [name for name in names for name in ([name, f"{stem}.png"] if "gif" in name else [name])]
        contents.append({name.removeprefix(stem): (here / name).read_bytes() for name in written})
    assert contents[0] == contents[1]
    for ending, content in contents[0].items():
        assert len(content) > 100 and content.startswith(MAGIC[ending[1:]])
    assert type(optviz.load(here / "one.npz")) is type(RESULTS[command])
    drawn = [ending for ending in contents[0] if ending != ".npz"]
    done = inside(
        "draw", "one.npz", *(part for ending in drawn if ending != ".png" for part in ("-o", f"again{ending}"))
    )
    assert done.code == 0, done.err
    for name in done.out.split():
        assert (here / name).read_bytes() == contents[0][name.removeprefix("again")], name


@pytest.mark.parametrize("command", ALL)
def test_no_file_is_replaced_that_nobody_named(inside, asked, here, command):
    files = [inside(*ALL[command]).out.splitlines() for _ in range(2)]
    assert not set(files[0]) & set(files[1])
    assert sorted(files[0] + files[1]) == sorted(os.listdir(here))


@pytest.mark.slow
def test_several_pictures_go_to_files_of_their_own(inside, asked, here):
    for line, names in ((BASINS, ("basins", "values")), (STUDY, ("study", "functions"))):
        stem = "saddle" if line is BASINS else "study"
        done = inside(*line, "--picture", ",".join(names))
        assert done.out.splitlines() == [f"{stem}-{name}.png" for name in names]
        done = inside(*line, "--picture", ",".join(names), "-o", "a.svg", "-o", "a.npz")
        assert done.out.splitlines() == [*(f"a-{name}.svg" for name in names), "a.npz"]
        one, other = ((here / f"a-{name}.svg").read_bytes() for name in names)
        assert one != other


@pytest.mark.parametrize("command", ALL)
def test_theme_and_size_are_heard(inside, asked, here, command):
    from PIL import Image

    assert inside(*ALL[command], "-o", "a.png", "--size", "960x720", "--theme", "light").code == 0
    assert inside(*ALL[command], "-o", "b.png").code == 0
    with Image.open(here / "a.png") as light, Image.open(here / "b.png") as dark:
        assert light.size == (960, 720)
        corners = [np.mean(picture.convert("L").getpixel((2, 2))) for picture in (light, dark)]
    assert corners[0] > 200 > 100 > corners[1]


# For real.

SMALL = {
    "basins": [*BASINS, "--optimizers", "sgd,adam", "--resolution", "40x30", "--steps", "60"],
    "sweep": [*SWEEP, "--resolution", "40x30", "--steps", "100"],
    "swarm": [*SWARM, "--starts", "100", "--frames", "5", "--steps", "60", "--noise", "gaussian:0.1"],
    "study": [*STUDY, "--functions", "sphere,booth", "--optimizers", "sgd,adam", "--starts", "10", "--steps", "60"],
}


@pytest.mark.slow
@pytest.mark.parametrize("command", ALL)
def test_one_thread_or_two_a_warm_or_a_cold_cache_give_the_same_bytes(outside, here, command):
    digests = []
    for stem, jobs, variables in (("one", 1, {}), ("two", 2, {"OPTVIZ_CACHE_DIR": str(here / "cold")})):
        names = [f"{stem}.{ending}" for ending in ENDINGS[command]]
        outputs = [part for name in names for part in ("-o", name)]
        done = outside(*SMALL[command], "--threads", jobs, *outputs, **variables)
        assert done.returncode == 0, done.stderr
        assert all(line.startswith(stem) for line in done.stdout.splitlines())
        digests.append([done.stderr, {path.suffix: path.read_bytes() for path in here.glob(f"{stem}.*")}])
    assert digests[0] == digests[1]
    assert len(digests[0][1]) >= len(ENDINGS[command])


@pytest.mark.slow
def test_more_than_memory_holds_is_refused_with_its_size(inside):
    for line in (BASINS, SWEEP):
        done = inside(*line, "--resolution", "999999")
        refused(done)
        assert "999,999 x 999,999" in done.err and "GB" in done.err


# What goes wrong.


@pytest.mark.parametrize("command", ALL)
def test_numbers_are_told_whatever_becomes_of_the_files(inside, asked, here, monkeypatch, command):
    def refuse(*arguments, **options):
        raise OptvizError("cannot write a.png: no space left", "Free some.")

    told = inside(*ALL[command]).err
    for file in here.iterdir():
        file.unlink()
    monkeypatch.setattr("optviz.writers.write", refuse)
    done = inside(*ALL[command])
    assert (done.code, done.out) == (1, "")
    assert done.err == told + "error: cannot write a.png: no space left\nFree some.\n"
    assert os.listdir(here) == []


@pytest.mark.parametrize("command", ALL)
def test_ctrl_c_leaves_nothing_behind(inside, here, monkeypatch, command):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"optviz.runs.points.{command}.{command}", interrupt)
    monkeypatch.setattr("signal.signal", lambda *arguments: None)
    done = inside(*ALL[command])
    assert (done.code, done.out, done.err) == (130, "", "")
    assert os.listdir(here) == []


@pytest.mark.parametrize("command", ALL)
def test_what_a_run_refuses_is_refused(inside, monkeypatch, command):
    def refuse(*arguments, **options):
        raise UsageError("1000000 x 1000000 runs take 42 TB", "Ask for fewer.")

    monkeypatch.setattr(f"optviz.runs.points.{command}.{command}", refuse)
    refused(inside(*ALL[command]))

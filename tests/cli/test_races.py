"""``animate`` and ``plot``, end to end."""

import hashlib
import json
import os

import numpy as np
import pytest
from PIL import Image

import optviz
from optviz.writers.provenance import commanded

pytestmark = pytest.mark.slow
FAST = ["--optimizers", "sgd,adam", "--lr", "0.05", "--steps", "60"]


def test_animate_as_in_the_readme(outside, here):
    done = outside("animate", "rosenbrock")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["rosenbrock.gif", "rosenbrock.png"]
    assert "Traceback" not in done.stderr
    assert [name in done.stderr for name in ("SGD", "Adam", "tuned")] == [True] * 3
    assert (here / "rosenbrock.gif").stat().st_size <= 2_000_000
    with Image.open(here / "rosenbrock.gif") as animation:
        assert animation.size == (800, 600)
        animation.seek(animation.n_frames - 1)
        last = np.asarray(animation.convert("RGB"), float)
    with Image.open(here / "rosenbrock.png") as picture:
        still = np.asarray(picture.convert("RGB"), float)
    assert 10 * np.log10(255**2 / np.mean((last - still) ** 2)) >= 45

    again = outside("animate", "rosenbrock", "--quiet")
    assert again.stdout.splitlines() == ["rosenbrock-2.gif", "rosenbrock-2.png"]  # nobody named the first one
    assert again.stderr == ""
    for ending in ("gif", "png"):  # another process, a warm cache: the same bytes
        assert (here / f"rosenbrock-2.{ending}").read_bytes() == (here / f"rosenbrock.{ending}").read_bytes()


def test_animate_writes_every_format_in_one_run(outside, here):
    names = [f"race.{ending}" for ending in ("gif", "svg", "pdf", "json", "npz")]
    done = outside("animate", "himmelblau", *FAST, "--json", *(part for name in names for part in ("-o", name)))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document == json.loads((here / "race.json").read_text())
    assert (document["schema"], document["function"], document["steps"], document["seed"]) == (1, "himmelblau", 60, 0)
    assert sorted(os.listdir(here)) == sorted(["race.png", *names])
    sgd, adam = document["runs"]
    assert sgd["optimizer"] == "sgd"
    assert sgd["rate"] == "given"
    assert sgd["hyperparameters"] == {"lr": 0.05}
    assert sgd["diverged_at"] is not None
    assert adam["diverged_at"] is None
    assert adam["final_value"] < 100
    race = optviz.load(here / "race.npz")
    for run, kept in zip(document["runs"], race.trajectories, strict=True):
        assert np.allclose(np.array(run["points"], float), kept.points, equal_nan=True)
    with commanded(document["made"]["command"]):
        optviz.draw(race, here / "again.svg")
    assert (here / "again.svg").read_bytes() == (here / "race.svg").read_bytes()


def test_plot_draws_the_end_and_the_curves(outside, here):
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    done = outside("plot", "ackley", *FAST, *(part for ending in starts for part in ("-o", f"ackley.{ending}")))
    assert done.returncode == 0, done.stderr
    names = [f"ackley{what}.{ending}" for what in ("", "-convergence") for ending in starts]
    assert done.stdout.splitlines() == names
    contents = {name: (here / name).read_bytes() for name in names}
    assert len(set(contents.values())) == 6
    assert all(content.startswith(starts[name[-3:]]) for name, content in contents.items())


def test_a_race_is_drawn_where_nothing_can_be_kept(outside, here):
    """No home, no matplotlib folder, no cache: it works, with at most one line on standard error."""
    here.joinpath("closed").write_text("a file where folders are wanted")
    closed = str(here / "closed" / "below")
    done = outside(
        "animate", "sphere", *FAST, "--quiet",
        HOME=closed, XDG_CACHE_HOME=closed, XDG_CONFIG_HOME=closed, OPTVIZ_CACHE_DIR=closed, MPLCONFIGDIR=None,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) <= 1, done.stderr
    assert done.stdout.splitlines() == ["sphere.gif", "sphere.png"]


def test_one_job_or_two_a_warm_or_a_cold_cache_give_the_same_pictures(outside, here):
    only = ["--only", "sphere,booth", "--quiet"]
    digests = []
    for folder, jobs, variables in (("one", 1, {}), ("two", 2, {"OPTVIZ_CACHE_DIR": str(here / "cold")})):
        done = outside("gallery", folder, *only, "--jobs", jobs, **variables)
        assert done.returncode == 0, done.stderr
        assert sorted(done.stdout.split()) == sorted(str(path.relative_to(here)) for path in (here / folder).iterdir())
        files = sorted((here / folder).iterdir())
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
    assert digests[0] == digests[1]
    pages = {"README.md", "explorer.html", "index.html", "pictures.json"}
    assert set(digests[0]) == pages | {
        f"{name}.{kind}" for name in ("booth", "sphere") for kind in ("gif", "png", "webp")
    }

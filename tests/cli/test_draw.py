"""``draw``: what was saved is drawn again, and nothing else happens."""

import dataclasses

import numpy as np
import pytest

from optviz import results
from tests.cli.batch_results import swarm
from tests.figures.basin_results import basin_map, basins
from tests.figures.planes import comparison as with_plane
from tests.figures.races import calm


@pytest.fixture
def saved(here):
    results.save("race.npz", calm())
    results.save("mnist.npz", with_plane())
    results.save("runs.npz", swarm().runs[0])
    results.save("lost.npz", dataclasses.replace(calm(["adam"]), rates={}))
    results.save("torn.npz", dataclasses.replace(swarm(), minima=np.zeros(7)))
    (here / "folder.npz").mkdir()
    return here


def test_a_comparison_is_drawn_again(inside, saved):
    done = inside("draw", "mnist.npz", "--picture", "curves,plane", "-o", "a.png", "-o", "a.csv", "--theme", "light")
    assert (done.code, done.err) == (0, "")
    assert done.out.split() == ["a-curves.png", "a-plane.png", "a.csv"]
    assert all((saved / name).stat().st_size > 100 for name in done.out.split())


def test_pages_of_several_pictures_are_files_of_their_own(inside, saved):
    results.save("basins.npz", basins([basin_map(16)]))
    done = inside("draw", "basins.npz", "--picture", "basins,values", "-o", "a.html")
    assert (done.code, done.err, done.out.split()) == (0, "", ["a-basins.html", "a-values.html"])
    assert "the value that each optimizer reaches" in (saved / "a-values.html").read_text("utf-8")
    done = inside("draw", "race.npz", "--picture", "convergence", "-o", "b.html")
    assert done.code == 2 and "--picture stands without a picture" in done.err


def test_a_race_is_drawn_again_and_is_the_same(inside, saved):
    for name in ("a.png", "b.png"):
        assert inside("draw", "race.npz", "--picture", "convergence", "-o", name).code == 0
    assert (saved / "a.png").read_bytes() == (saved / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.npz", "-o", "a.png"], 1, "cannot read the result none.npz: No such file or directory"),
        (["folder.npz", "-o", "a.png"], 1, "cannot read the result folder.npz: it is not a regular file"),
        (["lost.npz", "-o", "a.png"], 1, "lost.npz: of its Race it is not true that each trajectory has a rate"),
        (["torn.npz", "-o", "a.png"], 1, "torn.npz: minima of its Swarm has 7 where 2 belong"),
        (["race.npz", "--picture", "plane", "-o", "a.png"], 2, "unknown picture 'plane'"),
        (["mnist.npz", "--picture", "rates", "-o", "a.png"], 2, "this comparison was not tuned"),
        (["mnist.npz", "-o", "a.gfi"], 2, "cannot write a.gfi: unknown ending '.gfi'"),
        (
            ["runs.npz", "-o", "a.png"],
            2,
            "cannot draw a SwarmRun. Give a result of race, train, basins",
        ),
        (["race.npz", "-o", "./race.npz"], 2, "race.npz is what is drawn"),
        (["mnist.npz", "--picture", "plane,plane", "-o", "a.png"], 2, "--picture names 'plane' twice"),
    ],
)
def test_what_cannot_be_drawn_is_refused(inside, saved, arguments, code, message):
    before = {path: path.read_bytes() for path in saved.glob("*.*") if path.is_file()}
    done = inside("draw", *arguments)
    assert done.code == code
    assert message in done.err
    assert {path: path.read_bytes() for path in saved.glob("*.*") if path.is_file()} == before

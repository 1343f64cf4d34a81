"""``--view`` and ``--camera``: what they pass on, and where they are refused."""

import json

import pytest

from optviz import results
from tests.cli.batch_results import swarm
from tests.figures.races import calm


@pytest.fixture
def saved(here):
    results.save("race.npz", calm(steps=5))
    results.save("swarm.npz", swarm())
    return here


LINE = ["draw", "race.npz", "--view", "3d"]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_race_is_drawn_as_a_surface(inside, saved, ending):
    for name in ("a", "b"):
        assert inside(*LINE, "-o", f"{name}.{ending}").code == 0
    assert inside("draw", "race.npz", "--view", "2d", "-o", f"flat.{ending}").code == 0
    one, two, flat = ((saved / f"{name}.{ending}").read_bytes() for name in ("a", "b", "flat"))
    assert one == two != flat


def test_the_camera_is_kept_in_the_file(inside, saved):
    from PIL import Image

    assert inside(*LINE, "--camera", "-120,50,0.4", "-o", "a.png").code == 0
    with Image.open(saved / "a.png") as picture:
        facts = json.loads(next(text for text in picture.info.values() if str(text).startswith("{")))
    facts = facts["facts"]
    assert facts["view"] == "3d" and facts["camera"] == [-120, 50, 0.4]


def test_what_is_passed_on(inside, saved, monkeypatch):
    looks = []
    monkeypatch.setattr("optviz.drawing.draw", lambda result, *files, **look: looks.append(look) or list(files))
    assert inside(*LINE, "--camera=-60,46", "--picture", "race,convergence", "-o", "a.png").code == 0
    assert [(look["view"], look["camera"]) for look in looks] == [("3d", (-60.0, 46.0))] * 2
    assert inside("draw", "race.npz", "-o", "a.png").code == 0 and "view" not in looks[-1]


CAMERA = "is no camera. Give azimuth (-360 to 360 degrees), elevation (10 to 90 degrees)"
REFUSED = [
    *(([*LINE, f"--camera={text}", "-o", "a.png"], f"--camera: '{text}' {CAMERA}") for text in (
        "nan,46", "-60,inf", "-60,99", "-60,0", "-60,46,9", "-60,46,0", "1e9,46", "-60", "-60,46,1,1", "north,46", "",
    )),
    (["draw", "race.npz", "--camera", "-60,46", "-o", "a.png"], "--camera stands without a surface to see"),
    (["draw", "race.npz", "--view", "2d", "--camera", "-60,46", "-o", "a.png"], "--camera stands without a surface"),
    ([*LINE, "-o", "b.npz"], "--view stands without a picture of a race to write"),
    ([*LINE, "--json"], "--view stands without a picture of a race to write"),
    ([*LINE, "--picture", "convergence", "-o", "a.png"], "--view stands without a picture of a race to write"),
    (["draw", "swarm.npz", "--view", "3d", "-o", "a.png"], "--view stands without a picture of a race to write"),
    (["draw", "race.npz", "--view", "solid", "-o", "a.png"], "--view: unknown value 'solid'. Choose from: 2d, 3d"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_what_is_refused_is_refused_in_one_line_and_nothing_is_written(inside, saved, line, said):
    done = inside(*line)
    assert (done.code, done.out) == (2, "") and done.err.startswith(f"error: {said}"), done.err
    assert done.err.count("\n") == 1 and not list(saved.glob("a.*"))


@pytest.mark.parametrize("command", ["animate", "plot"])
def test_a_race_is_not_run_where_its_view_is_refused(inside, monkeypatch, command):
    monkeypatch.setattr("optviz.runs.points.race.race", lambda *args, **more: pytest.fail("it runs"))
    assert inside(command, "sphere", "--camera", "-60,46").code == 2
    assert inside(command, "sphere", "--view", "3d", "--camera", "0,0").code == 2

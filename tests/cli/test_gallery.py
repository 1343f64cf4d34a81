"""``gallery``: each picture is what its own command writes, and the page shows what is there."""

import inspect
import shlex
from pathlib import Path

import pytest

from optviz import gallery
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import expanded
from optviz.gallery import PICTURES, write_gallery
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.runs.points.basins import basins
from optviz.runs.points.study import study
from optviz.runs.points.swarm import swarm
from optviz.runs.points.sweep import sweep

MANY = {"basins": basins, "sweep": sweep, "swarm": swarm, "study": study}


@pytest.fixture
def sketched(here, asked, monkeypatch):
    """Runs and pictures that take no time; the files are there. Gives the theme of each."""
    themes = {}

    def draw(result, *files, theme=None, **look):
        paths = [Path(path) for file in files for path in (file, Path(file).with_suffix(".png"))]
        for path in dict.fromkeys(paths):
            path.write_bytes(b"")
            themes[path.name] = theme
        return list(dict.fromkeys(paths))

    monkeypatch.setattr("optviz.drawing.draw", draw)
    monkeypatch.setattr("optviz.runs.points.race.race", lambda name: name)
    return themes


def meant(run, call):
    """What a run is asked for, whether it is said or left out."""
    arguments, options = call
    asked = inspect.signature(run).bind(*arguments, **options)
    asked.apply_defaults()
    facts = asked.arguments
    facts["defaults"] = facts["defaults"] or "torch"
    for kind, registry in (("functions", FUNCTIONS), ("optimizers", OPTIMIZERS)):
        if kind in facts:
            several = [facts[kind]] if isinstance(facts[kind], str) else facts[kind]
            facts[kind] = registry.names() if several == ["all"] else expanded(several)
    facts["defaults"] = facts["defaults"] or "torch"  # as `configure` reads it
    return facts


@pytest.mark.parametrize("name", MANY)
def test_a_picture_is_asked_for_as_its_own_command_asks(inside, sketched, asked, name):
    (picture,) = PICTURES[name]
    assert inside(*shlex.split(picture.command)).code == 0
    alone = meant(MANY[name], asked.pop(name))
    write_gallery("pictures", only=[name])
    assert meant(MANY[name], asked[name]) == alone
    assert Path(picture.file).exists() and (Path("pictures") / picture.file).exists()


@pytest.mark.parametrize(("theme", "option"), [("dark", ""), ("light", " --theme light")])
def test_the_page_shows_what_is_there_with_its_command(inside, sketched, theme, option):
    done = inside("gallery", "--only", "swarm,sphere", "--only", "basins", "--theme", theme, "--jobs", "1")
    names = ["sphere.gif", "sphere.png", "himmelblau-basins.png", "himmelblau-swarm.gif", "himmelblau-swarm.png"]
    assert done.out.split() == [f"gallery/{name}" for name in (*names, "README.md")]
    assert sketched == dict.fromkeys(names, theme)
    page = Path("gallery/README.md").read_text()
    assert f"[![Sphere](sphere.gif)](sphere.png)<br>`optviz animate sphere{option}`" in page
    for name in ("basins", "swarm"):
        (picture,) = PICTURES[name]
        assert picture.about in page and f"`optviz {picture.command}{option}`" in page
    assert "](himmelblau-swarm.gif)](himmelblau-swarm.png)" in page and "](himmelblau-basins.png)\n" in page
    assert page.index("sphere.gif") < page.index("himmelblau-basins.png") < page.index("himmelblau-swarm.gif")
    assert not any(part in page for part in ("study.png", "sweep.png", "booth", "MNIST"))

    inside("gallery", "--only", "study", "--theme", theme)
    later = Path("gallery/README.md").read_text()
    assert "](study.png)" in later and all(line in later for line in page.splitlines())


def test_without_races_the_page_does_not_speak_of_them(sketched):
    write_gallery("pictures", only=["sweep"])
    page = Path("pictures/README.md").read_text()
    assert "sweep.png" in page and "|" not in page and "race" not in page


def test_ctrl_c_between_pictures_leaves_a_page_of_what_is_finished(inside, sketched, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("optviz.runs.points.swarm.swarm", stop)
    assert inside("gallery", "--only", "basins,swarm,study", "--quiet").code == 130
    assert sorted(path.name for path in Path("gallery").iterdir()) == ["README.md", "himmelblau-basins.png"]
    page = Path("gallery/README.md").read_text()
    assert "basins.png" in page and "swarm" not in page


def test_progress_goes_from_nothing_to_all(sketched):
    told = []
    write_gallery("pictures", only=["sphere", *MANY], jobs=1, progress=lambda *said: told.append(said))
    done, totals, words = zip(*told, strict=True)
    assert set(totals) == {5} and list(done) == sorted(done) and done[-1] == 5 and 1.5 in done
    assert "basins: running" in words and words[-1] == "drew study.png"


def test_every_name_is_known_once_and_suggested(inside):
    plane = [unit.name for unit in FUNCTIONS if unit.dimension is None]
    assert gallery.known() == [*plane, "basins", "sweep", "swarm", "study", "mnist"]
    refused = inside("gallery", "--only", "swram")
    assert refused.code == 2
    assert refused.err == (
        "error: the gallery has no 'swram'. Did you mean 'swarm'? "
        "See: optviz list functions; and basins, sweep, swarm, study, mnist\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_a_picture_has_the_same_bytes_as_its_own_command_writes(outside, here, name):
    (picture,) = PICTURES[name]
    alone = outside(*shlex.split(picture.command), "--quiet", "--theme", "light")
    assert alone.returncode == 0, alone.stderr
    done = outside("gallery", "pictures", "--only", name, "--jobs", 1, "--theme", "light", "--quiet")
    assert done.returncode == 0, done.stderr
    files = [path for path in here.iterdir() if path.is_file()]
    assert {path.name for path in files} == {path.name for path in (here / "pictures").iterdir()} - {"README.md"}
    for path in files:
        assert path.read_bytes() == (here / "pictures" / path.name).read_bytes(), path.name

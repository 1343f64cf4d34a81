"""``gallery``: each picture is what its own command writes, and the page shows what is there."""

import inspect
import json
import shlex
from pathlib import Path

import pytest

from optviz import gallery
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.functions import expanded
from optviz.gallery import making, pages, record, write_gallery
from optviz.gallery.pictures import others
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import SEVEN
from optviz.runs.points.basins import basins
from optviz.runs.points.study import study
from optviz.runs.points.swarm import swarm
from optviz.runs.points.sweep import sweep

MANY = {"basins": basins, "sweep": sweep, "swarm": swarm, "study": study}
PLAIN = [picture for name in MANY for picture in others()[name]]
PAGES = ["pictures.json", "index.html", "README.md"]


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


@pytest.mark.parametrize("picture", PLAIN, ids=lambda picture: picture.file)
def test_a_picture_is_asked_for_as_its_own_command_asks(inside, sketched, asked, picture):
    run, alike = MANY[picture.kind], others()[picture.kind]
    assert inside(*shlex.split(picture.command)).code == 0
    alone = meant(run, asked.pop(picture.kind))
    todo = [(one,) for one in alike if one == picture]
    Path("pictures").mkdir()
    assert [*making.make(todo, Path("pictures"), "dark", None, lambda *said: None)]
    assert meant(run, asked[picture.kind]) == alone
    assert Path(picture.file).exists() and (Path("pictures") / picture.file).exists()


@pytest.mark.parametrize(("theme", "option"), [("dark", ""), ("light", " --theme light")])
def test_the_pages_show_what_is_there_with_its_command(inside, sketched, theme, option):
    done = inside("gallery", "--only", "swarm,sphere", "--only", "study", "--theme", theme, "--jobs", "1")
    names = ["sphere.gif", "sphere.png", "himmelblau-swarm.gif", "himmelblau-swarm.png", "study.png"]
    posters = ["sphere.webp", "himmelblau-swarm.webp", "study.webp"]
    printed = ["explorer.html", *names[:2], posters[0], *names[2:4], posters[1], names[4], posters[2], *PAGES]
    assert done.out.split() == [f"gallery/{name}" for name in printed]
    assert sketched == dict.fromkeys(names, theme)
    page, html = Path("gallery/README.md").read_text(), Path("gallery/index.html").read_text()
    assert f"[![Sphere](sphere.gif)](sphere.png)\n\n`optviz animate sphere{option}`" in page
    assert "[explore](explorer.html#f=sphere)" in page and 'href="explorer.html#f=sphere"' in html
    for picture in (*others()["swarm"], *others()["study"]):
        assert f"`optviz {picture.command}{option}`" in page
        words = " ".join(f"<span>{word}</span>" for word in f"optviz {picture.command}{option}".split())
        assert f"<code>{words}</code>" in html and f'src="{picture.poster}"' in html
    assert "](himmelblau-swarm.gif)](himmelblau-swarm.png)" in page and "](study.png)\n" in page
    assert page.index("sphere.gif") < page.index("himmelblau-swarm.gif") < page.index("study.png")
    assert not any(part in text for part in ("basins.png", "sweep.png", "mnist.png") for text in (page, html))

    inside("gallery", "--only", "sweep", "--theme", theme)
    later = Path("gallery/README.md").read_text()
    assert "](rosenbrock-momentum-sweep.png)" in later and all(line in later for line in page.splitlines())


def test_without_races_the_page_does_not_speak_of_them(sketched):
    write_gallery("pictures", only=["study"])
    page = Path("pictures/README.md").read_text()
    assert "study.png" in page and "|" not in page and "race" not in page


def test_only_what_would_come_out_otherwise_is_drawn_again(sketched, monkeypatch):
    def again(**options):
        return [path.name for path in write_gallery("pictures", only=["sphere", "booth", "study"], jobs=1, **options)]

    booth = ["booth.gif", "booth.png", "booth.webp"]
    assert set(booth) < set(again())
    assert again() == PAGES
    Path("pictures/booth.webp").unlink()
    assert again() == [*booth, *PAGES]
    light = again(theme="light")
    assert len(light) == 3 + 3 + 2 + len(PAGES) and "explorer.html" not in light
    assert again(theme="light") == PAGES
    known = record.code
    monkeypatch.setattr(record, "code", lambda pattern: "edited" if pattern == "*.py" else known(pattern))
    assert len(again(theme="light")) == len(light)
    monkeypatch.setattr(record, "versions", lambda: "numpy 9")
    assert again(theme="light") == ["explorer.html", *light]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 200_000,
        '{"schema": 1, "pictures": {"' + 300 * "a" + '": {}}}',
        '{"schema": 2}',
        '{"schema": 1, "pictures": [1]}',
        "\0",
        '{"schema": 1}',
    ],
)
def test_a_record_that_is_not_understood_costs_a_drawing_and_nothing_else(sketched, text):
    write_gallery("pictures", only=["study"])
    whole = Path("pictures/pictures.json").read_bytes()
    Path("pictures/pictures.json").write_text(text)
    assert "study.png" in {path.name for path in write_gallery("pictures", only=["study"])}
    assert Path("pictures/pictures.json").read_bytes() == whole


def test_ctrl_c_between_pictures_leaves_pages_of_what_is_finished(inside, sketched, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("optviz.runs.points.study.study", stop)
    ended = inside("gallery", "--only", "swarm,study", "--quiet")
    kept = ["himmelblau-swarm.gif", "himmelblau-swarm.png", "himmelblau-swarm.webp"]
    assert ended.code == 130
    assert ended.out.split() == [f"gallery/{name}" for name in ["explorer.html", *kept, *PAGES]]
    assert sorted(path.name for path in Path("gallery").iterdir()) == sorted(["explorer.html", *kept, *PAGES])
    for page in (Path("gallery/README.md").read_text(), Path("gallery/index.html").read_text()):
        assert "himmelblau-swarm.gif" in page and "study.png" not in page
    assert set(record.read(Path("gallery"))) == {"explorer.html", *kept}


def test_what_cannot_be_written_is_refused_before_anything_is_drawn(inside, sketched):
    Path("gallery/study.png").mkdir(parents=True)
    assert inside("gallery", "--only", "study").code == 2
    assert not sketched and [path.name for path in Path("gallery").iterdir()] == ["study.png"]


def test_two_galleries_in_one_folder_keep_what_both_have_made(sketched, monkeypatch):
    def other(*given, **how):
        write_gallery("pictures", only=["swarm"])
        return study(*given, **how)

    monkeypatch.setattr("optviz.runs.points.study.study", other)
    write_gallery("pictures", only=["study"])
    assert {"study.png", "himmelblau-swarm.gif"} <= set(record.read(Path("pictures")))


@pytest.mark.parametrize("rate", ["1" * 400, "NaN", "1e999"])
def test_rates_that_are_none_make_no_race(rate):
    runs = [{"optimizer": name, "hyperparameters": {"lr": 0.1}} for name in SEVEN]
    assert pages._rates({"runs": runs}) == [0.1] * 7
    runs[3]["hyperparameters"]["lr"] = json.loads(rate)
    assert pages._rates({"runs": runs}) == ()


def test_progress_goes_from_nothing_to_all(sketched):
    told = []
    write_gallery("pictures", only=["sphere", *MANY], jobs=1, progress=lambda *said: told.append(said))
    done, totals, words = zip(*told, strict=True)
    assert set(totals) == {8} and list(done) == sorted(done) and done[-1] == 8 and 1.5 in done
    assert "basins: running" in words and words[-1] == "drew study.png"


def test_every_name_is_known_once_and_suggested(inside):
    plane = [unit.name for unit in FUNCTIONS if unit.dimension is None]
    assert gallery.known() == [*plane, "kinds", "surface", "basins", "sweep", "swarm", "study", "explain", "mnist"]
    refused = inside("gallery", "--only", "swram")
    assert refused.code == 2
    assert refused.err == (
        "error: the gallery has no 'swram'. Did you mean 'swarm'? "
        "See: optviz list functions; and kinds, surface, basins, sweep, swarm, study, explain, mnist\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["surface", "sweep", "swarm", "study", "explain"])
def test_a_picture_has_the_same_bytes_as_its_own_command_writes(outside, here, name):
    picture = others()[name][-1]
    given = [] if " -o " in picture.command else ["-o", picture.file]
    alone = outside(*shlex.split(picture.command), *given, "--quiet", "--theme", "light")
    assert alone.returncode == 0, alone.stderr
    done = outside("gallery", "pictures", "--only", name, "--jobs", 1, "--theme", "light", "--quiet")
    assert done.returncode == 0, done.stderr
    files = [path for path in here.iterdir() if path.is_file()]
    assert {path.name for path in files} == {picture.file, picture.still}
    for path in files:
        assert path.read_bytes() == (here / "pictures" / path.name).read_bytes(), path.name

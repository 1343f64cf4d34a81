"""Pictures have the same bytes whatever a user's matplotlibrc, style sheets, environment and locale say."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib
import pytest

from optviz.drawing import PICTURES
from optviz.figures.engine import text
from optviz.figures.engine.canvas import Canvas
from optviz.figures.engine.items import Label
from optviz.style import OURS
from tests.figures import basin_results, races, user_styles

ROOT = Path(__file__).parents[2]
ODD = user_styles.odd()
FEW = [(races.calm(["adam"], 5), ["convergence"]), (basin_results.several(1, 12), ["basins"])]


@pytest.fixture
def odd_settings(monkeypatch):
    """A program in which every parameter is set otherwise."""
    for cached in (text.font, text.advance, text._measured):
        cached.cache_clear()
    before = {name: matplotlib.rcParams._get(name) for name in ODD}
    values = matplotlib.RcParams()
    for name, value in ODD.items():
        if name not in ("text.hinting_factor", "text.kerning_factor"):  # deprecated, and their meaning is gone
            values[name] = value
            matplotlib.rcParams._set(name, values._get(name))
    yield {name: matplotlib.rcParams._get(name) for name in ODD}
    for name, value in before.items():
        matplotlib.rcParams._set(name, value)


def started(folder, code, **environment):
    """What a fresh process prints that runs `code` in a folder."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)


def test_nearly_every_parameter_can_be_changed_and_those_that_pictures_read_are():
    left = {*matplotlib.rcParamsDefault} - {*ODD}
    assert len(left) < 10 and {*user_styles.WINDOWS} <= left
    asked = {"image.origin", "svg.hashsalt", "svg.fonttype", "pdf.compression", "path.sketch", "text.hinting"}
    assert asked | {"hatch.color", "axes.unicode_minus", "text.usetex", "font.family"} <= {*ODD}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return user_styles.everything(tmp_path_factory.mktemp("usual"), FEW)


def test_settings_of_a_program_change_no_picture_and_are_given_back(usual, odd_settings, tmp_path):
    assert user_styles.everything(tmp_path, FEW) == usual
    assert {name: matplotlib.rcParams._get(name) for name in ODD} == odd_settings


def test_style_sheets_change_no_picture(usual, tmp_path):
    import matplotlib.style as style

    with style.context(["dark_background", "ggplot", "grayscale", "fivethirtyeight"]):
        assert user_styles.everything(tmp_path, FEW[:1]).items() <= usual.items()


def test_figures_drawn_and_saved_by_the_user_are_ours_as_well(odd_settings, tmp_path):
    from optviz.figures.race import race_figure

    race_figure(races.calm(["adam"], 5), (480, 360)).savefig(tmp_path / "odd.svg", metadata={"Date": None})
    odd = (tmp_path / "odd.svg").read_bytes()
    for name in ODD:
        matplotlib.rcParams._set(name, matplotlib.rcParamsDefault._get(name))
    race_figure(races.calm(["adam"], 5), (480, 360)).savefig(tmp_path / "usual.svg", metadata={"Date": None})
    assert (tmp_path / "usual.svg").read_bytes() == odd


def test_threads_share_the_settings_and_the_last_one_gives_them_back(odd_settings):
    def drawn(number):
        with OURS:
            canvas = Canvas((90, 30), "#000000")
            canvas.paint([Label(4, 20, ("optimizer", "f − f*")[number % 2], 14.0, "#ffffff")])
            return canvas.pixels.tobytes()

    usual = drawn(0), drawn(1)
    with ThreadPoolExecutor(8) as pool:
        for number, found in enumerate(pool.map(drawn, range(200))):
            assert found == usual[number % 2]
    assert {name: matplotlib.rcParams._get(name) for name in ODD} == odd_settings


def test_settings_are_given_back_after_an_error(odd_settings):
    with pytest.raises(ZeroDivisionError), OURS:
        with OURS:
            assert matplotlib.rcParams["image.origin"] == "upper"
        assert matplotlib.rcParams["image.origin"] == "upper"
        raise ZeroDivisionError
    assert matplotlib.rcParams["image.origin"] == "lower"


BROKEN = {
    "a file that is no text": ("matplotlibrc", {}),
    "a file that is no text, elsewhere": ("elsewhere", {"MATPLOTLIBRC": "elsewhere"}),
    "a backend that matplotlib lacks": (None, {"MPLBACKEND": "no such backend"}),
    "a locale that is not there": ("locale", {"MATPLOTLIBRC": "locale", "LC_ALL": "xx_XX.UTF-8"}),
}
SCRIPT = """
import os
before = os.getcwd, dict(os.environ)
from optviz.figures.engine.items import Label
from optviz.figures.engine.painter import Page
import matplotlib
page = Page((90, 60), "#123456")
page.paint([Label(9, 30, "text", 14, "#ffffff")])
page.savefig("page.png")
assert (os.getcwd, dict(os.environ)) == before
print("drawn with", matplotlib.__name__)
"""


@pytest.mark.thin(2)
@pytest.mark.parametrize("fault", BROKEN)
def test_broken_settings_of_a_user_end_no_run(tmp_path, fault):
    name, environment = BROKEN[fault]
    if name:
        content = b"axes.formatter.use_locale: True\n" if name == "locale" else b"lines.linewidth: \xff\xfe\n"
        (tmp_path / name).write_bytes(content)
    ran = started(tmp_path, SCRIPT, **environment)
    assert (ran.returncode, ran.stdout) == (0, "drawn with matplotlib\n"), ran.stderr
    assert (tmp_path / "page.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_a_working_folder_that_is_gone_ends_no_run(tmp_path):
    script = f"import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n{SCRIPT}"
    script = script.replace("page.png", str(tmp_path / "page.png"))
    assert started(tmp_path, script).stdout == "drawn with matplotlib\n"


@pytest.mark.slow
def test_every_picture_in_every_format_has_the_same_bytes_under_a_matplotlibrc_that_changes_everything(tmp_path):
    (tmp_path / "odd").write_text("".join(f"{name}: {value}\n" for name, value in ODD.items()))
    (tmp_path / "pictures").mkdir()
    code = "from tests.figures.user_styles import *; print(len(odd()), everything(Path('pictures')))"
    ran = [
        started(tmp_path, code, **environment)
        for environment in ({}, {"MATPLOTLIBRC": "odd", "LC_ALL": "C", "LANG": "de_DE"})
    ]
    assert [one.returncode for one in ran] == [0, 0], ran[1].stderr
    assert ran[0].stdout == ran[1].stdout
    assert all(ran[0].stdout.count(f"{kind}.svg") for kinds in PICTURES.values() for kind in kinds if kind != "target")

"""Pages of results as they are written: well formed, whole, of a size to send, the same again."""

import base64
import json
import re
import zlib
from dataclasses import replace

import numpy as np
import pytest

from optviz import draw, figure
from optviz.errors import UnknownNameError
from optviz.page import result as pages
from optviz.page.document import policy
from optviz.page.packing import packed, packed_text, rounded
from optviz.page.pictures import cut
from optviz.page.result import ResultPage
from optviz.page.values import LIMIT, kept, places, study_cells
from optviz.results import load, save
from optviz.results.batch_tables import ends_table
from optviz.results.study_tables import study_tables
from tests.figures import basin_results, swarm_results
from tests.figures.races import calm
from tests.page.results import KINDS
from tests.report.pages import read


@pytest.fixture
def undrawn(monkeypatch):
    """Leaves out the pixels, which take most of the time."""

    def images(drawn, own, whole):
        return [(f'class="{screens} {theme.name}"', "data:,") for screens, _, theme in drawn]

    monkeypatch.setattr(pages, "images", images)


def written(result, path, **options):
    draw(result, path, **options)
    return path.read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_well_formed_and_needs_nothing_else(undrawn, tmp_path, kind):
    text = written(KINDS[kind](), tmp_path / "a.html")
    document = read(text)
    (title,), (heading,) = document.all("title"), document.all("h1")
    assert title.text == f"{heading.text} – optviz"
    data, ours = document.all("script")
    assert data.attributes == {"type": "application/json", "id": "data"} and not ours.attributes
    (told,) = [one for one in document.all("meta") if "http-equiv" in one.attributes]
    style = document.all("style")[0].text
    assert told.attributes["content"] == policy(ours.text, style)
    assert "url(" not in style and "@import" not in style
    for one in document.all("*"):
        assert not [name for name in one.attributes if name.startswith("on")]
        assert "style" not in one.attributes
        assert one.attributes.get("src", "data:").startswith("data:")
    classes = [one.attributes["class"] for one in document.all("img")]
    narrow = ["narrow light"] * (kind != "explanation")
    broad = ["broad light" if narrow else "broad narrow light"]
    assert classes == [one.replace("light", theme) for theme in ("light", "dark") for one in broad + narrow]
    assert all(one.attributes["alt"] for one in document.all("img"))


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_script_tables_and_provenance_can_be_read(undrawn, tmp_path, kind):
    result = KINDS[kind]()
    document = read(written(result, tmp_path / "a.html"))
    assert document.all("table") and all(one.all("caption")[0].text for one in document.all("table"))
    assert all(row.all("th")[0].attributes["scope"] == "row" for row in document.all("tbody")[0].all("tr"))
    assert result.provenance() in document.all("footer")[0].text


def test_tables_are_those_of_the_command_line(undrawn, tmp_path):
    basins, study = KINDS["basins"](), KINDS["study"]()
    document = read(written(basins, tmp_path / "a.html"))
    _, *rows = document.all("table")[0].all("tr")
    assert [tuple(one.text for one in row.inside) for row in rows] == list(ends_table(basins).rows)
    document = read(written(study, tmp_path / "b.html"))
    for element, table in zip(document.all("table"), study_tables(study), strict=True):
        _, *rows = element.all("tr")
        shown = [tuple(re.sub("[ \u2007]+", " ", one.text) for one in row.inside) for row in rows]
        assert shown == [tuple(re.sub(" +", " ", text) for text in row) for row in table.rows]


def test_a_saved_result_gives_the_same_bytes(tmp_path):
    basins = KINDS["basins"]()
    save(tmp_path / "a.npz", basins)
    text = written(basins, tmp_path / "a.html")
    assert written(load(tmp_path / "a.npz"), tmp_path / "b.html") == text
    assert len(text.encode()) < LIMIT and text.count("data:image/webp;base64,") == 4


def test_the_theme_is_that_with_which_it_opens(undrawn, tmp_path):
    assert 'lang="en" data-theme="light"' in written(KINDS["sweep"](), tmp_path / "a.html", theme="light")
    assert "data-theme=" not in read(written(KINDS["sweep"](), tmp_path / "a.html")).all("html")[0].attributes
    with pytest.raises(UnknownNameError, match="unknown theme 'drak'"):
        ResultPage(KINDS["sweep"](), figure, theme="drak")


@pytest.mark.parametrize("theme", ["dark", "light", None])
def test_the_page_of_a_race_opens_with_the_theme_too(tmp_path, theme):
    text = written(calm(), tmp_path / "a.html", theme=theme)
    data = text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    assert json.loads(data)["theme"] == theme


def test_a_page_shows_the_picture_that_is_asked_for(undrawn, tmp_path):
    assert "where each optimizer ends" in written(KINDS["basins"](), tmp_path / "a.html")
    assert "the value that each optimizer reaches" in written(KINDS["basins"](), tmp_path / "a.html", picture="values")
    names = [row.contender.optimizer for row in KINDS["study"]().overall()]
    text = written(KINDS["study"](), tmp_path / "a.html", picture="functions", highlight=names[-1:])
    assert "<h1>Optimizers by function</h1>" in text


# --- what is packed


def unpacked(array):
    kind = {"Int32Array": "<i4", "Float32Array": "<f4", "Float64Array": "<f8"}[array["kind"]]
    planes = np.frombuffer(zlib.decompress(base64.b64decode(array["bytes"])), np.uint8)
    size = np.dtype(kind).itemsize
    return planes.reshape(size, -1).T.copy().view(kind).reshape(array["shape"])


@pytest.mark.parametrize("kind", ["i4", "f4", "f8"])
def test_arrays_come_back_bit_by_bit(kind):
    values = (
        np.array([[0, -1, 7], [300, -70000, 2]], kind)
        if kind == "i4"
        else np.array([[0.1, -0.0], [np.nan, np.inf]], kind)
    )
    assert unpacked(packed(values)).tobytes() == values.tobytes()
    assert unpacked(packed(np.asfortranarray(values)[:, ::2])).tobytes() == values[:, ::2].tobytes()
    text = packed_text({"a": "−</script>"})
    assert json.loads(zlib.decompress(base64.b64decode(text))) == {"a": "−</script>"}


@pytest.mark.parametrize("digits", [2, 3, 6])
def test_rounding_keeps_digits_and_whatever_is_not_finite(digits):
    values = np.array([1e-300, 0.1, 1.2345678, 9.87654321e200, -7.7777, 0.0, np.nan, np.inf, -np.inf, 5e-324])
    near = rounded(values, digits)
    assert np.isnan(near[6]) and near[7:9].tolist() == [np.inf, -np.inf] and near[5] == 0
    assert (np.abs(near[:5] / values[:5] - 1) <= 10.0**-digits).all()


def test_a_page_too_large_for_its_limit_tells_less_and_says_so(undrawn, tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    shape = 40, 60
    one = basin_results.basin_map(60, 40, "Adam", steps=random.integers(1, 290, shape), values=random.random(shape))
    result = basin_results.basins([one])
    full = len(written(result, tmp_path / "a.html").encode())
    notes, sizes = [], []
    for part in (1.0, 0.9, 0.6):
        monkeypatch.setattr(pages, "LIMIT", int(part * full))
        text = written(result, tmp_path / "b.html")
        sizes.append(len(text.encode()))
        notes.append(json.loads(read(text).all("script")[0].text)["note"])
    assert notes[0] == "" and "exact to one part in" in notes[1] and sizes[2] < sizes[1] < sizes[0] == full
    levels = list(kept(result, []))
    assert levels[0].arrays["optimizers.0.values"] is not None and levels[-1].every == 16
    assert levels[-1].arrays["optimizers.0.reached"].shape == (3, 4)
    assert "of 16 starts" in levels[-1].note


def test_a_swarm_tells_the_moments_that_its_picture_shows():
    swarm = swarm_results.swarm(side=5)
    whole, part = kept(swarm, [0, 3])
    assert whole.note == "" and whole.document["moments"] == swarm.moments.tolist()
    assert part.document["moments"] == [0, 3, 40]
    assert (part.arrays["optimizers.0.points"] == swarm.runs[0].points[[0, 3, -1]]).all()


# --- what lies where


def test_regions_of_a_picture_are_its_panels():
    basins = KINDS["basins"]()
    drawn = figure(basins)
    box = cut(drawn, whole=False)
    found = places(basins, drawn, box)
    assert [one["of"] for one in found] == [0, 1, 2]
    for one, basin in zip(found, basins.maps, strict=True):
        panel = drawn.find(basin.contender.optimizer)
        (left, top), (right, bottom) = panel.to_page(np.array([(-2.0, 2.0), (2.0, -2.0)]))
        wide, high = box[2] - box[0], box[3] - box[1]
        expected = (left - box[0]) / wide, (top - box[1]) / high, (right - box[0]) / wide, (bottom - box[1]) / high
        assert one["box"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_regions_lie_inside_what_is_shown_and_apart(kind):
    result = KINDS[kind]()
    drawn = figure(result)
    found = [one["box"] for one in places(result, drawn, cut(drawn, whole=False))]
    assert found
    for index, (left, top, right, bottom) in enumerate(found):
        assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
        for a, b, c, d in found[:index]:
            assert right <= a + 1e-6 or c <= left + 1e-6 or bottom <= b + 1e-6 or d <= top + 1e-6


def test_cells_of_a_study_tell_what_its_table_tells():
    study = KINDS["study"]()
    cells, order = study_cells(study, 5), study.overall()
    assert len(cells) == 5 * len(order)
    told = {(cell["function"], cell["optimizer"]): cell for cell in study.to_dict()["cells"]}
    for k, lines in enumerate(cells):
        f, one = divmod(k, len(order))
        cell = told[study.functions[f], order[one].contender.optimizer]
        assert lines[0] == f"{order[one].contender.title} on {study.function_titles[f]}"
        assert lines[1].split()[2].rstrip("%") in (f"{100 * cell['share_solved']:.0f}", "1", "99")
        steps = "not in time" if cell["median_steps"] is None else f"{int(np.ceil(cell['median_steps'])):,} step"
        assert steps in lines[2]


def test_what_diverged_everywhere_has_a_page(undrawn, tmp_path):
    lost = basin_results.basins([basin_results.basin_map(12, 12, diverged=True)], minimizers=(), minimum=np.nan)
    assert "diverge" in written(lost, tmp_path / "a.html")
    sweep = KINDS["sweep"]()
    gone = replace(
        sweep, arrived=np.full_like(sweep.arrived, -1), diverged=np.full_like(sweep.diverged, 5), best=None, theory=()
    )
    assert "100.0 %" in written(gone, tmp_path / "b.html")

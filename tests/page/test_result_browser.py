"""Pages of results in a browser: values under pointer, finger and keys, zoom, sorting, downloads, both themes."""

import csv
import io
import json
import re

import numpy as np
import pytest

from optviz import draw, figure
from optviz.page import result as pages
from optviz.page.result import ResultPage
from optviz.results import Study
from tests.page.conftest import DESKTOP, PHONE
from tests.page.results import KINDS, with_text
from tests.page.test_hostile_pages import PAYLOADS
from tests.report.pages import full

DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
READY = "return document.documentElement.dataset.ready !== undefined"


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """The page of each kind."""
    folder = tmp_path_factory.mktemp("results")
    for kind, make in KINDS.items():
        draw(make(), folder / f"{kind}.html")
    return folder


@pytest.fixture
def opened(browser, written):
    def open_one(kind, **options):
        browser.open(written / f"{kind}.html", **options)
        browser.until(READY)
        return browser

    return open_one


def point(browser, u, v, kind="mouseMoved", **facts):
    """The pointer at a place of the picture, in shares of what is seen of it."""
    left, top, wide, high = browser.run(
        "const box = document.getElementById('picture').getBoundingClientRect();"
        "return [box.left, box.top, box.width, box.height]"
    )
    event = {"type": kind, "x": left + u * wide, "y": top + v * high, **facts}
    browser.driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def told(browser):
    return browser.run("return [...document.querySelectorAll('.tip:not([hidden]) div')].map((one) => one.textContent)")


def data(browser):
    return json.loads(browser.run("return document.getElementById('data').textContent"))


def at(region, columns, rows, column, row):
    """The middle of a cell, rows from the top."""
    a, b, c, d = region["box"]
    return a + (c - a) * (column + 0.5) / columns, b + (d - b) * (row + 0.5) / rows


def number(text):
    """A number as pictures write it."""
    raised = {low: str(k) for k, low in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "-"}
    plain = "".join(raised.get(letter, letter) for letter in text.replace("−", "-").replace(",", ""))
    return float(re.sub("×10(?=[-\\d])", "e", re.sub("^10(?=-)", "1e", plain)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [DESKTOP, (360, 740)], ids=["desktop", "phone"])
def test_nothing_is_asked_for_and_nothing_is_amiss(opened, kind, size):
    browser = opened(kind, size=size, touch=size[0] < 600)
    assert browser.complaints() == [] and browser.requests() == []
    assert browser.run("return document.documentElement.scrollWidth") == size[0]
    names = browser.run(
        "return [...document.querySelectorAll('button, a[download], [tabindex]')].filter((one) => !(one.textContent"
        " || one.ariaLabel)).length"
    )
    assert names == 0
    least = browser.run(
        "return Math.min(...[...document.querySelectorAll('button, a[download]')].map((one) => "
        "one.getBoundingClientRect().height))"
    )
    assert least >= (40 if size[0] < 600 else 28)


def test_values_of_basins_are_those_of_the_arrays(opened):
    browser, result = opened("basins"), KINDS["basins"]()
    ny, nx = result.maps[0].reached.shape
    for k, column, row in ((0, 0, 0), (0, nx - 1, ny - 1), (0, 17, 11), (2, 3, ny - 1), (2, nx - 1, 0)):
        point(browser, *at(data(browser)["broad"][k], nx, ny, column, row))
        title, start, end, *value = told(browser)
        one, up = result.maps[k], ny - 1 - row
        assert title == one.contender.title
        x, y = (number(part) for part in start.removeprefix("start (").rstrip(")").split(", "))
        assert x == pytest.approx(-2 + 4 * (column + 0.5) / nx, rel=1e-3)
        assert y == pytest.approx(-2 + 4 * (up + 0.5) / ny, rel=1e-3)
        if one.diverged[up, column]:
            assert end == f"diverged at step {one.diverged[up, column]}" and not value
        elif one.reached[up, column] < 0:
            assert end == "ends at no minimizer"
        else:
            steps = one.arrived[up, column]
            assert end.endswith(f", after {steps} step{'' if steps == 1 else 's'}")
            place = result.minimizers[one.reached[up, column]]
            told_place = re.search(r"\((.*), (.*)\)", end).groups()
            assert [number(part) for part in told_place] == pytest.approx(place, rel=1e-3)
        if value:
            assert number(value[0].split()[2]) == pytest.approx(one.values[up, column], rel=1e-2)
    point(browser, 0.999, 0.999)
    assert told(browser) == []


def test_values_of_a_sweep_are_those_of_the_arrays(opened):
    browser, result = opened("sweep"), KINDS["sweep"]()
    ny, nx = result.arrived.shape
    for column, row in ((20, ny - 11), (0, 0), (nx - 1, ny - 1), (nx // 2, ny // 2)):
        point(browser, *at(data(browser)["broad"][0], nx, ny, column, row))
        steps, x, y, *_ = told(browser)
        up = ny - 1 - row
        known = result.arrived[up, column]
        assert number(x.split()[1]) == pytest.approx(result.x.values[column], rel=1e-3)
        assert number(y.split()[1]) == pytest.approx(result.y.values[up], rel=1e-3)
        if result.diverged[up, column]:
            assert steps == "diverged at step 90"
        else:
            assert steps == (f"{known:,} steps" if known >= 0 else "not within 1,000 steps")


def test_values_of_a_swarm_are_those_of_the_nearest_dot(opened):
    browser, result = opened("swarm"), KINDS["swarm"]()
    (x0, x1), (y0, y1) = result.landscape.view
    run = result.runs[1]
    regions = data(browser)["broad"]
    region = next(one for one in regions if one["of"] == 1)
    a, b, c, d = region["box"]
    for index in (9, 30, 62):
        x, y = run.points[0, index].tolist()
        u, v = (x - x0) / (x1 - x0), 1 - (y - y0) / (y1 - y0)
        point(browser, a + (c - a) * u, b + (d - b) * v)
        title, start, *_, end = told(browser)
        assert title == run.contender.title
        assert [number(part) for part in start[7:-1].split(", ")] == pytest.approx([x, y], rel=1e-3)
        assert f"after {run.arrived[index]} step" in end if run.arrived[index] >= 0 else "no minimizer" in end


def test_values_of_a_study_and_of_an_explanation_are_words(opened):
    browser = opened("study")
    (region,) = data(browser)["broad"]
    for column, row in ((0, 0), (region["columns"] - 1, region["rows"] - 1)):
        point(browser, *at(region, region["columns"], region["rows"], column, row))
        assert told(browser) == region["cells"][row * region["columns"] + column]
    browser = opened("explanation")
    region = data(browser)["broad"][6]
    point(browser, *at(region, 1, 1, 0, 0))
    assert told(browser) == region["cells"][0] and told(browser)[0].startswith("step 2")


def transform(browser):
    """Zoom, and where the picture's corner is."""
    return browser.run(
        "const m = new DOMMatrix(getComputedStyle(document.querySelector('.sheet')).transform); return [m.a, m.e, m.f]"
    )


def test_wheel_zooms_where_the_pointer_is_and_a_drag_pans(opened):
    browser = opened("basins")
    point(browser, 0.3, 0.3)
    before = told(browser)
    point(browser, 0.3, 0.3, "mouseWheel", deltaX=0, deltaY=-300)
    browser.until("return document.querySelector('.map.near') !== null")
    zoom, x, y = transform(browser)
    assert zoom == pytest.approx(np.exp(0.5), rel=1e-3) and x < 0 and y < 0
    point(browser, 0.3, 0.3)
    assert told(browser) == before
    point(browser, 0.5, 0.5, "mousePressed", button="left", buttons=1)
    point(browser, 0.45, 0.48, buttons=1)
    point(browser, 0.45, 0.48, "mouseReleased", button="left")
    moved, wide = transform(browser), browser.find("#picture").size["width"]
    assert moved[0] == zoom and moved[1] == pytest.approx(x - 0.05 * wide, abs=1.5)
    browser.find(".home").click()
    assert transform(browser) == [1, 0, 0]
    browser.find(".nearer").click()
    browser.find(".nearer").click()
    browser.find(".farther").click()
    assert transform(browser)[0] == pytest.approx(1.5)
    for _ in range(30):
        browser.run("document.querySelector('.nearer').click()")
    assert transform(browser)[0] == 40


def test_who_scrolls_past_the_picture_does_not_zoom(opened):
    browser = opened("study", size=(1200, 500))
    browser.run("window.scrollTo(0, 60)")
    browser.until("return scrollY === 60")
    browser.run(
        "document.getElementById('picture').dispatchEvent(new WheelEvent('wheel', {deltaY: -300, cancelable: true}))"
    )
    assert transform(browser)[0] == 1


def test_keys_move_from_value_to_value_and_across_panels(opened):
    from selenium.webdriver.common.keys import Keys

    browser, result = opened("basins"), KINDS["basins"]()
    nx = result.maps[0].reached.shape[1]
    picture = browser.find("#picture")
    picture.send_keys(Keys.ARROW_RIGHT)
    first = told(browser)
    assert first[0] == "SGD" and browser.run("return document.getElementById('told').textContent") == ", ".join(first)
    picture.send_keys(Keys.ARROW_RIGHT)
    assert told(browser) != first and told(browser)[0] == "SGD"
    for _ in range(nx // 10 + 1):
        picture.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT)
    assert told(browser)[0] == "Momentum"
    picture.send_keys("+")
    picture.send_keys("+")
    assert transform(browser)[0] == pytest.approx(2.25)
    mark = browser.run(
        "const mark = document.querySelector('.place').getBoundingClientRect(), box = "
        "document.getElementById('picture').getBoundingClientRect();"
        "return mark.left > box.left && mark.right < box.right && mark.top > box.top && mark.bottom < box.bottom"
    )
    assert mark
    picture.send_keys("0", Keys.ESCAPE)
    assert transform(browser)[0] == 1 and told(browser) == []


def touches(browser, *steps):
    """Fingers: for each step the places of all of them, in shares of the picture."""
    left, top, wide, high = browser.run(
        "const box = document.getElementById('picture').getBoundingClientRect();"
        "return [box.left, box.top, box.width, box.height]"
    )
    for number_, places in enumerate(steps):
        kind = "touchStart" if number_ == 0 else "touchMove"
        points = [{"x": left + u * wide, "y": top + v * high, "id": k} for k, (u, v) in enumerate(places)]
        browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    browser.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_fingers_tap_for_values_and_pinch(opened):
    browser = opened("basins", size=PHONE, touch=True)
    (shown,) = shown_images(browser)
    assert shown.startswith("narrow")
    region, (ny, nx) = data(browser)["narrow"][0], KINDS["basins"]().maps[0].reached.shape
    touches(browser, [at(region, nx, ny, 8, 9)])
    assert told(browser)[0] == "SGD"
    touches(browser, [(0.4, 0.3), (0.6, 0.3)], [(0.3, 0.3), (0.7, 0.3)], [(0.2, 0.3), (0.8, 0.3)])
    assert transform(browser)[0] == pytest.approx(3, rel=0.05)


def column(browser, index, table=0):
    return browser.run(
        "return [...document.querySelectorAll('table')[arguments[1]].tBodies[0].rows].map((row) => "
        "row.cells[arguments[0]].textContent)",
        index,
        table,
    )


def test_columns_sort_by_numbers_up_down_and_back(opened):
    browser = opened("basins")
    original = column(browser, 0)
    head = "document.querySelectorAll('thead th')"
    texts = browser.run(f"return [...{head}].map((one) => one.textContent)")
    rate = texts.index("lr")
    states = []
    for _ in range(3):
        browser.run(f"{head}[arguments[0]].querySelector('button').click()", rate)
        states.append((browser.run(f"return {head}[arguments[0]].ariaSort", rate), column(browser, rate)))
    assert states == [
        ("ascending", ["0.003", "0.01", "–"]),
        ("descending", ["0.01", "0.003", "–"]),
        (None, ["0.01", "0.003", "–"]),
    ]
    assert column(browser, 0) == original
    browser.run(f"{head}[0].querySelector('button').click()")
    assert column(browser, 0) == sorted(original) and browser.run(f"return {head}[arguments[0]].ariaSort", rate) is None


def test_sorting_is_stable_and_knows_how_numbers_are_written(opened):
    browser = opened("study")
    cells = ["∞", "10⁻⁷", "−3", "1,200", "63 %", "1.2×10⁻³", "–", "1–3", "1–2", "97.1 ± 0.2", "7"]
    browser.run(
        "const table = document.createElement('table'), head = table.createTHead().insertRow(), body = "
        "table.createTBody(); head.append(Object.assign(document.createElement('th'), {textContent: 'a'}));"
        "for (const text of arguments[0]) body.insertRow().insertCell().textContent = text;"
        "document.querySelector('main').append(table)",
        cells,
    )
    study = KINDS["study"]()
    areas = browser.run("return [...document.querySelectorAll('thead th')].map((one) => one.textContent)").index("area")
    browser.run("document.querySelectorAll('thead th')[arguments[0]].querySelector('button').click()", areas)
    found = [float(text) for text in column(browser, areas)]
    assert found == sorted(found) == sorted(round(row.area, 3) for row in study.overall())
    # In the table of functions "100 %   9" is sorted by its steps, then by its share.
    texts = column(browser, 1, table=1)
    browser.run("document.querySelectorAll('table')[1].querySelectorAll('thead button')[1].click()")
    steps = [text.split()[-1] for text in column(browser, 1, table=1)]
    known = [number(text) for text in steps if text[0].isdigit()]
    assert known == sorted(known) and steps[: len(known)] == [text for text in steps if text[0].isdigit()]
    assert sorted(texts) == sorted(column(browser, 1, table=1))


GRAB = (
    "window.files = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => { window.files.push(blob); "
    "return make.call(URL, blob); };"
)


def downloaded(browser, selector):
    """The text of the file behind a link, and its name."""
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "deny"})
    browser.run(GRAB)
    link = browser.find(selector)
    name = link.get_attribute("download")
    browser.run("arguments[0].click()", link)
    return name, browser.later("const done = arguments[0]; window.files[0].text().then(done)")


def plain(document):
    return json.loads(json.dumps(document))


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_can_be_taken_away(opened, kind):
    browser, result = opened(kind), KINDS[kind]()
    name, text = downloaded(browser, "#whole a")
    assert re.fullmatch("[a-z0-9-]+\\.json", name)
    document = json.loads(text)
    assert document.pop("every", 1) == 1
    assert document == plain(result.to_dict())
    name, text = downloaded(browser, ".scroll + .links a")
    rows = [*csv.reader(io.StringIO(text))]
    table = browser.all("table")[0]
    assert name.endswith("-1.csv") and len({len(row) for row in rows}) == 1
    assert len(rows) == len(table.find_elements("css selector", "tr"))
    if isinstance(result, Study):
        assert [row[1] for row in rows[1:]] == [one.contender.title for one in result.overall()]
    assert browser.complaints() == []


def colours(browser):
    """The contrast of each text with the page, by what it stands in."""
    read = (
        "const page = getComputedStyle(document.body).backgroundColor;"
        "return [...document.querySelectorAll('h1, p, th, td, caption, a, button, figcaption, kbd')]"
        ".filter((one) => one.offsetHeight > 1 && one.textContent).map((one) => "
        "[one.tagName + '.' + one.className, getComputedStyle(one).color, page])"
    )
    return {tuple(one) for one in browser.run(read)}


def contrast(one, other):
    """Of two colours as a browser writes them, WCAG 2."""

    def luminance(colour):
        parts = np.array([int(part) for part in re.findall("\\d+", colour)[:3]]) / 255
        return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def shown_images(browser):
    return browser.run("return [...document.images].filter((one) => one.offsetWidth).map((one) => one.className)")


@pytest.mark.parametrize("kind", ["basins", "study"])
def test_the_reader_chooses_the_theme_and_texts_stand_out_in_both(opened, kind):
    browser = opened(kind)
    seen = []
    for _ in range(2):
        for _, colour, page in colours(browser):
            assert contrast(colour, page) >= 4.5, (colour, page)
        (shown,) = browser.run(
            "return [...document.images].filter((one) => one.offsetWidth).map((one) => one.className)"
        )
        seen.append((browser.run("return getComputedStyle(document.body).backgroundColor"), shown))
        browser.find("#theme").click()
    assert len(set(seen)) == 2 and {shown for _, shown in seen} == {"broad day", "broad night"}


def test_paper_is_white_and_shows_the_light_picture(opened):
    browser = opened("basins")
    browser.run("document.documentElement.dataset.theme = 'dark'")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert shown_images(browser) == ["broad day"]
        assert not any(browser.run("return [...document.querySelectorAll('.tools, .share')].map((o) => o.offsetWidth)"))
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("kind", KINDS)
def test_texts_stay_texts(browser, tmp_path, monkeypatch, kind):

    monkeypatch.setattr(
        pages,
        "images",
        lambda drawn, own, whole: [
            ('class="broad narrow day"', "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=")
        ],
    )
    for place, payload in enumerate(PAYLOADS):
        hostile = with_text(KINDS[kind](), payload)
        drawn = figure(hostile)
        path = tmp_path / f"{place}.html"
        path.write_text(ResultPage(hostile, lambda theme, size, drawn=drawn: drawn).to_html(), "utf-8")
        browser.open(path)
        browser.until(READY)
        browser.run("document.getElementById('picture').focus()")
        for region in range(3):
            u, v = at(data(browser)["broad"][min(region, len(data(browser)["broad"]) - 1)], 1, 1, 0, 0)
            point(browser, u, v)
        assert browser.run("return window.hit") is None, payload
        assert browser.run("return document.scripts.length") == 2
        assert browser.complaints() == [] and browser.requests() == []


def test_the_report_sorts_and_gives_its_numbers(browser, tmp_path):
    comparison = full()
    draw(comparison, tmp_path / "a.html")
    browser.open(tmp_path / "a.html")
    browser.until("return document.querySelector('#whole a') !== null")
    assert browser.complaints() == [] and browser.requests() == []
    assert json.loads(downloaded(browser, "#whole a")[1]) == plain(comparison.to_dict())
    before = column(browser, 1)
    browser.run("document.querySelectorAll('thead th')[1].querySelector('button').click()")
    assert column(browser, 1) == sorted(before)
    browser.find("#theme").click()
    assert browser.run("return document.documentElement.dataset.theme") in ("dark", "light")
    browser.open(tmp_path / "a.html", size=(360, 740), touch=True)
    assert browser.run("return document.documentElement.scrollWidth") == 360

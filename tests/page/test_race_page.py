"""The page of a race in a real browser: clicks, drags, keys, links, numbers, words, colours."""

import json
import re

import numpy as np
import pytest

from optviz import draw, race
from optviz.kernels.cache import COMPILES
from optviz.results.evaluations import by_evaluation
from tests.page.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

READY = "return document.documentElement.dataset.ready !== undefined"
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE, (360, 740)], ids=lambda size: f"{size[0]}x{size[1]}")
THEMES = pytest.mark.parametrize("theme", ["dark", "light"])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of the default race on Rosenbrock's function."""
    path = tmp_path_factory.mktemp("page") / "rosenbrock.html"
    draw(race("rosenbrock"), path)
    return path


@pytest.fixture
def opened(browser, page):
    """Opens the page with a fragment, and afterwards looks whether anybody has complained or asked for more."""

    def open_(fragment="step=300", **facts):
        browser.open(page, fragment, **facts)
        browser.until(READY)
        return browser

    yield open_
    assert browser.complaints() == []
    assert browser.requests() == []


def pointer(browser, *moves):
    """Pointer events on the map: (kind, x, y) in shares of it."""
    browser.run(
        """
        const map = document.querySelector(".map"), box = map.getBoundingClientRect();
        for (const [kind, x, y, id] of arguments[0]) {
          const facts = { bubbles: true, cancelable: true, pointerId: id ?? 1, pointerType: "mouse",
            clientX: box.left + x * box.width, clientY: box.top + y * box.height };
          map.dispatchEvent(new PointerEvent(kind, facts));
        }
        """,
        [list(move) for move in moves],
    )


def state(browser, what):
    return browser.run(f"return optviz.app.{what}")


def place(browser):
    return browser.run("return optviz.first().start")


def seen(browser):
    return browser.run("return optviz.first().view")


def key_on_body(browser, name):
    browser.run("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], bubbles: true }))", name)


def test_it_is_small_and_one_file(page):
    assert page.stat().st_size <= 150_000
    text = page.read_text("utf-8")
    assert not re.search(r'(?:src|href)\s*=\s*"', text)
    assert "url(" not in text and "@import" not in text


def test_the_runs_are_those_of_the_kernels(opened):
    browser = opened()
    assert "kernels" in browser.find("#check").text
    assert state(browser, "worst") <= 1e-12


def test_it_plays_by_itself_and_stops_at_the_end(opened):
    browser = opened("speed=4")
    browser.until("return optviz.app.step > 5")
    browser.until("return optviz.app.step === 300 && !optviz.app.playing", 20)
    assert browser.find("#step").text == "300"


def test_a_click_sets_the_start_and_reset_takes_it_back(opened):
    browser = opened()
    before = place(browser)
    pointer(browser, ("pointerdown", 0.4, 0.6), ("pointerup", 0.4, 0.6))
    after = place(browser)
    assert after != before
    assert browser.run("return [...[...optviz.first().results.values()][0].points.slice(0, 2)]") == after
    assert browser.find("#check").text == ""  # nothing is known about this start
    browser.find("#reset").click()
    assert place(browser) == before


def test_the_start_can_be_dragged(opened):
    browser = opened()
    x, y = browser.run(
        "const { chart, start } = optviz.first(), { wide, high, at } = chart.frame, [x, y] = at(...start);"
        "return [x / wide, y / high]"
    )
    pointer(
        browser,
        ("pointerdown", x, y),
        ("pointermove", x + 0.1, y),
        ("pointermove", x + 0.2, y - 0.1),
        ("pointerup", x + 0.2, y - 0.1),
    )
    got = place(browser)
    wanted = browser.run(
        "const { wide, high, back } = optviz.first().chart.frame;return back(arguments[0] * wide, arguments[1] * high)",
        x + 0.2,
        y - 0.1,
    )
    assert got == pytest.approx(wanted, abs=0.02)
    assert seen(browser) is None


def test_dragging_pans_and_the_wheel_zooms_around_the_pointer(opened):
    browser = opened()
    pointer(browser, ("pointerdown", 0.8, 0.9), ("pointermove", 0.7, 0.8), ("pointerup", 0.7, 0.8))
    panned = seen(browser)
    assert panned[0] > browser.run("return optviz.first().world.view[0]")
    at = "const { chart } = optviz.first(); return chart.frame.back(0.25 * chart.frame.wide, 0.5 * chart.frame.high)"
    under = browser.run(at)
    browser.run(
        """
        const map = document.querySelector(".map"), box = map.getBoundingClientRect();
        map.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, bubbles: true, cancelable: true,
          clientX: box.left + 0.25 * box.width, clientY: box.top + 0.5 * box.height }));
        """
    )
    zoomed = seen(browser)
    assert zoomed[1] - zoomed[0] < panned[1] - panned[0]
    pixel = browser.run("return optviz.first().chart.frame.broad / optviz.first().chart.frame.wide")
    assert browser.run(at) == pytest.approx(under, abs=pixel)  # events know whole pixels
    browser.find(".home").click()
    assert seen(browser) is None


def test_two_pointers_pinch(opened):
    browser = opened()
    pointer(
        browser,
        ("pointerdown", 0.4, 0.5, 1), ("pointerdown", 0.6, 0.5, 2),
        ("pointermove", 0.3, 0.5, 1), ("pointermove", 0.7, 0.5, 2),
        ("pointerup", 0.3, 0.5, 1), ("pointerup", 0.7, 0.5, 2),
    )  # fmt: skip
    view, whole = seen(browser), browser.run("return optviz.first().world.view")
    assert (view[1] - view[0]) / (whole[1] - whole[0]) == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [(",", 99), (".", 101), ("Home", 0), ("End", 300)],
)
def test_keys_move_through_time(opened, name, wanted):
    browser = opened("step=100")
    key_on_body(browser, name)
    assert state(browser, "step") == wanted


def test_space_plays_and_pauses(opened):
    browser = opened("step=10")
    key_on_body(browser, " ")
    assert state(browser, "playing")
    key_on_body(browser, " ")
    assert not state(browser, "playing")


def test_the_map_is_reached_and_moved_by_keys(opened):
    browser = opened()
    browser.run("document.querySelector('.map').focus()")
    browser.run(
        "const press = new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true });"
        "document.querySelector('.map').dispatchEvent(press)"
    )
    assert seen(browser)[0] > browser.run("return optviz.first().world.view[0]")
    key_on_body(browser, "0")
    assert seen(browser) is None


def test_the_scrub_bar_and_the_curve_seek(opened):
    browser = opened()
    browser.run("const bar = document.getElementById('scrub'); bar.value = 500; bar.dispatchEvent(new Event('input'))")
    assert 0 < state(browser, "step") < 300
    browser.run(
        """
        const box = document.getElementById("curve"), at = box.getBoundingClientRect();
        const facts = { clientX: at.left + at.width - 9, clientY: at.top + 40, bubbles: true };
        box.dispatchEvent(new PointerEvent("pointerdown", facts));
        """
    )
    assert state(browser, "step") == pytest.approx(300, abs=4)


def slide(browser, name, field, position):
    browser.run(
        """
        const row = [...document.querySelectorAll("#rows tr")].find((one) => one.dataset.name === arguments[0]);
        const input = row.querySelector(`input[type=range][aria-label^="${arguments[1]} of"]`);
        input.value = arguments[2];
        input.dispatchEvent(new Event("input"));
        """,
        name,
        field,
        position,
    )


def test_a_slider_runs_its_optimizer_again_and_a_double_click_takes_it_back(opened):
    browser = opened()
    before = browser.run("return [...[...optviz.first().results.values()][0].values].slice(-1)[0]")
    slide(browser, "sgd", "lr", 300)
    assert state(browser, "entrants[0].own.hyper.lr") < browser.run("return optviz.app.entrants[0].hyper.lr")
    assert browser.run("return [...[...optviz.first().results.values()][0].values].slice(-1)[0]") != before
    browser.run(
        "document.querySelector('#rows tr[data-name=sgd] input[type=range]').dispatchEvent(new MouseEvent('dblclick'))"
    )
    assert browser.run("return [...[...optviz.first().results.values()][0].values].slice(-1)[0]") == before


def test_a_number_is_typed_and_nonsense_is_not_taken(opened):
    browser = opened()
    type_ = """
        const field = document.querySelector("#rows tr[data-name=adam] input.number");
        field.value = arguments[0];
        field.dispatchEvent(new Event("change"));
        return [optviz.app.entrants.findIndex((one) => one.name === "adam"), field.value];
    """
    index, _ = browser.run(type_, "0.25")
    assert state(browser, f"entrants[{index}].own.hyper.lr") == 0.25
    for nonsense in ("-1", "abc", "", "1e400", "NaN", "0x10zz"):
        browser.run(type_, nonsense)
        assert state(browser, f"entrants[{index}].own.hyper.lr") == 0.25


def test_a_schedule_is_chosen(opened):
    browser = opened()
    browser.find("#more").click()
    browser.run(
        """
        const chooser = document.querySelector("#rows tr[data-name=adam] select");
        chooser.value = "cosine";
        chooser.dispatchEvent(new Event("change"));
        """
    )
    assert "schedule:cosine" in browser.run("return decodeURIComponent(optviz.app.link)")


def test_toggling_hides_an_optimizer(opened):
    browser = opened()
    browser.find("#rows tr[data-name=adam] .mark").click()
    assert browser.find("#rows tr[data-name=adam] .mark").get_attribute("aria-pressed") == "false"
    assert browser.run("return optviz.first().runs.some((run) => run.name === 'adam')") is False


def test_tune_here_finds_the_rates_of_the_kernels_at_the_start_of_the_race(opened):
    browser = opened("step=300&adam=lr:0.001&sgd=lr:0.5")
    browser.find("#tune").click()
    browser.until("return !document.getElementById('tune').disabled", 60)
    wanted = browser.run("return optviz.app.entrants.map((one) => one.hyper.lr)")
    assert browser.run("return optviz.app.entrants.map((one) => one.own.hyper.lr)") == wanted


def test_basins_colour_the_map_and_are_told(opened):
    browser = opened("step=300&basins=momentum")
    browser.until("return document.getElementById('said').textContent.includes('starts')", 60)
    assert re.search(r"ends at \(1, 1\) [\d.]+ %", browser.find("#said").text)


def test_hovering_tells_the_nearest_iterate(opened):
    browser = opened()
    x, y = browser.run(
        "const { chart, runs } = optviz.first(), run = runs.find((one) => one.name === 'momentum');"
        "return [run.dots[400] / chart.frame.wide, run.dots[401] / chart.frame.high]"
    )
    pointer(browser, ("pointermove", x, y))
    told = browser.find(".tip").text
    for words in ("step", "gradient", "next move", "effective rate", "f − f*"):
        assert words in told


def test_pinned_runs_stay_as_ghosts(opened):
    browser = opened()
    browser.find("#pin").click()
    slide(browser, "sgd", "lr", 200)
    assert browser.run("return optviz.first().runs.filter((run) => run.ghost).length") == 7


def test_noise_is_that_of_the_kernels(opened):
    wanted = race("rosenbrock", ["sgd"], lr=0.001, noise="gaussian:0.5", seed=0).trajectories[0].points[:20]
    browser = opened("step=300&noise=0.5&sgd=lr:0.001")
    got = browser.run("return [...[...optviz.first().results.values()][0].points.slice(0, 40)]")
    assert got == pytest.approx(wanted.ravel().tolist(), rel=1e-12, abs=1e-12)


def test_stories_are_told_and_change_the_runs(opened):
    browser = opened()
    for button in browser.all("#stories button"):
        button.click()
        assert browser.find("#said").text
    assert state(browser, "noise") > 0


def test_a_link_brings_everything_back(opened, browser, page):
    first = opened("step=300")
    slide(first, "sgd", "lr", 300)
    pointer(first, ("pointerdown", 0.4, 0.6), ("pointerup", 0.4, 0.6))
    link, values = (
        first.run("return optviz.app.link"),
        first.run("return [...[...optviz.first().results.values()][0].values]"),
    )
    again = opened(link)
    assert again.run("return [...[...optviz.first().results.values()][0].values].slice(0, 50)") == pytest.approx(
        values[:50], rel=1e-6
    )


@pytest.mark.parametrize(
    ("noise", "computed"), [("gaussian:0.3", True), ("gaussian:0.3,0.1", False), ("multiplicative:0.5", False)]
)
def test_noise_of_the_race(browser, tmp_path, noise, computed):
    """Gaussian noise is drawn again, number for number; of any other the paths are stored, and that is said."""
    told = race("saddle", ["sgd", "adam"], steps=60, noise=noise, seed=7)
    draw(told, tmp_path / "a.html")
    browser.open(tmp_path / "a.html", "step=60")
    browser.until(READY)
    runs = browser.run("return [...optviz.first().results.values()].map((run) => [...run.points].slice(-2))")
    for run, points in zip(told.trajectories, runs, strict=True):
        assert points == pytest.approx(run.points[-1].tolist(), rel=1e-9, abs=1e-12)
    if computed:
        assert browser.find("#noise").get_attribute("value") == "0.3"
        assert browser.find("#check").text.startswith("recomputed here: ")
        assert "noise" not in browser.run("return optviz.app.link ?? ''")
    else:
        assert f"noise {noise} is not drawn here" in browser.find("body").text


@pytest.mark.parametrize("by", ["steps", "evaluations"])
def test_evaluations_are_dots_that_come_with_time(browser, tmp_path, by):
    told = race("himmelblau", ["adam", "nelder_mead"], steps=60, by=by)
    draw(told, tmp_path / "a.html")
    browser.open(tmp_path / "a.html", "step=20")
    browser.until(READY)
    assert "a dot for each evaluation" in browser.find("#rows").text
    run = next(run for run in by_evaluation(told).trajectories if run.optimizer == "nelder_mead")
    (x0, x1), (y0, y1) = told.landscape.view
    inside = ((run.evaluated > (x0, y0)) & (run.evaluated < (x1, y1))).all(axis=1)

    def inked():
        return np.array(
            browser.run(
                """
                const { frame, trails } = optviz.first().chart, { canvas } = trails, ratio = canvas.width / frame.wide;
                return arguments[0].map(([x, y]) => {
                  const [px, py] = frame.at(x, y);
                  return canvas.getContext("2d").getImageData(px * ratio, py * ratio, 1, 1).data[3] > 0;
                });
                """,
                run.evaluated.tolist(),
            )
        )

    early = inked()
    assert early[inside & (run.evaluated_at > 0) & (run.evaluated_at <= 20)].all()
    browser.run("optviz.seek(60)")
    assert inked()[inside & (run.evaluated_at > 0)].all() and inked().sum() > early.sum()


def test_a_page_opens_as_it_was_asked_for(browser, tmp_path):
    told = race("saddle", ["sgd"], steps=9, lr=0.01)
    draw(told, tmp_path / "a.html", view="3d", camera=(-30, 40))
    browser.open(tmp_path / "a.html")
    browser.until(READY)
    assert state(browser, "solid")
    seen = browser.run("const { azimuth, elevation } = optviz.first().solid; return [azimuth, elevation]")
    assert seen == pytest.approx([-30, 40])
    browser.open(tmp_path / "a.html", "step=3")  # a link says what it shows
    browser.until(READY)
    assert not state(browser, "solid")


def test_solid_surface(opened):
    browser = opened("step=300&3d")
    assert state(browser, "solid")
    drawn = browser.run(
        "const canvas = document.querySelector('.solid'), copy = document.createElement('canvas');"
        "copy.width = copy.height = 60; const context = copy.getContext('2d'); context.drawImage(canvas, 0, 0, 60, 60);"
        "return new Set(context.getImageData(0, 0, 60, 60).data).size"
    )
    assert drawn > 20
    browser.find("#three").click()
    assert not state(browser, "solid")


@THEMES
@SIZES
def test_nothing_overflows_and_everything_has_a_name(opened, theme, size):
    browser = opened(f"step=300&theme={theme}", size=size, touch=size[0] < 800)
    assert browser.run("return document.documentElement.scrollWidth") <= size[0]
    unnamed = browser.run(
        """
        const words = (one) => one && one.textContent.trim();
        const controls = document.querySelectorAll("button, input, select, a");
        const named = (one) => one.getAttribute("aria-label") || words(one) || words(one.closest("label"));
        return [...controls].filter((one) => !named(one)).map((one) => one.outerHTML);
        """
    )
    assert unnamed == []
    if size[0] < 800:
        small = browser.run(
            """
            return [...document.querySelectorAll("button, select, input")].filter((one) => one.offsetParent)
              .map((one) => {
                const least = one.type === "range" || one.classList.contains("number") ? 28 : 40;
                return [one.id || one.className || one.type, least, one.getBoundingClientRect().height];
              })
              .filter(([, least, high]) => high < least - 0.5);
            """
        )
        assert small == []


def luminance(colour):
    parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@THEMES
def test_words_stand_out_from_what_is_behind_them(opened, theme):
    browser = opened(f"step=300&theme={theme}")
    pairs = browser.run(
        """
        const behind = (one) => {
          for (let at = one; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
          }
          return "rgb(255, 255, 255)";
        };
        const words = document.querySelectorAll("h1, p, span, button, th, td, select, input, strong, kbd, code");
        return [...words].filter((one) => one.offsetParent && one.textContent.trim())
          .map((one) => [one.textContent.trim().slice(0, 30), getComputedStyle(one).color, behind(one)]);
        """
    )
    for words, ink, ground in pairs:
        light, dark = sorted([luminance(ink), luminance(ground)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (words, ink, ground)


def test_reduced_motion_shows_the_end(browser, page):
    browser.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    try:
        browser.open(page)
        browser.until(READY)
        assert state(browser, "step") == 300
        assert not state(browser, "playing")
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_printing_is_light(opened):
    browser = opened("step=300&theme=dark")
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.run("return document.documentElement.dataset.theme") == "light"
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    assert browser.run("return document.documentElement.dataset.theme") == "dark"


def test_the_policy_blocks_what_is_not_ours(opened, browser, page):
    opened()
    browser.run(
        "window.hit = 0; const bad = document.createElement('script');"
        "bad.textContent = 'window.hit = 1'; document.body.append(bad)"
    )
    browser.run(
        "const image = document.createElement('div'); image.setAttribute('onclick', 'window.hit = 2');"
        "document.body.append(image); image.click()"
    )
    browser.run(
        "const text = document.createElement('p'); text.setAttribute('style', 'color: rgb(1, 2, 3)');"
        "text.id = 'styled'; document.body.append(text)"
    )
    assert browser.run("return window.hit") == 0
    assert browser.run("return getComputedStyle(document.getElementById('styled')).color") != "rgb(1, 2, 3)"
    answer = browser.later(
        "const done = arguments[0]; fetch('https://example.org').then(() => done('fetched'), () => done('refused'))"
    )
    assert answer == "refused"
    assert len(browser.complaints()) >= 4  # the browser says what it refused


def test_a_frame_without_an_origin_will_do(browser, page, tmp_path):
    frame = tmp_path / "notebook.html"
    text = page.read_text("utf-8").replace("&", "&amp;").replace('"', "&quot;")
    frame.write_text(
        f'<!DOCTYPE html><iframe sandbox="allow-scripts" width="1000" height="700" srcdoc="{text}"></iframe>', "utf-8"
    )
    browser.open(frame)
    browser.driver.switch_to.frame(0)
    try:
        browser.until(READY)
        assert browser.find("#step").text
    finally:
        browser.driver.switch_to.default_content()
    assert browser.complaints() == []


def test_scripts_read_back_what_they_were_given(page):
    text = page.read_text("utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["title"] == "Rosenbrock"
    assert [one["name"] for one in data["entrants"]][:2] == ["sgd", "momentum"]

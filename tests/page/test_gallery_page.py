"""The page of the gallery in a real browser: cards, filters, races under the pointer, and nothing unasked."""

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from optviz import race
from optviz.functions import CLASSIC
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.gallery.pages import index
from optviz.gallery.pictures import every, others
from optviz.gallery.pictures import race as race_of
from optviz.kernels.cache import COMPILES
from optviz.optimizers import SEVEN
from optviz.page.explorer import explore
from optviz.page.gallery import Card, GalleryPage
from tests.page.conftest import PHONE
from tests.page.test_hostile_pages import PAYLOADS

pytestmark = pytest.mark.skipif(not COMPILES, reason="Numba's compiler is switched off")

READY = "return document.documentElement.dataset.ready !== undefined"
SHOWN = "return optviz.cards.filter((card) => !card.box.hidden).length"
RATES = (0.0032, 0.0022, 0.0022, 1.5, 0.2, 0.068, 1.5)


def card_of(picture, rates=()):
    """What a picture's card says, without the picture."""
    unit = FUNCTIONS[picture.function] if picture.function else None
    known = {} if unit is None else {name: getattr(unit, name) for name in ("formula", "reference", "hazards")}
    animation = picture.file if picture.moves else ""
    return Card(
        picture.title, picture.about, f"optviz {picture.command}", "tuned", picture.kind, picture.poster, picture.still,
        animation, picture.optimizers, picture.function, rates=rates, **known,
    )  # fmt: skip


CARDS = [card_of(race_of(FUNCTIONS[name]), RATES) for name in CLASSIC] + [card_of(one) for one in every([*others()])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A gallery whose pictures are plain."""
    folder = tmp_path_factory.mktemp("gallery")
    for card in CARDS:
        grey = Image.fromarray(np.full((360, 480, 3), 60, np.uint8))
        for name in filter(None, (card.poster, card.still, card.animation)):
            grey.save(folder / name)
    (folder / "index.html").write_text(GalleryPage(CARDS).to_html(), "utf-8")
    explore(folder / "explorer.html")
    return folder


@pytest.fixture
def opened(browser, folder):
    def open_(fragment="", **facts):
        browser.open(folder / "index.html", fragment, **facts)
        browser.until(READY)
        return browser

    yield open_
    assert browser.complaints() == []
    asked = {name.rpartition("/")[2] for name in browser.requests()}
    assert asked <= {file.name for file in folder.iterdir()}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def point_at(browser, name):
    """Move the mouse to a poster."""
    from selenium.webdriver import ActionChains

    poster = browser.find(f'[data-card="{name}"] .poster')
    browser.run("arguments[0].scrollIntoView({block: 'center'})", poster)
    ActionChains(browser.driver).move_to_element(poster).perform()
    return poster


def test_it_is_small_and_has_a_card_for_each_picture(opened, folder):
    assert (folder / "index.html").stat().st_size <= 250_000
    browser = opened()
    assert len(browser.all("#cards > li")) == len(CARDS)
    assert browser.find("#count").text == f"{len(CARDS)} pictures"
    sizes = browser.run(
        "return [...document.querySelectorAll('.poster img')].map((one) => [one.width > 0, one.getAttribute('width'),"
        "one.getAttribute('height'), one.loading])"
    )
    assert {tuple(one) for one in sizes} == {(True, "480", "360", "lazy")}
    links = browser.run("return [...document.querySelectorAll('a')].map((one) => one.getAttribute('href'))")
    assert all((folder / link.partition("#")[0]).is_file() for link in links)
    assert {f"explorer.html#f={name}" for name in CLASSIC} < set(links)


def test_it_is_searched_and_filtered(opened):
    browser = opened()
    for words, wanted in (
        ("rosenbrock", [card for card in CARDS if card.function == "rosenbrock"]),
        ("nowhere at all", []),
        ("Algorithm", None),
        ("NEWTON", None),
        ("100 (y", None),
    ):
        browser.run(
            "const q = document.getElementById('q'); q.value = arguments[0]; q.dispatchEvent(new Event('input'))", words
        )
        texts = [
            " ".join((card.title, card.formula, card.caption, card.reference, card.hazards, card.function))
            for card in CARDS
        ]
        found = [
            text for text in texts if all(word in " ".join(text.lower().split()) for word in words.lower().split())
        ]
        count = len(found) if wanted is None else len(wanted)
        assert browser.run(SHOWN) == count, words
        assert browser.find("#count").text == f"{count} of {len(CARDS)} pictures"
    browser.find("#all").click()
    assert browser.run(SHOWN) == len(CARDS)
    for name, value in (("kind", "explain"), ("optimizer", "adam"), ("family", "wells")):
        browser.find("#all").click()
        browser.find(f"#{name} option[value='{value}']").click()
        of = {
            "kind": lambda card: card.kind,
            "family": lambda card: FUNCTIONS[card.function].family if card.function else "",
        }
        if name == "optimizer":
            count = sum("adam" in card.optimizers for card in CARDS)
        else:
            count = sum(of[name](card) == value for card in CARDS)
        assert browser.run(SHOWN) == count > 0
        assert browser.run("return location.hash") == f"#{name}={value}"


def test_a_link_remembers_what_is_shown(opened):
    browser = opened("q=wells&kind=race&theme=light")
    assert browser.run("return [optviz.chosen.q, optviz.chosen.kind, document.documentElement.dataset.theme]") == [
        "wells", "race", "light",
    ]  # fmt: skip
    assert 0 < browser.run(SHOWN) < len(CLASSIC)
    assert browser.find("#q").get_attribute("value") == "wells"
    browser.find("#theme").click()
    assert browser.run("return document.documentElement.dataset.theme") == "dark"


def test_any_fragment_is_read(opened):
    letters = random.Random(0)
    parts = [
        "q",
        "kind",
        "family",
        "optimizer",
        "theme",
        "=",
        "&",
        "%",
        "%zz",
        "race",
        "adam",
        "__proto__",
        "<b>",
        "\u2028",
        "=" * 9,
    ]
    texts = ["".join(letters.choices(parts, k=letters.randrange(1, 12))) for _ in range(300)]
    browser = opened()
    got = browser.run("return arguments[0].map((text) => optviz.readChosen(text))", texts)
    known = browser.run(
        "const values = (id) => [...document.getElementById(id).options].map((one) => one.value);"
        "return ['kind', 'family', 'optimizer'].map(values)"
    )
    for found in got:
        assert set(found) == {"q", "kind", "family", "optimizer", "theme"}
        assert all(found[name] in values for name, values in zip(("kind", "family", "optimizer"), known, strict=True))
        assert found["theme"] in ("", "dark", "light") and len(found["q"]) <= 100


def test_the_race_is_run_under_the_pointer_and_one_at_a_time(opened):
    browser = opened()
    assert browser.all(".live") == []
    point_at(browser, "rosenbrock")
    browser.until("return optviz.playing()?.card.live.facts.name === 'rosenbrock'")
    browser.until("return optviz.playing().step > 1")
    inked = (
        "const pixels = (one) => one.getContext('2d').getImageData(0, 0, one.width, one.height).data;"
        "return [...document.querySelectorAll('.live canvas')].map((one) => pixels(one).some((value) => value > 0))"
    )
    assert [one for one in browser.run(inked) if one]
    point_at(browser, "himmelblau")
    browser.until("return optviz.playing()?.card.live.facts.name === 'himmelblau'")
    assert len(browser.all(".live")) == 1
    from selenium.webdriver import ActionChains

    ActionChains(browser.driver).move_to_element(browser.find("h1")).perform()
    browser.until("return optviz.playing() === null")
    assert browser.all(".live") == []


def test_focus_plays_and_a_tap_plays_before_it_leads_on(opened):
    browser = opened()
    browser.run("document.querySelector('[data-card=ackley] .poster').focus({focusVisible: true})")
    browser.until("return optviz.playing()?.card.live.facts.name === 'ackley'")
    browser.run("document.activeElement.blur()")
    assert browser.run("return optviz.playing()") is None
    browser = opened(size=PHONE, touch=True)
    tap = (
        "const poster = document.querySelector('[data-card=booth] .poster');"
        "poster.dispatchEvent(new PointerEvent('pointerdown', {pointerType: 'touch', bubbles: true}));"
        "return poster.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    )
    assert browser.run(tap) is False
    assert browser.run("return optviz.playing().card.live.facts.name") == "booth"


def test_the_runs_are_those_of_the_kernels(opened):
    browser = opened()
    for name in ("rosenbrock", "himmelblau", "saddle"):
        wanted = race(name, SEVEN, lr=dict(zip(SEVEN, RATES, strict=True)))
        got = browser.run(
            "const card = optviz.cards.find((one) => one.live?.facts.name === arguments[0]);"
            "const runs = optviz.runsOf(card, optviz.worldOf(card.live));"
            "return runs.map(({ name, run }) => [name, [...run.values.slice(0, 60)]])",
            name,
        )
        known = {run.optimizer: run for run in wanted.trajectories}
        assert {one[0] for one in got} == set(SEVEN)
        for optimizer, values in got:
            told = [value for value in known[optimizer].values[:60] if np.isfinite(value)]
            assert values[: len(told)] == pytest.approx(told, rel=1e-9)


def test_nothing_moves_where_motion_is_not_wanted(opened, browser):
    browser.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    )
    opened()
    point_at(browser, "rosenbrock")
    browser.run("document.querySelector('[data-card=ackley] .poster').focus({focusVisible: true})")
    assert browser.run("return optviz.playing()") is None and browser.all(".live") == []


def test_an_animation_is_loaded_after_a_click(opened):
    browser = opened()
    assert not [name for name in browser.requests() if name.endswith(".gif")]
    poster = browser.find('[data-card="himmelblau-swarm"] .poster')
    browser.run("arguments[0].click()", poster)
    assert browser.run("return arguments[0].querySelectorAll('.moving').length", poster) == 1
    browser.run("arguments[0].click()", poster)
    assert browser.run("return arguments[0].querySelectorAll('.moving').length", poster) == 0
    assert browser.run("return location.pathname").endswith("index.html")


def test_without_scripts_everything_is_there(browser, folder):
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(folder / "index.html")
        cards = browser.all("#cards > li")
        assert len(cards) == len(CARDS) and all(card.is_displayed() for card in cards[:3])
        assert "optviz animate sphere" in cards[0].text and CARDS[0].formula in cards[0].text
        assert not browser.find("#filters").is_displayed() and not browser.find(".copy").is_displayed()
        assert browser.find("#count").text == f"{len(CARDS)} pictures"
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("width", [360, 390, 768, 1200])
def test_nothing_scrolls_sideways(opened, width):
    browser = opened(size=(width, 800), touch=width < 500)
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    over = (
        "const wide = (one) => one.getBoundingClientRect().right > innerWidth + 1;"
        "return [...document.querySelectorAll('.card *')].filter(wide).length"
    )
    assert browser.run(over) == 0


def test_everything_has_a_name_and_is_large_enough_to_touch(opened):
    browser = opened(size=PHONE, touch=True)
    bad = browser.run(
        "const words = (one) => one.textContent.trim() || one.querySelector('img')?.alt;"
        "const name = (one) => one.getAttribute('aria-label') || words(one);"
        "return [...document.querySelectorAll('a, button, input, select, summary')].filter((one) => one.offsetParent)"
        ".filter((one) => !name(one) || (one.closest('p:not(.links)') ? 0 : one.getBoundingClientRect().height < 39.5))"
        ".map((one) => one.outerHTML.slice(0, 90))"
    )
    assert [one for one in bad if 'class="copy"' not in one] == []
    names = browser.run("return [...document.querySelectorAll('.links a')].map((one) => one.textContent)")
    assert len(names) == len(set(names))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_words_stand_out(opened, theme):
    browser = opened(f"theme={theme}")
    ratios = browser.run(
        "const rgb = (text) => text.match(/[\\d.]+/g).map(Number);"
        "const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);"
        "const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);"
        "const ground = (one) => { for (; one; one = one.parentElement) {"
        "const c = rgb(getComputedStyle(one).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } };"
        "const shown = (one) => one.offsetParent && one.textContent.trim();"
        "return [...document.querySelectorAll('h1, h2, p, a, button, code, summary, select, li li')].filter(shown)"
        ".map((one) => { const [a, b] = [light(rgb(getComputedStyle(one).color)), light(ground(one))];"
        "return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.outerHTML.slice(0, 60)]; })"
    )
    assert len(ratios) > 100 and min(ratios)[0] >= 4.5, min(ratios)


@pytest.mark.parametrize("field", ["title", "caption", "command", "provenance", "formula"])
def test_texts_stay_texts(browser, folder, field):
    cards = [replace(CARDS[k % 4], **{field: payload}) for k, payload in enumerate(PAYLOADS)]
    path = folder / "hostile.html"
    path.write_text(GalleryPage(cards).to_html(), "utf-8")
    browser.open(path)
    browser.until(READY)
    assert browser.run("return window.hit") is None
    assert browser.run("return document.scripts.length") == 2
    assert len(browser.all("#cards > li")) == len(PAYLOADS) and browser.all("iframe, #cards img[src=x]") == []
    shown = {"title": "h2", "provenance": "details p", "command": "code"}.get(field, f".{field}")
    texts = browser.run(f"return [...document.querySelectorAll('#cards {shown}')].map((one) => one.textContent)")
    assert len(texts) == len(PAYLOADS) and "<img src=x onerror=window.hit=1>" in texts
    assert browser.complaints() == []


def test_a_folder_of_damaged_pictures_still_has_a_page(tmp_path):
    picture = race_of(FUNCTIONS["sphere"])
    for file in picture.files:
        (tmp_path / file).write_bytes(b"\0")
    html = index(tmp_path, "dark")
    assert 'data-card="sphere"' in html and '"live":' not in html

"""The documentation as it is built: no warning, nothing from elsewhere, and what a reader's browser makes of it."""

import os
import re
import shutil
import subprocess
import sys
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as RULES
from tests.page.conftest import PHONE

ROOT = Path(__file__).parents[2]
BESIDE = ("gallery", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "pyproject.toml")
MOST = 40e6  # bytes of all pages
BUILDERS = ("sphinx", "numpydoc", "myst_parser", "sphinx_design", "pydata_sphinx_theme")
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # where nobody answers


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of all pages, built from a copy of what they are made of."""
    for name in BUILDERS:
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("_build", "__pycache__"))
    for name in BESIDE:
        (folder / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "sphinx", "-M", "html", "docs", "build", "-n", "-W", "--keep-going", "-q"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | OFFLINE
    done = subprocess.run([*command, "-j", "2"], cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "build" / "html"


class Assets(HTMLParser):
    """What a browser loads with a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "input"):
            self.found += [
                given.get("src"),
                *(part.split()[0] for part in (given.get("srcset") or "").split(",") if part),
            ]
        if tag == "link" and given.get("rel") not in ("author", "canonical", "index", "search", "next", "prev"):
            self.found.append(given.get("href"))
        self.found += re.findall(r"url\(['\"]?([^'\")]+)", given.get("style") or "")


def remote(text, parse=Assets):
    """The assets of a page, or of a style sheet, that are not on its own disk."""
    reader = parse()
    reader.feed(text)
    styles = re.findall(r"<style.*?</style>", text, flags=re.DOTALL) or [text if "<html" not in text else ""]
    found = reader.found + [url for style in styles for url in re.findall(r"url\(['\"]?([^'\")]+)", style)]
    found += [url for style in styles for url in re.findall(r"@import\s+['\"]([^'\"]+)", style)]
    return [url for url in found if url and re.match(r"(\w+:)?//", url)]


def test_a_remote_asset_is_seen():
    page = '<html><link rel="stylesheet" href="//cdn.x/a.css"><img src="b.png"><script src="https://x/c.js"></script>'
    assert remote(page + '<a href="https://x">x</a>') == ["//cdn.x/a.css", "https://x/c.js"]
    assert remote("@font-face{src:url(https://x/f.woff)} a{background:url(data:image/png;base64,x)}") == [
        "https://x/f.woff"
    ]
    assert remote('<html><style>@import "https://x/y.css";</style>') == ["https://x/y.css"]


@pytest.mark.slow
def test_it_is_all_there_and_no_larger_than_promised(site):
    files = [path for path in site.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MOST
    assert len([path for path in files if path.suffix == ".html"]) > len(list(RULES)) + len(list(FUNCTIONS))
    assert (site / "explorer.html").is_file()
    assert '<span class="pre">optiviz</span>' in (site / "index.html").read_text("utf-8")  # a different project


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site):
    for path in site.rglob("*"):
        if path.suffix in (".html", ".css"):
            assert remote(path.read_text("utf-8")) == [], path


@pytest.fixture
def served(site):
    """The address of the pages on this machine."""
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *words: None})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("place", ["index", "_generated/rules/adamw", "_generated/interface/race", "guides/learn"])
def test_a_browser_asks_nobody_else(place, served, browser):
    address = SimpleNamespace(as_uri=lambda: f"{served}{place}.html")
    page = browser.open(address, size=PHONE)
    assert page.requests() and all(url.startswith(served) for url in page.requests())
    told = ("[PST]", "WebGL")  # the theme's own news
    assert not [one for one in page.complaints() if not any(word in one for word in told)]
    assert page.run("return document.documentElement.scrollWidth") <= PHONE[0]  # nothing is wider than a phone


def test_a_table_is_searched(site, browser):
    page = browser.open(site / "_generated" / "rules" / "index.html")
    count = "return document.querySelectorAll('.filtered tbody tr:not([hidden])').length"
    assert page.run(count) == len(list(RULES))
    page.find(".filters input").send_keys("muon")
    assert 2 <= page.run(count) < 6
    page.find(".filters input").clear()
    page.run(
        "const one = document.querySelector('.filters select'); one.value = 'matrices'; "
        "one.dispatchEvent(new Event('input', { bubbles: true }))"
    )
    shown = page.run(
        "return [...document.querySelectorAll('.filtered tbody tr:not([hidden])')].map(row => row.cells[1].textContent)"
    )
    assert {*shown} == {rule.name for rule in RULES if rule.kind == "matrices"}


def test_pictures_and_the_explorer_follow_the_theme(site, browser):
    page = browser.open(site / "index.html")
    for theme in ("dark", "light"):
        page.run("document.documentElement.dataset.theme = arguments[0]", theme)
        page.until(f"return document.querySelector('.explorer iframe').src.endsWith('theme={theme}')")
    page = browser.open(site / "_generated" / "rules" / "adam.html")
    for theme in ("dark", "light"):
        page.run("document.documentElement.dataset.theme = arguments[0]", theme)
        seen = page.run(
            "return [...document.querySelectorAll('img.map')].filter(one => one.offsetWidth).map(one => one.src)"
        )
        assert len(seen) == 1 and seen[0].endswith(f"rule-adam-{theme}.webp")


def test_a_phone_shows_whole_tables_and_opens_whole_pictures(site, browser):
    page = browser.open(site / "_generated" / "rules" / "adam.html", size=PHONE)
    cells = "[...document.querySelectorAll('.cards td')]"
    seen = page.run(f"return {cells}.map(one => [one.dataset.head, one.getBoundingClientRect().right])")
    assert {"variant", "agrees to"} <= {head for head, _ in seen} and all(right <= PHONE[0] for _, right in seen)
    page = browser.open(site / "guides" / "learn.html", size=PHONE)
    links = page.run("return [...document.querySelectorAll('.bd-article a.whole:has(> img)')].map(one => one.href)")
    assert len(links) >= 6 and all(link.endswith(".png") for link in links)


def test_a_notebook_s_page_is_shown_in_place(site, browser):
    place = site / "_generated" / "notebooks" / "which-optimizer.html"
    if "download" not in place.read_text("utf-8") or "iframe" not in place.read_text("utf-8"):
        pytest.skip("what runs notebooks is not installed")
    page = browser.open(place)
    frame = "document.querySelector('.output iframe')"
    assert page.run(f"return {frame}.src").endswith("/notebooks/which-optimizer-6.html")
    assert page.run(f"return {frame}.offsetWidth > 600")

"""Pages in headless Chromium: their sizes, how soon they can be used, what a frame, a map and another function cost.

Run it alone: ``python -m tests.benchmarks.bench_page``. A browser has no peer to be compared with, so these figures are
those of one machine, beside what is asked for. Of the map only the work counts, which comes in slices.
"""

import statistics
import tempfile
from pathlib import Path

import pytest

import optviz
from tests.page.conftest import Browser, chromium

FUNCTIONS = ("rosenbrock", "rastrigin", "ackley", "bbob_f10", "langermann")
ROUNDS = 5
USABLE = """
const [navigation] = performance.getEntriesByType("navigation");
return document.documentElement.dataset.ready === undefined ? null : navigation.domInteractive;
"""
MAP = """
const done = arguments[arguments.length - 1], scene = optviz.first();
scene.chart.look(scene.world, scene.seen, scene.chart.theme, done);
"""
SWITCH = "const t = performance.now(); optviz.showFunctions(arguments[0], null); return performance.now() - t;"


def busy(browser: Browser) -> float:
    """Seconds for which the page's main thread has worked."""
    found = browser.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(one["value"] for one in found if one["name"] == "TaskDuration")


def usable(browser: Browser, page: Path) -> float:
    """Seconds from navigation until the page can be used."""
    return statistics.median(browser.open(page).until(USABLE) for _ in range(ROUNDS)) / 1000


def frame(browser: Browser, page: Path, ratio: float) -> float:
    """Milliseconds of script for a frame of a race that plays."""
    browser.open(page, ratio=ratio).until(USABLE)
    browser.run("optviz.app.costs = []; optviz.seek(0); optviz.app.playing || document.getElementById('play').click()")
    browser.until("return optviz.app.step >= optviz.app.steps", 60)
    return statistics.median(browser.run("return optviz.app.costs"))


def whole_map(browser: Browser, page: Path) -> float:
    """Seconds of work for every pixel of a map."""
    browser.open(page, "step=0").until(USABLE)
    taken = []
    for _ in range(ROUNDS):
        before = busy(browser)
        browser.later(MAP)
        taken.append(busy(browser) - before)
    return statistics.median(taken)


def switch(browser: Browser, page: Path) -> float:
    """Milliseconds until the explorer shows another function with its seven runs."""
    browser.open(page, "step=0").until(USABLE)
    return statistics.median(browser.run(SWITCH, name) for _ in range(ROUNDS) for name in FUNCTIONS)


def measure(browser: Browser, folder: Path) -> None:
    """Print every figure beside what is asked for."""
    browser.driver.execute_cdp_cmd("Performance.enable", {})
    for name in FUNCTIONS:
        [page] = optviz.draw(optviz.race(name), folder / f"{name}.html")
        frames = ", ".join(f"{frame(browser, page, ratio):.1f} ms at {ratio:g}x" for ratio in (1.0, 2.0))
        print(f"{name:12} {page.stat().st_size / 1000:.0f} kB (150), usable after {usable(browser, page):.2f} s (0.5)")
        print(f"{'':12} a frame {frames} (4), the whole map {whole_map(browser, page):.2f} s (0.5)")
    page = folder / "explorer.html"
    optviz.explore(page)
    print(f"{'explorer':12} {page.stat().st_size / 1000:.0f} kB (600), usable after {usable(browser, page):.2f} s")
    print(f"{'':12} another function after {switch(browser, page):.0f} ms (150)")


if __name__ == "__main__":
    try:
        with tempfile.TemporaryDirectory() as place, chromium() as driver:
            measure(Browser(driver), Path(place))
    except pytest.skip.Exception as missing:
        print(missing)

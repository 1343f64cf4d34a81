"""A page in a notebook's frame: it works there as it does alone, and reaches nothing outside."""

import pytest

from tests.figures import races
from tests.page import results

KINDS = {"race": races.calm, "sweep": results.sweep, "study": results.study}
READY = "return document.documentElement.dataset.ready !== undefined"
NOTEBOOK = "<!doctype html><meta charset='utf-8'><title>notebook</title><script>window.secret = 1</script>"


@pytest.fixture(params=KINDS)
def frame(browser, tmp_path, request):
    """The browser inside the frame of a page of each kind."""
    place = tmp_path / "notebook.html"
    place.write_text(NOTEBOOK + KINDS[request.param]().explore(height=640)._repr_html_(), "utf-8")
    browser.open(place)
    browser.driver.switch_to.frame(browser.find("iframe"))
    browser.until(READY)
    yield browser
    browser.driver.switch_to.default_content()


def test_a_page_works_inside_its_frame(frame):
    assert frame.run("return innerHeight") == 640
    assert frame.run("return document.documentElement.scrollWidth <= innerWidth")
    for button in frame.all("button:not([hidden])")[:3]:
        if button.is_displayed() and button.is_enabled():
            frame.run("arguments[0].click()", button)
    assert frame.complaints() == [] and frame.requests() == []


def test_a_race_in_a_frame_computes_its_runs(browser, tmp_path):
    place = tmp_path / "notebook.html"
    place.write_text(NOTEBOOK + races.calm().explore()._repr_html_(), "utf-8")
    browser.open(place)
    browser.driver.switch_to.frame(browser.find("iframe"))
    browser.until(READY)
    rows = browser.run("return [...document.querySelectorAll('table tbody tr')].map((row) => row.textContent)")
    assert len([row for row in rows if row.strip()]) >= len(races.calm().trajectories)
    browser.driver.switch_to.default_content()


def test_a_frame_sees_nothing_of_the_notebook(frame):
    seen = frame.run("try { return parent.document.title } catch (error) { return error.name }")
    assert seen == "SecurityError"
    assert frame.run("try { return parent.secret } catch (error) { return error.name }") == "SecurityError"
    assert frame.run("try { return localStorage.length } catch (error) { return error.name }") == "SecurityError"

"""Pages in a real browser: one headless Chromium for all tests of this folder."""

import contextlib
import shutil

import pytest

DESKTOP, PHONE = (1200, 800), (390, 844)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--hide-scrollbars")


class Browser:
    """A browser with the few words that tests of pages need."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, fragment="", size=DESKTOP, ratio=1.0, touch=False):
        """Load a page at a size, wait until it can be used, and give it back."""
        facts = {"width": size[0], "height": size[1], "deviceScaleFactor": ratio, "mobile": touch}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", facts)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get(path.as_uri() + (f"#{fragment}" if fragment else ""))
        return self

    def run(self, script, *arguments):
        """The value of a script's ``return``."""
        return self.driver.execute_script(script, *arguments)

    def later(self, script, *arguments):
        """What a script gives to its last argument, a function."""
        return self.driver.execute_async_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def until(self, script, seconds=10):
        """Wait until a script returns something true."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, seconds, 0.05).until(lambda driver: driver.execute_script(script))

    def complaints(self):
        """What the console says, but for the remark that a screenshot of WebGL reads pixels."""
        return [entry["message"] for entry in self.driver.get_log("browser") if "ReadPixels" not in entry["message"]]

    def requests(self):
        """Addresses that the page has asked for besides its own."""
        return self.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")


def pytest_collection_modifyitems(items):
    """What needs a browser belongs to the second stage."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@contextlib.contextmanager
def chromium():
    """A driver of headless Chromium; what needs it is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (program and driver):
        pytest.skip("no chromium and chromedriver on the PATH: pages are not tried in a browser")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driving = webdriver.Chrome(service=webdriver.ChromeService(driver), options=options)
    driving.set_script_timeout(600)
    try:
        yield driving
    finally:
        driving.quit()


@pytest.fixture(scope="session")
def browser():
    """A `Browser`; tests that need it are skipped where there is no Chromium with its driver."""
    with chromium() as driver:
        yield Browser(driver)

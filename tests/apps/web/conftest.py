"""A server with a graph and jobs, and a real browser in front of it: Debian's Chromium, without a window."""

import re
import shutil

import lactate
import pytest
from serving import running

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.common.exceptions import StaleElementReferenceException  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

SECONDS = 60


@pytest.fixture(scope="session")
def graph(tmp_path_factory):
    return lactate.graph(tmp_path_factory.mktemp("graph"), lactate.pubtator("<script>alert(1)</script>"))


@pytest.fixture(scope="session")
def server(graph, tmp_path_factory):
    with running("--graph", graph, "--state", tmp_path_factory.mktemp("state")) as started:
        yield started


class Page:
    """A browser's tab, with what the tests ask of it."""

    def __init__(self, driver, url):
        self.driver = driver
        self.url = url

    def open(self, path):
        self.driver.get(self.url + path)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def until(self, found):
        # What is shown may be drawn anew between finding it and asking it.
        wait = WebDriverWait(self.driver, SECONDS, 0.05, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(lambda _: found())

    def one(self, selector):
        """The first that is shown of a selector, as soon as there is one."""
        return self.until(lambda: next((one for one in self.all(selector) if one.is_displayed()), None))

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def errors(self):
        """What the console says is wrong; answers with a status of an error that the page shows are no such thing."""
        found = [one["message"] for one in self.driver.get_log("browser") if one["level"] in {"SEVERE", "WARNING"}]
        said = ("the server responded with a status of", "Response Status Error Code")
        return [one for one in found if not any(words in one for words in said)]


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    chromium, tool = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or tool is None:
        pytest.skip("no Chromium; install Debian's chromium and chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    profile = tmp_path_factory.mktemp("profile")
    for argument in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1280,900", "lang=en"):
        options.add_argument(f"--{argument}")
    options.add_argument(f"--user-data-dir={profile}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options, Service(tool))
    found.set_page_load_timeout(SECONDS)
    yield found
    found.quit()


@pytest.fixture(scope="session")
def downloads(driver, tmp_path_factory):
    folder = tmp_path_factory.mktemp("downloads")
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    return folder


@pytest.fixture
def page(driver, server, artefacts, request):
    """A tab whose console stays free of errors; a picture of how a test leaves it is an artefact."""
    driver.get("about:blank")
    driver.get_log("browser")
    found = Page(driver, server.url)
    yield found
    name = re.sub(r"[^\w.-]+", "-", request.node.name)
    assert driver.save_screenshot(str(artefacts / f"{name}.png"))
    assert found.errors() == []

import shutil

import made_up_page_studies
import pytest
from results_page import Page

from representation_music.plots.page.build import build_page, write_page

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
)


@pytest.fixture(scope="session")
def studies():
    """A study of every kind by name, in the order of the page."""
    return {study["study"]: study for study in made_up_page_studies.every_study()}


@pytest.fixture(scope="session")
def page_path(studies, tmp_path_factory):
    """A page of all of them."""
    folder = tmp_path_factory.mktemp("page")
    return write_page(build_page([*studies.values()]), folder)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """A driven Chromium without network; the test is skipped where there is none."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        pytest.skip("no Chromium: apt-get install chromium chromium-driver")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options, webdriver.ChromeService(driver))
    window.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    window.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    yield window
    window.quit()


@pytest.fixture
def open_study(chromium, studies, tmp_path):
    """Opens the page of one study in a wide window with the light theme."""
    window = Page(chromium)

    def open_one(name):
        window.open(write_page(build_page([studies[name]]), tmp_path))
        return window

    yield open_one
    window.assert_console_is_silent()

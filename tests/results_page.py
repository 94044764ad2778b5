"""Drives the results page in a browser, for its tests: what a reader does, and what he sees."""

import re
import time

READY = "document.body.dataset.ready === 'yes'"
#: Finds a visible figure by study and title.
FIGURE = """
    const figure = [...document.querySelectorAll(`#${arguments[0]} figure:not([hidden])`)]
        .find((one) => one.querySelector("h3").textContent === arguments[1]);"""


def shown(value, sign=""):
    """A number as the page should show it, worked out apart from its scripts."""
    text = re.sub(r"^([+-]?)0\.", r"\1.", f"{value:{sign}.3f}")
    return ".000" if text[1:] == ".000" else text


class Page:
    """The page in a driven browser.

    Attributes:
        driver: Selenium's driver of the browser.
    """

    def __init__(self, driver):
        self.driver = driver

    def open(self, path, width=1400, dark=False):
        """Opens the file in a window of this width, as one who prefers light or dark."""
        size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.prefer(dark)
        self.driver.get(path.as_uri())
        self.run("sessionStorage.clear()")
        self.wait(READY)

    def prefer(self, dark):
        """Makes the reader one who prefers dark, or light."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def run(self, script, *arguments):
        """What a script in the page returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition, seconds=60):
        """Waits for a condition in the page's own language."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, f"waited {seconds} s for {condition}"
            time.sleep(0.02)

    def choose(self, study, label, text):
        """Chooses an option of the study's filter with this label."""
        script = """
            const label = [...document.querySelectorAll(`#${arguments[0]} form.filters label`)]
                .find((one) => one.firstChild.textContent === arguments[1]);
            const select = label.querySelector("select");
            select.value = [...select.options].find((one) => one.text === arguments[2]).value;
            select.dispatchEvent(new Event("change"));"""
        self.run(script, study, label, text)
        self.wait(READY)

    def rows(self, selector):
        """The words in a table's body, a list a row."""
        script = """
            return [...document.querySelectorAll(`${arguments[0]} tbody tr`)].map(
                (row) => [...row.cells].map((cell) => cell.textContent.trim()));"""
        return self.run(script, selector)

    def figures(self, study):
        """By title, the rows of every visible figure's table of values."""
        script = """
            return [...document.querySelectorAll(`#${arguments[0]} figure:not([hidden])`)].map(
                (figure) => [figure.querySelector("h3").textContent,
                    [...figure.querySelectorAll("tbody tr")].map(
                        (row) => [...row.cells].map((cell) => cell.textContent))]);"""
        return dict(self.run(script, study))

    def marks(self, study, title):
        """A figure's points: label, series, mean, songs, and place in pixels of each."""
        script = """
            return [...figure.querySelectorAll(".mark-symbol path")]
                .filter((path) => "mean" in path.__data__.datum)
                .map((path) => {
                    const {label, series, mean, songs} = path.__data__.datum;
                    const place = path.getAttribute("transform");
                    const [x, y] = place.match(/-?\\d+(\\.\\d+)?/g).map(Number);
                    return {label, series, mean, songs, x, y};
                });"""
        return self.run(FIGURE + script, study, title)

    def point_at(self, study, title, mark, click=False):
        """Moves the mouse to a point of a figure, and clicks on it if asked."""
        script = """
            const path = [...figure.querySelectorAll(".mark-symbol path")]
                .find((one) => one.__data__.datum.mean === arguments[2]);
            path.scrollIntoView({block: "center", behavior: "instant"});
            const {x, y, width, height} = path.getBoundingClientRect();
            return [x + width / 2, y + height / 2];"""
        x, y = self.run(FIGURE + script, study, title, mark["mean"])
        place = {"x": x, "y": y, "button": "left", "clickCount": 1}
        for kind in ("mouseMoved", "mousePressed", "mouseReleased")[: 3 if click else 1]:
            self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, **place})

    def texts(self, selector):
        """The words of all elements that a selector finds."""
        script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
        return self.run(script, selector)

    def assert_console_is_silent(self):
        """No error, warning or word in the browser's console since it was last asked."""
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        assert said == []

"""The results page in a real Chromium without network: how it looks and prints."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from results_page import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [400, 900, 1400])
def test_nothing_is_cut_or_hard_to_read(chromium, page_path, tmp_path, width):
    page = Page(chromium)
    page.open(page_path, width)
    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
    cut = page.run("""
        return [...document.querySelectorAll("main :is(p, h2, h3, li, label, dd, svg text)")]
            .filter((one) => one.checkVisibility() && !one.closest(".unseen, .scroll"))
            .map((one) => [one.textContent, one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.left < 0 || box.right > window.innerWidth))
            .map(([text]) => text);""")
    assert cut == []
    small = page.run("""
        return [...document.querySelectorAll("svg text")]
            .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 10)
            .map((one) => one.textContent);""")
    assert small == []
    for dark in (False, True):
        page.prefer(dark)
        for selector in ("p", ".source", "figcaption", ".answer .word", "a[href]", "svg text"):
            assert contrast(page, selector) >= 4.5, (selector, dark)
        picture = chromium.get_screenshot_as_png()
        (tmp_path / f"{width}-{'dark' if dark else 'light'}.png").write_bytes(picture)
        with Image.open(io.BytesIO(picture)) as image:
            assert image.width == width
            ground = image.convert("L").getpixel((3, 500))
            assert ground < 50 if dark else ground > 200
    page.assert_console_is_silent()


def contrast(page, selector):
    """The contrast (WCAG 2.1) of an element's text with the nearest coloured ground below it."""
    script = """
        const one = [...document.querySelectorAll(`main ${arguments[0]}`)]
            .find((element) => element.checkVisibility());
        let ground = one;
        while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")
            ground = ground.parentElement;
        const ink = one.closest("svg") ? getComputedStyle(one).fill : getComputedStyle(one).color;
        return [ink, getComputedStyle(ground).backgroundColor];"""
    light = []
    for colour in page.run(script, selector):
        values = np.array(list(map(int, re.findall(r"\d+", colour)[:3]))) / 255
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(light) + 0.05) / (min(light) + 0.05)


def test_the_theme_can_be_switched(open_study):
    page = open_study("benefit")

    def ground():
        return page.run("return getComputedStyle(document.body).backgroundColor")

    button = page.driver.find_element("id", "theme")
    as_system = ground()
    button.click()
    assert (button.text, ground()) == ("Theme: light", as_system)
    button.click()
    assert button.text == "Theme: dark" and ground() != as_system


def test_it_prints_to_clean_pages(chromium, page_path, studies):
    import pypdfium2

    page = Page(chromium)
    page.open(page_path, dark=True)
    printed = chromium.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    whole = ""
    with pypdfium2.PdfDocument(base64.b64decode(printed["data"])) as document:
        for sheet in document:
            width, _ = sheet.get_size()
            text = sheet.get_textpage()
            rights = [text.get_rect(n)[2] for n in range(text.count_rects())]
            assert width == pytest.approx(595, abs=1)  # A4, in points
            assert rights and max(rights) < width - 40  # no empty page, nothing in the margin
            corner = sheet.render(scale=0.5).to_pil().convert("L").getpixel((5, 5))
            assert corner == 255  # light, though the reader prefers dark
            whole += text.get_text_range()
    assert whole.index("Is multi-task learning beneficial?") < whole.index("Test scores")
    for left_out in ("Theme:", "Reset", "Values as a table"):
        assert left_out not in whole
    for study in studies.values():
        assert study["command"] in whole
    page.assert_console_is_silent()

"""The page of `forecast report` in a browser: searched, sorted and opened, under the pointer, on any screen."""

import base64
from pathlib import Path

import pandas as pd
import pytest

from tests.browser import Browser
from tests.conftest import SAMPLES, Command, make_monthly
from tests.test_forecast_page import NAMES

NAMED = "return [...document.querySelectorAll('#list tbody th button')].map((button) => button.textContent)"
ENTER, TAB, ESCAPE = "\ue007", "\ue004", "\ue00c"


@pytest.mark.slow
def test_a_series_is_searched_sorted_and_opened_without_a_mouse(forecast: Command, browser: Browser) -> None:
    table = pd.concat([make_monthly(series=230), make_monthly(series=6).assign(shop=lambda of: of["shop"].map(NAMES))])
    table.to_csv("shops.csv", index=False)
    assert forecast("report", "shops.csv", "--id", "shop", "--horizon", "6").code == 0
    page = Path("report.html")
    browser.open(page)
    assert len(browser.run(NAMED)) == 100, "only some rows are in the page"
    assert browser.run("return document.querySelectorAll('.opened .chart svg').length") > 0
    # search, with the keyboard alone
    browser.run("document.getElementById('search').focus()")
    browser.press(*"s21")
    assert browser.run(NAMED) == ["s21", *(f"s21{number}" for number in range(10))]
    assert browser.run("return document.getElementById('count').textContent") == "11 of 236 series"
    # sort
    browser.run("document.querySelector('#list thead th button').focus()")
    browser.press(ENTER, ENTER)
    assert browser.run("return document.querySelector('#list thead th').ariaSort") == "descending"
    assert browser.run(NAMED)[0] == "s219"
    # open
    browser.run("document.querySelector('#list tbody th button').focus()")
    browser.press(ENTER)
    browser.wait("return document.querySelectorAll('.opened .chart svg').length > 0")
    focused = "return [document.activeElement.textContent, document.activeElement.ariaExpanded]"
    assert browser.run(focused) == ["s219", "true"]
    label = browser.run("return document.querySelector('.opened .chart').ariaLabel")
    assert label.startswith("s219: forecast of")
    browser.press(TAB, ENTER)
    browser.wait("return document.querySelectorAll('.opened table tbody tr').length === 6")
    assert "NaN" not in browser.run("return document.querySelector('.opened').textContent")
    # names that are markup elsewhere
    for name, shown in NAMES.items():
        browser.run(
            "const search = document.getElementById('search'); search.value = arguments[0];"
            "search.dispatchEvent(new Event('input'))",
            shown.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b")[:200],
        )
        assert len(browser.run(NAMED)) == 1, name
        browser.run("document.querySelector('#list tbody th button').click()")
        browser.wait("return document.querySelectorAll('.opened .chart svg').length > 0")
    assert browser.read_errors() == []
    assert {*browser.read_requests()} == {page.resolve().as_uri()}


@pytest.mark.slow
def test_values_are_under_the_pointer_and_all_fits_any_screen(forecast: Command, browser: Browser) -> None:
    assert forecast("report", SAMPLES / "us_employment.csv").code == 0
    place = (
        "const row = document.querySelector(arguments[0]); row.scrollIntoView({block: 'center'});"
        "const box = row.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]"
    )
    for width in (1280, 390):
        for is_dark in (False, True):
            browser.open(Path("report.html"), width=width, is_dark=is_dark)
            assert browser.run("return document.documentElement.scrollWidth") <= width
            assert browser.run(
                "return [...document.querySelectorAll('.wide')].every((one) => one.scrollWidth <= one.clientWidth)"
            )
            back = "rgb(21, 24, 28)" if is_dark else "rgb(255, 255, 255)"
            assert browser.run("return getComputedStyle(document.body).backgroundColor") == back
            shown = browser.run("return document.querySelector('.opened .chart').innerHTML")
            assert ("rgb(86,180,233)" in shown, "rgb(0,114,178)" in shown) == (is_dark, not is_dark)
    browser.open(Path("report.html"))
    x, y, wide, high = browser.run(place, ".opened .chart")
    browser.point(int(x + 0.88 * wide), int(y + 0.25 * high))
    browser.wait("return document.querySelector('.opened .chart').textContent.includes('2016-')")
    x, y, wide, high = browser.run(place, "#list tbody tr:nth-child(5)")
    browser.point(int(x + wide / 2), int(y + high / 2))
    browser.wait("return document.querySelectorAll('#preview .chart svg').length > 0")
    browser.press(ESCAPE)
    browser.wait("return document.getElementById('preview').hidden")
    # on paper, in dark ink
    browser.open(Path("report.html"), is_dark=True)
    assert base64.b64decode(browser.command("Page.printToPDF")["data"]).startswith(b"%PDF")
    measure = "return document.querySelector('.opened .chart svg').getBoundingClientRect().width"
    assert browser.run(measure) > 900
    assert browser.run(f"window.dispatchEvent(new Event('beforeprint')); {measure}") <= 700, (
        "as wide as a sheet of paper"
    )
    assert browser.run(f"window.dispatchEvent(new Event('afterprint')); {measure}") > 900
    assert browser.read_errors() == []

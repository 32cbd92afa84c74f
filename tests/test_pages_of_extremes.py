"""`forecast report` of rare demand and of long numbers: what it says and shows, also on a narrow screen."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.browser import Browser
from tests.conftest import Command
from tests.pages import Texts, read_data


def test_a_forecast_of_zeros_is_explained_where_it_is_compared_with(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=100).strftime("%Y-%m-%d")
    sold = np.where(np.arange(100) % 9, 0, 2)
    pd.DataFrame({"day": days, "sold": sold}).to_csv("rare.csv", index=False)
    assert forecast("report", "rare.csv").code == 0
    assert "or are all zero (Zero)." in Texts(Path("report.html").read_text()).text


@pytest.mark.slow
def test_long_numbers_and_flat_series_fit_a_narrow_screen(forecast: Command, browser: Browser) -> None:
    days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    wide = 1e6 + np.random.default_rng(0).normal(0, 1e5, 60).round(3)
    pd.DataFrame({"day": days, "rare": 0, "large": wide}).to_csv("pair.csv", index=False)
    assert forecast("report", "pair.csv", "--wide").code == 0
    browser.open(Path("report.html"), width=390)
    labels = "return [...document.querySelectorAll('.opened .chart text')].map((one) => one.textContent)"
    assert "1" in browser.run(labels)
    assert [label for label in browser.run(labels) if label.startswith(("-0", "\u22120"))] == [], (
        "demand is not negative"
    )
    browser.run("document.querySelectorAll('#list tbody th button')[1].click()")
    browser.wait("return document.querySelectorAll('.opened .chart svg').length > 1")
    browser.run("document.querySelectorAll('.opened details').forEach((one) => { one.open = true; })")
    browser.wait("return document.querySelectorAll('.opened table').length > 1")
    assert browser.run("return document.querySelector('#list').offsetWidth") <= 390
    assert browser.run("return document.querySelector('#list').closest('.wide').scrollWidth") <= 390
    assert browser.run(
        "return [...document.querySelectorAll('.inner')].some((one) => one.scrollWidth > one.clientWidth)"
    )
    assert browser.read_errors() == []


def test_a_series_of_one_value_has_no_interval_in_words(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d")
    rows = pd.DataFrame({"shop": "old", "day": days, "sold": np.arange(40.0) % 7})
    pd.concat([rows, rows.tail(1).assign(shop="new")]).to_csv("shops.csv", index=False)
    assert forecast("report", "shops.csv", "--id", "shop").code == 0
    old, new = (one["summary"] for one in read_data(Path("report.html").read_text())["series"])
    assert "(80% interval " in old
    assert "interval" not in new


@pytest.mark.slow
def test_long_names_and_series_of_one_value_are_shown_on_any_screen(forecast: Command, browser: Browser) -> None:
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d")
    rows = pd.DataFrame({"shop": "x" * 240, "day": days, "sold": np.arange(40.0) % 7})
    copies = [rows, rows.assign(shop="y" * 240), rows.tail(1).assign(shop="new")]
    pd.concat(copies).to_csv("shops.csv", index=False)
    assert forecast("report", "shops.csv", "--id", "shop").code == 0
    for width in (1280, 390):
        browser.open(Path("report.html"), width=width)
        fits = (
            "return [...document.querySelectorAll('#careful .wide')].every((one) => one.scrollWidth <= one.clientWidth)"
        )
        assert browser.run(fits)
        assert browser.run("return document.querySelector('#list tbody tr').offsetHeight") < 200, "the name is cut"
    browser.run("[...document.querySelectorAll('#list tbody th button')].at(-1).click()")
    browser.wait("return [...document.querySelectorAll('.opened .chart svg')].length > 1")
    chart = "const [chart] = [...document.querySelectorAll('.opened .chart')].slice(-1);"
    named = browser.run(f"{chart} return [...chart.querySelectorAll('text')].map((one) => one.textContent)")
    assert {"observed", "forecast"} <= {*named}
    assert not [name for name in named if "backtest" in name or "interval" in name], "it has none"
    assert browser.read_errors() == []

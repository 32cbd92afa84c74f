"""The times of pictures and reports: in the zone of the data, which is named, with all that tells them apart."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.report.time_axis import mark_times
from tests.browser import Browser
from tests.pages import Texts, read_data

VALUES = np.arange(96) % 24 + 0.5


def draw(times: "pd.Series[str] | pd.DatetimeIndex", *, plan: forecaster.PicturePlan) -> tuple[str, str]:
    """The picture and the report of hourly values."""
    frame = pd.DataFrame({"t": times, "y": VALUES})
    forecaster.plot(frame, "a.svg", plan=plan)
    forecaster.write_report(frame, "a.html", plan=plan)
    return Path("a.svg").read_text(), Path("a.html").read_text()


WINTER = pd.date_range("2024-01-01", periods=96, freq="h")
BERLIN = pd.date_range("2024-03-29", periods=96, freq="h", tz="Europe/Berlin")


@pytest.mark.parametrize(
    ("times", "zone", "first"),
    [
        (WINTER, None, "2024-01-05 00:00"),
        (BERLIN, "Europe/Berlin", "2024-04-02 01:00"),
        (WINTER.tz_localize("UTC"), "UTC", "2024-01-05 00:00"),
        (pd.Series(WINTER).dt.strftime("%Y-%m-%d %H:%M+05:30"), "UTC+05:30", "2024-01-05 00:00"),
        (pd.Series(BERLIN.astype(str)), "UTC", "2024-04-01 23:00"),
    ],
)
def test_the_zone_of_the_axis_is_named_where_the_times_have_one(
    times: pd.DatetimeIndex, zone: str | None, first: str
) -> None:
    svg, page = draw(times, plan=forecaster.PicturePlan(horizon=6))
    data = read_data(page)
    drawn = data["times"][data["series"][0]["forecast"][0]][0][0]
    assert str(pd.Timestamp(drawn, unit="ms"))[:16] == first
    text = Texts(page).text
    if zone is None:
        assert "times in" not in svg
        assert "have times in" not in text
    else:
        assert f"times in {zone}<" in svg
        assert f"axes of the charts have times in {zone}." in text


@pytest.mark.parametrize(
    ("step", "label"),
    [("us", None), ("2ms", "00:00:00.100"), ("s", "01 Jan 2024 00:01:00"), ("min", "01 Jan 2024 01:00")],
)
def test_the_labels_of_short_steps_tell_them_apart(step: str, label: str | None) -> None:
    times = pd.date_range("2024-01-01", periods=96, freq=step)
    svg, page = draw(times, plan=forecaster.PicturePlan(horizon=6))
    labels = re.findall(r">([^<>]*\b\d\d:\d\d[^<>]*)</", svg.split("Forecast of")[0])
    assert len(set(labels)) == len(labels)
    assert label in labels if label else not labels
    moments = read_data(page)["times"][0][0]
    seconds = pd.Timedelta(times[1] - times[0]).total_seconds()
    np.testing.assert_allclose(np.diff(moments), 1000 * seconds, rtol=0.3)


def read_svg_marks(svg: str) -> list[str]:
    """The dates below the axis, as text."""
    return re.findall(r">(\d\d \w{3} \d{4}(?: \d\d:\d\d)?|\w{3} \d{4})</", svg)


@pytest.mark.parametrize(
    ("start", "step", "history", "marks"),
    [
        (
            "2024-04-05 05:00",
            "h",
            24,
            [*(f"08 Apr 2024 {hour}:00" for hour in ("06", "12", "18")), "09 Apr 2024 00:00"],
        ),
        ("2024-05-01 22:50", "min", 60, ["01 May 2024 23:30", "01 May 2024 23:45", "02 May 2024 00:00"]),
        ("2024-01-01", "D", 60, ["19 Feb 2024", "04 Mar 2024", "18 Mar 2024", "01 Apr 2024"]),  # Mondays
        ("2020-01-06", "W", 96, ["Apr 2020", "Jul 2020", "Oct 2020", "Jan 2021", "Apr 2021", "Jul 2021", "Oct 2021"]),
    ],
)
def test_marks_are_on_whole_hours_days_and_months(start: str, step: str, history: int, marks: list[str]) -> None:
    frame = pd.DataFrame({"t": pd.date_range(start, periods=96, freq=step), "y": VALUES})
    plan, drawing = forecaster.PicturePlan(horizon=6), forecaster.Drawing(history=history)
    forecaster.plot(frame, "a.svg", plan=plan, drawing=drawing)
    assert read_svg_marks(Path("a.svg").read_text().split("Forecast of")[0])[: len(marks)] == marks


@pytest.mark.slow
@pytest.mark.parametrize("step", ["h", "15min", "D", "W"])
def test_marks_of_a_page_are_apart_at_any_width(step: str, browser: Browser) -> None:
    times = pd.date_range("2025-03-01", periods=960 if step in ("h", "15min") else 200, freq=step)
    frame = pd.DataFrame({"t": times, "y": np.arange(len(times)) % (96 if step == "15min" else 24) + 0.5})
    forecaster.write_report(frame, "a.html", plan=forecaster.PicturePlan(horizon=24))
    script = (
        "return [...document.querySelectorAll('.opened .chart svg text')].map((text) => [text.textContent,"
        " text.getBoundingClientRect().left, text.getBoundingClientRect().right])"
    )
    for width, least in ((390, 1), (1000, 3), (1280, 3), (1600, 3)):
        browser.open(Path("a.html"), width=width)
        marks = [mark for mark in browser.run(script) if re.fullmatch(r"(\d\d )?\w{3} \d{4}( \d\d:\d\d)?", mark[0])]
        assert len(marks) >= least
        assert len({text for text, *_ in marks}) == len(marks)
        assert all(before[2] < after[1] for before, after in pairwise(marks))
        if width == 1280 and step != "15min":
            assert len({round(after[1] - before[1], -1) for before, after in pairwise(marks)}) <= 2
    assert browser.read_errors() == []


def test_years_far_away_have_marks() -> None:
    low = float(np.datetime64("0001-11-20", "ms").astype(np.int64))
    scale = mark_times(low, low + 400 * 86_400_000, width=960)
    written = np.array(scale["breaks"]).astype("datetime64[ms]").astype(str)
    assert written[0] == "0002-01-01T00:00:00.000"


def test_each_part_of_a_grid_has_times_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    parts = {
        "old": ("2001-03-05", 200),
        "new": ("2024-01-01", 200),
        "short": ("2024-01-07", 12),
        "one": ("2024-01-09", 1),
    }
    frames = [
        pd.DataFrame({"id": name, "t": pd.date_range(start, periods=count, freq="h"), "y": np.arange(count) % 24 + 0.5})
        for name, (start, count) in parts.items()
    ]
    drawing = forecaster.Drawing(series=(*parts,))
    forecaster.plot(pd.concat(frames), "a.svg", plan=forecaster.PicturePlan(horizon=6), drawing=drawing)
    svg = Path("a.svg").read_text()
    # the name of each part comes after what is in it
    marks = [read_svg_marks(part) for part in re.split("|".join(f">{name}<" for name in parts), svg)[:-1]]
    assert marks == [
        ["11 Mar 2001", "13 Mar 2001"],
        ["06 Jan 2024", "08 Jan 2024"],
        ["07 Jan 2024 00:00", "07 Jan 2024 12:00"],
        ["09 Jan 2024 00:00", "09 Jan 2024 03:00", "09 Jan 2024 06:00"],
    ]
    assert svg.count(">80% interval<") == svg.count(">backtest<") == 1, "there is one legend for all parts"
    assert capfd.readouterr().out == ""


def test_the_legend_shows_lines_as_they_are_drawn() -> None:
    forecaster.plot(pd.DataFrame({"t": WINTER, "y": VALUES}), "a.svg", drawing=forecaster.Drawing(count=1))
    svg = Path("a.svg").read_text()
    (drawn,) = set(re.findall(r'<path [^>]*stroke="([^"]*)"[^>]*stroke-dasharray', svg))
    assert set(re.findall(r'<line [^>]*stroke="([^"]*)"[^>]*stroke-dasharray', svg)) == {drawn}


@pytest.mark.slow
def test_pages_and_files_have_the_same_marks(browser: Browser) -> None:
    forecaster.write_report(pd.DataFrame({"t": WINTER, "y": VALUES}), "a.html")
    browser.open(Path("a.html"))
    script = (
        "const description = {layers: [{data: {x: arguments[0]}}], scales: [{datetime: true}]};"
        "setTimeAxis(description, arguments[1]); return [description.scales[0].breaks, description.scales[0].format]"
    )
    for first in ("0001-11-20T05:17", "1969-12-30T23:59", "2024-02-28T22:22:22"):
        low = float(np.datetime64(first, "ms").astype(np.int64))
        for span in (10, 5_000, *(np.geomspace(1e4, 1e11, 25).round()), 2e11):
            for width in (330, 1160):
                scale = mark_times(low, low + span, width=width)
                of_page = browser.run(script, [low, low + span], width)
                assert of_page == [scale.get("breaks"), scale.get("format")], (first, span, width)

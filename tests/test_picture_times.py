"""The times of pictures and reports: in the zone of the data, which is named, with all that tells them apart."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
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

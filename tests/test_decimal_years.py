"""Years with fractions, as R writes the times of a `ts`: months, quarters, half-years, and years with a trailing .0."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read


def list_years(parts: int, *, form: str, count: int = 60, first: int = 1949, start: int = 0) -> list[str]:
    return [format(first + (start + step) / parts, form) for step in range(count)]


def write(times: list[str], *, column: str = "time") -> str:
    return f"{column},value\n" + "".join(f"{time},{100 + row * 7 % 23}\n" for row, time in enumerate(times))


FORMS = {
    "R": (12, ".15g"),
    "months, 3 decimals": (12, ".3f"),
    "months, 2 decimals": (12, ".2f"),
    "quarters": (4, ".2f"),
    "quarters, R": (4, ".15g"),
    "quarters, 1 decimal": (4, ".1f"),
    "half-years": (2, ".1f"),
    "every 2 months": (6, ".4f"),
    "years": (1, ".1f"),
}
NAMES = {12: "monthly", 6: "every 2 months", 4: "quarterly", 2: "every 6 months", 1: "yearly"}


@pytest.mark.parametrize(("parts", "form"), FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("start", [0, 1])
def test_fractions_of_years_are_forecast_as_dates_are(forecast: Command, parts: int, form: str, start: int) -> None:
    times = list_years(parts, form=form, start=start)
    dates = pd.date_range("1949-01-01", periods=61, freq=f"{12 // parts}MS")[start:][:60]
    panel, summary = read(write(times))
    assert (panel.calendar.name, str(panel.starts[0])[:10], len(panel.values)) == (NAMES[parts], str(dates[0])[:10], 60)
    assert [note.split(" (")[0] for note in summary.notes] == [
        f"timestamps are read as {word} in fractions of years"
        for number, word in {12: "months", 6: "months", 4: "quarters", 2: "half-years"}.items()
        if number == parts
    ]
    Path("data.csv").write_text(write(times))
    found = forecast("predict", "data.csv", "--output", "-", "--horizon", "14").stdout.splitlines()
    Path("data.csv").write_text(write([f"{date:%Y-%m-%d}" for date in dates]))
    expected = forecast("predict", "data.csv", "--output", "-", "--horizon", "14").stdout.splitlines()
    assert [row.split(",")[1:] for row in found] == [row.split(",")[1:] for row in expected]
    going_on = list_years(parts, form=form, count=14, start=start + 60)
    assert [row.split(",")[0] for row in found[1:]] == going_on


def test_their_order_gaps_and_other_columns_change_nothing() -> None:
    times = list_years(12, form=".15g")
    assert read(write(times[::-1]))[0].calendar.name == "monthly"
    panel, summary = read(write(times[:20] + times[21:]))
    assert (panel.calendar.name, summary.missing_rows) == ("monthly", 1)
    added = [
        format(float(time) - 3e-9 * row / 60, ".15g") for row, time in enumerate(times)
    ]  # an error of R that grows
    assert read(write(added))[0].calendar.name == "monthly"
    years = "".join(f"{time},{float(time):.0f},{row % 7}\n" for row, time in enumerate(times))
    panel, summary = read(f"time,wind,rain\n{years}")
    assert (summary.columns.time, panel.calendar.name) == ("time", "monthly")


def test_a_frame_of_floats_keeps_them() -> None:
    frame = pd.DataFrame({"time": 1949 + np.arange(60) / 12, "value": np.arange(60) % 12 + 3.0})
    found = forecaster.predict(frame, horizon=3)
    assert np.allclose(found["time"].astype(float), [1954, 1954 + 1 / 12, 1954 + 2 / 12])
    yearly = forecaster.predict(frame.assign(time=np.arange(1900.0, 1960)), horizon=2)
    assert yearly["time"].astype(float).tolist() == [1960, 1961]


def test_months_after_a_point_stay_months() -> None:
    for times in (
        [f"{year}.{month:02d}" for year in range(1990, 1993) for month in range(1, 13)],
        [f"{year}.08" for year in range(1960, 1980)],
    ):
        panel, _ = read(write(times))
        assert panel.time_style.format == "%Y.%m"


@pytest.mark.parametrize(
    "times",
    [
        list_years(365, form=".4f"),
        list_years(260, form=".3f"),
        [format(1958 + (month + 0.5) / 12, ".4f") for month in range(60)],
        list_years(12, form=".1f", count=8),
        [format(1990 + step * 0.37, ".2f") for step in range(40)],
        list_years(12, form=".3f", first=200),
        list_years(4, form=".2f", first=2900),
        ["1990.08", "1990.17", "1990.42"],
    ],
    ids=["days", "trading days", "middles of months", "one decimal", "steps", "year 200", "far", "too few"],
)
def test_other_fractions_are_not_guessed(times: list[str]) -> None:
    with pytest.raises(DataError, match=r"cannot be read as a timestamp|is there already"):
        read(write(times))


def test_days_as_fractions_of_years_are_refused_with_what_to_write() -> None:
    with pytest.raises(
        DataError, match="If it is a fraction of a year, write the date, as 2024-01-31; or number the rows"
    ):
        read(write(list_years(260, form=".3f", first=1991)))


def test_weeks_as_parts_of_years_are_refused_with_a_remedy_that_works(forecast: Command) -> None:
    for form in (".2f", ".15g"):
        text = write(list_years(52, form=form, count=150, first=1990))
        with pytest.raises(DataError, match=r"52 parts of each year.*--time step --season 52\."):
            read(text)
    numbered = text.replace("time,", "step,time,").splitlines()
    rows = [f"{number},{row}" for number, row in enumerate(numbered[1:])]
    Path("data.csv").write_text("\n".join([numbered[0], *rows]) + "\n")
    outcome = forecast("predict", "data.csv", "--time", "step", "--season", "52", "--target", "value")
    assert outcome.code == 0, outcome.stderr

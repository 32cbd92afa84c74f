"""Months, quarters and years whose times are their last, or first, business days: they go on like that."""

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions

VALUES = np.arange(62) % 12 + 0.5


def predict(times: "pd.Index[pd.Timestamp]", *, frequency: str | None = None) -> tuple[list[str], str]:
    """The dates of the forecasts, and the first remark."""
    remarks: list[str] = []
    frame = pd.DataFrame({"t": times, "y": VALUES[: len(times)]})
    reading = ReadOptions(frequency=frequency)
    found = forecaster.predict(frame, horizon=14, reading=reading, on_remark=remarks.append)
    return found["t"].astype(str).tolist(), remarks[0]


@pytest.mark.parametrize("freq", ["BME", "BMS", "BQE", "BQS", "BYE", "2BME"])
@pytest.mark.parametrize("is_named", [False, True])
def test_business_days_of_months_go_on(freq: str, is_named: bool) -> None:
    times = pd.date_range("2015-01-01", periods=62, freq=freq)
    found, remark = predict(times, frequency=freq if is_named else None)
    assert found == pd.date_range(times[-1], periods=15, freq=freq)[1:].astype(str).tolist()
    assert f"(on the {'last' if freq.endswith('E') else 'first'} business day)" in remark


def test_ends_of_months_that_are_named_stay_on_business_days() -> None:
    times = pd.date_range("2015-01-01", periods=61, freq="BME")
    found, remark = predict(times, frequency="ME")
    assert found[:2] == ["2020-02-28", "2020-03-31"]
    assert "last business day" in remark


def test_missing_months_and_a_holiday_are_no_hindrance() -> None:
    times = pd.date_range("2015-01-01", periods=61, freq="BME")
    expected = pd.date_range(times[-1], periods=15, freq="BME")[1:].astype(str).tolist()
    assert predict(times[[*range(20), *range(22, 61)]])[0] == expected
    shifted = times[:20].append(times[20:21] - pd.Timedelta(1, "D")).append(times[21:])
    assert predict(shifted, frequency="BME")[0] == expected


@pytest.mark.parametrize(
    ("freq", "start", "expected"),
    [
        ("ME", "2015-01-01", "2020-03-31"),
        ("MS", "2015-01-01", "2020-03-01"),
        # business days by chance
        (pd.DateOffset(months=3), "2022-06-30", "2023-03-30"),
    ],
)
def test_other_days_of_the_month_stay_as_they_are(freq: str, start: str, expected: str) -> None:
    times = pd.date_range(start, periods=62 if isinstance(freq, str) else 3, freq=freq)
    found, remark = predict(times)
    assert found[0] == expected
    assert "business" not in remark

"""By which clock `--max-age` measures times without an offset."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.errors import GateError, UsageError
from forecaster.nightly.night import run_night
from forecaster.nightly.record import RunRecord
from forecaster.nightly.rules import Gates
from tests.conftest import Command
from tests.nightly import NIGHTLY

NOW = datetime(2024, 3, 10, 15, 30, tzinfo=UTC)


def write_hours(zone: str, *, hours_old: int = 1, offset: bool = False) -> None:
    """Hourly load up to so many hours ago, by the clock of a zone."""
    last = pd.Timestamp(NOW).floor("h") - timedelta(hours=hours_old - 1)
    times = pd.date_range(end=last, periods=300, freq="h").tz_convert(zone)
    load = 100 + 20 * np.sin(2 * np.pi * np.arange(300) / 24)
    texts = times.strftime("%Y-%m-%d %H:%M%z" if offset else "%Y-%m-%d %H:%M")
    pd.DataFrame({"time": texts, "load": load.round(2)}).to_csv("load.csv", index=False)


def run_with(zone: str | None, **gates: Any) -> RunRecord:
    plan = replace(NIGHTLY, data=("load.csv",), horizon=24, gates=Gates(**gates), is_forced=True)
    return run_night(replace(plan, reading=ReadOptions(timezone=zone)), clock=lambda: NOW)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_times_without_an_offset_are_of_the_clock_that_is_named(zone: str) -> None:
    write_hours(zone)
    record = run_with(zone, max_age="2h")
    assert record.input is not None
    assert record.input.age_seconds == 1800.0
    assert any(f"measured by the clock of {zone}" in remark for remark in record.remarks)
    assert [one["code"] for one in record.warnings] == []
    write_hours(zone, hours_old=9)
    with pytest.raises(GateError, match=r"the newest value is 8\.5 h old"):
        run_with(zone, max_age="2h")


def test_without_a_zone_the_clock_is_that_of_utc_which_is_said() -> None:
    write_hours("America/New_York")
    with pytest.raises(GateError, match=r"4\.5 h old"):
        run_with(None, max_age="2h")
    write_hours("Asia/Tokyo")
    record = run_with(None, max_age="2h")
    assert any("by the clock of UTC; --timezone names another" in remark for remark in record.remarks)
    (warning,) = [one["message"] for one in record.warnings]
    assert warning.startswith("values up to 2024-03-11 00:00 are of times that are yet to come by the clock of UTC")
    assert not [remark for remark in run_with(None, max_age="3d").remarks if "clock" in remark]


def test_times_with_an_offset_need_no_clock() -> None:
    write_hours("Asia/Tokyo", offset=True)
    for zone in (None, "Asia/Tokyo", "Europe/Berlin"):
        record = run_with(zone, max_age="2h")
        assert record.input is not None
        assert record.input.age_seconds == 1800.0
        assert not [remark for remark in record.remarks if "clock" in remark]


def test_the_zone_changes_nothing_but_the_age() -> None:
    write_hours("Asia/Tokyo")
    plain, zoned = run_with(None), run_with("Asia/Tokyo")
    one, other = (Path(f"runs/{record.run}/forecasts.csv").read_bytes() for record in (plain, zoned))
    assert one == other
    assert zoned.previous_run == plain.run
    assert [one for one in zoned.warnings if one["code"] == "not_compared"] == []


def test_monitor_takes_times_without_an_offset_as_a_run_does(
    forecast: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_hours("Asia/Tokyo", hours_old=6)
    run_with("Asia/Tokyo")
    write_hours("Asia/Tokyo")
    without = forecast("monitor", "load.csv", "--json")
    monkeypatch.setenv("FORECAST_TIMEZONE", "Asia/Tokyo")
    named = forecast("monitor", "load.csv", "--json")
    assert (named.code, without.code) == (0, 0), named.stderr
    found, expected = (json.loads(outcome.stdout) for outcome in (named, without))
    assert found["values"] == 5
    assert (found["overall"], found["ages"]) == (expected["overall"], expected["ages"])
    assert forecaster.monitor("load.csv", reading=ReadOptions(timezone="Asia/Tokyo")).values == 5
    outcome = forecast("monitor", "load.csv", "--timezone", "Mars/Base")
    assert (outcome.code, "no such zone" in outcome.stderr) == (2, True)
    pd.DataFrame({"time": range(1, 61), "load": range(60)}).to_csv("load.csv", index=False)
    outcome = forecast("monitor", "load.csv")
    assert (outcome.code, "--timezone is for timestamps" in outcome.stderr) == (78, True), "numbers are of no zone"


def test_no_such_zone_and_numbers_are_refused() -> None:
    write_hours("UTC")
    with pytest.raises(UsageError, match="no such zone"):
        run_with("Mars/Base", max_age="2h")
    pd.DataFrame({"time": range(1, 61), "load": range(60)}).to_csv("load.csv", index=False)
    with pytest.raises(UsageError, match="--timezone is for timestamps"):
        run_with("Asia/Tokyo")


@pytest.mark.parametrize(("limit", "shown"), [("29m", "30 min"), ("29.9m", "30 min")])
def test_an_age_is_shown_with_as_many_digits_as_differ_from_the_limit(limit: str, shown: str) -> None:
    write_hours("UTC")
    with pytest.raises(GateError, match=re.escape(f"is {shown} old")):
        run_with(None, max_age=limit)


def test_an_age_just_above_the_limit_is_not_shown_as_below_it() -> None:
    write_hours("UTC", hours_old=5)
    with pytest.raises(GateError, match=r"is 4\.5 h old .* older than --max-age 269m"):
        run_with(None, max_age="269m")

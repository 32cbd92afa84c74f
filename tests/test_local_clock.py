"""Hours over a change of the clocks: seasons follow the local clock, and forecasts have the offset of their moment."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.cutoffs import WindowIndex, end_of_history
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.forecasting.local_clock import follow_local_clock
from tests.conftest import Command

FILES = Path(__file__).parent / "files"
ZONE = "Europe/Berlin"
CHANGES = {"spring": "2024-03-31", "autumn": "2024-10-27"}


def make_load(season: str, *, days_after: int, step: str = "h") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The load of a town until midnight some days after the change, and of the two days that follow."""
    end = pd.Timestamp(CHANGES[season], tz=ZONE) + pd.DateOffset(days=days_after)
    times = pd.date_range(end - pd.Timedelta(days=24), end + pd.Timedelta(days=3), freq=step, tz=ZONE)
    noise = np.random.default_rng(0).normal(0, 8, len(times))
    hour = times.hour + times.minute / 60
    load = 1000 + 300 * np.sin((hour - 8) * np.pi / 12) + 200 * ((hour >= 7) & (hour < 21)) + noise
    frame = pd.DataFrame({"time": times, "load": np.round(load)})
    size = 48 if step == "h" else 192
    return frame[frame["time"] < end], frame[frame["time"] >= end].head(size)


def percentage_error(forecasts: pd.Series, truth: pd.Series) -> float:
    return float(100 * (np.abs(forecasts.to_numpy() - truth.to_numpy()) / truth.to_numpy()).mean())


@pytest.mark.parametrize("days_after", [0, 1, 2])
@pytest.mark.parametrize("season", CHANGES)
def test_the_days_after_a_change_are_forecast_by_the_local_hour(
    forecast: Command, season: str, days_after: int
) -> None:
    past, future = make_load(season, days_after=days_after)
    written = past.assign(time=[time.isoformat() for time in past["time"]])
    written.to_csv("load.csv", index=False)
    words = ["--timezone", ZONE, "--horizon", "48", "--output", "-", "--digits", "full", "--quiet"]
    table = pd.read_csv(StringIO(forecast("predict", "load.csv", *words).stdout))
    # every moment once, with the offset that holds then
    assert table["time"].tolist() == [time.isoformat() for time in future["time"]]
    assert percentage_error(table["forecast"], future["load"]) < 1.5
    # the same of a frame, and of moments in UTC, in any order
    of_frame = forecaster.predict(past.sample(frac=1, random_state=1), horizon=48)
    assert of_frame["time"].tolist() == future["time"].tolist()
    np.testing.assert_allclose(of_frame["forecast"], table["forecast"], rtol=1e-6)
    past.assign(time=[f"{time:%Y-%m-%dT%H:%MZ}" for time in past["time"].dt.tz_convert("UTC")]).to_csv(
        "load.csv", index=False
    )
    in_utc = pd.read_csv(StringIO(forecast("predict", "load.csv", *words).stdout))
    np.testing.assert_allclose(in_utc["forecast"], table["forecast"], rtol=1e-6)


def test_a_file_of_a_grid_operator(forecast: Command) -> None:
    words = ["--timezone", ZONE, "--horizon", "24", "--output", "-"]
    outcome = forecast("predict", FILES / "load_after_clocks_went_back.csv", *words)
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv(StringIO(outcome.stdout))
    _, future = make_load("autumn", days_after=1)
    assert table["time"].tolist()[:2] == ["2024-10-28T00:00:00+01:00", "2024-10-28T01:00:00+01:00"]
    assert percentage_error(table["forecast"], future["load"].head(24)) < 1.5
    plain = forecast("predict", FILES / "load_after_clocks_went_back.csv", *words[2:])
    assert "or in the zone named with --timezone, whose clock seasons then follow" in plain.stderr


def test_quarters_of_an_hour_follow_it_too() -> None:
    past, future = make_load("autumn", days_after=1, step="15min")
    table = forecaster.predict(past, horizon=192)
    assert table["time"].tolist() == future["time"].tolist()
    assert percentage_error(table["forecast"], future["load"]) < 1.5


def convert(panel: Panel, *, cutoff: int, horizon: int) -> tuple[list[float], int, list[int]]:
    index = WindowIndex(np.array([0]), np.array([cutoff]))
    local, local_index, wanted = follow_local_clock(panel, index, wanted=np.arange(horizon)[None])
    return local.values.tolist(), int(local_index.cutoffs[0]), wanted[0].tolist()


def read_hours(start: str, count: int, *, zone: str = ZONE, step: str = "h") -> Panel:
    times = pd.date_range(start, periods=count, freq=step, tz="UTC")
    pd.DataFrame({"time": times.strftime("%Y-%m-%dT%H:%MZ"), "y": np.arange(count) + 1.0}).to_csv("h.csv", index=False)
    return read_panel("h.csv", options=ReadOptions(timezone=zone))[0]


def test_a_repeated_hour_counts_once_and_nothing_after_the_cutoff_lies_before_it() -> None:
    panel = read_hours("2024-10-26T22:00", 8)  # 00:00 to 06:00 in Berlin, 02:00 twice
    for cutoff in range(1, 9):
        values, local_cutoff, wanted = convert(panel, cutoff=cutoff, horizon=8)
        assert values == [1, 2, 3, 5, 6, 7, 8]
        assert max(values[:local_cutoff]) <= cutoff
        expected = [max(step - (step > 2) - local_cutoff, 0) for step in range(cutoff, cutoff + 8)]
        assert wanted == expected


def test_the_history_does_not_end_earlier_within_a_repeated_hour() -> None:
    panel = read_hours("2024-10-26T23:00", 14, step="15min")  # 01:00, 02:00 twice, in quarters of an hour, 03:00, 03:15
    values, local_cutoff, wanted = convert(panel, cutoff=10, horizon=4)
    assert (values, local_cutoff) == ([1, 2, 3, 4, 5, 6, 7, 8, 13, 14], 8)
    assert wanted == [0, 0, 0, 1]


def test_a_skipped_hour_is_a_missing_step() -> None:
    panel = read_hours("2024-03-30T23:00", 5)  # 00:00, 01:00, 03:00, 04:00, 05:00 in Berlin
    values, local_cutoff, wanted = convert(panel, cutoff=5, horizon=3)
    np.testing.assert_array_equal(values, [1, 2, np.nan, 3, 4, 5])
    assert (local_cutoff, wanted) == (6, [0, 1, 2])
    assert convert(panel, cutoff=1, horizon=3)[1:] == (1, [0, 2, 3])


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC+01:00", "Australia/Lord_Howe"])
def test_nothing_moves_where_clocks_do_not_change_by_whole_steps(zone: str) -> None:
    panel = read_hours("2024-01-01T00:00", 24 * 200, zone=zone)
    index, wanted = end_of_history(panel), np.arange(24)[None]
    local, local_index, local_wanted = follow_local_clock(panel, index, wanted=wanted)
    assert local is panel
    assert local_index is index
    assert local_wanted is wanted


def test_several_series_move_each_from_its_own_start() -> None:
    generator = np.random.default_rng(5)
    times = pd.date_range("2024-03-25", periods=24 * 14, freq="h", tz="UTC")
    rows = []
    for name, begin, end in (("a", 0, 300), ("b", 100, 336), ("c", 200, 336)):
        rows += [pd.DataFrame({"id": name, "time": times[begin:end], "y": generator.random(end - begin)})]
    pd.concat(rows).to_csv("several.csv", index=False)
    panel, _ = read_panel("several.csv", options=ReadOptions(timezone=ZONE))
    index = end_of_history(panel)
    local, local_index, _ = follow_local_clock(panel, index, wanted=np.zeros((3, 1), np.int64))
    assert local.lengths.tolist() == [301, 237, 136]
    assert local_index.cutoffs.tolist() == [301, 237, 136]
    for series in range(3):
        one, other = (held.values[held.offsets[series] : held.offsets[series + 1]] for held in (panel, local))
        np.testing.assert_array_equal(other[~np.isnan(other)], one)


def repeat_local_day(load: pd.Series, time: pd.Timestamp, *, cutoff: pd.Timestamp) -> float:
    """The newest value at the local time of day of `time` before `cutoff`; of an hour that was repeated, the first."""
    past = load[load.index < cutoff]
    same = past[pd.DatetimeIndex(past.index).strftime("%H:%M") == f"{time:%H:%M}"]
    return float(same[pd.DatetimeIndex(same.index).date == same.index[-1].date()].iloc[0])


@pytest.mark.parametrize("season", CHANGES)
def test_the_seasonal_naive_and_the_scale_of_mase_follow_the_local_clock(forecast: Command, season: str) -> None:
    load = pd.concat(make_load(season, days_after=0)).set_index("time")["load"]
    load.to_csv("load.csv", date_format="%Y-%m-%dT%H:%M:%S%z")
    words = ["--timezone", ZONE, "--horizon", "30", "--windows", "4", "--step", "11", "--season", "24", "--quiet"]
    outcome = forecast("evaluate", "load.csv", "--model", "base", *words, "--output", "scores.json")
    assert outcome.code == 0, outcome.stderr
    steps = pd.read_csv("backtest.csv")
    for name in ("time", "cutoff"):
        steps[name] = pd.to_datetime(steps[name], utc=True).dt.tz_convert(ZONE)
    assert len(steps) == 120
    # before, on and after the day of the change
    assert steps["cutoff"].min() < pd.Timestamp(CHANGES[season], tz=ZONE) < steps["cutoff"].max()
    expected = [
        repeat_local_day(load, time, cutoff=cutoff + pd.Timedelta(hours=1))
        for time, cutoff in zip(steps["time"], steps["cutoff"], strict=True)
    ]
    np.testing.assert_allclose(steps["SeasonalNaive"], expected)
    np.testing.assert_allclose(steps["actual"], load[steps["time"]])
    plan = forecaster.BacktestPlan(horizon=30, windows=4, step=11)
    found = forecaster.evaluate(load.rename_axis("time").reset_index(), plan=plan).backtest
    local = load.set_axis(pd.DatetimeIndex(load.index).tz_localize(None))
    local = local[~local.index.duplicated()].asfreq("h")
    for scale, cutoff in zip(found.absolute_scale, steps["cutoff"].unique(), strict=True):
        past = local[: cutoff.tz_localize(None)]
        assert scale == pytest.approx(past.diff(24).abs().mean())


@pytest.mark.parametrize("season", CHANGES)
@pytest.mark.parametrize("days_after", [0, 1])
def test_covariates_move_with_the_values(forecast: Command, season: str, days_after: int) -> None:
    past, future = make_load(season, days_after=days_after)
    # some hours of the local day, another number of them each day: an hour off, they explain nothing
    generator = np.random.default_rng(3)
    for part in (past, future):
        part["outage"] = (generator.random(len(part)) < 0.15).astype(int)
        part["load"] -= 300 * part["outage"]
    reading = forecaster.ReadOptions(known=("outage",))
    found = forecaster.predict(past, horizon=48, reading=reading, future=future.drop(columns="load"))
    assert found["time"].tolist() == future["time"].tolist()
    assert percentage_error(found["forecast"], future["load"]) < 3
    # the same of a file in UTC
    for part, name in ((past, "load.csv"), (future.drop(columns="load"), "future.csv")):
        times = [f"{time:%Y-%m-%dT%H:%MZ}" for time in part["time"].dt.tz_convert("UTC")]
        part.assign(time=times).to_csv(name, index=False)
    words = ["--known", "outage", "--future", "future.csv", "--timezone", ZONE, "--horizon", "48", "--output", "-"]
    outcome = forecast("predict", "load.csv", *words, "--digits", "full", "--quiet")
    assert outcome.code == 0, outcome.stderr
    np.testing.assert_allclose(pd.read_csv(StringIO(outcome.stdout))["forecast"], found["forecast"], rtol=1e-6)


def test_of_a_repeated_hour_the_first_covariate_counts_and_a_skipped_one_has_none() -> None:
    for start, expected in (
        ("2024-10-26T22:00", [0, 1, 2, 4, 5, 6, 7, 8, 9]),
        ("2024-03-30T23:00", [0, 1, np.nan, 2, 3, 4, 5, 6, 7, 8, 9]),
    ):
        panel = read_hours(start, 8)
        values = np.arange(10.0)[:, None]
        covariates = Covariates(("x",), ("x",), np.array([True]), values, np.array([0, 10]))
        index = WindowIndex(np.array([0]), np.array([8]))
        local, local_index, _ = follow_local_clock(
            replace(panel, covariates=covariates), index, wanted=np.array([[0, 1]])
        )
        assert local.covariates is not None
        np.testing.assert_array_equal(local.covariates.values[:, 0], expected)
        assert local.covariates.offsets.tolist() == [0, len(expected)]
        # as far as the values go, each lies beside its own
        np.testing.assert_array_equal(local.values, local.covariates.values[: len(local.values), 0] + 1)
        assert local_index.cutoffs[0] == len(local.values)

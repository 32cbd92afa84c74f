"""Days and hours that a history never shows: the calendar skips them, unless they may be missing by accident."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.calendar import Calendar
from forecaster.data.open_week import OpenWeek, find_open_week
from forecaster.data.read_options import Closed, ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command

FILES = Path(__file__).parent / "files"
SHOP, HOURS = FILES / "shop_monday_to_saturday.csv", FILES / "shop_opening_hours.csv"
DAY, HOUR = 86_400_000_000, 3_600_000_000


def predict(forecast: Command, *words: str | Path) -> pd.DataFrame:
    outcome = forecast("predict", *words, "--output", "-", "--quiet")
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv(StringIO(outcome.stdout))


def write(times: pd.DatetimeIndex, *, name: str = "data.csv", values: object = None) -> str:
    shown = times.strftime("%Y-%m-%d %H:%M" if (times.normalize() != times).any() else "%Y-%m-%d")
    pd.DataFrame({"time": shown, "y": np.arange(len(times)) % 5 + 1.0 if values is None else values}).to_csv(
        name, index=False
    )
    return name


def read_calendar(times: pd.DatetimeIndex, **options: str) -> Calendar:
    return read_panel(write(times), options=ReadOptions(**options))[0].calendar  # type: ignore[arg-type]


def days(count: int, *, start: str = "2024-01-01") -> pd.DatetimeIndex:
    return pd.date_range(start, periods=count)


def test_a_shop_that_never_opens_on_sundays_is_not_forecast_on_them(forecast: Command) -> None:
    outcome = forecast("predict", SHOP, "--horizon", "12", "--output", "-")
    table = pd.read_csv(StringIO(outcome.stdout))
    expected = [day for day in days(14, start="2024-06-29") if day.day_of_week != 6][:12]
    assert table["date"].tolist() == [f"{day:%Y-%m-%d}" for day in expected]
    # Mondays follow Saturdays, at the level of Mondays
    usual = pd.read_csv(SHOP, parse_dates=["date"])
    for day, value in zip(expected, table["forecast"], strict=True):
        assert value == pytest.approx(usual["sales"][usual["date"].dt.day_of_week == day.day_of_week].mean(), rel=0.05)
    assert "daily (Monday to Saturday)" in outcome.stderr
    assert "closed, as no series ever has a value then: Sunday" in outcome.stderr
    assert "--freq D forecasts the closed ones too; --closed zero writes them too" in outcome.stderr


def test_the_flags_that_the_note_names_do_what_it_says(forecast: Command) -> None:
    skipped = predict(forecast, SHOP, "--horizon", "12")
    zeros = predict(forecast, SHOP, "--horizon", "12", "--closed", "zero")
    sundays = zeros["date"].isin(["2024-06-30", "2024-07-07"])
    assert zeros["date"].tolist() == [f"{day:%Y-%m-%d}" for day in days(14, start="2024-06-29")]
    assert (zeros[sundays].drop(columns="date") == 0).all(axis=None)
    pd.testing.assert_frame_equal(zeros[~sundays].reset_index(drop=True), skipped)
    every_day = predict(forecast, SHOP, "--horizon", "12", "--freq", "D")
    assert every_day["date"].tolist() == [f"{day:%Y-%m-%d}" for day in days(12, start="2024-06-29")]


def test_closed_steps_before_the_first_forecast_are_written_too(forecast: Command) -> None:
    whole = pd.read_csv(SHOP)
    table = whole[whole["date"] <= "2024-06-22"]
    table.to_csv("until_saturday.csv", index=False)
    zeros = predict(forecast, "until_saturday.csv", "--horizon", "1", "--closed", "zero")
    assert zeros["date"].tolist() == ["2024-06-23", "2024-06-24"]
    assert zeros["forecast"].iloc[0] == 0 < zeros["forecast"].iloc[1]


def test_scores_are_those_of_open_days(forecast: Command) -> None:
    scores = []
    for words in ([], ["--closed", "zero"]):
        assert forecast("evaluate", SHOP, "--horizon", "6", "--quiet", "-o", "scores.json", *words).code == 0
        scores.append(pd.read_csv("backtest.csv"))
    pd.testing.assert_frame_equal(scores[0], scores[1])
    assert len(scores[0]) == 6


def test_opening_hours_are_kept(forecast: Command) -> None:
    table = predict(forecast, HOURS, "--horizon", "30")
    hours = pd.date_range("2024-02-01", "2024-02-05", freq="h")
    opened = hours[(hours.hour >= 8) & (hours.hour < 18) & (hours.day_of_week < 6)][:30]
    assert table["time"].tolist() == [f"{hour:%Y-%m-%d %H:%M}" for hour in opened]
    panel, _ = read_panel(str(HOURS))
    assert (panel.calendar.name, panel.calendar.periods) == ("hourly (Monday to Saturday, 08:00 to 18:00)", (10, 60))
    zeros = predict(forecast, HOURS, "--horizon", "30", "--closed", "zero")
    # from the evening on which the file ends
    expected = pd.date_range("2024-01-31 18:00", "2024-02-03 17:00", freq="h")
    assert zeros["time"].tolist() == [f"{hour:%Y-%m-%d %H:%M}" for hour in expected]
    assert (zeros["forecast"] > 0).sum() == 30


def test_a_frame_and_a_file_have_the_same_closed_days(forecast: Command) -> None:
    frame = pd.read_csv(SHOP, parse_dates=["date"])
    remarks: list[str] = []
    ways: tuple[Closed | None, ...] = (None, "zero")
    for closed in ways:
        table = forecaster.predict(
            frame.sample(frac=1, random_state=1),
            horizon=12,
            reading=ReadOptions(closed=closed),
            on_remark=remarks.append,
        )
        written = predict(forecast, SHOP, "--horizon", "12", *(["--closed", closed] if closed else []))
        assert table["date"].dt.strftime("%Y-%m-%d").tolist() == written["date"].tolist()
        np.testing.assert_allclose(table["forecast"], written["forecast"])
    assert sum("closed, as no series ever has a value then: Sunday" in remark for remark in remarks) == 2


@pytest.mark.parametrize("opened", [(1, 2, 3, 4, 5, 6), (6, 0, 1, 2, 3), (0, 1, 2, 3), (0, 2, 4), (1, 3)])
def test_any_days_of_the_week_may_be_closed(opened: tuple[int, ...]) -> None:
    every = days(150)
    times = every[np.isin(every.day_of_week, opened)]
    calendar = read_calendar(times[:-20])
    assert calendar.periods[0] == len(opened)
    shown = calendar.advance(times[:1].to_numpy().astype("datetime64[us]"), np.arange(len(times)))
    np.testing.assert_array_equal(shown, times.to_numpy())
    np.testing.assert_array_equal(calendar.count_steps(shown[:1], shown), np.arange(len(times)))


@pytest.mark.parametrize("hour", [0, 9])
def test_sundays_without_a_value_are_closed_as_sundays_without_a_row(hour: int) -> None:
    every = days(60) + pd.Timedelta(hours=hour)
    values = np.where(every.day_of_week == 6, np.nan, 5.0 + every.day_of_week)
    panel, summary = read_panel(write(every, values=values))
    assert panel.calendar == Calendar("microsecond", DAY, open_runs=(0, 6))
    assert (summary.missing_values, summary.missing_rows, int(panel.lengths[0])) == (0, 0, 52)
    weekdays = np.where(every.day_of_week >= 5, np.nan, 5.0)
    assert read_panel(write(every, values=weekdays))[0].calendar == Calendar("business_day", 1)


def test_what_may_be_missing_by_accident_is_not_closed() -> None:
    generator = np.random.default_rng(2)
    every = days(400)
    whole_week = Calendar("microsecond", DAY)
    # two weeks, a single open Sunday, half of the days
    no_sunday = every[every.day_of_week < 6]
    assert read_calendar(no_sunday[:12]) == whole_week
    assert read_calendar(every[(every.day_of_week < 6) | (every == "2024-03-03")]) == whole_week
    for _ in range(20):
        sparse = every[:60][generator.random(60) < 0.55]
        assert not read_calendar(sparse, frequency="D").open_runs
        try:
            found = read_calendar(sparse)
        except DataError:
            continue
        assert not found.open_runs
    assert read_calendar(no_sunday, frequency="D") == whole_week
    # a third of the days of five weeks is missing, and it may be luck that all Sundays are among them
    for seed in range(20):
        kept = np.sort(np.random.default_rng(seed).permutation(30)[:20])
        assert find_open_week(no_sunday[:30][kept].to_numpy(), multiple=DAY) is None


def test_a_closed_day_counts_as_the_open_one_before_it() -> None:
    every = days(60)
    calendar = read_calendar(every[every.day_of_week < 6])
    times = every.to_numpy().astype("datetime64[us]")
    expected = np.cumsum(every.day_of_week < 6) - 1
    np.testing.assert_array_equal(calendar.count_steps(times[:1], times), expected)
    np.testing.assert_array_equal(calendar.is_open(times), every.day_of_week < 6)


def test_another_series_with_sundays_opens_them_for_all() -> None:
    every = days(90)
    frame = pd.DataFrame({"id": "a", "time": every[every.day_of_week < 6], "y": 1.0})
    other = pd.DataFrame({"id": "b", "time": every, "y": 2.0})
    pd.concat([frame, other]).to_csv("two.csv", index=False)
    assert read_panel("two.csv")[0].calendar == Calendar("microsecond", DAY)
    frame.to_csv("one.csv", index=False)
    assert read_panel("one.csv")[0].calendar.open_runs == (0, 6)


def test_a_calendar_does_not_depend_on_the_week_that_the_file_begins_in() -> None:
    every = days(120)
    times = every[every.day_of_week < 6]
    for shift in (0, 7, 700, -7000):
        assert read_calendar(times + pd.Timedelta(days=shift)).open_runs == (0, 6)


def test_hours_that_are_open_on_some_days_only() -> None:
    hours = pd.date_range("2024-01-01", periods=24 * 35, freq="h")
    times = hours[(hours.hour >= 8) & (hours.hour < np.where(hours.day_of_week == 5, 14, 18)) & (hours.day_of_week < 6)]
    calendar = read_calendar(times[:-40])
    assert (calendar.name, calendar.periods) == ("hourly (56 of the 168 steps of a week)", (56,))
    shown = calendar.advance(times[:1].to_numpy().astype("datetime64[us]"), np.arange(len(times)))
    np.testing.assert_array_equal(shown, times.to_numpy())


def test_an_hour_of_maintenance_is_a_gap() -> None:
    hours = pd.date_range("2024-01-01", periods=24 * 60, freq="h")
    assert not read_calendar(hours[(hours.day_of_week != 6) | (hours.hour != 3)]).open_runs


def test_opening_hours_follow_the_local_clock(forecast: Command) -> None:
    hours = pd.date_range("2024-03-01", periods=24 * 45, freq="h", tz="Europe/Berlin")
    opened = hours[(hours.hour >= 8) & (hours.hour < 18) & (hours.day_of_week < 6)]
    text = "".join(f"{time.isoformat()},{time.hour}\n" for time in opened[:-60])
    Path("local.csv").write_text("time,y\n" + text)
    table = predict(forecast, "local.csv", "--horizon", "60", "--timezone", "Europe/Berlin")
    assert table["time"].tolist() == [time.isoformat() for time in opened[-60:]]


def test_a_week_that_is_not_one_is_refused() -> None:
    for runs in ((6, 0), (0, 8), (0,), (3, 3)):
        with pytest.raises(ValueError, match="open_runs"):
            Calendar("microsecond", DAY, open_runs=runs)
    assert OpenWeek(HOUR, (8, 18)).describe_open() == "Monday, 08:00 to 18:00"


def test_a_model_of_other_open_days_is_refused_with_a_remedy_that_works(forecast: Command) -> None:
    write(days(140)[days(140).day_of_week < 6], name="long.csv")
    words = ["--steps", "2", "--from-scratch", "--hidden", "4", "--horizon", "6", "--quiet"]
    assert forecast("train", "long.csv", *words).code == 0
    every = days(30, start="2024-06-01")
    write(every[every.day_of_week < 6][:8], name="short.csv")
    refused = forecast("predict", "short.csv", "--output", "-")
    assert refused.code == 65
    assert "the model learned daily (Monday to Saturday) ones" in refused.stderr
    assert "give more weeks of it" in refused.stderr
    write(every[every.day_of_week < 6], name="longer.csv")
    assert forecast("predict", "longer.csv", "--output", "-").code == 0


def test_where_few_rows_leave_it_open_whether_a_day_is_closed_it_is_said(forecast: Command) -> None:
    every = pd.date_range("2024-01-02", periods=30)
    few = every[every.day_of_week < 6].delete([8, 15])
    outcome = forecast("predict", write(few), "--output", "-")
    assert "1 series, daily;" in outcome.stderr
    said = " ".join(outcome.stderr.split())
    assert "no row has a value on Sunday, which may be closed" in said
    assert "(--closed skip leaves them out, --freq D says that they are open)" in said
    assert "may be closed" not in forecast("predict", "data.csv", "--freq", "D", "--output", "-").stderr
    assert read_calendar(few, closed="skip").name == "daily (Monday to Saturday)"
    # all days are there, or as many are missing anywhere
    assert read_calendar(every.delete([8, 15]), closed="skip").name == "daily"
    assert "may be closed" not in forecast("predict", write(every.delete([3, 8, 13, 20, 24])), "--output", "-").stderr


def test_steps_of_microseconds_have_no_closed_phases() -> None:
    moments = np.datetime64("2024-01-01", "us") + np.array([0, 8, 16, 3_600_000_000, 3_600_000_008])
    assert find_open_week(moments, multiple=8) is None


@pytest.mark.parametrize("day", [18, 40])
def test_a_single_time_of_day_does_not_make_days_hours(forecast: Command, day: int) -> None:
    days = pd.date_range("2024-01-01", periods=60)
    shown = days.strftime("%Y-%m-%d").to_numpy(object)
    shown[day] += " 13:00"
    pd.DataFrame({"time": shown, "y": np.arange(60.0)}).to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv", "--horizon", "3")
    assert outcome.code == 65
    assert (
        f"line {day + 2}: {days[day]:%Y-%m-%d} 13:00:00 does not fit the steps of the others (daily" in outcome.stderr
    )
    # what the message says works
    outcome = forecast("predict", "data.csv", "--freq", "D", "--aggregate", "last", "--horizon", "3")
    assert (outcome.code, "60 rows" in outcome.stderr) == (0, True)


def test_two_times_of_day_that_come_back_each_week_are_steps() -> None:
    days = pd.date_range("2024-01-01", periods=200)
    hours = np.select([days.dayofweek == 1, days.dayofweek == 3], [9, 15], -1)
    times = days[hours >= 0] + pd.to_timedelta(hours[hours >= 0], unit="h")
    calendar = read_calendar(times)
    assert (calendar.name, calendar.periods) == ("every 6h (2 of the 28 steps of a week)", (2,))

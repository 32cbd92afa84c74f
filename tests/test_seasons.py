"""Which seasons a series is looked at with: by the calendar, by the user, and by its own history."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.calendar import HOUR, Calendar
from forecaster.data.panel import find_periods, find_season
from forecaster.encoding.encoding import Encoding
from forecaster.errors import UsageError
from tests.conftest import Command
from tests.test_windows import make_panel

HOURLY = Calendar("microsecond", HOUR)


def make_hourly(lengths: dict[str, int]) -> pd.DataFrame:
    """A long-form table of hourly series with a day and a week, all of which end at the same time."""
    generator = np.random.default_rng(0)
    frames = []
    for name, length in lengths.items():
        steps = np.arange(-length, 0)
        values = 100 + 20 * np.sin(2 * np.pi * steps / 24) + 15 * (steps // 24 % 7 < 2) + generator.normal(0, 2, length)
        times = pd.date_range(end="2024-03-01", periods=length, freq="h").strftime("%Y-%m-%d %H:%M")
        frames.append(pd.DataFrame({"id": name, "time": times, "value": values.round(3)}))
    return pd.concat(frames, ignore_index=True)


def test_the_main_season_is_the_calendars_however_short_the_series() -> None:
    for length, periods in ((5, (24,)), (30, (24,)), (201, (24,)), (202, (24, 168)), (2000, (24, 168))):
        panel = make_panel(np.arange(float(length)), calendar=HOURLY, start="2024-01-01T00:00")
        assert find_periods(panel) == periods
        assert find_season(panel, periods=periods) == (24 if length >= 48 else 1)


@pytest.mark.parametrize(
    ("seasons", "periods"),
    [
        ((24,), (24, 168)),
        ((12,), (12, 168)),
        ((168,), (168,)),
        ((24, 168), (24, 168)),
        ((24, 48), (24, 48)),
        ((1,), (1,)),
    ],
)
def test_a_named_season_is_the_main_one_beside_the_calendars_longest(
    seasons: tuple[int, ...], periods: tuple[int, ...]
) -> None:
    panel = make_panel(np.arange(2000.0), calendar=HOURLY, start="2024-01-01T00:00")
    assert find_periods(panel, seasons=seasons) == periods


def test_a_named_season_has_to_be_seen_twice() -> None:
    panel = make_panel(np.arange(335.0), calendar=HOURLY, start="2024-01-01T00:00")
    with pytest.raises(UsageError, match=r"--season 168: two seasons are needed, 336 steps.*has 335"):
        find_periods(panel, seasons=(24, 168))
    assert find_periods(panel, seasons=(24,)) == (24, 168)


def test_a_window_has_the_longer_season_where_its_own_past_shows_it() -> None:
    encoding = Encoding(30, (24, 168))
    groups = encoding.split(np.array([300, 201, 202, 2, 400]))
    assert [(found.periods, rows.tolist()) for found, rows in groups] == [((24, 168), [0, 2, 4]), ((24,), [1, 3])]
    assert [rows.tolist() for _, rows in Encoding(30, (24,)).split(np.array([5, 900]))] == [[0, 1]]


def predict(forecast: Command, *words: str) -> pd.DataFrame:
    outcome = forecast("predict", "hourly.csv", "--horizon", "30", "--quiet", *words)
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv("forecasts.csv")


def test_naming_the_calendars_own_season_changes_nothing(forecast: Command) -> None:
    make_hourly({"a": 900}).to_csv("hourly.csv", index=False)
    plain = predict(forecast)
    for season in ("24", "24,168"):
        pd.testing.assert_frame_equal(predict(forecast, "--season", season), plain)
    assert not predict(forecast, "--season", "24,48").equals(plain)
    Path("forecast.toml").write_text("season = [24, 48]\n")
    assert not predict(forecast).equals(plain)


def test_a_short_series_is_forecast_alike_beside_long_ones(forecast: Command) -> None:
    make_hourly({"short": 100}).to_csv("hourly.csv", index=False)
    alone = predict(forecast)
    make_hourly({"short": 100, "long": 1500}).to_csv("hourly.csv", index=False)
    together = predict(forecast)
    np.testing.assert_allclose(together.loc[together["id"] == "short", "forecast"], alone["forecast"], rtol=1e-5)


def test_a_series_of_a_year_is_forecast_alike_beside_longer_ones(forecast: Command) -> None:
    generator = np.random.default_rng(1)
    dates = pd.date_range("2020-01-01", periods=900).strftime("%Y-%m-%d")
    # calm now, so that what lies beyond the reach of a week's season would show
    values = np.concatenate([generator.normal(100, 20, 100), generator.normal(100, 2, 300)])
    one = pd.DataFrame({"id": "one", "time": dates[:400], "value": values})
    other = pd.DataFrame({"id": "other", "time": dates, "value": generator.normal(50, 5, 900)})
    one.to_csv("hourly.csv", index=False)
    alone = predict(forecast)
    pd.concat([one, other]).to_csv("hourly.csv", index=False)
    together = predict(forecast)
    np.testing.assert_allclose(together.loc[together["id"] == "one", "forecast"], alone["forecast"], rtol=1e-6)


@pytest.mark.parametrize("season", ["0", "x", "24,12", "24,24", "7,30,365", "1.5", ",", "-3", "٣"])
def test_what_is_no_season_is_refused(forecast: Command, season: str) -> None:
    make_hourly({"a": 100}).to_csv("hourly.csv", index=False)
    outcome = forecast("predict", "hourly.csv", f"--season={season}")
    assert outcome.code == 2
    assert f"--season {season}: " in outcome.stderr
    assert not Path("forecasts.csv").exists()


@pytest.mark.parametrize("step", ["ms", "2ms", "h"])
def test_a_short_history_of_milliseconds_is_forecast_in_its_own_range(step: str) -> None:
    """A minute of 60,000 steps, never seen, once multiplied the small changes of a short past."""
    values = np.random.default_rng(5).integers(1, 6, 200).astype(float)
    times = pd.date_range("2024-01-01", periods=200, freq=step)
    found = forecaster.predict(pd.DataFrame({"t": times, "y": values}), horizon=6)
    assert found["forecast"].between(2, 4).all()
    assert (found["forecast-hi-80"] >= 4).all()


def test_a_very_long_season_is_left_out_where_a_past_does_not_hold_it_twice() -> None:
    calendar = Calendar("microsecond", 10_000)
    for length, periods in ((200, (1,)), (11_999, (1,)), (12_000, (6000,))):
        panel = make_panel(np.arange(float(length)), calendar=calendar, start="2024-01-01T00:00")
        assert find_periods(panel) == periods
    groups = Encoding(30, (6000,)).split(np.array([12_000, 11_999]))
    assert [(found.periods, rows.tolist()) for found, rows in groups] == [((6000,), [0]), ((1,), [1])]

"""Pasts that jumped: the forecast goes on at the new level, and a trend still goes on."""

import numpy as np
import pandas as pd
import pytest

import forecaster

SEASONS = {"D": 7, "MS": 12, "QS": 4, "h": 24}


def predict(values: np.ndarray, *, frequency: str, horizon: int) -> pd.DataFrame:
    times = pd.date_range("2024-01-01", periods=len(values), freq=frequency)
    return forecaster.predict(pd.DataFrame({"ds": times, "y": values}), horizon=horizon, mean=True)


@pytest.mark.parametrize("frequency", SEASONS)
@pytest.mark.parametrize("more", [0, 2])
def test_a_jump_one_season_ago_is_no_trend_with_a_season(frequency: str, more: int) -> None:
    season = SEASONS[frequency]
    noise = 2 * np.random.default_rng(0).normal(size=2 * season + more)
    values = 100 + 50.0 * (np.arange(len(noise)) >= season + more)
    for past in (values, values + noise):
        found = predict(past, frequency=frequency, horizon=season)
        assert found["forecast"].iloc[: season // 4 + 1].between(140, 160).all()
        assert found["forecast-mean"].iloc[: season // 4 + 1].between(135, 165).all()


@pytest.mark.parametrize("frequency", SEASONS)
def test_a_trend_over_two_seasons_goes_on(frequency: str) -> None:
    season = SEASONS[frequency]
    steps = np.arange(3 * season)
    generator = np.random.default_rng(1)
    truth = 100 + 20 * steps / season + 5 * np.sin(2 * np.pi * steps / season)
    past = truth[: 2 * season] + generator.normal(size=2 * season)
    found = predict(past, frequency=frequency, horizon=season)
    assert np.abs(found["forecast"] - truth[2 * season :]).mean() < 9
    assert found["forecast"].iloc[-1] > past[-season:].mean() + 10


def make_new(*, steps: int = 100, live: int = 8, before: float = 0.0, seed: int = 1) -> np.ndarray:
    """A series that began `live` steps ago."""
    values = 100 + 5 * np.random.default_rng(seed).normal(size=steps)
    values[: steps - live] = before
    return values.round(1)


@pytest.mark.parametrize("live", [8, 15, 22])
@pytest.mark.parametrize("before", [0.0, 50.0])
def test_a_series_that_has_just_begun_is_not_calibrated_by_its_first_value(live: int, before: float) -> None:
    found = predict(make_new(live=live, before=before), frequency="D", horizon=14)
    assert found["forecast-mean"].between(90, 130).all()
    assert found["forecast-hi-80"].max() < 250
    # each interval lies within the next
    assert (found["forecast-hi-80"] < found["forecast-hi-95"]).all()


def test_new_series_do_not_widen_the_intervals_of_others() -> None:
    steady = {f"steady{seed}": 100 + 5 * np.random.default_rng(seed).normal(size=100) for seed in range(10)}
    new = {f"new{seed}": make_new(seed=seed) for seed in range(10)}

    def measure_width(columns: dict[str, np.ndarray]) -> float:
        frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=100), **columns})
        found = forecaster.predict(frame, horizon=7)
        own = found[found["series"].str.startswith("steady")]
        return float((own["forecast-hi-95"] - own["forecast-lo-95"]).mean())

    alone = measure_width(steady)
    assert measure_width(steady | new) == pytest.approx(alone, rel=0.15)
    assert alone == pytest.approx(4 * 5, rel=0.3)


def test_a_burst_that_has_ended_does_not_set_the_mean() -> None:
    yearly = np.array([99, 97, 105, 105, 87, 103, 505, 498, 501, 99.5, 97.5, 100.5])
    found = predict(yearly, frequency="YS", horizon=6)
    assert found["forecast"].between(85, 130).all()
    assert (found["forecast-mean"] < yearly.mean()).all()
    daily = 100 + 5 * np.random.default_rng(1).normal(size=40)
    daily[22:25] += 400
    assert (predict(daily, frequency="D", horizon=14)["forecast-mean"] < 150).all()


def test_the_mean_of_a_series_that_has_ended_stays_low() -> None:
    values = 100 + 15 * np.random.default_rng(1).normal(size=40)
    values[-10:] = 0
    assert predict(values, frequency="D", horizon=14)["forecast-mean"].max() < 28


@pytest.mark.parametrize("seed", [1, 2])
def test_the_mean_of_regular_pulses_is_that_of_the_past(seed: int) -> None:
    values = 20 + 80.0 * (np.arange(1000) % 10 == 3) + np.random.default_rng(seed).normal(size=1000)
    assert predict(values, frequency="h", horizon=100)["forecast-mean"].mean() == pytest.approx(28, rel=0.1)


def test_a_correction_of_the_mean_does_not_leave_the_interval_of_a_steady_series() -> None:
    generator = np.random.default_rng(1)
    pulses = 20 + 80.0 * (np.arange(1000) % 10 == 3) + generator.normal(size=1000)
    steady = 50 + 0.5 * generator.normal(size=1000)
    frame = pd.DataFrame({"ds": pd.date_range("2024-01-01", periods=1000, freq="h"), "a": pulses, "b": steady})
    found = forecaster.predict(frame, horizon=24, mean=True)
    own, other = (found[found["series"] == name] for name in ("b", "a"))
    assert own["forecast-mean"].between(own["forecast-lo-80"], own["forecast-hi-80"]).all()
    assert own["forecast-mean"].between(49, 51).all()
    assert other["forecast-mean"].mean() < 32


@pytest.mark.parametrize(("frequency", "steps"), [("D", 60), ("MS", 48), ("QS", 20), ("h", 100)])
@pytest.mark.parametrize("live", [2, 3, 6])
def test_a_series_after_a_wait_of_zeros_is_forecast_by_what_came_since(frequency: str, steps: int, live: int) -> None:
    found = predict(make_new(steps=steps, live=live), frequency=frequency, horizon=SEASONS[frequency])
    assert found["forecast"].between(85, 115).all()
    assert found["forecast-mean"].between(85, 115).all()
    assert found["forecast-hi-80"].max() < 170


def test_zeros_that_may_return_still_count() -> None:
    orders = np.zeros(60)
    orders[-1] = 100
    assert (predict(orders, frequency="D", horizon=7)["forecast"] == 0).all()
    # one weekend of zeros before five days
    week = make_new(steps=7, live=5)
    alone = predict(week, frequency="D", horizon=7)
    assert not np.allclose(alone["forecast"], predict(week[2:], frequency="D", horizon=7)["forecast"])
    # and once that occurs again, those before the first order are like those after it
    orders[[-20, -19, -18]] = 100
    assert predict(orders, frequency="D", horizon=7)["forecast"].median() < 50


def test_intervals_do_not_go_far_beyond_what_was_ever_seen() -> None:
    generator = np.random.default_rng(1)
    pulses = 20 + 80.0 * (np.arange(1000) % 10 == 3) + generator.normal(size=1000)
    found = predict(pulses, frequency="h", horizon=100)
    assert (found["forecast-hi-95"] - found["forecast"]).max() < 95
    burst = 100 + 5 * generator.normal(size=40)
    burst[22:25] += 400
    assert predict(burst, frequency="D", horizon=14)["forecast-hi-95"].max() < 1000


def test_intervals_of_growth_and_of_few_values_go_beyond_the_past() -> None:
    walk = 1000 + np.cumsum(np.random.default_rng(2).normal(size=(20, 40)), axis=1)
    for past in walk:
        found = predict(past, frequency="D", horizon=28)
        assert (found["forecast-hi-95"] - found["forecast-lo-95"]).iloc[-1] > 10
    growth = 100 * 1.1 ** np.arange(40) * np.exp(0.05 * np.random.default_rng(3).normal(size=40))
    found = predict(growth, frequency="QS", horizon=8)
    assert found["forecast"].iloc[-1] > growth.max() * 1.3
    assert found["forecast-hi-80"].iloc[-1] > growth.max() * 1.7

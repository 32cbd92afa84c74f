"""The simple forecasts and the statistical ones, compared with loops and with statsforecast."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.errors import ConfigurationError, UsageError
from forecaster.evaluation import statistical
from forecaster.evaluation.baselines import BASELINES, forecast_drift, forecast_naive, forecast_seasonal_naive
from forecaster.evaluation.statistical import choose_statistical, forecast_statistical

NAN = float("nan")
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
SCORES = [NormalDist().inv_cdf(level) for level in LEVELS]
HORIZON = 9


def make_pasts(*, time: int, seed: int = 0) -> Array:
    """Six pasts with gaps, shorter and shorter, the last with a single value."""
    generator = np.random.default_rng(seed)
    past = generator.normal(50, 10, (6, time))
    past[generator.random(past.shape) < 0.25] = NAN
    for row in range(6):
        past[row, : row * time // 6] = NAN
    past[:2, -3:] = NAN
    past[5] = NAN
    past[5, -2] = 3.0
    return past


def known(values: list[float]) -> list[tuple[int, float]]:
    return [(step, value) for step, value in enumerate(values) if not math.isnan(value)]


def slow_errors(values: list[float], *, lag: int) -> list[float]:
    differences = [new - old for old, new in zip(values, values[lag:], strict=False)]
    return [difference for difference in differences if not math.isnan(difference)]


def slow_seasonal_naive(values: list[float], *, season: int) -> list[list[float]]:
    errors, plain = slow_errors(values, lag=season), slow_errors(values, lag=1)
    forecasts = []
    for step in range(len(values), len(values) + HORIZON):
        same_phase = [(place, value) for place, value in known(values) if (step - place) % season == 0]
        place, point = same_phase[-1] if same_phase else known(values)[-1]
        last = known(values)[-1][0]
        sigma = 0.0
        if errors and (same_phase or not plain):
            # counted from the value that is repeated, or from the cutoff where that is of another phase
            seasons = (step - place) // season if same_phase else (step - len(values)) // season + 1
            sigma = math.sqrt(sum(error**2 for error in errors) / len(errors) * seasons)
        elif plain:
            sigma = math.sqrt(sum(error**2 for error in plain) / len(plain) * (step - last))
        forecasts.append([point + sigma * score for score in SCORES])
    return forecasts


def slow_drift(values: list[float]) -> list[list[float]]:
    (first, start), (last, end) = known(values)[0], known(values)[-1]
    slope = (end - start) / (last - first) if last > first else 0.0
    errors = [error - slope for error in slow_errors(values, lag=1)]
    variance = sum(error**2 for error in errors) / max(len(errors) - 1, 1)
    forecasts = []
    for step in range(len(values), len(values) + HORIZON):
        # counted from the last value, be it before the cutoff
        ahead = step - last
        sigma = math.sqrt(variance * ahead * (1 + ahead / max(last - first, 1)))
        forecasts.append([end + slope * ahead + sigma * score for score in SCORES])
    return forecasts


@pytest.mark.parametrize("time", [3, 14, 24, 31])
@pytest.mark.parametrize("season", [1, 4, 12])
def test_seasonal_naive_is_that_of_a_slow_loop(time: int, season: int) -> None:
    past = make_pasts(time=time)
    past[1:3] = np.nan_to_num(past[1:3], nan=1.0)
    past = past[~np.isnan(past).all(axis=1)]
    found = forecast_seasonal_naive(past, horizon=HORIZON, season=season, levels=LEVELS)
    expected = [slow_seasonal_naive(values, season=season) for values in past.tolist()]
    np.testing.assert_allclose(found, expected)
    if season == 1:
        np.testing.assert_array_equal(found, forecast_naive(past, horizon=HORIZON, season=12, levels=LEVELS))


@pytest.mark.parametrize("time", [6, 24, 31])
def test_drift_is_that_of_a_slow_loop(time: int) -> None:
    past = make_pasts(time=time)
    past = past[~np.isnan(past).all(axis=1)]
    found = forecast_drift(past, horizon=HORIZON, season=12, levels=LEVELS)
    np.testing.assert_allclose(found, [slow_drift(values) for values in past.tolist()])


def test_steps_before_the_series_began_change_no_baseline() -> None:
    values = make_pasts(time=14)[:1]
    padded = np.pad(values, ((0, 0), (9, 0)), constant_values=NAN)
    for baseline in BASELINES.values():
        found = baseline(padded, horizon=HORIZON, season=12, levels=LEVELS)
        np.testing.assert_allclose(found, baseline(values, horizon=HORIZON, season=12, levels=LEVELS))


@pytest.mark.parametrize("season", [4, 12])
def test_simple_forecasts_and_their_intervals_agree_with_statsforecast(season: int) -> None:
    from statsforecast import models as theirs  # takes longer to import than all other tests together

    values = make_pasts(time=40, seed=1)[0]
    values = values[~np.isnan(values)]
    # statsforecast divides by T − 1 for the drift; a slope was estimated as well, so it is T − 2 (FPP3, 5.5)
    freedom = math.sqrt((len(values) - 1) / (len(values) - 2))
    pairs: list[tuple[Any, Any, float]] = [
        (forecast_seasonal_naive, theirs.SeasonalNaive(season_length=season), 1.0),
        (forecast_naive, theirs.Naive(), 1.0),
        (forecast_drift, theirs.RandomWalkWithDrift(), freedom),
    ]
    for ours, model, wider in pairs:
        found = ours(values[None], horizon=HORIZON, season=season, levels=LEVELS)[0]
        expected = model.forecast(y=values, h=HORIZON, level=[80, 95])
        np.testing.assert_allclose(found[:, 2], expected["mean"])
        for place, name in ((0, "lo-95"), (1, "lo-80"), (3, "hi-80"), (4, "hi-95")):
            width = wider * (expected[name] - expected["mean"])
            np.testing.assert_allclose(found[:, place] - found[:, 2], width, err_msg=name)


def make_seasonal(*, windows: int) -> Array:
    generator = np.random.default_rng(0)
    past = 100 + 10 * np.tile([1.0, 3.0, -2.0, -2.0], 8) + generator.normal(size=(windows, 32))
    past[:, 13] = NAN
    past[0, :6] = NAN
    return past


@pytest.mark.parametrize("name", ["AutoETS", "AutoARIMA", "Theta"])
def test_statistical_forecasts_are_finite_ascend_and_follow_the_season(name: str) -> None:
    past = make_seasonal(windows=2)
    found = forecast_statistical(past, names=(name,), horizon=6, season=4, levels=LEVELS)[name]
    assert found.shape == (2, 6, len(LEVELS))
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=2) > 0).all()
    np.testing.assert_allclose(
        found[:, :, 2], 100 + 10 * np.tile([1.0, 3.0, -2.0, -2.0], 2)[:6] * np.ones((2, 1)), atol=6
    )


def test_windows_without_a_value_are_nan_and_those_too_short_are_seasonal_naive() -> None:
    past = make_seasonal(windows=4)
    past[1] = NAN
    past[2, :-1] = NAN
    past[3, :-5] = NAN
    found = forecast_statistical(past, names=("Theta",), horizon=6, season=4, levels=LEVELS)["Theta"]
    assert np.isnan(found).all(axis=(1, 2)).tolist() == [False, True, False, False]
    np.testing.assert_array_equal(found[2], np.full((6, len(LEVELS)), past[2, -1]))
    assert (np.diff(found[[0, 2, 3]], axis=2) >= 0).all()


@pytest.mark.parametrize("name", ["AutoETS", "Theta"])
def test_steps_missing_before_the_cutoff_are_forecast_as_well(name: str) -> None:
    past = make_seasonal(windows=3)
    past[1] = NAN
    past[2, -3:] = NAN

    def forecast(past: Array, *, horizon: int) -> Array:
        return forecast_statistical(past, names=(name,), horizon=horizon, season=4, levels=LEVELS)[name]

    found = forecast(past, horizon=6)
    np.testing.assert_allclose(found[2], forecast(past[2:, :-3], horizon=9)[0, 3:])
    np.testing.assert_allclose(found[0], forecast(past[:1], horizon=6)[0])
    assert np.isnan(found[1]).all()


def test_nothing_but_empty_windows_gives_nothing_but_nan() -> None:
    found = forecast_statistical(np.full((2, 9), NAN), names=("AutoETS",), horizon=3, season=4, levels=LEVELS)
    assert found["AutoETS"].shape == (2, 3, len(LEVELS))
    assert np.isnan(found["AutoETS"]).all()


def test_statistical_names_are_parted_by_commas_and_counted_once() -> None:
    assert choose_statistical("") == ()
    assert choose_statistical("Theta, AutoETS,Theta") == ("Theta", "AutoETS")


def test_an_unknown_statistical_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"Prophet: no such baseline\. There are AutoETS, AutoARIMA, Theta"):
        choose_statistical("Theta,Prophet")


def test_without_the_extra_the_way_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistical, "find_spec", lambda _: None)
    assert choose_statistical("") == ()
    with pytest.raises(ConfigurationError, match=r"pip install 'forecast-lstm\[baselines\]'"):
        choose_statistical("Theta")

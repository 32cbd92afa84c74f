"""Last year as a second forecast of days: what it is, where it counts, and where it must not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.encoding.last_year import KEPT, forecast_last_year, has_last_year
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.forecasting.opening import open_base
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from tests.simulated_nature import simulate_flow, simulate_rides, simulate_walk, simulate_weather
from tests.test_check import make_panel

DAYS = (7, 365)
YEAR = 364


def find(past: Array, *, periods: tuple[int, ...] = DAYS, horizon: int = 30) -> SecondForecast:
    return forecast_last_year(past, np.full(len(past), past.shape[1]), periods=periods, horizon=horizon)


def make_rides(count: int = 12, *, days: int = 4 * YEAR, holidays: int = 40) -> Array:
    return np.stack([simulate_rides(days, seed=seed, holidays=holidays) for seed in range(count)])


def test_it_is_the_day_364_days_before_at_the_level_of_the_last_four_weeks() -> None:
    past = make_rides(3)
    past[2] -= 60  # some are below zero
    found = find(past, horizon=400)
    now, before = past[:, -28:].mean(axis=1), past[:, -28 - YEAR : -YEAR].mean(axis=1)
    for step in (0, 29, 370):
        same = past[:, -YEAR + step % YEAR]
        np.testing.assert_allclose(found.forecast[:2, step], (same * now / before)[:2])
        assert found.forecast[2, step] == pytest.approx(same[2] + now[2] - before[2])


def test_holidays_give_it_weight_and_weekdays_alone_do_not() -> None:
    assert find(make_rides()).weight.mean() > 0.6 * KEPT
    assert find(make_rides(holidays=0)).weight.mean() < 0.05 * KEPT


@pytest.mark.parametrize("simulate", [simulate_walk, simulate_flow, simulate_weather])
def test_what_has_no_weekdays_has_none(simulate: Callable[..., Array]) -> None:
    past = np.stack([simulate(4 * YEAR, seed=seed) for seed in range(12)])
    assert not find(past).weight.any()


def test_another_level_and_short_pasts_have_none_and_the_weight_grows_with_the_days() -> None:
    past = make_rides()
    for days, least, most in ((2 * YEAR + 130, 0.0, 0.0), (2 * YEAR + 290, 0.1, 0.9), (2 * YEAR + 360, 0.8, 1.2)):
        share = find(past[:, -days:]).weight.mean() / find(past).weight.mean()
        assert least <= share <= most
    grown = past.copy()
    grown[:, -YEAR // 2 :] *= 2
    assert not find(grown).weight.any()


def test_what_came_again_once_has_none() -> None:
    past = make_rides()
    other = np.stack([simulate_rides(4 * YEAR, seed=100 + seed) for seed in range(12)])
    # the newest two years have the same holidays, and the years before others
    changed = np.concatenate([other[:, : 2 * YEAR], past[:, 2 * YEAR :]], axis=1)
    assert find(changed).weight.mean() < 0.1 * find(past).weight.mean()


def test_it_is_for_weeks_and_years_of_days_alone() -> None:
    assert has_last_year(DAYS)
    for periods in ((7,), (5,), (52,), (24, 168), (1,)):
        assert not find(make_rides(2), periods=periods).weight.any()


def test_neither_longer_series_nor_the_horizon_change_it() -> None:
    for days in (869, 879, 895, 1200):
        past = make_rides(6, days=days)
        expected = find(past)
        wide = np.concatenate([np.full((6, 700), np.nan), past], axis=1)
        for found in (find(wide), forecast_last_year(wide, np.full(6, days), periods=DAYS, horizon=30)):
            np.testing.assert_array_equal(found.weight, expected.weight)
            np.testing.assert_array_equal(found.forecast[found.weight > 0], expected.forecast[found.weight > 0])
        np.testing.assert_array_equal(find(past, horizon=5).weight, expected.weight)


def test_values_before_the_series_do_not_count() -> None:
    past = make_rides(6, days=1200)
    before = np.random.default_rng(0).normal(300, 100, (6, 500))
    found = forecast_last_year(np.concatenate([before, past], axis=1), np.full(6, 1200), periods=DAYS, horizon=30)
    np.testing.assert_array_equal(found.weight, find(past).weight)
    # one of which less than three years belong to the series
    short = forecast_last_year(past, np.full(6, 800), periods=DAYS, horizon=30)
    assert not short.weight.any()


def test_forecasts_of_rides_are_better_by_it() -> None:
    values = make_rides(30, days=4 * YEAR + 30)
    panel, y_true = make_panel(*values[:, :-30]), values[:, -30:]
    base = open_base(panel)
    scores = []
    for has_days in (True, False):
        own = replace(base, encoding=replace(base.encoding, has_days=has_days))
        over = y_true[:, :, None] - own.forecast(panel, horizon=30).quantiles
        levels = np.asarray(base.levels)
        scores.append(np.maximum(levels * over, (levels - 1) * over).mean())
    assert scores[0] < 0.85 * scores[1]


def test_inspect_shows_it_and_training_learns_with_it() -> None:
    panel = make_panel(simulate_rides(4 * YEAR, seed=0))
    base, (card, network, path) = open_base(panel), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=20, weights=weights, shape=card.network)
    assert explanation.candidates[-1] == "last_year"
    np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
    np.testing.assert_allclose(explanation.median, base.forecast(panel, horizon=20).median[0], rtol=1e-5)
    assert divide(panel, plan=TrainingPlan(horizon=14)).encoding.has_days

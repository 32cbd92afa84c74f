"""Walks, whose last value is a second forecast: which pasts these are, and what it changes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.walks import WEIGHT, forecast_walk, may_walk
from forecaster.forecasting.opening import make_forecaster, open_base
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.base import read_base
from forecaster.model.card import describe_card
from forecaster.model.folder import read_card, read_network
from forecaster.model.weights import parse_weights
from tests.model_versions import KEPT_FOLDERS
from tests.simulated_nature import simulate_flow, simulate_sales, simulate_walk, simulate_weather
from tests.test_check import make_panel


def find(past: Array, *, periods: tuple[int, ...] = (5,), horizon: int = 3) -> SecondForecast:
    return forecast_walk(past, np.full(len(past), past.shape[1]), periods=periods, horizon=horizon)


def make_walks(count: int = 30, *, days: int = 700) -> Array:
    return np.stack([simulate_walk(days, seed=seed) for seed in range(count)])


def test_a_walk_is_forecast_by_its_last_value_and_most_walks_are_found() -> None:
    past = make_walks()
    past[:, ::9] = np.nan  # days off
    past[:5, -2:] = np.nan
    found = find(past)
    np.testing.assert_array_equal(found.forecast[5:], np.repeat(past[5:, -1:], 3, axis=1))
    np.testing.assert_array_equal(found.forecast[:5, 0], past[:5, -3])
    assert found.weight.mean() > 0.75 * WEIGHT


def simulate_momentum(days: int, *, seed: int) -> Array:
    changes = np.random.default_rng(seed).normal(size=days)
    for day in range(1, days):
        changes[day] += 0.4 * changes[day - 1]
    return np.asarray(500 + changes.cumsum())


def simulate_return(days: int, *, seed: int) -> Array:
    noise, values = np.random.default_rng(seed).normal(size=days), np.full(days, 500.0)
    for day in range(1, days):
        values[day] = 500 + 0.9 * (values[day - 1] - 500) + noise[day]
    return values


def simulate_days_apart(days: int, *, seed: int) -> Array:
    """Changes come again after three days, and are undone after seven: over a month they add up as those of a walk."""
    noise = np.random.default_rng(seed).normal(size=days)
    changes = noise.copy()
    changes[3:] += 0.35 * noise[:-3]
    changes[7:] -= 0.35 * noise[:-7]
    return np.asarray(500 + changes.cumsum())


def simulate_slow_trends(days: int, *, seed: int) -> Array:
    """No change tells much of another one, but all of a month go in the same direction."""
    generator, trend = np.random.default_rng(seed), np.zeros(days)
    for day in range(1, days):
        trend[day] = 0.97 * trend[day - 1] + 0.08 * generator.normal()
    return np.asarray(500 + (trend + generator.normal(size=days)).cumsum())


@pytest.mark.parametrize(
    "simulate",
    [
        simulate_days_apart,
        simulate_slow_trends,
        simulate_momentum,
        simulate_return,
        simulate_sales,
        simulate_flow,
        simulate_weather,
    ],
)
def test_what_goes_on_comes_back_or_has_weekdays_is_none(simulate: Callable[..., Array]) -> None:
    past = np.stack([simulate(700, seed=seed) for seed in range(30)])
    assert find(past, periods=(7, 365)).weight.mean() < 0.15 * WEIGHT


def test_few_values_and_what_never_changes_are_none_and_so_are_other_steps() -> None:
    past = make_walks(3)
    assert not find(past[:, -200:]).weight.any()
    sparse = past.copy()
    sparse[:, np.arange(700) % 3 > 0] = np.nan
    assert not find(sparse).weight.any()
    assert not find(np.full((2, 700), 4.0)).weight.any()
    for periods in ((52,), (12,), (24, 168), (1,)):
        assert not may_walk(periods)
        assert not find(past, periods=periods).weight.any()


def test_the_weight_grows_with_the_number_of_known_values() -> None:
    past = make_walks(40)
    weights = [find(past[:, -days:]).weight.mean() for days in (260, 325, 400)]
    assert weights[0] < 0.15 * weights[2]
    assert weights[1] == pytest.approx(weights[2] / 2, rel=0.3)


def test_days_off_are_left_out_and_time_before_the_series_does_not_count() -> None:
    past = make_walks(5)
    gaps = np.full((5, 1400), np.nan)
    gaps[:, ::2] = past
    np.testing.assert_array_equal(find(gaps).weight, find(past).weight)
    noise = np.random.default_rng(0).normal(size=(5, 300))
    before = np.concatenate([noise, past[:, -350:]], axis=1)
    found = forecast_walk(before, np.full(5, 350), periods=(5,), horizon=3)
    np.testing.assert_array_equal(found.weight, find(past[:, -350:]).weight)


def test_neither_longer_series_nor_older_values_change_it() -> None:
    past = make_walks(4)
    expected = find(past)
    for wider in (np.full((4, 333), np.nan), np.random.default_rng(0).normal(size=(4, 200))):
        found = find(np.concatenate([wider, past], axis=1))
        np.testing.assert_array_equal(found.weight, expected.weight)
    newest = find(np.concatenate([np.full((4, 200), np.nan), past[:, -500:]], axis=1))
    np.testing.assert_array_equal(newest.weight, expected.weight)


def test_the_median_of_a_walk_is_moved_half_way_and_inspect_says_so() -> None:
    panel = make_panel(simulate_walk(700, seed=1), freq="B")
    base = open_base(panel)
    weight = find(panel.values[None]).weight[0]
    assert weight > 0.4
    without = replace(base, encoding=replace(base.encoding, has_days=False))
    moved, plain = (one.forecast(panel, horizon=10).median[0] for one in (base, without))
    np.testing.assert_allclose(moved, plain + weight * (panel.values[-1] - plain), rtol=1e-5)
    card, network, path = read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=10, weights=weights, shape=card.network)
    assert explanation.candidates[-1] == "last_value"
    np.testing.assert_allclose(explanation.mix[:, -1], weight, rtol=1e-5)
    np.testing.assert_allclose(explanation.median, moved, rtol=1e-5)


def test_a_model_learns_with_walks_where_there_are_some_and_its_card_says_so() -> None:
    plan = TrainingPlan(horizon=10)
    assert divide(make_panel(simulate_walk(700, seed=1), freq="B"), plan=plan).encoding.has_days
    assert not divide(make_panel(simulate_weather(700, seed=1)), plan=plan).encoding.has_days
    card = read_card(KEPT_FOLDERS[-1])
    network = read_network(KEPT_FOLDERS[-1], card=card)
    assert not make_forecaster(card, network=network, name="old").encoding.has_days
    new = replace(card, days=True)
    assert describe_card(new)["format_version"] == 9
    assert make_forecaster(new, network=network, name="new").encoding.has_days

"""What was usual at the same time of earlier years: as slow loops find it, where it counts, and where it must not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.cutoffs import end_of_history
from forecaster.data.panel import Panel
from forecaster.encoding.climatology import HALF_WINDOW, WEIGHT, find_climatology
from forecaster.encoding.encode import encode
from forecaster.forecasting.blending import average_with_climatology
from forecaster.forecasting.opening import open_base, open_forecaster
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from forecaster.settings import FINE_TUNING
from forecaster.windows import cut_windows
from tests.simulated_nature import (
    YEAR,
    simulate_drift,
    simulate_flow,
    simulate_sales,
    simulate_walk,
    simulate_weather,
)
from tests.test_check import make_panel

DAYS = (7, YEAR)
LEVELS = (0.1, 0.5, 0.9)
HORIZON = 40


def find(past: Array, *, horizon: int = HORIZON, periods: tuple[int, ...] = DAYS) -> tuple[Array, Array]:
    found = find_climatology(past, periods=periods, horizon=horizon, levels=LEVELS)
    return found.quantiles, found.weight


def test_quantiles_are_those_of_the_same_days_of_earlier_years() -> None:
    past = simulate_weather(5 * YEAR, seed=0)[None]
    past[0, 700:760] = np.nan
    quantiles, weight = find(past)
    assert (weight > 0.1).all()
    for step in (0, 7, 39):
        same = [5 * YEAR + step - YEAR * years + day for years in range(1, 6) for day in range(-21, 22)]
        values = past[0, [place for place in same if 0 <= place < 5 * YEAR]]
        np.testing.assert_allclose(quantiles[0, step], np.nanquantile(values, LEVELS))


def test_it_counts_as_far_as_the_present_is_forgotten() -> None:
    days = 6 * YEAR + 100
    slow, fast = (
        np.stack([simulate_weather(days, seed=seed, memory=memory) for seed in range(8)]) for memory in (0.97, 0.6)
    )
    weight = find(slow)[1]
    assert (np.diff(weight, axis=1) >= 0).all()
    assert weight[:, 0].mean() < 0.25 * WEIGHT
    assert 0.5 * WEIGHT < weight[:, -1].mean() < 0.9 * WEIGHT
    assert find(fast)[1][:, 10:].mean() > 0.9 * WEIGHT


@pytest.mark.parametrize("simulate", [simulate_walk, simulate_sales, simulate_drift])
def test_what_does_not_go_back_to_earlier_years_has_none(simulate: Callable[..., Array]) -> None:
    past = np.stack([simulate(6 * YEAR, seed=seed) for seed in range(20)])
    assert find(past)[1].max() < 0.05 * WEIGHT


def test_two_years_are_too_few_and_from_there_on_the_weight_grows() -> None:
    past = np.stack([simulate_weather(7 * YEAR, seed=seed) for seed in range(10)])
    by_years = [find(past[:, -years * YEAR :])[1].mean() for years in (2, 3, 4, 5, 7)]
    assert by_years[0] == 0
    assert by_years[1] == pytest.approx(by_years[3] / 3, rel=0.2)
    assert by_years[1] < by_years[2] < by_years[3]
    assert by_years[4] == pytest.approx(by_years[3], rel=0.1)


def test_neither_the_horizon_nor_other_series_nor_time_before_the_first_value_change_it() -> None:
    past = np.stack([simulate_weather(3 * YEAR + 250, seed=seed) for seed in range(3)])
    quantiles, weight = find(past)
    some_quantiles, some_weight = find(past[1:2], horizon=7)
    np.testing.assert_array_equal(quantiles[1:2, :7], some_quantiles)
    np.testing.assert_array_equal(weight[1:2, :7], some_weight)
    longer = np.concatenate([np.full((3, 3 * YEAR - 17), np.nan), past], axis=1)
    for found, expected in zip(find(longer), (quantiles, weight), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_weeks_have_one_too_and_months_and_hours_do_not() -> None:
    days = np.stack([simulate_weather(12 * 364, seed=seed) for seed in range(5)])
    weeks = days.reshape(5, -1, 7).mean(axis=2)
    assert find(weeks, periods=(52,))[1][:, 8:].mean() > 0.8 * WEIGHT
    for periods in ((12,), (24, 168), (7,), (1,)):
        assert not find(days, periods=periods)[1].any()


def test_a_time_of_the_year_without_any_value_has_no_weight() -> None:
    past = simulate_weather(5 * YEAR, seed=0)[None]
    for year in range(5):
        past[0, YEAR * year + 5 : YEAR * year + 2 * HALF_WINDOW[YEAR] + 10] = np.nan
    quantiles, weight = find(past)
    # the day whose earlier years are blank within the whole window
    assert weight[0, HALF_WINDOW[YEAR] + 6] == 0
    assert weight[0, 0] > 0
    assert np.isfinite(quantiles).all()


def score(panel: Panel, y_true: Array, *, has_climatology: bool) -> float:
    """The quantile loss of the base model at the ends of `panel`."""
    base = open_base(panel)
    base = replace(base, encoding=replace(base.encoding, has_climatology=has_climatology))
    forecast = base.forecast(panel, horizon=y_true.shape[1])
    over = y_true[:, :, None] - forecast.quantiles
    levels = np.asarray(base.levels)
    return float(np.maximum(levels * over, (levels - 1) * over).mean())


@pytest.mark.parametrize("simulate", [simulate_weather, simulate_flow])
def test_forecasts_of_weather_and_rivers_are_better_by_it(simulate: Callable[..., Array]) -> None:
    values = np.stack([simulate(6 * YEAR + 30, seed=seed) for seed in range(40)])
    panel = make_panel(*values[:, :-30])
    with_it, without = (score(panel, values[:, -30:], has_climatology=has) for has in (True, False))
    assert with_it < 0.97 * without


def test_each_quantile_is_averaged_in_data_units_whatever_the_level_and_unit() -> None:
    values = simulate_weather(5 * YEAR, seed=0)
    for factor, shift in ((1.0, 0.0), (1000.0, 1e6), (1e-4, 0.0)):
        panel = make_panel(factor * values + shift)
        base = open_base(panel)
        index = end_of_history(panel)
        windows = cut_windows(panel, index=index, past_length=base.encoding.past_length)
        encoded = encode(windows, encoding=base.encoding, horizon=5, levels=base.levels)
        only = replace(encoded, climatology=replace(encoded.climatology, weight=np.ones((1, 5))))
        mixed = average_with_climatology(np.zeros((1, 5, len(base.levels))), only)
        found = encoded.restore(mixed, level=encoded.scales.level, noise_scale=encoded.scales.noise_scale)
        around = [5 * YEAR - YEAR * years + day for years in range(1, 6) for day in range(-21, 22)]
        same = values[[place for place in around if 0 <= place < 5 * YEAR]]
        np.testing.assert_allclose((found[0, 0] - shift) / factor, np.quantile(same, base.levels), atol=1e-3)


def test_windows_keep_their_own_in_a_batch_of_long_and_short_ones() -> None:
    values = [simulate_weather(days, seed=days) for days in (100, 6 * YEAR, 500, 5 * YEAR, 20)]
    panel = make_panel(*values)
    base = open_base(panel)
    together = base.forecast(panel, horizon=20)
    for number, own in enumerate(values):
        if len(own) < 2 * YEAR:
            continue
        alone = base.forecast(make_panel(own), horizon=20)
        np.testing.assert_allclose(together.quantiles[number], alone.quantiles[0], rtol=1e-5)
    windows = cut_windows(panel, index=end_of_history(panel), past_length=base.encoding.past_length)
    weight = encode(windows, encoding=base.encoding, horizon=20, levels=base.levels).climatology.weight
    np.testing.assert_array_equal(weight[:, 0] > 0, [False, True, False, True, False])


def test_the_mix_that_inspect_shows_has_it() -> None:
    panel = make_panel(simulate_weather(6 * YEAR, seed=0))
    base, (card, network, path) = open_base(panel), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=20, weights=weights, shape=card.network)
    assert explanation.candidates[-1] == "climatology"
    np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
    weight = find(panel.values[None], horizon=20)[1][0]
    np.testing.assert_allclose(explanation.mix[:, -1], weight, rtol=1e-6)
    np.testing.assert_allclose(explanation.median, base.forecast(panel, horizon=20).median[0], rtol=1e-5)


def test_the_card_of_a_trained_model_says_what_it_learned_with() -> None:
    days = pd.date_range("2015-01-01", periods=4 * YEAR)
    plan = TrainingPlan(horizon=7, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    for simulate, roots, climatology in (
        (simulate_weather, None, True),
        (simulate_flow, True, True),
        (simulate_walk, None, None),
    ):
        table = pd.DataFrame({"day": days, "y": simulate(4 * YEAR, seed=0)})
        model = forecaster.train(table, plan=plan)
        card = model.trained_card
        walks = True if simulate is simulate_walk else None
        assert (card.roots, card.climatology, card.days) == (roots, climatology, walks)
        model.save("model")
        opened, _ = open_forecaster(Path("model"))
        assert (opened.encoding.has_roots, opened.encoding.has_climatology) == (bool(roots), bool(climatology))


def test_a_model_is_trained_with_it_where_a_series_has_it() -> None:
    plan = TrainingPlan(horizon=14)
    weather = divide(make_panel(simulate_weather(6 * YEAR, seed=0)), plan=plan).encoding
    assert weather.has_climatology
    assert not weather.has_roots
    sales = divide(make_panel(simulate_sales(6 * YEAR, seed=0)), plan=plan).encoding
    assert not sales.has_climatology
    assert not sales.has_roots

"""Cycles that hardly change: the last one, with the slope of each phase, is a second forecast, and only of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.encoding.encode import encode
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.steady_cycles import FEWEST, forecast_steady
from forecaster.forecasting.opening import open_base, open_forecaster
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from forecaster.settings import FINE_TUNING
from forecaster.windows import Windows
from tests.test_windows import make_panel

HOUR = 24


def make_climate(days: int, *, seed: int = 0, noise: float = 0.02, decimals: int = 1) -> Array:
    """Hours of days, which slowly become warmer or colder and change their shape, with next to no noise."""
    generator = np.random.default_rng(seed)
    hours = np.arange(days * HOUR)
    year = np.sin(0.6 * np.pi * (hours / HOUR + generator.uniform(0, 365)) / 365)
    shape = generator.normal(size=HOUR).cumsum()
    shape -= np.linspace(0, shape[-1], HOUR)
    changed = 1.2 * generator.normal(size=HOUR)
    values = 15 + 8 * year + (4 * shape + changed * year[:, None])[np.arange(len(hours)), hours % HOUR]
    return np.asarray(np.round(values + noise * generator.normal(size=len(hours)), decimals))


def find(
    *pasts: Array, periods: tuple[int, ...] = (HOUR, 168), horizon: int = 48, others: float = np.inf
) -> SecondForecast:
    time = max(map(len, pasts))
    batch = np.stack([np.concatenate([np.full(time - len(past), np.nan), past]) for past in pasts])
    lengths = np.array([len(past) for past in pasts])
    return forecast_steady(batch, lengths, periods=periods, horizon=horizon, others=np.full(len(pasts), others))


def test_the_last_cycle_goes_on_with_the_slope_of_each_phase() -> None:
    values = make_climate(42, noise=0.0, decimals=9)
    past, y_true = values[:-48], values[-48:]
    found = find(past, -past, 1e4 + 1e-2 * past)
    assert (found.weight == 0.5).all()
    without = np.abs(np.tile(past[-HOUR:], 2) - y_true).mean()
    for row, (factor, shift) in enumerate(((1, 0), (-1, 0), (1e-2, 1e4))):
        error = np.abs(found.forecast[row] - (factor * y_true + shift)).mean()
        assert error < 0.5 * without * abs(factor)


def test_the_trend_of_longer_cycles_is_not_damped() -> None:
    months = np.arange(96.0)
    values = 50 + 0.3 * months + 10 * np.sin(months * np.pi / 6)
    found = find(values[:72], periods=(12,), horizon=24)
    assert found.weight[0] == 0.5
    np.testing.assert_allclose(found.forecast[0], values[72:])


def test_what_changes_from_cycle_to_cycle_has_none() -> None:
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(50, 480))
    levels = np.repeat(generator.normal(size=20), HOUR)
    assert not find(*noise, *noise.cumsum(axis=1), make_climate(20) + 4 * levels, np.full(480, 3.0)).weight.any()
    weights = [find(make_climate(20, noise=noise)).weight[0] for noise in (0.1, 0.7, 4.0)]
    assert weights[0] == 0.5 > weights[1] > weights[2] == 0
    assert not find(make_climate(20), periods=(1,)).weight.any()
    thirds = np.tile([1.0, 5.0, 9.0], 50)
    assert not find(thirds, periods=(3,)).weight.any()
    assert find(np.tile([1.0, 5.0, 9.0, 2.0], 50), periods=(4,)).weight[0] == 0.5


def test_regressions_that_were_better_take_its_weight_away() -> None:
    past = make_climate(20, noise=0.1)
    error = np.abs(np.diff(past.reshape(20, HOUR), axis=0)).mean()
    weights = [find(past, others=others).weight[0] for others in (2 * error, 0.75 * error, 0.3 * error, 0.0)]
    assert weights[0] == 0.5 > weights[1] > weights[2] == weights[3] == 0


def test_a_few_whole_cycles_without_a_gap_are_enough() -> None:
    past = make_climate(30)
    assert not find(past[-(FEWEST + 7) * HOUR + 1 :]).weight.any()
    assert find(past[-(FEWEST + 7) * HOUR :]).weight[0] == 0.5
    assert find(past[-(FEWEST + 1) * HOUR :], periods=(HOUR,)).weight[0] == 0.5
    broken = past.copy()
    broken[-13 * HOUR + 3] = np.nan  # twelve whole days since
    found = find(past, past[-12 * HOUR :], broken, past[-20 * HOUR :])
    np.testing.assert_array_equal(found.forecast[1], found.forecast[2])
    np.testing.assert_array_equal(found.forecast[0], found.forecast[3])
    np.testing.assert_array_equal(found.weight, [0.5] * 4)
    np.testing.assert_array_equal(find(past, horizon=5).forecast[0], found.forecast[0, :5])


def test_a_trend_is_no_cycle() -> None:
    steps = np.arange(600.0)
    generator = np.random.default_rng(0)
    for values in (
        10 * steps,
        np.cumsum(generator.poisson(100, 600)),
        np.where(steps < 560, steps, 560 + 3 * (steps - 560)),
    ):
        for periods in ((12,), (52,), (HOUR, 168)):
            assert not find(np.asarray(values, np.float64), periods=periods).weight.any()
    weeks = pd.date_range("2015-01-04", periods=400, freq="W")
    table = pd.DataFrame({"week": weeks, "total": 10.0 * np.arange(1, 401)})
    found = forecaster.predict(table, horizon=13)["forecast"].to_numpy(np.float64)
    np.testing.assert_allclose(found, 10.0 * np.arange(401, 414), atol=6)


@pytest.mark.parametrize("last", [3, 4, 5, 6])
def test_a_saturday_is_not_forecast_like_a_friday(last: int) -> None:
    generator = np.random.default_rng(last)
    hours = np.arange(24 * 63)
    weekday = (hours // HOUR + last - 60 + 1) % 7  # the last of 60 days is this one
    for drop in (0.03, 0.05):
        day = 50 + 20 * np.sin(2 * np.pi * hours / HOUR)
        values = day * (1 - drop * (weekday >= 5)) + generator.normal(0, 0.3, len(hours))
        assert find(values[: 60 * HOUR]).weight[0] < 0.1
    assert find((day + generator.normal(0, 0.3, len(hours)))[: 60 * HOUR]).weight[0] > 0.4


def test_forecasts_are_better_with_it_and_others_the_same() -> None:
    climates = [make_climate(32, seed=seed) for seed in range(10)]
    noisy = make_climate(30, noise=6.0)
    panel = make_panel(*(values[: 30 * HOUR] for values in climates), noisy)
    base = open_base(panel, seasons=(HOUR, 168))
    medians = []
    for has in (False, True):
        own = replace(base, encoding=replace(base.encoding, has_steady_cycles=has))
        medians.append(own.forecast(panel, horizon=48).median)
    y_true = np.stack([values[30 * HOUR :] for values in climates])
    errors = [np.abs(median[:10] - y_true).mean() for median in medians]
    assert errors[1] < 0.95 * errors[0]
    np.testing.assert_array_equal(medians[0][10], medians[1][10])


def test_it_is_averaged_with_what_is_averaged_already() -> None:
    first = SecondForecast.of("own_cycles", np.array([[2.0], [2.0], [np.nan]]), np.array([0.4, 0.4, 0.0]))
    other = SecondForecast.of("steady_cycles", np.array([[7.0], [7.0], [7.0]]), np.array([0.5, 0.0, 0.5]))
    both = first.average_with(other)
    network = 1.0
    averaged = (1 - both.weight) * network + both.weight * both.forecast[:, 0]
    once = (1 - 0.4) * network + 0.4 * 2
    np.testing.assert_allclose(averaged, [0.5 * once + 0.5 * 7, once, 0.5 * network + 0.5 * 7])
    assert both.kind.tolist() == ["steady_cycles", "own_cycles", "steady_cycles"]


def test_it_is_in_the_units_of_the_encoding() -> None:
    past = make_climate(20)
    base = open_base(make_panel(past), seasons=(HOUR,))
    windows = Windows(past[None], np.array([len(past)])).take(np.zeros(1, np.int64), reach=base.encoding.reach_into(0))
    encoded = encode(windows, encoding=base.encoding, horizon=HOUR)
    own = find(past, periods=(HOUR,), horizon=HOUR)
    level, unit = encoded.scales.level[0], encoded.scales.noise_scale[0]
    np.testing.assert_allclose(level + unit * encoded.second.forecast[0], own.forecast[0], rtol=1e-6)
    assert encoded.second.kind.tolist() == ["steady_cycles"]


def test_days_that_a_regression_knows_better_are_left_to_it() -> None:
    hours = np.arange(42.0 * HOUR)
    bending = 15 + 8 * np.sin(2 * np.pi * (hours / HOUR + 80) / 365) + 4 * np.sin(hours * np.pi / 12)
    kinds = []
    for values in (bending, make_climate(42)):
        base = open_base(make_panel(values), seasons=(HOUR, 168))
        windows = Windows(values[None], np.array([len(values)]))
        encoded = encode(windows, encoding=base.encoding, horizon=HOUR)
        assert find(values).weight[0] == 0.5
        kinds += encoded.second.kind.tolist()
    assert kinds == ["own_cycles", "steady_cycles"]


def test_the_card_says_whether_a_model_learned_with_it() -> None:
    plan = TrainingPlan(horizon=12, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    hours = pd.date_range("2024-01-01", periods=20 * HOUR, freq="h")
    for noise, has in ((0.02, True), (6.0, None)):
        model = forecaster.train(pd.DataFrame({"time": hours, "y": make_climate(20, noise=noise)}), plan=plan)
        assert model.trained_card.steady_cycles is has
        model.save("model")
        assert open_forecaster(Path("model"))[0].encoding.has_steady_cycles == bool(has)
    plan = replace(plan, seasons=(HOUR,))
    assert divide(make_panel(make_climate(20)), plan=plan).encoding.has_steady_cycles


def test_inspect_names_it() -> None:
    panel = make_panel(make_climate(20))
    base, (card, network, path) = open_base(panel, seasons=(HOUR, 168)), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=HOUR, weights=weights, shape=card.network)
    assert explanation.candidates[-1] == "steady_cycles"
    np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
    assert explanation.median == pytest.approx(base.forecast(panel, horizon=HOUR).median[0], rel=1e-5)

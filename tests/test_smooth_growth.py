"""Smooth pasts: what their changes tell is a second forecast, and only of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.data.read_options import ReadOptions
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.smooth_growth import LONGEST_LEAD, forecast_smooth
from forecaster.forecasting.blending import average_with_second
from forecaster.forecasting.opening import open_base, open_forecaster
from forecaster.inspection.explanation import explain_forecast
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.base import read_base
from forecaster.model.weights import parse_weights
from forecaster.settings import FINE_TUNING
from forecaster.windows import Windows
from tests.test_windows import make_panel

STEPS = np.arange(66.0)
AHEAD = 6


def find(*pasts: Array, horizon: int = AHEAD, periods: tuple[int, ...] = (1,)) -> SecondForecast:
    time = max(map(len, pasts))
    batch = np.stack([np.concatenate([np.full(time - len(past), np.nan), past]) for past in pasts])
    return forecast_smooth(batch, np.array([len(past) for past in pasts]), periods=periods, horizon=horizon)


def simulate_population(steps: int, *, seed: int) -> Array:
    """Growth that changes slowly, by a little noise in each step, as that of a country."""
    generator = np.random.default_rng(seed)
    bend = np.zeros(steps)
    for step in range(1, steps):
        bend[step] = 0.6 * bend[step - 1] + generator.normal()
    return np.asarray(5000 + np.cumsum(40 + np.cumsum(bend)))


SMOOTH = {
    "square": 5 + 0.1 * STEPS**2,
    "share": 100 * 1.03**STEPS,
    "logistic": 100 / (1 + np.exp(-(STEPS - 40) / 8)),
    "decay": 5 + 100 * 0.95**STEPS,
    "root": 10 * np.sqrt(STEPS),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_pasts_go_on_as_they_change(name: str) -> None:
    values = SMOOTH[name]
    past, y_true = values[:60], values[60:]
    found = find(past, -past, 1e6 + 1e-3 * past, 7 * past)
    assert (found.weight > 0.8).all()
    change = np.abs(y_true - past[-1]).mean()
    for row, (factor, shift) in enumerate(((1, 0), (-1, 0), (1e-3, 1e6), (7, 0))):
        np.testing.assert_allclose(found.forecast[row], factor * y_true + shift, atol=0.5 * change * abs(factor))


def test_others_have_none() -> None:
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(300, 60))
    season = 5 * np.sin(STEPS[:60] * np.pi / 6) + 0.3 * noise[0]
    assert not find(*noise, *noise.cumsum(axis=1), *np.exp(noise), season).weight.any()
    assert not find(season, 40 + STEPS[:60] % 12, periods=(12,)).weight.any()
    steady, still, short = 3 + 0.5 * STEPS, np.full(60, 7.0), SMOOTH["square"][:13]
    found = find(3 + 0.5 * STEPS + 0.5 * noise[0, :1] * 0, still, short, np.full(60, np.nan))
    assert not found.weight[1:].any()
    np.testing.assert_allclose(find(steady).forecast[0], 3 + 0.5 * np.arange(66, 72), rtol=1e-6)


def test_it_counts_only_where_it_has_been_better() -> None:
    # growth that turns again and again tells nothing of how it goes on
    turning = np.cumsum(np.where(np.arange(80) // 3 % 2, 1.0, -1.0) * np.random.default_rng(0).uniform(0.5, 2, 80))
    assert find(turning).weight[0] == 0
    assert find(simulate_population(80, seed=0)).weight[0] > 0.8
    # more is asked for where there is a season
    less_sure = simulate_population(60, seed=3)
    assert 0.5 < find(less_sure).weight[0] < 0.8
    assert find(less_sure, periods=(12,)).weight[0] < 0.2
    # a season with which errors are not compared may be all that is smooth: the average stays in the network's interval
    season = np.sin(2 * np.pi * np.arange(300) / 50)
    assert [find(season, periods=(period,)).is_free.tolist() for period in (1, 7, 50)] == [[True], [True], [False]]


def test_a_last_change_larger_than_any_before_may_be_a_single_event() -> None:
    past = simulate_population(80, seed=0)
    largest = np.abs(np.diff(past))[-11:-1].max()
    weights = []
    for times in (1.0, 1.4, 2.0):
        past[-1] = past[-2] + times * largest
        weights.append(find(past).weight[0])
    assert weights[0] > weights[1] > weights[2] == 0


def test_neither_other_rows_nor_the_horizon_nor_what_is_before_a_gap_changes_it() -> None:
    pasts = [simulate_population(length, seed=length) for length in (30, 60, 60, 200)]
    pasts.append(simulate_population(60, seed=3))  # which has no whole weight
    pasts[2][20] = np.nan
    found = find(*pasts, horizon=20)
    for row, past in enumerate((*pasts[:2], pasts[2][21:], pasts[3][-96:], pasts[4])):
        alone = find(past, horizon=3)
        np.testing.assert_allclose(found.forecast[row, :3], alone.forecast[0])
        np.testing.assert_allclose(found.error[row, :3], alone.error[0])
        if row != 2:  # whether a past is smooth is told by all of its newest steps
            assert found.weight[row] == pytest.approx(alone.weight[0])
    assert (np.diff(found.error[1, LONGEST_LEAD - 1 :]) > 0).all()


def test_it_stays_near_what_the_past_has_seen() -> None:
    past = 1.2 ** STEPS[:40]
    found = find(past, horizon=500)
    assert np.isfinite(found.forecast).all()
    assert found.forecast.max() <= 2 * past.max()


def make_table(count: int, *, steps: int) -> tuple[pd.DataFrame, Array]:
    years = pd.date_range("1950-12-31", periods=steps, freq="YE")
    values = np.stack([simulate_population(steps + AHEAD, seed=seed) for seed in range(count)])
    parts = [pd.DataFrame({"id": f"c{number}", "year": years, "y": one[:steps]}) for number, one in enumerate(values)]
    return pd.concat(parts), values[:, steps:]


def test_forecasts_follow_smooth_growth_with_intervals_that_hold() -> None:
    table, y_true = make_table(60, steps=60)
    base = open_base(make_panel(*(simulate_population(60, seed=seed) for seed in range(60))), seasons=(1,))
    panel = make_panel(*(part["y"].to_numpy(np.float64) for _, part in table.groupby("id", sort=False)))
    errors = []
    for has in (False, True):
        own = replace(base, encoding=replace(base.encoding, has_smooth_growth=has))
        errors.append(np.abs(own.forecast(panel, horizon=AHEAD).median - y_true).mean())
    assert errors[1] < 0.75 * errors[0]
    found = forecaster.predict(table, horizon=AHEAD, reading=ReadOptions(ids=("id",)), level=(80, 95))
    found = found.sort_values(["id", "year"]).reset_index(drop=True)
    order = np.argsort([f"c{number}" for number in range(60)])
    actual = y_true[order].ravel()
    # its errors have longer tails in populations than in these
    for level, lowest, highest in ((80, 0.7, 0.9), (95, 0.88, 1.01)):
        is_inside = (found[f"forecast-lo-{level}"] <= actual) & (actual <= found[f"forecast-hi-{level}"])
        assert lowest < is_inside.mean() < highest


def test_shift_and_scale_change_nothing_of_it() -> None:
    table, _ = make_table(1, steps=60)

    def predict(frame: pd.DataFrame) -> Any:
        return forecaster.predict(frame, horizon=AHEAD, reading=ReadOptions(ids=("id",)))["forecast"].to_numpy()

    plain = predict(table)
    np.testing.assert_allclose(predict(table.assign(y=1000 * table["y"])), 1000 * plain, rtol=1e-4)
    np.testing.assert_allclose(predict(table.assign(y=table["y"] + 1e5)), 1e5 + plain, rtol=1e-4)


def test_quantiles_are_averaged_with_its_own() -> None:
    past = simulate_population(60, seed=3)
    windows = Windows(past[None], np.array([60]))
    base = open_base(make_panel(past), seasons=(1,))
    encoding = replace(base.encoding, has_own_seasons=False)
    encoded = encode(windows, encoding=encoding, horizon=AHEAD)
    assert encoded.second.weight[0] > 0.5
    assert not np.isnan(encoded.second.error).any()
    level, unit = encoded.scales.level[0], encoded.scales.noise_scale[0]
    np.testing.assert_allclose(level + unit * encoded.second.forecast[0], find(past).forecast[0], rtol=1e-9)
    np.testing.assert_allclose(unit * encoded.second.error[0], find(past).error[0], rtol=1e-9)
    # a network that is sure of its median: what is apart is that of the second forecast, as in a Laplace distribution
    same = average_with_second(np.zeros((1, AHEAD, 3)), encoded, levels=(0.1, 0.5, 0.9))
    median = encoded.second.weight[0] * encoded.second.forecast[0]
    apart = encoded.second.weight[0] * encoded.second.error[0] * np.log(5)
    np.testing.assert_allclose(same[0], median[:, None] + np.stack([-apart, 0 * apart, apart], axis=1))
    without = encode(windows, encoding=replace(encoding, has_smooth_growth=False), horizon=AHEAD)
    assert not without.second.weight.any()
    assert np.isnan(without.second.error).all()


def test_the_card_says_whether_a_model_learned_with_it() -> None:
    plan = TrainingPlan(horizon=AHEAD, settings=replace(FINE_TUNING, steps=1), corrects_errors=False)
    years = pd.date_range("1950-12-31", periods=60, freq="YE")
    walk = np.random.default_rng(0).normal(size=60).cumsum()
    for values, has in ((simulate_population(60, seed=0), True), (walk, None)):
        model = forecaster.train(pd.DataFrame({"year": years, "y": values}), plan=plan)
        assert model.trained_card.smooth_growth is has
        model.save("model")
        assert open_forecaster(Path("model"))[0].encoding.has_smooth_growth == bool(has)
    days = replace(make_panel(simulate_population(90, seed=0)), running_totals=False)
    assert divide(days, plan=plan).encoding.has_smooth_growth
    assert not divide(make_panel(walk), plan=plan).encoding.has_smooth_growth


def test_inspect_names_it() -> None:
    panel = make_panel(simulate_population(90, seed=0))
    base, (card, network, path) = open_base(panel, seasons=(1,)), read_base()
    weights = parse_weights(path.read_bytes(), card=card, network=network)
    explanation = explain_forecast(panel, base, series=0, horizon=AHEAD, weights=weights, shape=card.network)
    assert explanation.candidates[-1] == "smooth_growth"
    np.testing.assert_allclose(explanation.mix.sum(axis=1), 1.0)
    np.testing.assert_allclose(explanation.median, base.forecast(panel, horizon=AHEAD).median[0], rtol=1e-5)


def test_the_stronger_of_two_second_forecasts_is_taken_of_each_window() -> None:
    first = SecondForecast.of("first", np.array([[1.0], [2.0]]), np.array([0.5, 0.1]))
    other = SecondForecast.of("other", np.array([[3.0], [4.0]]), np.array([0.4, 0.2]))
    other = replace(other, error=np.array([[5.0], [6.0]]))
    found = first.or_stronger(other)
    np.testing.assert_array_equal(found.forecast[:, 0], [1, 4])
    np.testing.assert_array_equal(found.weight, [0.5, 0.2])
    np.testing.assert_array_equal(found.error[:, 0], [np.nan, 6])
    assert found.kind.tolist() == ["first", "other"]
    assert Encoding(24, (1,)).has_smooth_growth

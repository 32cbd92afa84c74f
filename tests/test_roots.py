"""Square roots of very skewed pasts: which pasts these are, and that nothing else changes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.roots import Roots, measure_growth, measure_skewness, take_roots
from forecaster.forecasting.opening import make_forecaster, open_base
from forecaster.learning.dataset import divide
from forecaster.learning.plan import TrainingPlan
from forecaster.model.card import ModelCard, describe_card
from forecaster.model.folder import read_card, read_network
from forecaster.windows import WindowCovariates, Windows
from tests.model_versions import KEPT_FOLDERS
from tests.simulated_nature import simulate_flow
from tests.test_check import make_panel


def make_windows(past: Array) -> Windows:
    return Windows(past, np.full(len(past), past.shape[1]))


def test_skewness_is_that_of_known_distributions() -> None:
    generator = np.random.default_rng(0)
    shape = (400, 500)
    assert measure_skewness(generator.normal(50, 1, shape)).mean() == pytest.approx(0, abs=0.01)
    assert measure_skewness(generator.exponential(size=shape)).mean() == pytest.approx(1 / 3, abs=0.01)
    assert measure_skewness(generator.lognormal(0, 1, shape)).mean() == pytest.approx(0.463, abs=0.01)


def test_skewness_is_that_of_a_slow_loop_and_of_the_known_values_alone() -> None:
    values = np.random.default_rng(1).exponential(size=40)
    ordered = sorted(values.tolist())
    triples = [(ordered[i], ordered[j], ordered[k]) for i in range(40) for j in range(i) for k in range(j)]
    pairs = [ordered[i] - ordered[j] for i in range(40) for j in range(i)]
    third = np.mean([high - 2 * middle + low for high, middle, low in triples]) / 3
    past = np.full((1, 90), np.nan)
    past[0, 10:90:2] = values
    assert measure_skewness(past)[0] == pytest.approx(third / (np.mean(pairs) / 2))


def test_nothing_is_told_by_few_equal_or_negative_values() -> None:
    skewed = np.random.default_rng(2).lognormal(0, 2, 100)
    few = np.full(100, np.nan)
    few[-20:] = skewed[-20:]
    negative = skewed.copy()
    negative[0] = -1e-9
    found = measure_skewness(np.stack([skewed, few, negative, np.full(100, 7.0)]))
    assert found[0] > 0.55
    np.testing.assert_array_equal(found[1:], 0)


def test_no_root_is_taken_of_growth_but_of_what_falls_by_a_share() -> None:
    months, noise = np.arange(120.0), np.random.default_rng(0).normal(0, 1, 120)
    share = 1.07**months * np.exp(0.1 * noise)
    steady = 1.05**months + 100 + 15 * noise
    waves = (2 + np.sin(months / 10)) ** 4 * np.exp(0.1 * noise)
    past = np.stack([share, share[::-1], steady, steady[::-1], np.random.default_rng(0).lognormal(0, 2, 120), waves])
    assert (measure_skewness(past)[[0, 1, 4]] > 0.55).all()
    degree = take_roots(make_windows(past), periods=(12,))[1].degree
    np.testing.assert_array_equal(degree[:5], [1, 3, 1, 1, 2])
    assert degree[5] > 2


def test_no_root_is_taken_of_rare_demand() -> None:
    past = np.random.default_rng(0).lognormal(0, 2, (1, 200))
    past[0, :35] = 0.0
    assert take_roots(make_windows(past), periods=(12,))[1].degree[0] == 2
    past[0, :75] = 0.0
    assert take_roots(make_windows(past), periods=(12,))[1].degree[0] == 1


def test_growth_is_the_rank_correlation_of_known_values_with_time() -> None:
    values = np.random.default_rng(4).integers(0, 6, 60).astype(float) + 0.05 * np.arange(60).round()
    past = np.full((1, 130), np.nan)
    past[0, 10:130:2] = values
    expected = pd.Series(values).rank().corr(pd.Series(np.arange(60.0)))
    assert measure_growth(past)[0] == pytest.approx(expected)
    assert measure_growth(np.full((1, 50), 3.0))[0] == 0


def test_a_typing_error_does_not_make_a_past_skewed() -> None:
    past = np.random.default_rng(3).normal(100, 5, (1, 100))
    past[0, 50] = 100_000
    assert measure_skewness(past)[0] > 0.55
    windows, roots = take_roots(make_windows(past), periods=(12,))
    assert roots.degree[0] == 1
    np.testing.assert_array_equal(windows.past, past)


def test_the_width_of_the_array_changes_nothing() -> None:
    past = np.stack([simulate_flow(300, seed=seed) for seed in range(5)])
    wide = np.concatenate([np.full((5, 400), np.nan), past], axis=1)
    np.testing.assert_array_equal(measure_skewness(wide), measure_skewness(past))


def test_roots_are_undone_keep_the_order_and_leave_other_rows_as_they_were() -> None:
    roots = Roots(np.array([1.0, 1.3, 2.0]))
    values = np.linspace(-4, 9, 30).reshape(1, 10, 3).repeat(3, axis=0)
    taken = roots.take(values)
    np.testing.assert_array_equal(taken[0], values[0])
    np.testing.assert_allclose(roots.undo(taken), values, rtol=1e-12)
    assert (np.diff(taken.reshape(3, -1), axis=1) > 0).all()
    assert taken[2, 0, 0] == -2


def test_no_root_is_taken_with_covariates() -> None:
    past = simulate_flow(300, seed=0)[None]
    windows = make_windows(past)
    assert take_roots(windows, periods=(12,))[1].degree[0] == 3
    given = WindowCovariates(np.zeros((1, 310, 1)), np.array([True]), ("rain",))
    found, roots = take_roots(replace(windows, covariates=given), periods=(12,))
    assert roots.degree[0] == 1
    np.testing.assert_array_equal(found.past, past)


def test_values_are_scaled_and_restored_by_the_same_root() -> None:
    past = np.stack([simulate_flow(400, seed=0), 50 + np.random.default_rng(0).normal(size=400)])
    encoded = encode(make_windows(past), encoding=Encoding(60, (7,)), horizon=10)
    np.testing.assert_array_equal(encoded.roots.degree, [3, 1])
    y_true = past[:, -10:]
    scaled = encoded.scale(y_true)[:, :, None]
    found = encoded.restore(scaled, level=encoded.scales.level, noise_scale=encoded.scales.divisor)
    np.testing.assert_allclose(found[:, :, 0], y_true, rtol=1e-9)


def test_what_stands_still_after_floods_is_in_data_units_again() -> None:
    flow = np.concatenate([np.random.default_rng(0).lognormal(0, 2.5, 400), np.full(100, 9.0)])[None]
    assert take_roots(make_windows(flow), periods=(12,))[1].degree[0] > 1
    encoded = encode(make_windows(flow), encoding=Encoding(20, (1,)), horizon=3)
    assert encoded.scales.noise_scale[0] == 0
    assert encoded.scales.level[0] == pytest.approx(9)
    assert encoded.roots.degree[0] == 1


def predict(values: Array, **rest: Any) -> pd.DataFrame:
    days = pd.date_range("2020-01-01", periods=values.shape[-1])
    tables = [
        pd.DataFrame({"river": f"r{number}", "day": days, "flow": one})
        for number, one in enumerate(np.atleast_2d(values))
    ]
    reading = forecaster.ReadOptions(ids=("river",))
    return forecaster.predict(pd.concat(tables), horizon=14, reading=reading, **rest)


def test_forecasts_follow_the_unit_and_do_not_depend_on_other_rivers() -> None:
    values = np.stack([simulate_flow(400, seed=seed) for seed in range(3)])
    columns = ["forecast", "forecast-lo-80", "forecast-hi-80"]
    plain, millions = predict(values)[columns], predict(1e6 * values)[columns]
    np.testing.assert_allclose(millions / 1e6, plain, rtol=2e-3, atol=1e-3)
    reversed_order = predict(values[::-1])[columns].to_numpy().reshape(3, 14, 3)[::-1]
    np.testing.assert_allclose(reversed_order, plain.to_numpy().reshape(3, 14, 3), rtol=1e-6)


def test_forecasts_of_rivers_are_better_by_roots() -> None:
    values = np.stack([simulate_flow(430, seed=seed) for seed in range(60)])
    panel, y_true = make_panel(*values[:, :-30]), values[:, -30:]
    base = open_base(panel)
    scores = []
    for has_roots in (True, False):
        own = replace(base, encoding=replace(base.encoding, has_roots=has_roots))
        over = y_true[:, :, None] - own.forecast(panel, horizon=30).quantiles
        levels = np.asarray(base.levels)
        scores.append(np.maximum(levels * over, (levels - 1) * over).mean())
    assert scores[0] < 0.98 * scores[1]


def test_a_model_that_learned_without_forecasts_without_and_the_version_tells() -> None:
    folder = KEPT_FOLDERS[-1]
    card = read_card(folder)
    network = read_network(folder, card=card)
    old = make_forecaster(card, network=network, name="old").encoding
    assert not old.has_roots
    assert not old.has_climatology
    new: ModelCard = replace(card, roots=True)
    assert describe_card(card)["format_version"] == 3
    assert describe_card(new)["format_version"] == 9
    found = make_forecaster(new, network=network, name="new").encoding
    assert found.has_roots
    assert not found.has_climatology


def test_a_model_is_trained_with_roots_where_a_series_needs_them() -> None:
    flows = make_panel(simulate_flow(400, seed=0), np.arange(400.0))
    assert divide(flows, plan=TrainingPlan(horizon=14)).encoding.has_roots
    assert not divide(make_panel(np.arange(400.0)), plan=TrainingPlan(horizon=14)).encoding.has_roots

"""The point mass at zero, and whole numbers for small counts: only where the past shows them."""

import numpy as np
import pandas as pd
import pytest

from forecaster.arrays import Array
from forecaster.forecasting.zeros import Discrete, ZerosOfPast, estimate_zeros, find_small_counts, make_discrete
from tests.conftest import Command

NAN = float("nan")
LEVELS = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95)


def estimate(past: Array, *, periods: tuple[int, ...] = (1,), horizon: int = 4) -> ZerosOfPast:
    return estimate_zeros(past, np.full(len(past), past.shape[1]), periods=periods, horizon=horizon)


def discrete(quantiles: Array, past: Array, *, allow_fractions: bool = False) -> Discrete:
    zeros = estimate(past, horizon=quantiles.shape[1])
    return make_discrete(quantiles, past, zeros, levels=LEVELS, allow_fractions=allow_fractions)


def make_rare(*, rows: int = 5, time: int = 80, rate: float = 0.3, seed: int = 0) -> Array:
    return np.random.default_rng(seed).poisson(rate, (rows, time)).astype(float)


def test_zeros_that_come_at_random_are_trusted_and_those_of_one_break_are_not() -> None:
    generator = np.random.default_rng(0)
    sales = generator.uniform(1, 2, (200, 100))
    at_random = np.where(generator.random(sales.shape) < 0.6, 0.0, sales)
    found = estimate(at_random)
    assert found.probability.mean() == pytest.approx(0.6, abs=0.02)
    assert found.trust.mean() > 0.8
    begun = np.where(np.arange(100) < 60, 0.0, sales)
    assert estimate(begun).trust.max() < 0.05


def test_each_phase_has_its_own_zeros_where_phases_differ_and_only_there() -> None:
    generator = np.random.default_rng(0)
    open_days = np.where(np.arange(140) % 7 == 3, 0.0, generator.uniform(1, 2, (3, 140)))
    found = estimate(open_days, periods=(7,), horizon=9)
    expected = np.where(np.arange(9) % 7 == 3, 1.0, 0.0)
    np.testing.assert_allclose(found.probability, np.tile(expected, (3, 1)), atol=0.02)
    alike = np.where(generator.random((100, 140)) < 0.5, 0.0, 1.0)
    assert estimate(alike, periods=(7,), horizon=7).probability.std(axis=1).mean() < 0.05
    # a past too short for phases
    assert np.ptp(estimate(open_days[:, :30], periods=(7,), horizon=7).probability, axis=1).max() == 0


def test_recent_steps_count_more_and_missing_ones_not_at_all() -> None:
    # half of the steps at first, three of four since
    rising = np.array([[*[0.0, 2.0] * 30, *[0.0, 0.0, 0.0, 2.0] * 10]])
    assert 0.6 < estimate(rising).probability[0, 0] < 0.75
    spread = np.full((1, 2 * rising.shape[1]), NAN)
    spread[:, 1::2] = rising
    assert 0.6 < estimate(spread).probability[0, 0] < 0.75
    padded = np.pad(rising, ((0, 0), (50, 0)), constant_values=NAN)
    np.testing.assert_allclose(estimate(padded).probability, estimate(rising).probability)


def test_quantiles_are_zero_up_to_the_probability_of_zero_and_whole_above_it() -> None:
    quantiles = np.sort(np.random.default_rng(0).gamma(0.5, 1.0, (5, 4, len(LEVELS))), axis=2)
    found = discrete(quantiles, make_rare())
    is_zero = np.asarray(LEVELS) <= found.zero_probability[:, :, None]
    assert is_zero.any()
    assert not is_zero.all()
    np.testing.assert_array_equal(found.quantiles == 0, is_zero)
    assert (found.quantiles == np.round(found.quantiles)).all()
    assert (np.diff(found.quantiles, axis=2) >= 0).all()
    assert found.is_count.all()
    fractions = discrete(quantiles, make_rare(), allow_fractions=True)
    assert not fractions.is_count.any()
    assert (fractions.quantiles != np.round(fractions.quantiles)).any()
    np.testing.assert_array_equal(
        fractions.quantiles == 0, np.asarray(LEVELS) <= fractions.zero_probability[:, :, None]
    )


def test_amounts_that_are_no_counts_keep_their_scale() -> None:
    past, quantiles = 1.37 * make_rare(), np.sort(np.random.default_rng(0).gamma(0.5, 1.0, (5, 4, 7)), axis=2) - 0.1
    found = discrete(quantiles, past)
    assert not found.is_count.any()
    np.testing.assert_allclose(discrete(1000 * quantiles, 1000 * past).quantiles, 1000 * found.quantiles)


def test_other_pasts_leave_quantiles_as_they_are() -> None:
    quantiles = np.sort(np.random.default_rng(0).normal(2, 1, (4, 3, len(LEVELS))), axis=2)
    past = np.random.default_rng(1).normal(20, 5, (4, 60))
    past[1] = np.round(past[1])  # whole numbers, but no small ones
    past[2, ::2] = 0.0
    past[2, 5] = -1.0  # was negative
    past[3, 7] = 0.0  # a single zero
    found = discrete(quantiles, past)
    np.testing.assert_array_equal(found.quantiles, quantiles)
    assert not found.zero_probability.any()


def test_a_row_does_not_depend_on_the_others() -> None:
    quantiles = np.sort(np.random.default_rng(0).gamma(0.5, 1.0, (5, 4, len(LEVELS))), axis=2)
    past = make_rare() * np.array([1.0, 1.5, 3.0, 1.0, 0.5])[:, None]
    past[3, :40] = NAN
    found = discrete(quantiles, past).quantiles
    for row in range(5):
        np.testing.assert_array_equal(found[row], discrete(quantiles[[row]], past[[row]]).quantiles[0])


def test_small_counts_are_whole_never_negative_and_below_five_on_average() -> None:
    past = np.array([[0.0, 3.0, NAN], [0.0, 2.5, 1.0], [-1.0, 2.0, 1.0], [50.0, 1.0, 2.0], [NAN, NAN, NAN]])
    assert find_small_counts(past).tolist() == [True, False, False, False, False]


def write_parts(*, order: list[int], scale: float = 1.0) -> None:
    counts = make_rare(rows=6, time=60, rate=0.4, seed=3)
    dates = pd.date_range("2015-01-01", periods=60, freq="MS")
    rows = [pd.DataFrame({"part": f"p{number}", "date": dates, "sold": scale * counts[number]}) for number in order]
    pd.concat(rows).to_csv("parts.csv", index=False)


def test_predict_writes_whole_numbers_and_exact_zeros_in_any_order_of_the_series(forecast: Command) -> None:
    tables = []
    for order in ([0, 1, 2, 3, 4, 5], [5, 3, 0, 1, 4, 2]):
        write_parts(order=order)
        outcome = forecast("predict", "parts.csv", "--quantiles", "0.15,0.42", "--horizon", "6")
        assert outcome.code == 0
        assert "6 series of small counts, forecast in whole numbers (or --allow-fractions)" in outcome.stderr
        tables.append(pd.read_csv("forecasts.csv").sort_values(["part", "date"]).reset_index(drop=True))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    numbers = tables[0].filter(like="forecast")
    assert (numbers == numbers.round()).all(axis=None)
    assert (numbers["forecast-lo-95"] == 0).all()
    assert (numbers["forecast-q-42"] == 0).all()
    assert (numbers["forecast-hi-95"] >= 1).all()
    assert forecast("predict", "parts.csv", "--horizon", "6", "--allow-fractions").code == 0
    free = pd.read_csv("forecasts.csv")["forecast-hi-80"]
    assert (free != free.round()).any()


def test_amounts_in_another_unit_have_the_same_zeros(forecast: Command) -> None:
    found = []
    for scale in (1.25, 1250.0):
        write_parts(order=[0, 1, 2], scale=scale)
        assert forecast("predict", "parts.csv", "--horizon", "6", "--digits", "full").code == 0
        found.append(pd.read_csv("forecasts.csv").filter(like="forecast").to_numpy() / scale)
    np.testing.assert_array_equal(found[0] == 0, found[1] == 0)
    np.testing.assert_allclose(found[0], found[1], atol=1e-4)

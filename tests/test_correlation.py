"""How far the errors of one cutoff are alike, and how many independent ones they are worth."""

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster.data.panel import hash_names
from forecaster.forecasting.correlation import USUAL_CORRELATION, count_effective, measure_correlation
from tests.test_windows import make_panel

NAN = float("nan")


def sample_values(*, shock: float, series: int = 40, seed: int = 0) -> NDArray[np.float64]:
    """Noise, and in every six steps a shock to all series: [series, time]."""
    generator = np.random.default_rng(seed)
    shocks = np.repeat(generator.normal(size=20), 6)
    return 10 + generator.normal(size=(series, 120)) + shock * shocks


def measure(values: NDArray[np.float64]) -> float:
    return measure_correlation(make_panel(*values), horizon=6, season=1)


@pytest.mark.parametrize(("series", "most"), [(1, 0.3), (40, 0.1)])
def test_shocks_that_all_series_share_are_seen(series: int, most: float) -> None:
    alone = np.mean([measure(sample_values(shock=0.0, series=series, seed=seed)) for seed in range(5)])
    shared = np.mean([measure(sample_values(shock=3.0, series=series, seed=seed)) for seed in range(5)])
    # the last value, from which one series is forecast, is wrong for all of its steps
    assert alone < most
    assert shared > most + 0.2


def test_it_is_the_mean_correlation_of_two_errors_of_a_cutoff() -> None:
    values = sample_values(shock=1.0, series=3)
    values[1, 70:75] = NAN
    values[0, 80] += 40  # an error beyond what counts
    cutoffs = range(114, 23, -6)  # the newest 16
    errors = np.stack([np.abs(values[:, at : at + 6] - values[:, at - 1 : at]) for at in cutoffs])
    sizes = np.minimum(errors / np.nanmean(errors, axis=(0, 2))[:, None], 4)
    sizes = (sizes - np.nanmean(sizes)).reshape(16, -1)
    products, pairs = 0.0, 0
    for row in sizes:
        known = row[~np.isnan(row)].tolist()
        products += 16 / 15 * sum(known) ** 2 - sum(value**2 for value in known)
        pairs += len(known) * (len(known) - 1)
    correlation = products / pairs / np.nanmean(sizes**2)
    assert 0 < correlation < 1
    assert measure(values) == pytest.approx((15 * correlation + USUAL_CORRELATION) / 16)


def test_nothing_from_the_ends_on_is_looked_at() -> None:
    values = sample_values(shock=2.0)
    changed = values.copy()
    changed[:, 100:] += 50
    ends = np.full(len(values), 100)
    first, second = (
        measure_correlation(make_panel(*table), horizon=6, season=7, ends=ends) for table in (values, changed)
    )
    assert first == second
    assert first != measure_correlation(make_panel(*values), horizon=6, season=7)


def test_of_many_series_a_sample_by_name_is_looked_at() -> None:
    values = sample_values(shock=1.0, series=300)
    is_taken = np.argsort(np.argsort(hash_names(make_panel(*values)), kind="stable")) < 200
    others = np.where(is_taken[:, None], values, 1 + values**2)
    taken = np.where(is_taken[:, None], 1 + values**2, values)
    assert measure(others) == measure(values)
    assert measure(taken) != measure(values)


@pytest.mark.parametrize("length", [5, 8, 12])
def test_what_shows_fewer_than_two_cutoffs_is_taken_to_be_as_usual(length: int) -> None:
    assert measure(sample_values(shock=3.0)[:, :length]) == USUAL_CORRELATION
    assert measure(np.full((3, length), 4.0)) == USUAL_CORRELATION


def test_errors_that_are_alike_count_less() -> None:
    y_true, cutoff_index = np.zeros((20, 5)), np.repeat([0, 1], 10)
    assert count_effective(y_true, cutoff_index, correlation=0.0) == 100
    assert count_effective(y_true, cutoff_index, correlation=1.0) == pytest.approx(2)
    assert count_effective(y_true, cutoff_index, correlation=0.1) == pytest.approx(100 / 5.9)
    y_true[10:] = NAN
    assert count_effective(y_true, cutoff_index, correlation=0.1) == pytest.approx(50 / 5.9)
    assert count_effective(np.full((2, 3), NAN), np.array([0, 1]), correlation=0.1) == 0

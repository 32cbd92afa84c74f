"""Synthetic flows: positive, skewed, quick to rise and slow to fall, larger in one part of the season."""

import numpy as np
import pytest

from forecaster.learning.prior_flows import sample_flows

PERIODS = [(1,), (4,), (12,), (52,), (7, 365), (24, 168)]


@pytest.mark.parametrize("periods", PERIODS, ids=str)
def test_they_have_the_shape_asked_for_and_are_never_negative(periods: tuple[int, ...]) -> None:
    series = sample_flows(np.random.default_rng(3), count=40, length=90, periods=periods)
    assert series.shape == (40, 90)
    assert np.isfinite(series).all()
    assert (series >= 0).all()


def test_they_rise_at_once_and_fall_slowly() -> None:
    series = sample_flows(np.random.default_rng(3), count=300, length=700, periods=(7, 365))
    changes = np.diff(series, axis=1)
    assert np.median((changes > 0).mean(axis=1)) < 0.45
    above = series.mean(axis=1) / np.median(series, axis=1)
    assert np.median(above) > 1.1, "skewed"
    # backwards in time it is the other way round
    assert np.median((changes[:, ::-1] < 0).mean(axis=1)) > 0.55


def test_they_are_larger_in_the_same_part_of_each_season() -> None:
    series = sample_flows(np.random.default_rng(5), count=300, length=1460, periods=(7, 365))
    means = np.log1p(series / series.mean(axis=1, keepdims=True)).reshape(300, 4, 73, 5).mean(axis=3)
    first, second = means[:, :2].mean(axis=1), means[:, 2:].mean(axis=1)
    alike = [np.corrcoef(one, other)[0, 1] for one, other in zip(first, second, strict=True)]
    assert np.median(alike) > 0.15

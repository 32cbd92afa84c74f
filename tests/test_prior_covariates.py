"""Synthetic covariates: they are sampled as declared, and some of them act on the series."""

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.learning.prior import FREQUENCIES, sample_series
from forecaster.learning.prior_covariates import MAX_COVARIATES, add_covariates

PERIODS = [(1,), (2,), (7,), (12,), (24, 168), (7, 365)]


def add(series: Array, *, seed: int, periods: tuple[int, ...]) -> tuple[Array, Array]:
    return add_covariates(np.random.default_rng(seed), series, periods=periods)


def make_series(*, count: int = 16, length: int = 120, seed: int = 0) -> Array:
    """Series above and about zero, with gaps."""
    generator = np.random.default_rng(seed)
    series = generator.normal(size=(count, length)) + 50 * (np.arange(count) % 2)[:, None]
    series[:, 1:][generator.random((count, length - 1)) < 0.1] = np.nan
    return series


@pytest.mark.parametrize("periods", PERIODS)
@pytest.mark.parametrize("length", [12, 120])
def test_they_have_the_shape_of_the_series_and_are_finite(periods: tuple[int, ...], length: int) -> None:
    counts = set()
    for seed in range(30):
        series = make_series(length=length, seed=seed)
        before = series.copy()
        changed, covariates = add(series, seed=seed, periods=periods)
        counts.add(covariates.shape[2])
        assert covariates.shape[:2] == changed.shape == series.shape
        assert np.isfinite(covariates).all()
        # what was missing stays so, and nothing else is
        np.testing.assert_array_equal(np.isnan(changed), np.isnan(series))
        np.testing.assert_array_equal(series, before)
        # a factor leaves values above zero where they were
        assert np.nanmax(np.abs(changed)) < 5000
    assert counts == set(range(1, MAX_COVARIATES + 1))


def test_the_seed_decides_them() -> None:
    series = make_series()
    one, same, other = (add(series, seed=seed, periods=(7,)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one[0], same[0])
    np.testing.assert_array_equal(one[1], same[1])
    assert one[1].shape != other[1].shape or (one[1] != other[1]).any()


def test_some_act_and_some_do_not() -> None:
    acts, varies, sizes = [], [], []
    for seed in range(60):
        series = make_series(seed=seed)
        changed, covariates = add(series, seed=seed, periods=(7,))
        if covariates.shape[2] == 1:
            acts.append(np.nanmax(np.abs(changed - series), axis=1) > 1e-9)
            varies.append(covariates[:, :, 0].std(axis=1) > 0)
            sizes.append(np.nanstd(changed - series, axis=1))
    acted, varied = np.concatenate(acts), np.concatenate(varies)
    assert 0.6 < acted[varied].mean() < 0.8
    # what never changes has no effect
    assert not acted[~varied].any()
    size = np.concatenate(sizes)[acted & varied]
    assert np.quantile(size, 0.1) < 0.5
    assert np.quantile(size, 0.9) > 1


def test_a_part_of_the_effects_grow_with_the_level() -> None:
    grows = []
    for seed in range(20):
        series = 5 + np.random.default_rng(seed).random(size=(16, 120))
        (low, _), (high, _) = (add(level + series, seed=seed, periods=(7,)) for level in (0, 100))
        acts = np.abs(low - series).max(axis=1) > 1e-9
        added = np.abs(low - series - (high - series - 100)).max(axis=1) < 1e-9
        # as a share of the level it is the same
        np.testing.assert_allclose((low / series)[~added], (high / (series + 100))[~added])
        grows += (~added[acts]).tolist()
    assert 0.3 < np.mean(grows) < 0.5
    # of what is not above zero nothing is a share
    (one, _), (other, _) = (add(series - level, seed=0, periods=(7,)) for level in (50, 60))
    np.testing.assert_allclose(one - other, 10)


@pytest.mark.parametrize("name", ["yearly", "monthly", "daily_long", "hourly_long"])
def test_they_go_with_every_series_of_the_prior(name: str) -> None:
    frequency = FREQUENCIES[name]
    for seed in range(5):
        generator = np.random.default_rng(seed)
        series = sample_series(generator, count=8, length=max(400, frequency.lengths[0]), frequency=frequency)
        changed, covariates = add_covariates(generator, series, periods=frequency.periods)
        assert np.isfinite(covariates).all()
        np.testing.assert_array_equal(np.isnan(changed), np.isnan(series))


def test_a_series_that_never_changes_has_no_additive_effect() -> None:
    for seed in range(10):
        changed, _ = add(np.full((8, 60), -3.0), seed=seed, periods=(7,))
        np.testing.assert_array_equal(changed, -3.0)

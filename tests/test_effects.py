"""Effects of covariates, compared with loops and refits; what is found of known ones, and where there is none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.covariate_basis import standardise
from forecaster.encoding.effects import Effects, find_effects
from tests.slow_effects import slow_effects
from tests.slow_encoding import NAN

HORIZON = 10


def find(
    past: Array, covariates: Array, *, periods: tuple[int, ...] = (7,), lengths: NDArray[np.int64] | None = None
) -> Effects:
    time = past.shape[1]
    lengths = np.full(len(past), time) if lengths is None else lengths
    scaled, outside = standardise(covariates, lengths=lengths, time=time)
    return find_effects(past, lengths, scaled, outside, periods=periods)


def make(*, count: int = 6, time: int = 150, covariates: int = 2, seed: int = 0) -> tuple[Array, Array]:
    """Pasts about zero on which the first covariate acts, above its mean only; with gaps in both."""
    generator = np.random.default_rng(seed)
    drivers = generator.normal(size=(count, time + HORIZON, covariates))
    past = generator.normal(size=(count, time)) + 2 * np.maximum(drivers[:, :time, 0], 0)
    past += 3 * np.sin(2 * np.pi * np.arange(time) / 7)
    past[generator.random(past.shape) < 0.1] = NAN
    drivers[generator.random(drivers.shape) < 0.05] = NAN
    return past, drivers


def assert_same(one: Effects, other: Effects, *, rtol: float = 1e-6, but: tuple[str, ...] = ()) -> None:
    for name in vars(one):
        if name not in but:
            found = getattr(one, name), getattr(other, name)
            np.testing.assert_allclose(*found, rtol=rtol, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("periods", [(1,), (2,), (7,), (4, 28), (24, 168)])
@pytest.mark.parametrize("level", [0, 30])
def test_they_are_those_of_a_slow_loop(periods: tuple[int, ...], level: int) -> None:
    past, covariates = make(count=3, time=17 * periods[0] if 5 < periods[0] < 24 else 90)
    past[0] += np.abs(past[0])
    # one of them grows with the level
    past = (past + level) * np.exp(np.arange(past.shape[1]) / 100 * [[0.0], [0.0], [1.0]])
    found = find(past, covariates, periods=periods)
    assert (found.shrinkage[:2] > 0).all()
    for row, values in enumerate(past.tolist()):
        slow = slow_effects(values, covariates[row].T.tolist(), periods=periods)
        for name, expected in vars(slow).items():
            np.testing.assert_allclose(getattr(found, name)[row], expected, rtol=1e-6, atol=1e-9, err_msg=name)
    assert (found.factor != 1).any() == (level > 0)


@pytest.mark.parametrize("kind", ["line", "threshold", "promotion", "mean of a week"])
def test_most_of_what_is_added_is_found(kind: str) -> None:
    generator = np.random.default_rng(3)
    driver = generator.normal(size=(8, 210))
    if kind == "promotion":
        driver = (driver > 1).astype(float)
    sums = np.cumsum(np.pad(driver, ((0, 0), (7, 0))), axis=1)
    effect = {
        "line": 2 * driver,
        "threshold": 3 * np.maximum(driver - 0.4, 0),
        "promotion": 4 * driver,
        "mean of a week": 5 * (sums[:, 7:] - sums[:, :-7]) / 7,
    }[kind]
    season = 3 * np.sin(2 * np.pi * np.arange(200) / 7)
    level = np.cumsum(generator.normal(size=(8, 200)), axis=1) / 5
    past = effect[:, :200] + season + level + generator.normal(size=(8, 200))
    found = find(past, driver[:, :, None])
    assert (found.factor == 1).all()
    for steps in (slice(0, 200), slice(200, 210)):
        wanted = effect[:, steps] - effect[:, :200].mean(axis=1, keepdims=True)
        missed = np.square(found.shift[:, steps] - wanted).mean() / np.square(wanted).mean()
        assert missed < 0.15
    assert (found.shrinkage > 0.8).all()
    assert (found.share > 0.25).all()


def test_most_of_what_grows_with_the_level_is_found() -> None:
    generator = np.random.default_rng(3)
    driver = (generator.normal(size=(8, 210)) > 0.8).astype(float)
    level = 100 * np.exp(np.arange(200) / 60 + 0.3 * np.sin(2 * np.pi * np.arange(200) / 7))
    past = level * np.exp(0.5 * driver[:, :200] + 0.1 * generator.normal(size=(8, 200)))
    found = find(past, driver[:, :, None])
    assert (found.shift == 0).all()
    for row in range(8):
        with_it, without_it = (found.factor[row, driver[row] == on].mean() for on in (1, 0))
        assert with_it / without_it == pytest.approx(np.exp(0.5), rel=0.08)
    # which leaves what the level and the season are
    free = found.remove(past, begin=0)
    assert np.abs(np.diff(np.log(free / level), axis=1)).mean() < 0.16
    np.testing.assert_allclose(found.add(free, begin=0), past)
    # where some value is not above zero nothing is a share of it
    past[:, 20] = 0.0
    assert (find(past, driver[:, :, None]).factor == 1).all()


@pytest.mark.parametrize("covariates", [1, 5])
def test_where_covariates_are_noise_there_is_next_to_no_effect(covariates: int) -> None:
    generator = np.random.default_rng(0)
    past = generator.normal(size=(60, 150))
    found = find(past, generator.normal(size=(60, 160, covariates)))
    assert np.median(found.shrinkage) == 0
    assert found.shrinkage.mean() < 0.2
    assert found.share.mean() < 0.02
    assert np.square(found.shift).mean() < 0.02


@pytest.mark.parametrize("periods", [(7,), (1,)])
def test_what_rises_together_and_has_the_same_season_has_no_effect(periods: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    steps = np.arange(160)
    both = steps / 10 + (5 * np.sin(2 * np.pi * steps / 7) if periods[0] > 1 else 0)
    past = (both + generator.normal(size=(50, 160)))[:, :150]
    found = find(past, (both + generator.normal(size=(50, 160)))[:, :, None], periods=periods)
    assert np.median(found.shrinkage) == 0
    assert found.share.mean() < 0.02
    assert (np.abs(found.shift).max(axis=1) < 1).mean() > 0.7


@pytest.mark.parametrize("periods", [(1,), (7,), (12,)])
def test_many_covariates_are_bounded(periods: tuple[int, ...]) -> None:
    past, covariates = make(covariates=200, time=250)
    covariates[:, 255:] = 1e6
    found = find(past, covariates, periods=periods)
    assert np.isfinite(found.shift).all()
    assert np.abs(found.shift).max() < 100
    assert found.outside.max() > 1e4


@pytest.mark.parametrize("known", [0, 1, 15, 16])
@pytest.mark.parametrize("periods", [(1,), (7,), (24, 168)])
def test_of_short_pasts_nothing_is_learned(known: int, periods: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    driver = generator.normal(size=(20, 70, 1))
    past = 5 * driver[:, :60, 0] + 0.01 * generator.normal(size=(20, 60))
    short = np.where(np.arange(60, 0, -1) <= known, past, NAN)
    for found in (
        find(short, driver, periods=periods),
        find(past, driver, periods=periods, lengths=np.full(20, known)),
    ):
        assert np.isfinite(found.shift).all()
        assert found.shrinkage.any() == (known >= 16)
        assert found.shift.any() == (known >= 16)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e12 / 3, -1e-12])
def test_what_never_changes_has_no_effect(value: float) -> None:
    past, covariates = make()
    past = np.where(np.isnan(past), NAN, value)
    found = find(past, covariates)
    free = found.remove(past, begin=0)
    np.testing.assert_array_equal(free[~np.isnan(free)], value)


def make_single(*, count: int) -> tuple[Array, Array]:
    """Noise, and a covariate that changes once, far from where blocks end, and once after the cutoff."""
    driver = np.zeros((count, 210, 1))
    driver[:, [100, 205]] = 1.0
    return np.random.default_rng(0).normal(size=(count, 200)), driver


def test_what_happened_in_one_block_only_has_no_effect() -> None:
    past, driver = make_single(count=40)
    found = find(past, driver, periods=(1,))
    assert not any(getattr(found, name).any() for name in ("shift", "shrinkage"))


@pytest.mark.parametrize("step", [100, 117, 121, 160])
@pytest.mark.parametrize("periods", [(1,), (7,), (24, 168)])
def test_what_happened_once_has_no_effect(step: int, periods: tuple[int, ...]) -> None:
    past, driver = make_single(count=40)
    driver[:, :200] = 0.0
    driver[:, step] = 1.0
    past[:, step] += 10.0
    found = find(past, driver, periods=periods)
    assert not any(getattr(found, name).any() for name in ("shift", "shrinkage"))


@pytest.mark.parametrize("events", [2, 3, 5])
def test_effects_stay_near_those_of_the_past_at_times_that_had_none(events: int) -> None:
    generator = np.random.default_rng(0)
    past, driver = generator.normal(0, 1, (40, 200)), np.zeros((40, 214, 1))
    for row in range(40):
        driver[row, generator.choice(np.arange(20, 180), events, replace=False)] = 1.0
    past += 5 * driver[:, :200, 0]
    driver[:, 200:] = 1.0
    shift = find(past, driver, periods=(7,)).shift
    span = shift[:, :200].max(axis=1) - shift[:, :200].min(axis=1)
    assert (shift[:, 200:].max(axis=1) <= shift[:, :200].max(axis=1) + 0.25 * span + 1e-9).all()
    assert (shift[:, 200:].min(axis=1) >= shift[:, :200].min(axis=1) - 0.25 * span - 1e-9).all()
    assert (np.abs(shift[:, 200:]).max(axis=1) > 2.0).mean() > 0.5, "most of it is found"


@pytest.mark.parametrize(("columns", "level"), [(14, 0), (45, 0), (45, 30)])
def test_of_many_covariates_they_are_those_of_a_slow_loop(columns: int, level: int) -> None:
    past, covariates = make(count=1, time=7 * 22, covariates=columns)
    # some never change, and some have two values
    covariates[:, :, 2], covariates[:, :, 5] = 3.0, covariates[:, :, 5] > 0
    found = find(past + level, covariates)
    assert found.shrinkage[0] > 0
    slow = slow_effects((past[0] + level).tolist(), covariates[0].T.tolist(), periods=(7,))
    for name, expected in vars(slow).items():
        np.testing.assert_allclose(getattr(found, name)[0], expected, rtol=1e-6, atol=1e-9, err_msg=name)


def test_what_changes_for_the_first_time_after_the_cutoff_is_outside() -> None:
    past, covariates = make()
    covariates[:, :150, 1], covariates[:, 150:, 1] = 3.0, 5.0
    assert (find(past, covariates).outside >= 1).all()


def test_the_last_of_many_covariates_counts_as_the_first() -> None:
    past, covariates = make(covariates=130, time=600)
    last_first = covariates[:, :, ::-1]
    assert_same(find(past, covariates), find(past, last_first), rtol=0.1)

"""What must not change the effects of covariates: units, order, other series, and what comes after the cutoff."""

import numpy as np
import pytest

from forecaster.encoding.effects import Effects
from tests.slow_encoding import NAN
from tests.test_effects import HORIZON, assert_same, find, make


def without(found: Effects, steps: slice) -> Effects:
    """The effects on some steps of the past and the horizon only."""
    return Effects(found.factor[:, steps], found.shift[:, steps], found.share, found.shrinkage, found.outside)


@pytest.mark.parametrize("level", [0, 50])
def test_covariates_after_the_cutoff_change_the_effect_there_only(level: int) -> None:
    past, covariates = make()
    one = find(past + level, covariates)
    covariates[:, 153:] = np.random.default_rng(9).normal(size=covariates[:, 153:].shape)
    other = find(past + level, covariates)
    assert_same(without(one, slice(153)), without(other, slice(153)), rtol=1e-12, but=("outside",))
    assert (one.factor[:, 153:] + one.shift[:, 153:] != other.factor[:, 153:] + other.shift[:, 153:]).any(axis=1).all()


@pytest.mark.parametrize(("scale", "shift"), [(1e9, 0), (1e-9, 2e-9), (1, -1e5), (-3, -1e5)])
def test_scale_shift_and_mirror_of_a_past_are_those_of_its_effect(scale: float, shift: float) -> None:
    past, covariates = make()
    one, other = find(past - 300, covariates), find(scale * (past - 300) + shift, covariates)
    assert (one.shrinkage > 0).all()
    np.testing.assert_allclose(other.shift / scale, one.shift, rtol=1e-5, atol=1e-8)
    assert_same(other, one, rtol=1e-5, but=("shift",))


@pytest.mark.parametrize("scale", [1e9, 1e-9, 2.0])
def test_an_effect_that_grows_with_the_level_is_the_same_in_any_unit(scale: float) -> None:
    past, covariates = make()
    one, other = find(past + 50, covariates), find(scale * (past + 50), covariates)
    assert (one.factor != 1).any(axis=1).all()
    assert_same(other, one, rtol=1e-5)


@pytest.mark.parametrize("level", [0, 50])
@pytest.mark.parametrize(("scale", "shift"), [(1e9, 0), (1e-9, 2e-9), (2, 1e5), (-3, 7)])
def test_the_unit_and_the_direction_of_a_covariate_change_nothing(scale: float, shift: float, level: int) -> None:
    past, covariates = make()
    one = find(past + level, covariates)
    covariates[:, :, 0] = scale * covariates[:, :, 0] + shift
    assert_same(find(past + level, covariates), one, rtol=1e-5)


@pytest.mark.parametrize("level", [0, 50])
def test_the_order_of_covariates_changes_nothing(level: int) -> None:
    past, covariates = make(covariates=5)
    one = find(past + level, covariates)
    assert_same(find(past + level, covariates[:, :, [3, 1, 4, 0, 2]]), one)


def test_covariates_that_never_change_or_are_missing_change_nothing_beside_others() -> None:
    past, covariates = make()
    one = find(past, covariates)
    still = np.stack([np.full((6, 160), 7.1), np.full((6, 160), NAN), np.zeros((6, 160))], axis=2)
    assert_same(find(past, np.concatenate([still, covariates], axis=2)), one)
    alone = find(past, still)
    assert (alone.factor == 1).all()
    assert not any(getattr(alone, name).any() for name in ("shift", "share", "shrinkage", "outside"))
    # what has not changed yet, and what is known of the future only, has no effect
    still[:, 150:] = 9.0
    assert_same(find(past, np.concatenate([still, covariates], axis=2)), one, but=("outside",))


@pytest.mark.parametrize("periods", [(1,), (7,), (4, 28)])
def test_other_pasts_beside_it_and_steps_before_them_change_nothing(periods: tuple[int, ...]) -> None:
    past, covariates = make(time=200)
    past[::2] += 50
    lengths = np.array([200, 199, 130, 60, 30, 12])
    one = find(past, covariates, periods=periods, lengths=lengths)
    before = np.arange(200, 0, -1) > lengths[:, None]
    # nor does what is not in the series
    past[before] = 1e9
    covariates[:, :200][before] = NAN
    for row, length in enumerate(lengths.tolist()):
        alone = find(past[[row], -length:], covariates[[row], -length - HORIZON :], periods=periods)
        own = Effects(*(values[[row]] for values in vars(one).values()))
        assert_same(without(own, slice(-length - HORIZON, None)), alone)


def test_gaps_in_a_past_and_its_last_steps_are_passed_over() -> None:
    past, covariates = make(time=200)
    past[:, -40:], past[:, 50:80] = NAN, NAN
    past[0, ::2], past[1, 3::7] = NAN, NAN
    found = find(past, covariates)
    assert np.isfinite(found.shift).all()
    assert (found.shrinkage > 0.5).all()


@pytest.mark.parametrize("columns", [10, 50])
def test_the_kind_of_another_series_covariates_changes_nothing(columns: int) -> None:
    past, covariates = make(count=2, time=150, covariates=columns)
    # of two values only, so that it has fewer features than the other
    covariates[0] = covariates[0] > 0.5
    one = find(past, covariates)
    for row in (0, 1):
        alone = find(past[[row]], covariates[[row]])
        assert_same(Effects(*(values[[row]] for values in vars(one).values())), alone)

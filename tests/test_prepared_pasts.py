"""Effects at once and later, found together: what each of them may be learned from, and which are left out."""

from dataclasses import replace

import numpy as np

from forecaster.arrays import Array, average
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.prepared_pasts import PreparedPasts

HORIZON = 4


def prepare(past: Array, covariates: Array, *, is_known: bool) -> PreparedPasts:
    """Pasts [row, time] with one covariate [row, time + HORIZON, 1] in units of its deviation."""
    rows, time = past.shape
    given = covariates.copy()
    if not is_known:
        given[:, time:] = np.nan
    lengths, none = np.full(rows, time), np.zeros(0, np.int64)
    outside = np.zeros((rows, HORIZON, 1))
    return PreparedPasts(past, lengths, np.nan_to_num(given), given, outside, np.array([is_known]), none)


def test_a_column_that_wanders_has_no_effect_on_a_past_that_only_follows_its_changes() -> None:
    generator = np.random.default_rng(0)
    walks = np.cumsum(generator.normal(size=(6, 300 + HORIZON)), axis=1)
    width = 13
    level = np.stack(
        [np.convolve(np.pad(row, width // 2, mode="edge"), np.full(width, 1 / width), "valid") for row in walks]
    )
    past = generator.normal(scale=0.3, size=(6, 300))
    past[:, 3:] += (walks - level)[:, :297]
    prepared = prepare(past, walks[:, :, None], is_known=False)
    divided = prepared.divide_effects(Encoding(32, (1,)))
    assert not (divided.late.owners >= 0).any()
    assert not divided.later.shift.any()
    # the same column, where the past wanders with it
    past[:, 3:] += level[:, :297]
    followed = prepare(past, walks[:, :, None], is_known=False).divide_effects(Encoding(32, (1,)))
    assert (followed.late.owners[:, 0] == 0).all()


def test_without_a_season_the_newest_steps_alone_tell_what_acts_at_once() -> None:
    generator = np.random.default_rng(0)
    covariates = generator.normal(size=(6, 200 + HORIZON, 1))
    past = 50 + generator.normal(size=(6, 200))
    past[:, :140] += 5 * covariates[:, :140, 0]
    prepared = prepare(past, covariates, is_known=True)
    effects, _ = prepared.find_effects(Encoding(32, (1,)))
    assert np.abs(effects.add(np.full((6, HORIZON), 50.0), begin=200) - 50).max() < 1.5
    past[:, 140:] += 5 * covariates[:, 140:200, 0]
    effects, _ = prepare(past, covariates, is_known=True).find_effects(Encoding(32, (1,)))
    added = average(effects.add(np.full((6, HORIZON), 50.0), begin=200) - 50, axis=1)
    assert np.corrcoef(added, covariates[:, 200:, 0].mean(axis=1))[0, 1] > 0.9


def test_some_rows_keep_what_they_share() -> None:
    past, covariates = np.zeros((6, 40)), np.zeros((6, 40 + HORIZON, 1))
    prepared = prepare(past, covariates, is_known=True)
    common = np.arange(3.0)[:, None, None] + np.zeros((3, 40 + HORIZON, 1))
    prepared = replace(prepared, shares=np.array([1, 2, 4]), common=common)
    some = prepared.take(np.array([4, 0, 2]))
    assert dict(zip(some.shares.tolist(), some.common[:, 0, 0].tolist(), strict=True)) == {2: 1.0, 0: 2.0}  # type: ignore[index]
    assert prepared.take(np.array([0, 3])).common is None

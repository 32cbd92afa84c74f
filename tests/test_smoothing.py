"""What repeats and what does not, told apart: shrunk profiles and smoothed levels."""

import numpy as np
import pytest

from forecaster.arrays import find_median
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES
from forecaster.encoding.seasonality import find_profile, find_seasons, find_shrunken_profile
from forecaster.encoding.smoothing import smooth_exponentially
from forecaster.windows import Windows
from tests.slow_encoding import NAN, make_pasts, slow_shrunken_profile, slow_smoothing

ENCODINGS = [
    Encoding(40, (1,)),
    Encoding(12, (2,)),
    Encoding(10, (4,)),
    Encoding(30, (24, 168)),
    Encoding(25, (7, 365)),
]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_repeats_and_its_smoothed_rest_are_those_of_slow_loops(encoding: Encoding) -> None:
    past, lengths = make_pasts(encoding)
    period = encoding.periods[0]
    found, share = find_shrunken_profile(past, lengths, period=period)
    smoothed = smooth_exponentially(past[:, -50:])
    for row, length in enumerate(lengths.tolist()):
        expected, expected_share = slow_shrunken_profile(past[row].tolist(), length, period=period)
        assert share[row] == pytest.approx(expected_share, abs=1e-9)
        np.testing.assert_allclose(found.parts[0][row], expected, atol=1e-9)
        level, memory, slope, lag = slow_smoothing(past[row, -50:].tolist())
        assert smoothed.level[row] == pytest.approx(level, rel=1e-9)
        assert smoothed.memory[row] == pytest.approx(memory, rel=1e-9)
        assert smoothed.slope[row] == pytest.approx(slope, abs=1e-9)
        assert smoothed.lag[row] == pytest.approx(lag, rel=1e-9)


def test_noise_without_a_season_has_next_to_none_that_repeats_and_one_outlier_does_not_make_one() -> None:
    generator = np.random.default_rng(0)
    noise, season = generator.normal(size=(400, 96)), 5 * np.sin(np.arange(96) * np.pi / 6)
    lengths = np.full(400, 96)
    _, share = find_shrunken_profile(noise, lengths, period=12)
    assert np.median(share) < 0.1
    profile, share = find_shrunken_profile(noise + season, lengths, period=12)
    assert np.median(share) > 0.95
    np.testing.assert_allclose(profile.parts[0].mean(axis=0), season[:12], atol=0.2)
    outlier = noise[:1] + season
    outlier[0, 50] += 300
    found = find_shrunken_profile(outlier, lengths[:1], period=12)[0].parts[0][0]
    assert np.abs(found).max() < np.abs(find_profile(outlier, lengths[:1], period=12, cycles=16).parts[0][0]).max() / 3


def test_smoothing_looks_far_back_on_noise_and_not_at_all_on_a_walk() -> None:
    noise = np.random.default_rng(0).normal(size=(50, 80))
    assert np.median(smooth_exponentially(noise).memory) > 10
    assert np.median(smooth_exponentially(noise.cumsum(axis=1)).memory) < 1.3
    far = np.concatenate([np.full((50, 1000), 1e6), noise, noise, noise, noise], axis=1)
    assert np.abs(smooth_exponentially(far).level).max() < 3
    # on a straight line the level lags behind by what it says
    line = smooth_exponentially(3.0 * np.arange(40.0)[None])
    assert line.slope[0] == pytest.approx(3)
    assert line.level[0] + 3 * line.lag[0] == pytest.approx(117)


@pytest.mark.parametrize("encoding", [encoding for encoding in ENCODINGS if encoding.periods != (1,)])
def test_no_past_beyond_what_the_encoding_asks_for_plays_a_part(encoding: Encoding) -> None:
    generator = np.random.default_rng(0)
    steps, period = encoding.past_length, encoding.periods[0]
    past = generator.normal(size=(6, 2 * steps)) + np.resize(generator.normal(size=period), 2 * steps)
    all_of_it, share = find_shrunken_profile(past, np.full(6, 2 * steps), period=period)
    newest, same = find_shrunken_profile(past[:, -steps:], np.full(6, steps), period=period)
    assert newest.parts[0].any()
    np.testing.assert_array_equal(all_of_it.parts[0], newest.parts[0])
    np.testing.assert_array_equal(share, same)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("longest", [1, 30, 5000])
def test_steps_that_no_series_has_need_not_be_cut(encoding: Encoding, longest: int) -> None:
    past, lengths = make_pasts(encoding)
    lengths = np.minimum(lengths, longest)
    past[np.arange(past.shape[1], 0, -1) > lengths[:, None]] = NAN
    whole = encode(Windows(past, lengths), encoding=encoding, horizon=5)
    cut = encode(Windows(past[:, -encoding.reach_into(longest) :], lengths), encoding=encoding, horizon=5)
    np.testing.assert_allclose(cut.inputs, whole.inputs, atol=1e-6)
    np.testing.assert_allclose(cut.candidates, whole.candidates, atol=1e-5)


def test_half_of_the_one_year_that_is_known_is_believed() -> None:
    encoding = Encoding(56, (7, 365))
    steps = np.arange(encoding.past_length)
    yearly = 10 * np.sin(2 * np.pi * steps / 365)
    past = (100 + yearly + np.tile([3.0, 1, 0, 0, 0, -2, -2], len(steps))[: len(steps)])[None]
    past[0, :-600] = NAN
    encoded = encode(Windows(past, np.array([600])), encoding=encoding, horizon=28)
    seasons = find_seasons(past, np.array([600]), periods=encoding.periods)
    season, year = seasons.shrunken.profile, seasons.secondary.profile
    ahead, behind = (year.over(*of) - season.over(*of) for of in ((0, 28), (-56, 0)))
    level = np.median(past[0, -56:] - season.over(-56, 0)[0] - behind[0] / 2)
    found = encoded.candidates[0, CANDIDATES.index("shrunken_secondary")] * encoded.scales.noise_scale[0]
    found += encoded.scales.level[0]
    np.testing.assert_allclose(found, level + season.over(0, 28)[0] + ahead[0] / 2, rtol=1e-5)
    assert np.ptp(ahead) > 2, "the year tells of the weeks to come"


@pytest.mark.parametrize("period", [2, 3, 4, 12])
def test_a_season_of_any_period_that_repeats_is_kept(period: int) -> None:
    generator = np.random.default_rng(0)
    season = np.resize([1.0, -1.0, 0.5, -0.5], period)
    steps = 30 * period
    past = np.tile(2 * (season - season.mean()), (50, 30)) + generator.normal(size=(50, steps))
    lengths = np.full(50, steps)
    assert np.median(find_shrunken_profile(past, lengths, period=period)[1]) > 0.9
    # half of the phases were never seen
    past[:, ::2] = NAN
    profile, share = find_shrunken_profile(past, lengths, period=period)
    assert np.isfinite(profile.parts[0]).all()
    assert ((share >= 0) & (share < 1)).all()


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (3.7, 0), (1 / 3, 0), (1, 100), (1e90, 0), (1e-90, 0)])
def test_what_rounding_leaves_of_a_perfect_season_has_no_best_rate(scale: float, shift: float) -> None:
    season = np.random.default_rng(0).normal(10, 3, 12).round(1)
    past = (np.tile(season, 6) * scale + shift)[None]
    steady, share = find_shrunken_profile(past, np.array([72]), period=12)
    smoothing = smooth_exponentially(past - steady.over(-72, 0))
    assert share[0] == pytest.approx(1)
    assert smoothing.memory[0] == pytest.approx(smooth_exponentially(np.ones((1, 72))).memory[0])
    assert smoothing.level[0] == pytest.approx(past.mean())


@pytest.mark.parametrize(("encoding", "blank"), [(Encoding(12, (4,)), 12), (Encoding(400, (7,)), 260)])
def test_where_the_newest_steps_are_missing_the_last_value_stands_in(encoding: Encoding, blank: int) -> None:
    length = encoding.past_length
    past = np.random.default_rng(0).normal(1e4, 1, (1, length))
    past[0, -blank:] = NAN
    encoded = encode(Windows(past, np.array([length])), encoding=encoding, horizon=4)
    is_near = np.abs(encoded.candidates[0]).max(axis=1) < 20
    assert [name for name, near in zip(CANDIDATES, is_near, strict=True) if not near] == []


def test_a_median_is_of_what_is_observed() -> None:
    values = np.array([[3.0, NAN, 1.0, 90.0], [NAN, NAN, 2.0, 4.0], [NAN] * 4])
    np.testing.assert_array_equal(find_median(values), [3.0, 3.0, NAN])

"""What the network sees, compared with plain loops over series and steps."""

import math
import statistics
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from forecaster.arrays import Array, carry_forward
from forecaster.encoding.encode import encode
from forecaster.encoding.encoded import Encoded
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.encoding.seasonality import find_profile, find_secondary_lag, find_smooth_profile, lag_by_phase
from forecaster.windows import Windows
from tests.slow_encoding import (
    NAN,
    TakenApart,
    known,
    last_known,
    make_pasts,
    mean,
    slow_lag,
    slow_profile,
    slow_remainder,
    slow_slope,
    slow_smoothing,
)
from tests.slow_regression import SlowRegression, slow_channels, slow_regression

HORIZON = 9

ENCODINGS = [Encoding(40, (1,)), Encoding(10, (4,)), Encoding(30, (24, 168)), Encoding(25, (7, 365))]


def encode_series(values: Array | list[float], encoding: Encoding) -> Encoded:
    """One series as the only window of a batch."""
    past = np.full((1, max(encoding.past_length, len(values))), NAN)
    past[0, past.shape[1] - len(values) :] = values
    return encode(Windows(past, np.array([len(values)])), encoding=encoding, horizon=HORIZON)


def shown(encoding: Encoding, length: int) -> Encoding:
    """The encoding of a past of so many steps: with the longer period only where it shows it 1.2 times."""
    return encoding if length >= 1.2 * encoding.periods[-1] else replace(encoding, periods=encoding.periods[:1])


def encode_and_take_apart(encoding: Encoding) -> tuple[Encoded, list[TakenApart]]:
    past, lengths = make_pasts(encoding)
    past[3, -8:-2:2] = 0.0
    pairs = zip(past.tolist(), lengths.tolist(), strict=True)
    encoded = encode(Windows(past, lengths), encoding=encoding, horizon=HORIZON)
    return encoded, [TakenApart.of(values, length, shown(encoding, length)) for values, length in pairs]


def regress(of: TakenApart, encoding: Encoding) -> SlowRegression:
    return slow_regression(of.values, of.length, periods=shown(encoding, of.length).periods, horizon=HORIZON)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("cycles", [1, 3, 16])
def test_profiles_are_those_of_a_slow_loop(encoding: Encoding, cycles: int) -> None:
    past, lengths = make_pasts(encoding)
    for period in encoding.periods:
        found = find_profile(past, lengths, period=period, cycles=cycles)
        for row, length in enumerate(lengths.tolist()):
            expected = slow_profile(past[row].tolist(), length, period=period, cycles=cycles)
            np.testing.assert_allclose(found.parts[0][row], expected, atol=1e-10)
            over = [expected[step % period] for step in range(-3, 5)]
            np.testing.assert_allclose(found.over(-3, 5)[row], over, atol=1e-10)


def test_a_profile_is_free_of_level_and_drift() -> None:
    season = np.array([3.0, -1.0, -2.0, 0.0])
    past = (np.tile(season, 5) + 100 + 0.7 * np.arange(20))[None]
    found = find_profile(past, np.array([20]), period=4, cycles=16)
    np.testing.assert_allclose(found.parts[0][0], season, atol=1e-12)
    assert found.cycles.tolist() == [5]
    # one cycle cut off, one mostly missing
    past[0, 5:8] = NAN
    assert find_profile(past, np.array([19]), period=4, cycles=16).cycles.tolist() == [3]


def test_a_long_profile_is_smoothed_over_two_short_cycles_around_the_year() -> None:
    encoding = ENCODINGS[-1]
    past, lengths = make_pasts(encoding)
    short = find_profile(past, lengths, period=7, cycles=16)
    found = find_smooth_profile(past, lengths, short=short, short_period=7, period=365)
    for row, length in enumerate(lengths.tolist()):
        weekly = slow_profile(past[row].tolist(), length, period=7, cycles=16)
        yearly = slow_profile(slow_remainder(past[row].tolist(), weekly), length, period=365, cycles=6)
        for step in (-400, -365, -8, -1, 0, 3, 360):
            around = [yearly[(step + shift) % 365] for shift in range(-7, 8)]
            assert found.over(step, step + 1)[row, 0] == pytest.approx(weekly[step % 7] + sum(around) / 15)


def test_the_long_lag_is_of_whole_short_cycles() -> None:
    assert [find_secondary_lag(periods) for periods in ((7, 365), (24, 168), (12,), (1,), (5, 7))] == [
        364,
        168,
        12,
        1,
        5,
    ]


def test_a_season_that_is_a_share_of_its_level_grows_with_it() -> None:
    steps = np.arange(60)
    values = 100 * 1.02**steps * np.tile([1.3, 0.8, 0.9, 1.1], 15)
    encoded = encode_series(values, Encoding(20, (4,), has_roots=False))
    ahead = np.arange(60, 60 + HORIZON)
    y_true = 100 * 1.02**ahead * np.resize([1.3, 0.8, 0.9, 1.1], HORIZON)
    found = encoded.candidates[0] * encoded.scales.noise_scale[0] + encoded.scales.level[0]
    np.testing.assert_allclose(found[CANDIDATES.index("multiplicative_growth")], y_true, rtol=1e-4)
    assert np.abs(found[CANDIDATES.index("recent_drift")] - y_true).max() > 5


def test_missing_steps_carry_the_same_phase_of_the_newest_cycle_before() -> None:
    folded = np.where(np.random.default_rng(0).random((3, 5, 4)) < 0.5, NAN, 1.0) * np.arange(60.0).reshape(3, 5, 4)
    found = carry_forward(folded)
    for row, cycle, phase in np.ndindex(folded.shape):
        expected = last_known(folded[row, : cycle + 1, phase].tolist())
        np.testing.assert_array_equal(found[row, cycle, phase], expected)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lags_are_those_of_a_slow_loop(encoding: Encoding) -> None:
    past, _ = make_pasts(encoding)
    for period in encoding.periods:
        found = lag_by_phase(past, period=period, context_length=encoding.context_length, horizon=2 * period + 3)
        for row, values in enumerate(past.tolist()):
            steps = range(-encoding.context_length, 2 * period + 3)
            expected = [slow_lag(values, step - period, period=period) for step in steps]
            np.testing.assert_array_equal(found[row], expected)


@pytest.mark.parametrize("encoding", ENCODINGS[:3])
def test_scales_are_those_of_a_slow_loop(encoding: Encoding) -> None:
    encoded, slow = encode_and_take_apart(encoding)
    np.testing.assert_allclose(encoded.scales.level, [of.level + of.offset for of in slow])
    for name in ("deviation", "noise_scale"):
        np.testing.assert_allclose(getattr(encoded.scales, name), [getattr(of, name) for of in slow])


@pytest.mark.parametrize("encoding", ENCODINGS[:3])
def test_channels_are_those_of_a_slow_loop(encoding: Encoding) -> None:
    encoded, slow = encode_and_take_apart(encoding)
    context, period = encoding.context_length, encoding.periods[0]
    assert encoded.inputs.shape == (8, context + HORIZON, len(CHANNELS))
    smoothings = [slow_smoothing(slow_remainder(of.values, of.shrunken)[-context:]) for of in slow]
    regressions = [regress(of, encoding) for of in slow]
    assert any(of.rows for of in regressions) == (period > 1)
    for (row, of), step in product(enumerate(slow), range(-context, HORIZON)):
        remainder, lag = slow_remainder(of.values, of.average), slow_lag(of.values, step - period, period=period)
        of_logarithms, shrunken = (
            slow_remainder(of.logarithms, of.multiplicative),
            slow_remainder(of.values, of.shrunken),
        )
        _, memory, slope, _ = smoothings[row]
        moves = mean([abs(new - old) for old, new in pairwise(of_logarithms)])
        moves = 0.0 if math.isnan(moves) else moves
        # the future is not there to be looked at
        seen = (of.values[step], of.values[step - 1], of.values[step - period], remainder[step])
        now, before, season_ago, left = seen if step < 0 else (NAN, NAN, NAN, NAN)
        expected = {
            "value": math.asinh((now - of.level) / of.deviation),
            "seasonal_difference": math.asinh((now - season_ago) / of.noise_scale),
            "first_difference": math.asinh((now - before) / of.noise_scale),
            "deseasonalised": math.asinh((left - last_known(remainder)) / of.noise_scale),
            "deseasonalised_shrunken": math.asinh(
                ((shrunken[step] if step < 0 else NAN) - last_known(shrunken)) / of.noise_scale
            ),
            "is_observed": not math.isnan(now),
            "is_in_series": -of.length <= step < 0,
            "seasonal_lag": math.asinh((lag - of.level) / of.deviation),
            "has_seasonal_lag": not math.isnan(lag),
            "profile_recent": math.asinh(of.recent[step % period] / of.noise_scale),
            "profile": math.asinh(of.average[step % period] / of.noise_scale),
            "profile_secondary": math.asinh(of.secondary[step % len(of.secondary)] / of.noise_scale),
            "phase_cosine_secondary": math.cos(2 * math.pi * step / len(of.secondary)),
            "distance_steps": math.log(1 + max(step + 1, 0)),
            "is_ahead": step >= 0,
            "deviation_to_level": math.log(of.deviation / (abs(of.level) + of.deviation)),
            "sign_of_level": math.copysign(1, of.level),
            "distance_to_last": math.asinh((last_known(of.values) - of.level) / of.noise_scale),
            "history_steps": math.log(1 + of.length) / 4,
            "recent_growth": math.asinh(4 * period * slow_slope(of_logarithms, min(context, 5 * period + 1))),
            "profile_shrunken": math.asinh(of.shrunken[step % period] / of.noise_scale),
            "shrinkage_weight": of.shrinkage_weight,
            "smoothing_memory": math.log(memory) / 4,
            "smoothing_slope": math.asinh(slope * period / of.noise_scale),
            "multiplicative_difference_to_noise": math.log(moves * abs(of.level) / of.noise_scale) if moves else 0.0,
            **slow_channels(of, regressions[row], step, context=context),
        }
        for name, value in expected.items():
            found = encoded.inputs[row, context + step, CHANNELS.index(name)]
            assert found == pytest.approx(0.0 if math.isnan(value) else float(value), rel=1e-5, abs=1e-5), (
                name,
                row,
                step,
            )


@pytest.mark.parametrize("encoding", ENCODINGS[:3])
def test_candidates_are_those_of_a_slow_loop(encoding: Encoding) -> None:
    encoded, slow = encode_and_take_apart(encoding)
    context, period = encoding.context_length, encoding.periods[0]
    assert encoded.candidates.shape == (8, len(CANDIDATES), HORIZON)

    def tilt(of: TakenApart, step: int) -> float:
        """What the longer season adds to what repeats, as far as it is believed."""
        cycles = of.secondary_cycles if len(of.secondary) > period else 0
        return cycles / (cycles + 1) * (of.secondary[step % len(of.secondary)] - of.shrunken[step % period])

    for row, of in enumerate(slow):
        recent, remainder, secondary_remainder = (
            slow_remainder(of.values, profile) for profile in (of.recent, of.average, of.secondary)
        )
        left = slow_remainder(of.logarithms, of.multiplicative)
        shrunken = slow_remainder(of.values, of.shrunken)
        level, _, slope, lag = slow_smoothing(shrunken[-context:])
        reach = min(8 * period, context)
        without = [value - tilt(of, place) for place, value in enumerate(shrunken[-reach:], start=-reach)]
        usual, usual_secondary = (
            statistics.median(known(some)) if known(some) else NAN for some in (shrunken[-reach:], without)
        )
        weights = {age: 0.7**age for age in range(1, context + 1) if not math.isnan(remainder[-age])}
        smooth = sum(weights[age] * remainder[-age] for age in weights) / sum(weights.values()) if weights else NAN
        near = min(context, 5 * period + 1)
        slopes = [slow_slope(*pair) for pair in ((remainder, context), (remainder, near), (left, near))]
        regression = regress(of, encoding).forecast
        for step in range(HORIZON):
            average, secondary = of.average[step % period], of.secondary[step % len(of.secondary)]
            expected = {
                "naive": last_known(of.values),
                "seasonal_naive": slow_lag(of.values, step, period=period),
                "seasonal_naive_secondary": slow_lag(of.values, step, period=len(of.secondary)),
                "deseasonalised_recent": last_known(recent) + of.recent[step % period],
                "deseasonalised": last_known(remainder) + average,
                "deseasonalised_secondary": last_known(secondary_remainder) + secondary,
                "season_mean": mean(remainder[-period:]) + average,
                "season_mean_secondary": mean(secondary_remainder[-period:]) + secondary,
                "smoothed": smooth + average,
                "drift": last_known(remainder) + average + slopes[0] * (step + 1),
                "recent_drift": last_known(remainder) + average + slopes[1] * (step + 1),
                "cycles_mean": mean(remainder[-4 * period :]) + average,
                "multiplicative": last_known(remainder) + average,
                "multiplicative_growth": last_known(remainder) + average,
                "shrunken": level + of.shrunken[step % period],
                "shrunken_theta": level + of.shrunken[step % period] + slope / 2 * (step + 1 + lag),
                "shrunken_median": usual + of.shrunken[step % period],
                "shrunken_secondary": usual_secondary + of.shrunken[step % period] + tilt(of, step),
            }
            has_none = math.isnan(regression[step])
            expected["regression"] = expected["shrunken_theta"] if has_none else regression[step]
            if known(left):
                expected["multiplicative"] = math.exp(last_known(left) + of.multiplicative[step % period])
                growth = min(max(slopes[2] * (step + 1), -3), 1.5)
                expected["multiplicative_growth"] = expected["multiplicative"] * math.exp(growth)
            assert {*expected} == {*CANDIDATES}
            in_order = [expected[name] for name in CANDIDATES]
            scaled = [(last_known(of.values) if math.isnan(v) else v) - of.level for v in in_order]
            np.testing.assert_allclose(encoded.candidates[row, :, step] * of.noise_scale, scaled, rtol=1e-4, atol=1e-4)

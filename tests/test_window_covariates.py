"""Covariates from the Panel into windows, encoding and forecasts: nothing leaks, and what is known ahead counts."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex, end_of_history
from forecaster.data.calendar import DAY, HOUR, Calendar
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel, TimeStyle
from forecaster.encoding.encode import encode
from forecaster.encoding.encoded import Encoded
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CHANNELS
from forecaster.forecasting.local_clock import follow_local_clock
from forecaster.forecasting.opening import open_base
from forecaster.windows import WindowCovariates, Windows, cut_windows
from tests.slow_encoding import NAN
from tests.test_windows import make_panel

DAILY = Calendar("microsecond", DAY)
HORIZON = 9
ENCODINGS = [Encoding(20, (1,)), Encoding(20, (7,)), Encoding(20, (6, 42))]


def make_driven(
    *lengths: int, ahead: int = HORIZON, is_known: tuple[bool, ...] = (True, False, True), seed: int = 0
) -> Panel:
    """A panel on which the first covariate acts; that of every second series as a factor."""
    generator = np.random.default_rng(seed)
    drivers = [generator.normal(size=(length + ahead, len(is_known))) for length in lengths]
    series = []
    for number, driver in enumerate(drivers):
        own = driver[: lengths[number], 0] + np.sin(2 * np.pi * np.arange(lengths[number]) / 6)
        noise = generator.normal(size=len(own))
        series.append(100 * np.exp(0.3 * own + 0.05 * noise) if number % 2 else 3 * own + 0.5 * noise)
    offsets = np.concatenate([[0], np.cumsum([len(driver) for driver in drivers])])
    names = tuple(f"x{number}" for number in range(len(is_known)))
    covariates = Covariates(names, names, np.array(is_known), np.concatenate(drivers), offsets)
    return replace(make_panel(*series), covariates=covariates)


def encode_ends(
    panel: Panel, encoding: Encoding, *, horizon: int = HORIZON, index: WindowIndex | None = None
) -> Encoded:
    index = end_of_history(panel) if index is None else index
    time = encoding.reach_into(int(index.cutoffs.max()))
    return encode(
        cut_windows(panel, index=index, past_length=time, horizon=horizon), encoding=encoding, horizon=horizon
    )


def assert_same(one: Encoded, other: Encoded, *, rows: slice = slice(None), atol: float = 1e-5) -> None:
    for name in ("inputs", "candidates", "factor", "shift"):
        found = getattr(one, name), getattr(other, name)[rows]
        np.testing.assert_allclose(*found, rtol=1e-5, atol=atol, err_msg=name)
    np.testing.assert_allclose(one.scales.level, other.scales.level[rows])
    np.testing.assert_allclose(one.scales.noise_scale, other.scales.noise_scale[rows])


def channel(encoded: Encoded, name: str) -> Array:
    return encoded.inputs[..., CHANNELS.index(name)].astype(np.float64)


def test_covariates_are_cut_as_by_a_slow_loop() -> None:
    panel = make_driven(12, 5, 30, ahead=4)
    covariates = panel.covariates
    assert covariates is not None
    pairs = [(series, cutoff) for series in range(3) for cutoff in range(1, int(panel.lengths[series]) + 1)]
    index = WindowIndex(*(np.array(each) for each in zip(*pairs, strict=True)))
    found = cut_windows(panel, index=index, past_length=8, horizon=6).covariates
    assert found is not None
    assert found.is_known.tolist() == [True, False, True]
    for row, (series, cutoff) in enumerate(pairs):
        begin, end = covariates.offsets[series : series + 2].tolist()
        own = covariates.values[begin:end]
        for place, step in enumerate(range(cutoff - 8, cutoff + 6)):
            for column, is_known in enumerate(covariates.is_known.tolist()):
                inside = 0 <= step < len(own) and (is_known or step < cutoff)
                np.testing.assert_equal(found.values[row, place, column], own[step, column] if inside else NAN)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_nothing_after_the_cutoff_counts_but_what_is_known_ahead(encoding: Encoding) -> None:
    panel = make_driven(260, 250)
    covariates = panel.covariates
    assert covariates is not None
    index = WindowIndex(np.array([0, 1]), np.array([200, 220]))
    one = encode_ends(panel, encoding, index=index)
    values, garbage, known = panel.values.copy(), covariates.values.copy(), covariates.values.copy()
    for series, cutoff in zip(index.series.tolist(), index.cutoffs.tolist(), strict=True):
        values[panel.offsets[series] + cutoff : panel.offsets[series + 1]] = 1e6
        garbage[covariates.offsets[series] + cutoff : covariates.offsets[series + 1], 1] = 1e6
        known[covariates.offsets[series] + cutoff : covariates.offsets[series + 1], 0] = -0.4
    altered = replace(panel, values=values, covariates=replace(covariates, values=garbage))
    assert_same(encode_ends(altered, encoding, index=index), one, atol=0)
    other = encode_ends(replace(panel, covariates=replace(covariates, values=known)), encoding, index=index)
    past = slice(encoding.context_length)
    np.testing.assert_array_equal(other.inputs[:, past], one.inputs[:, past])
    assert (other.factor * 9 + other.shift != one.factor * 9 + one.shift).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_scaling_is_undone_with_the_effects(encoding: Encoding) -> None:
    panel = make_driven(260, 250, 20, 40)
    encoded = encode_ends(panel, encoding)
    assert (encoded.shift[0] != 0).all()
    assert (encoded.factor[1] != 1).all()
    y_true = 50 + 10 * np.random.default_rng(0).normal(size=(4, HORIZON))
    scales = encoded.scales
    back = encoded.restore(encoded.scale(y_true)[:, :, None], level=scales.level, noise_scale=scales.divisor)
    np.testing.assert_allclose(back[:, :, 0], y_true)
    # quantiles keep their order
    levels = np.sort(np.random.default_rng(0).normal(size=(4, HORIZON, 5)), axis=2)
    restored = encoded.restore(levels, level=scales.level, noise_scale=scales.noise_scale)
    assert (np.diff(restored, axis=2) > 0).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_without_covariates_and_with_ones_that_never_change_nothing_is_added(encoding: Encoding) -> None:
    panel = make_driven(260, 250, 20)
    covariates = panel.covariates
    assert covariates is not None
    none = encode_ends(replace(panel, covariates=None), encoding)
    still = replace(covariates, values=np.full_like(covariates.values, 7.1))
    missing = replace(covariates, values=np.full_like(covariates.values, NAN))
    for encoded in (none, *(encode_ends(replace(panel, covariates=of), encoding) for of in (still, missing))):
        assert (encoded.factor == 1).all()
        assert not encoded.shift.any()
        for name in ("effect", "outside", "effect_share", "effect_shrinkage"):
            assert not channel(encoded, name).any()
        assert_same(encoded, none)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_channels_of_effects_say_what_they_are(encoding: Encoding) -> None:
    panel = make_driven(260, 250)
    covariates = panel.covariates
    assert covariates is not None
    covariates.values[covariates.offsets[2] - 1, 0] = 100.0
    encoded = encode_ends(panel, encoding)
    ahead = slice(encoding.context_length, None)
    level, noise = (getattr(encoded.scales, name)[:, None] for name in ("level", "noise_scale"))
    added = encoded.shift + (encoded.factor - 1) * level
    np.testing.assert_allclose(channel(encoded, "effect")[:, ahead], np.arcsinh(added / noise), rtol=1e-5)
    own = covariates.values[269 : 269 + 250, 0][-encoding.past_length :]
    span, highest = np.ptp(own), own.max()
    outside = np.exp(channel(encoded, "outside")) - 1
    assert outside[1, -1] == pytest.approx((100 - highest) / span, rel=1e-5)
    assert outside[0].max() < 0.5
    assert not outside[:, : encoding.context_length].any()
    for name in ("effect_share", "effect_shrinkage"):
        constant = channel(encoded, name)
        assert (constant == constant[:, :1]).all()
        assert ((constant > 0.3) & (constant <= 1)).all()
    # the context is without the effects, so it varies by the season and the noise alone
    plain = encode_ends(replace(panel, covariates=None), encoding)
    assert (encoded.scales.deviation < 0.85 * plain.scales.deviation).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("columns", [3, 8])
def test_other_series_beside_it_change_nothing(encoding: Encoding, columns: int) -> None:
    is_known = tuple(number % 4 != 1 for number in range(columns))
    panel = make_driven(300, 900, 150, 17, 3, 299, is_known=is_known)
    together = encode_ends(panel, encoding)
    for row in range(6):
        index = WindowIndex(np.array([row]), panel.lengths[[row]])
        assert_same(encode_ends(panel, encoding, index=index), together, rows=slice(row, row + 1))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_steps_that_the_encoding_does_not_read_change_nothing(encoding: Encoding) -> None:
    index = WindowIndex(np.array([0, 1]), np.array([2600, 1200]))
    panel = make_driven(2600, 1200)
    one, other = (
        encode(cut_windows(panel, index=index, past_length=time, horizon=HORIZON), encoding=encoding, horizon=HORIZON)
        for time in (encoding.past_length, encoding.past_length + 35)
    )
    assert encoding.past_length < 2560
    assert_same(one, other)


@pytest.mark.parametrize("is_factor", [False, True])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_promotion_that_is_known_ahead_raises_the_forecast(is_factor: bool, is_known: bool) -> None:
    generator = np.random.default_rng(1)
    promotion = (generator.random(300 + 14) < 0.15).astype(float)
    promotion[300:] = [0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    usual = 100 + 10 * np.sin(2 * np.pi * np.arange(314) / 7) + 3 * generator.normal(size=314)
    y = usual * 1.5**promotion if is_factor else usual - 200 + 50 * promotion
    covariates = Covariates(("x",), ("x",), np.array([is_known]), promotion[:, None], np.array([0, 314]))
    panel = replace(make_panel(y[:300]), covariates=covariates)
    plain = replace(panel, covariates=None)
    found, without = (open_base(of).forecast(of, horizon=14).median[0] for of in (panel, plain))
    lift = found - without
    if is_known:
        # the forecast without it has the mean of both
        assert (lift[promotion[300:] == 1] > 30).all()
        assert (lift[promotion[300:] == 0] < 5).all()
        assert np.abs(found - y[300:]).mean() < 0.5 * np.abs(without - y[300:]).mean()
    else:
        assert np.abs(lift).max() < 15


def test_no_effect_is_taken_from_another_series() -> None:
    panel = make_driven(200, 200, 40, is_known=(True,))
    alone = panel.covariates
    assert alone is not None
    found = open_base(panel).forecast(panel, horizon=5).quantiles
    others = alone.values.copy()
    others[: alone.offsets[2]] *= -1
    other = replace(panel, covariates=replace(alone, values=others))
    np.testing.assert_array_equal(open_base(other).forecast(other, horizon=5).quantiles[2], found[2])


def test_of_many_covariates_other_series_change_nothing() -> None:
    panel = make_driven(300, 900, is_known=(True,) * 9)
    together = encode_ends(panel, ENCODINGS[2])
    index = WindowIndex(np.array([0]), panel.lengths[:1])
    assert_same(encode_ends(panel, ENCODINGS[2], index=index), together, rows=slice(1))


def test_a_longer_horizon_leaves_the_first_steps_as_they_are() -> None:
    panel = make_driven(300, 280, ahead=12)
    one, other = (encode_ends(panel, ENCODINGS[2], horizon=horizon) for horizon in (4, 12))
    np.testing.assert_allclose(one.candidates, other.candidates[:, :, :4], rtol=1e-5, atol=1e-5)


def test_the_channel_of_a_factor_is_what_it_adds_far_from_zero() -> None:
    generator = np.random.default_rng(0)
    driver = generator.normal(size=310)
    past = 1e5 * np.exp(0.002 * driver[:300] + 0.0002 * generator.normal(size=300))
    covariates = WindowCovariates(driver[None, :, None], np.array([True]))
    windows = Windows(past[None], np.array([300]), covariates)
    encoded = encode(windows, encoding=ENCODINGS[1], horizon=10)
    assert (encoded.factor != 1).all()
    added = (encoded.factor - 1) * encoded.scales.level
    expected = np.arcsinh(added / encoded.scales.noise_scale)
    np.testing.assert_allclose(channel(encoded, "effect")[:, 20:], expected, rtol=1e-4)


def test_rare_demand_keeps_its_zeros_beside_a_promotion() -> None:
    generator = np.random.default_rng(0)
    promotion = (generator.random(310) < 0.2).astype(float)
    past = np.where(generator.random(300) < 0.3 + 0.5 * promotion[:300], generator.poisson(3, 300) + 1.0, 0.0)
    windows = Windows(past[None], np.array([300]), WindowCovariates(promotion[None, :, None], np.array([True])))
    encoded = encode(windows, encoding=ENCODINGS[1], horizon=10)
    assert channel(encoded, "zero_share")[0, 0] == pytest.approx((past[-20:] == 0).mean())


def test_one_wrong_value_leaves_the_effect_of_all_others() -> None:
    generator = np.random.default_rng(0)
    driver = (generator.random((20, 210, 1)) < 0.15).astype(float)
    past = 4 * driver[:, :200, 0] + generator.normal(size=(20, 200))
    past[:, 100] = 3000.0
    windows = Windows(past, np.full(20, 200), WindowCovariates(driver, np.array([True])))
    encoded = encode(windows, encoding=ENCODINGS[1], horizon=10)
    assert (channel(encoded, "effect_shrinkage") > 0.5).all()


def test_covariates_follow_the_local_clock_with_the_values() -> None:
    # the clocks are set forward on 29 March: one step more by the local clock
    values = np.arange(24.0 * 10)
    covariates = Covariates(("x",), ("x",), np.array([False]), np.arange(24.0 * 10 + 5)[:, None], np.array([0, 245]))
    panel = make_panel(values, calendar=Calendar("microsecond", HOUR), start="2015-03-24T00")
    style = TimeStyle("%Y-%m-%dT%H:%M:%S%z", timezone="Europe/Berlin")
    panel = replace(panel, time_style=style, covariates=covariates)
    local, index, _ = follow_local_clock(panel, end_of_history(panel), wanted=np.arange(5)[None])
    assert index.cutoffs[0] == 241
    windows = cut_windows(local, index=index, past_length=5)
    assert windows.covariates is not None
    np.testing.assert_array_equal(windows.covariates.values[0, :, 0], windows.past[0])

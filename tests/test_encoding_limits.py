"""What the network sees of series that never change, are short or are of any unit: finite numbers, free of scale."""

import numpy as np
import pytest

from forecaster.arrays import Array
from forecaster.encoding.encode import encode
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.windows import Windows
from tests.slow_encoding import NAN, make_pasts
from tests.test_encoding import ENCODINGS, HORIZON, encode_series

WAVE = 5 + np.sin(np.arange(60))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("value", [0.1, 0.0, -1 / 3, 1e12 + 0.1, 1e-12 / 3])
@pytest.mark.parametrize("gaps", [0, 29])
def test_a_series_that_never_changes_is_all_level(encoding: Encoding, value: float, gaps: int) -> None:
    encoded = encode_series([value] * (30 - gaps) + [NAN] * gaps, encoding)
    assert encoded.scales.level[0] == value
    assert encoded.scales.noise_scale[0] == encoded.scales.deviation[0] == 0
    assert not encoded.candidates.any()
    assert np.isfinite(encoded.inputs).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("values", [WAVE * 1e12, WAVE * 1e-12, WAVE[:3], WAVE[:2], [1e12, 1e-12, 0.0], [NAN] * 9])
def test_whatever_the_series_all_that_is_encoded_is_finite(encoding: Encoding, values: Array) -> None:
    encoded = encode_series(values, encoding)
    for array in (
        encoded.inputs,
        encoded.candidates,
        encoded.scales.level,
        encoded.scales.deviation,
        encoded.scales.noise_scale,
    ):
        assert np.isfinite(array).all()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(("scale", "shift"), [(1, 1e9), (3.7, -250.3), (1e12, 0), (1e-12, 2e-12), (1e-3, 1e3)])
def test_scale_and_shift_change_the_scales_and_nothing_else(encoding: Encoding, scale: float, shift: float) -> None:
    past, lengths = make_pasts(encoding)
    one = encode(Windows(past, lengths), encoding=encoding, horizon=HORIZON)
    other = encode(Windows(scale * past + shift, lengths), encoding=encoding, horizon=HORIZON)
    rounding = 1e-5 + 1e-13 * abs(shift / scale)
    moved = {"deviation_to_level", "sign_of_level"}
    moved |= {"multiplicative_difference_to_noise", "recent_growth"} if shift else set()
    for name in set(CHANNELS) - moved:
        channel = CHANNELS.index(name)
        np.testing.assert_allclose(other.inputs[..., channel], one.inputs[..., channel], atol=rounding, err_msg=name)
    same = [number for number, name in enumerate(CANDIDATES) if not (shift and name.startswith("multiplicative"))]
    np.testing.assert_allclose(other.candidates[:, same], one.candidates[:, same], rtol=1e-5, atol=rounding)
    np.testing.assert_allclose(other.scales.level, scale * one.scales.level + shift)
    np.testing.assert_allclose(other.scales.noise_scale, scale * one.scales.noise_scale, rtol=rounding)


@pytest.mark.parametrize("cycles", [1, 2, 5])
def test_what_rounding_leaves_of_a_perfect_season_is_no_unit(cycles: int) -> None:
    for season in 0.1 * np.random.default_rng(0).normal(5, 2, (60, 4)).round(1):
        values = np.tile(season, cycles)
        assert encode_series(values, Encoding(10, (4,))).scales.noise_scale[0] == pytest.approx(
            np.abs(np.diff(values)).mean()
        )

"""Covariates as standard deviations from the mean of their past, compared with a loop."""

import numpy as np
import pytest

from forecaster.encoding.covariate_basis import standardise
from tests.slow_effects import slow_standard
from tests.slow_encoding import NAN


def test_covariates_are_standardised_as_by_a_slow_loop() -> None:
    generator = np.random.default_rng(0)
    covariates = generator.normal(5, 3, size=(3, 40, 5))
    covariates[generator.random(covariates.shape) < 0.2] = NAN
    covariates[0, 30:, 1], covariates[1, 30:, 1] = 99.0, -99.0
    covariates[:, :, 2], covariates[:, :, 3] = 4.0, NAN
    covariates[:, -1, 2] = 5.0
    lengths = np.array([30, 30, 21])
    scaled, outside = standardise(covariates, lengths=lengths, time=30)
    for row, column in np.ndindex(3, 5):
        length = int(lengths[row])
        expected = slow_standard(covariates[row, 30 - length :, column].tolist(), length)
        np.testing.assert_allclose(scaled[row, 30 - length :, column], expected)
        assert not scaled[row, : 30 - length, column].any()
        own = covariates[row, 30 - length : 30, column]
        span = np.nanmax(own) - np.nanmin(own) if column != 3 else 0.0
        for step, value in enumerate(covariates[row, 30:, column].tolist()):
            beyond = max(np.nanmin(own) - value, value - np.nanmax(own), 0.0) / span if span else float(value == 5)
            assert outside[row, step, column] == pytest.approx(0.0 if np.isnan(beyond) else beyond)
    assert outside[0, :, 1].min() > 3
    assert outside[:, -1, 2].tolist() == [1, 1, 1]

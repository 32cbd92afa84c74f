"""Effects that series have in common, for series whose own past says little of them."""

from dataclasses import replace

import numpy as np
import pytest

import forecaster
from forecaster.cutoffs import end_of_history
from forecaster.encoding.covariate_basis import KINDS
from forecaster.encoding.effects import find_effects
from forecaster.encoding.pooled_effects import Prior
from forecaster.encoding.prepared_pasts import explain_effects
from forecaster.learning.pooling import pool_effects
from forecaster.library.inputs import read_data
from forecaster.windows import cut_windows
from tests.test_pooled_effects import ENCODING, HORIZON, find_factors, make_table, read


@pytest.mark.parametrize("values", [1, 2, 3, 4, 5, 6])
def test_a_new_series_with_a_few_values_alone_in_its_file_has_the_effect_of_the_others(values: int) -> None:
    table = make_table()
    pooled = pool_effects(read(table, static=("region",)), encoding=ENCODING)
    new = table[table["shop"] == "s19"].iloc[-values - HORIZON :]
    reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=("promo",), static=("region",), frequency="D")
    panel = read_data(new, reading=reading).panel
    np.testing.assert_allclose(find_factors(panel, pooled)[0], [1, 1.2, 1, 1], rtol=0.12)
    windows = cut_windows(panel, index=end_of_history(panel), past_length=values, horizon=HORIZON)
    parts, _ = explain_effects(windows, encoding=replace(ENCODING, pooled=pooled), horizon=HORIZON)
    assert parts.is_factor
    assert np.exp(parts.values[1, 0] - parts.values[0, 0]) == pytest.approx(1.2, rel=0.12)


@pytest.mark.parametrize("values", [15, 16, 17, 18, 20, 24, 30, 60])
def test_a_past_that_says_little_of_the_effect_leaves_it_as_the_others_show_it(values: int) -> None:
    pooled = pool_effects(read(make_table(), static=("region",)), encoding=ENCODING)
    expected = np.where(np.arange(20) % 2, 1.2, 2.0)
    table = make_table(days=values, short=0, seed=7)
    never = table.assign(promo=table["promo"].where(table["sales"].isna(), 0.0))
    steady = never.assign(sales=table["sales"] / np.where(table["promo"] > 0, expected[0], 1.0))
    for one in (never, steady):
        np.testing.assert_allclose(find_factors(read(one, static=("region",)), pooled)[:, 1], expected, rtol=0.15)
    # another column that changes, and that neither the values nor the others follow, takes nothing away
    noise = np.random.default_rng(values).normal(size=len(table))
    reading = forecaster.ReadOptions(ids=("shop",), target="sales", known=("promo", "noise"), static=("region",))
    both = read_data(never.assign(noise=noise), reading=reading).panel
    found = find_factors(both, pooled)
    only = find_factors(read_data(never.assign(noise=noise, promo=0.0), reading=reading).panel, pooled)
    np.testing.assert_allclose(found[:, 1] / only[:, 1], expected, rtol=0.15)


@pytest.mark.parametrize("size", [0.0, 5.0, 20.0])
def test_effects_stay_near_those_of_the_past_and_of_other_series(size: float) -> None:
    generator = np.random.default_rng(0)
    past, driver = generator.normal(0, 1, (40, 200)), np.zeros((40, 214, 1))
    for row in range(40):
        driver[row, generator.choice(np.arange(20, 180), 3, replace=False), 0] = 1.0
    past += 5 * driver[:, :200, 0]
    driver[:, 200:] = 1.0
    coefficients = np.zeros((40, KINDS, 2))
    coefficients[:, 0, 0] = size  # of the covariate itself, for values
    lengths = np.full(40, 200)
    scaled, outside = driver, np.zeros((40, 14, 1))
    shift = find_effects(past, lengths, scaled, outside, periods=(7,), prior=Prior(coefficients, False)).shift
    before, ahead = shift[:, :200], shift[:, 200:]
    room = 0.25 * np.ptp(before, axis=1)
    # in deviations of the past, which are above 1 and below 2; and all is less the mean of the past
    most = np.maximum(before.max(axis=1) + room, 2 * size)
    assert (ahead.max(axis=1) <= most + 1e-9).all()
    assert (ahead.min(axis=1) >= before.min(axis=1) - room - 1e-9).all()

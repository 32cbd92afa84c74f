"""What covariates do as the newest steps show it: where it has changed, where it has not, and beside other series."""

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from forecaster.arrays import Array
from forecaster.encoding.effects import Effects
from tests.test_effects import HORIZON, find

TIME = 2400


def make_changing(*, before: float, after: float, count: int = 6, seed: int = 0) -> tuple[Array, Array, Array]:
    """Pasts on which a covariate acts with a slope that changes, the covariates, and what they will add."""
    generator = np.random.default_rng(seed)
    drivers = generator.normal(size=(count, TIME + HORIZON, 2))
    slope = np.where(np.arange(TIME + HORIZON) < TIME * 0.85, before, after)
    added = slope * drivers[:, :, 0]
    past = generator.normal(size=(count, TIME)) + added[:, :TIME] + 3 * np.sin(2 * np.pi * np.arange(TIME) / 7)
    return past, drivers, added[:, TIME:]


def measure(found: Effects, expected: Array) -> float:
    """The error of what is added over the horizon, as a share of how much that is."""
    ahead = found.shift[:, -HORIZON:]
    return float(np.sqrt(np.mean((ahead - expected) ** 2) / np.mean(expected**2)))


@pytest.mark.parametrize(("before", "after"), [(1.0, 3.0), (3.0, 1.0), (-2.0, 2.0), (0.5, 2.0)])
def test_an_effect_that_has_changed_is_as_large_as_of_late(before: float, after: float) -> None:
    past, drivers, expected = make_changing(before=before, after=after)
    assert measure(find(past, drivers), expected) < 0.3


def test_an_effect_that_has_ended_is_forgotten() -> None:
    past, drivers, _ = make_changing(before=2.0, after=0.0)
    assert np.abs(find(past, drivers).shift[:, -HORIZON:]).mean() < 0.2


def test_an_effect_that_has_not_changed_is_found_as_well_as_from_all_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    past, drivers, expected = make_changing(before=1.5, after=1.5, count=20)
    found = measure(find(past, drivers), expected)
    monkeypatch.setattr("forecaster.encoding.newest_steps.MIN_STEPS", TIME)
    assert found < measure(find(past, drivers), expected) + 0.03


def test_a_past_that_is_too_short_is_learned_from_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    past, drivers, _ = make_changing(before=1.0, after=3.0)
    past, drivers = past[:, -790:], drivers[:, -790 - HORIZON :]
    found = find(past, drivers)
    monkeypatch.setattr("forecaster.encoding.newest_steps.MIN_STEPS", TIME)
    np.testing.assert_array_equal(found.shift, find(past, drivers).shift)


def test_what_happened_once_of_late_says_nothing_new() -> None:
    generator = np.random.default_rng(1)
    flags = np.zeros((1, TIME + HORIZON, 1))
    flags[0, generator.choice(TIME - 700, 120, replace=False)] = 1
    flags[0, [TIME - 40, TIME + 3]] = 1
    past = 3 * generator.normal(size=(1, TIME)) + 10 * flags[:, :TIME, 0]
    usual = find(past, flags).shift[0, TIME + 3]
    past[0, TIME - 40] -= 12
    odd = find(past, flags).shift[0, TIME + 3]
    assert usual == pytest.approx(10, abs=1.5)
    assert odd == pytest.approx(usual, abs=0.5)


def test_other_pasts_beside_it_change_nothing() -> None:
    past, drivers, _ = make_changing(before=1.0, after=3.0, count=4)
    # fewer features than the others
    drivers[1] = drivers[1] > 0.5
    lengths = np.array([TIME, TIME, 1700, 400])
    together = find(past, drivers, lengths=lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = find(past[[row], -length:], drivers[[row], -length - HORIZON :])
        np.testing.assert_allclose(together.shift[row, -HORIZON:], alone.shift[0, -HORIZON:], rtol=1e-6, atol=1e-8)
    last = TIME + np.arange(HORIZON)
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(
        find(past[order], drivers[order], lengths=lengths[order]).shift[:, last],
        together.shift[order][:, last],
        rtol=1e-6,
        atol=1e-8,
    )


def test_a_promotion_that_does_more_of_late_is_forecast_so() -> None:
    generator = np.random.default_rng(2)
    days = np.arange(1500)
    promo = (generator.random(1514) < 0.25).astype(int)
    effect = np.where(days < 1100, 20.0, 60.0)
    sales = 100 + 10 * np.sin(2 * np.pi * days / 7) + effect * promo[:1500] + generator.normal(0, 4, 1500)
    table = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=1514), "promo": promo})
    table["sales"] = np.append(sales.round(2), np.full(14, np.nan))
    reading = ReadOptions(known=("promo",), target="sales")
    forecast = forecaster.predict(table, horizon=14, reading=reading).rename(columns=str)
    is_on = promo[1500:] == 1
    assert 3 <= is_on.sum() <= 11
    median = forecast["forecast-p50" if "forecast-p50" in forecast else "forecast"].to_numpy(float)
    weekly = 10 * np.sin(2 * np.pi * np.arange(1500, 1514) / 7)
    gained = (median - weekly)[is_on].mean() - (median - weekly)[~is_on].mean()
    assert gained == pytest.approx(60, abs=9)

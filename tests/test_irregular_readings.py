"""Totals that are read on irregular days."""

import numpy as np

from tests.conftest import Command
from tests.test_running_totals import find, make_quantiles, make_table, simulate_use


def read_seldom(total: np.ndarray, *, seed: int = 0, share: float = 0.4) -> np.ndarray:
    """A total as it is known on so large a `share` of days, the first and the last among them."""
    is_read = np.random.default_rng(seed).random(len(total)) < share
    is_read[[0, -1]] = True
    return np.where(is_read, total, np.nan)


def test_they_are_totals_and_their_errors_are_smaller() -> None:
    totals = [1000 + np.cumsum(simulate_use(428, seed=seed, drift=0.0)) for seed in range(20)]
    readings = [read_seldom(total[:400], seed=seed) for seed, total in enumerate(totals)]
    assert find(*readings) == [True] * 20
    y_true = np.stack([total[400:] for total in totals])
    errors, found = [], make_quantiles(*readings, horizon=28)
    for quantiles in (found, make_quantiles(*readings, horizon=28, running_totals=False)):
        errors.append(np.abs(quantiles[:, :, 0] - y_true).mean())
    assert errors[0] < 0.85 * errors[1]
    assert 0.75 < ((y_true >= found[:, :, 1]) & (y_true <= found[:, :, 2])).mean() < 0.98
    last = np.array([reading[-1] for reading in readings])
    assert (found[:, :, 1] >= last[:, None]).all()


def test_no_two_of_them_need_to_be_of_following_days() -> None:
    total = np.cumsum(simulate_use(400, drift=0.0))
    assert find(np.where(np.arange(400) % 3 == 0, total, np.nan)) == [True]


def test_only_few_readings_tell_nothing() -> None:
    assert find(read_seldom(np.cumsum(simulate_use(200)), share=0.05)) == [False]


def test_nobody_is_told_to_fill_the_days_between_with_zeros(forecast: Command) -> None:
    days = np.cumsum(np.random.default_rng(0).integers(1, 7, 120))
    odometer, sold = np.cumsum(simulate_use(days[-1] + 1, drift=0.0))[days], simulate_use(120)
    for name, values, is_told in (("odometer", odometer, False), ("sold", sold, True)):
        table = make_table(values)
        table["ds"] = np.datetime64("2021-03-01") + days
        table.to_csv(f"{name}.csv", index=False)
        outcome = forecast("predict", f"{name}.csv", "--freq", "D", "--aggregate", "last")
        assert outcome.code == 0, outcome.stderr
        assert ("--fill 0" in outcome.stderr) == is_told
        assert ("taken for a running total" in outcome.stderr) != is_told

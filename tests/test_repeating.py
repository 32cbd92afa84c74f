"""Values that repeat after some numbered steps: found, and named in a line with the flag that says so."""

import numpy as np
import pandas as pd
import pytest

from forecaster.arrays import Array
from forecaster.data.checks.repeating import find_repeating
from tests.conftest import SAMPLES, Command
from tests.test_windows import make_panel

STEPS = np.arange(120)


def make_noise(seed: int, steps: int = 120) -> Array:
    return np.random.default_rng(seed).normal(size=steps)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("cycle", "values"),
    [
        (7, 20.0 * (STEPS % 7 < 5)),
        (12, 10 * np.sin(STEPS * np.pi / 6)),
        (24, 3 * STEPS + 10 * np.sin(STEPS * np.pi / 12)),
        (10, 15.0 * (STEPS % 10 == 3)),
    ],
)
def test_a_cycle_is_found_in_any_unit(cycle: int, values: Array, seed: int) -> None:
    values = values + 0.6 * make_noise(seed)
    gaps = np.where(STEPS % 17 == 5, np.nan, values)
    for one in (values, 1e6 + 1e-3 * values, -values, gaps):
        assert find_repeating(make_panel(one)) == cycle
    others = [values[20:], 5 * values[40:] + 100, np.full(50, 3.0)]
    assert find_repeating(make_panel(*others)) == find_repeating(make_panel(*others[::-1])) == cycle


def test_walks_noise_and_short_series_have_none() -> None:
    found = []
    for seed in range(40):
        noise = make_noise(seed)
        several: list[Array] = [
            noise,
            np.cumsum(noise, dtype=np.float64),
            noise[:12],
            noise[:30],
            np.arange(0.0, 240.0, 2.0),
        ]
        found += [find_repeating(make_panel(one)) for one in several]
    assert set(found) == {None}
    assert find_repeating(make_panel(np.linspace(0, 240, 120))) is None
    assert find_repeating(make_panel([1.0])) is None
    assert find_repeating(make_panel([np.nan] * 30, [5.0] * 30)) is None


def test_the_season_is_named_where_steps_are_numbered(forecast: Command) -> None:
    table = pd.read_csv(SAMPLES / "air_passengers.csv")
    table.assign(month=np.arange(1, len(table) + 1)).rename(columns={"month": "step"}).to_csv("steps.csv", index=False)
    for flags in ((), ("--season", "12")):
        outcome = forecast("predict", "steps.csv", "--time", "step", "--horizon", "12", "-o", "-", *flags)
        assert "values repeat about every 12 steps: --season 12 makes it the season of all" in outcome.stderr
    assert "values repeat" not in forecast("predict", SAMPLES / "air_passengers.csv", "-o", "out.csv").stderr

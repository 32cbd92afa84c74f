"""Marks such as -1 that repeat among counts are named (W301), and returns, flows and temperatures are not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.data.checks.value_checks import check_values
from tests.conftest import Command
from tests.test_windows import make_panel

RANDOM = np.random.default_rng(3)
COUNTS = RANDOM.poisson(100, 200).astype(float)
PLACES = [20, 30, 140]


def place(mark: float, values: NDArray[np.float64] = COUNTS, *, places: list[int] = PLACES) -> NDArray[np.float64]:
    values = values.copy()
    values[places] = mark
    return values


@pytest.mark.parametrize("mark", [-1, -9, -99])
def test_a_negative_number_that_repeats_among_counts_is_a_mark(forecast: Command, mark: int) -> None:
    dates = pd.date_range("2024-01-01", periods=200).strftime("%Y-%m-%d")
    pd.DataFrame({"date": dates, "visits": place(mark).astype(int)}).to_csv("visits.csv", index=False)
    outcome = forecast("check", "visits.csv", "--json", "--fix", "fixed.csv", "--empty", "W301")
    (found,) = (one for one in list_findings(outcome.stdout) if one["code"] == "W301")
    assert found["count"] == 3
    assert f"--missing {mark}" in found["action"]
    assert len(pd.read_csv("fixed.csv").dropna()) == 197
    assert "W301" not in forecast("check", "visits.csv", "--missing", str(mark), "--json").stdout
    assert Path("fixed.csv").exists()


@pytest.mark.parametrize("mark", [-100, -200, -500])
def test_a_round_negative_number_that_repeats_far_below_all_others_is_a_mark(mark: float) -> None:
    temperatures = RANDOM.normal(8, 6, 200).round(1)
    for values in (place(mark, temperatures), place(mark, COUNTS)):
        series, steps = check_values(make_panel(values))["W301"]
        assert steps.tolist() == PLACES
        assert not series.any()


def list_findings(stdout: str) -> list[dict[str, Any]]:

    found: list[dict[str, Any]] = json.loads(stdout.splitlines()[-1])["findings"]
    return found


@pytest.mark.parametrize(
    "values",
    [
        place(-1, places=[20]),
        place(-1, places=[20, 30]),
        place(-9, places=[20, 30]),
        place(-2),
        place(-7),
        np.append(place(-1), -2.0),
        np.append(place(-1), 0.0),
        np.append(place(-1), 4.0),
        np.append(place(-1), 100.5),
        np.append(place(-9), -3.0),
        place(-9, 9 * RANDOM.poisson(4, 200).astype(float)),
        RANDOM.poisson(1.5, 200) - 1.0 * (RANDOM.random(200) < 0.1),
        RANDOM.poisson(100, 200) * (np.arange(200) % 7 != 6) - 1.0 * (np.arange(200) % 35 == 6),
        np.round(RANDOM.normal(8, 4, 200)),
        place(-200, places=[20, 30]),
        place(-200, RANDOM.normal(0, 200, 200).round()),
        place(-200, np.where(COUNTS > 105, 301.0, 1.0)),
        place(-210),
        np.round(RANDOM.normal(0, 3, 200)),
    ],
)
def test_returns_flows_and_temperatures_are_values(values: NDArray[np.float64]) -> None:
    assert "W301" not in check_values(make_panel(values))

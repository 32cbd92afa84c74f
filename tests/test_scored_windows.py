"""Windows without the outermost intervals, as after a past that hardly changed, count in every score that they have."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command

HORIZON = 7


def write_sales(jump: float, *, days: int = 120) -> None:
    """Six series of noise, and one of fives that is another number in the last week."""
    generator = np.random.default_rng(4)
    times = pd.date_range("2024-01-01", periods=days)
    rows = [
        pd.DataFrame({"shop": f"s{n}", "day": times, "sold": generator.normal(50, 5, days).round(1)}) for n in range(6)
    ]
    steady = np.where(np.arange(days) < days - HORIZON, 5.0, jump)
    pd.concat([*rows, pd.DataFrame({"shop": "steady", "day": times, "sold": steady})]).to_csv("sales.csv", index=False)


@pytest.mark.parametrize("jump", [500.0, 5.0])
def test_scores_are_those_of_all_forecasts(forecast: Command, jump: float) -> None:
    write_sales(jump)
    outcome = forecast("evaluate", "sales.csv", "--horizon", str(HORIZON))
    assert outcome.code == 0, outcome.stderr
    table = pd.read_csv("backtest.csv")
    assert table["shop"].nunique() == 7
    y_true, median = table["actual"], table["forecast"]
    overall = json.loads(Path("metrics.json").read_text())["overall"]["forecast"]
    assert overall["WAPE"] == pytest.approx((median - y_true).abs().sum() / y_true.abs().sum(), rel=1e-3)
    assert overall["bias"] == pytest.approx((median - y_true).sum() / y_true.abs().sum(), abs=1e-3)
    inside = (table["forecast-lo-80"] <= y_true) & (y_true <= table["forecast-hi-80"])
    assert inside[table["shop"] == "steady"].all() == (jump == 5)
    assert overall["coverage"]["0.8"] == pytest.approx(inside.mean())
    assert "MASE and RMSSE do not count 1 of 7 windows, whose past never changes" in outcome.stderr + outcome.stdout
    metrics = pd.read_csv("metrics.csv").query("shop == 'steady' and model == 'forecast'")
    assert metrics["WAPE"].item() == pytest.approx(0.99 if jump == 500 else 0.0)


def test_a_series_that_never_changes_has_scores_alone(forecast: Command) -> None:
    pd.DataFrame({"day": pd.date_range("2024-01-01", periods=60), "sold": 5}).to_csv("sales.csv", index=False)
    assert forecast("evaluate", "sales.csv", "--horizon", "7").code == 0
    overall = json.loads(Path("metrics.json").read_text())["overall"]["forecast"]
    assert (overall["WAPE"], overall["WQL"], overall["coverage"]["0.8"]) == (0, 0, 1)
    assert overall["MASE"] is None


def test_all_models_are_scored_by_the_quantiles_that_all_have(forecast: Command) -> None:
    """Alone and beside a series whose baselines have fewer quantiles, a series has the same scores."""
    write_sales(500.0)
    table = pd.read_csv("sales.csv")
    table[table["shop"] != "steady"].to_csv("others.csv", index=False)
    found = []
    for name in ("sales.csv", "others.csv"):
        assert forecast("evaluate", name, "--horizon", str(HORIZON)).code == 0
        metrics = pd.read_csv("metrics.csv").query("shop != 'steady' and model != 'forecast'")
        found.append(metrics.sort_values(["shop", "model"]).reset_index(drop=True))
    pd.testing.assert_frame_equal(found[0], found[1])


def test_windows_of_a_series_that_ended_earlier_are_counted_apart(forecast: Command) -> None:
    write_sales(5.0)
    table = pd.read_csv("sales.csv")
    table[(table["shop"] != "s0") | (table["day"] < "2024-03-01")].to_csv("sales.csv", index=False)
    assert forecast("evaluate", "sales.csv", "--horizon", str(HORIZON), "--windows", "2").code == 0
    cutoffs = json.loads(Path("metrics.json").read_text())["cutoffs"]
    assert [(cutoff["windows"], cutoff["earlier_windows"]) for cutoff in cutoffs] == [(7, 1), (7, 1)]
    assert pd.read_csv("backtest.csv")["cutoff"].nunique() == 4

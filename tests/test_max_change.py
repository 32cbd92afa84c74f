"""What `--max-change` measures: in parts of the last forecast, of its interval, or of the means of rare demand."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.errors import GateError
from forecaster.nightly.rules import Gates
from tests.nightly import list_runs, run_after
from tests.test_gates import read_latest, run_with


def write_values(values: "np.ndarray[Any, Any]") -> None:
    """Write one series of these values, a day each."""
    dates = pd.date_range("2024-01-01", periods=len(values)).strftime("%Y-%m-%d")
    pd.DataFrame({"date": dates, "sales": values.round(2)}).to_csv("shops.csv", index=False)


def measure_changes(before: "np.ndarray[Any, Any]", *others: "np.ndarray[Any, Any]") -> list[float]:
    """The changes that runs on the `others` measure against one on `before`, at a limit that they meet."""
    write_values(before)
    run_after(len(before), horizon=14, is_forced=True)
    shutil.copytree("runs", "runs of before")
    found = []
    for after in others:
        shutil.rmtree("runs")
        shutil.copytree("runs of before", "runs")
        write_values(after)
        (gate,) = run_after(len(after), horizon=14, gates=Gates(max_change="1000000%")).gates
        assert gate.value is not None
        found.append(gate.value)
    shutil.rmtree("runs of before")
    return found


def make_kinds() -> dict[str, "np.ndarray[Any, Any]"]:
    generator = np.random.default_rng(3)
    days = np.arange(301)
    return {
        "steady": 100 + 10 * np.sin(2 * np.pi * days / 7) + generator.normal(0, 2, 301),
        "noisy": np.exp(generator.normal(4, 1.5, 301)),
    }


@pytest.mark.parametrize("kind", ["steady", "noisy"])
def test_a_change_is_in_parts_of_the_last_forecast_however_noisy_the_series_is(kind: str) -> None:
    # also where all of the history has changed, by which no change may be measured
    values = make_kinds()[kind]
    ended = values.copy()
    ended[-60:] = 0.0
    found = measure_changes(values[:300], values, values * 100, values * 1000, values / 100, ended)
    assert found[0] < 0.2, "an ordinary night"
    assert found[1:3] == [pytest.approx(factor - 1, rel=0.2) for factor in (100, 1000)]
    assert found[3] == pytest.approx(0.99, abs=0.05)
    assert found[4] == pytest.approx(1.0, abs=0.01)


def test_ups_and_downs_of_the_same_size_are_the_same_change() -> None:
    before = make_kinds()["steady"][:300]
    up, down = measure_changes(before, before * 1.4, before * 0.6)
    assert up == pytest.approx(down, rel=0.05)
    assert up == pytest.approx(0.4, abs=0.02)


def test_ordinary_nights_of_rare_demand_and_of_values_around_zero_change_little() -> None:
    generator = np.random.default_rng(0)
    kinds = {
        "rare": generator.binomial(1, 0.3, 300) * generator.lognormal(4, 0.5, 300),
        "around zero": generator.normal(0, 10, 300),
    }
    for kind, values in kinds.items():
        for days in (297, 299):
            assert measure_changes(values[:days], values[: days + 1])[0] < 0.5, (kind, days)


def make_rare(share: float, *, days: int = 303) -> "np.ndarray[Any, Any]":
    """Daily demand of 40 series that is zero on all but about this share of the days."""
    generator = np.random.default_rng(1)
    values = generator.binomial(1, share, (40, days)) * generator.lognormal(4, 0.5, (40, days)).round(2)
    values[:, 5] = 50.0
    return np.asarray(values)


def write_rare(values: "np.ndarray[Any, Any]") -> None:
    dates = pd.date_range("2024-01-01", periods=values.shape[1]).strftime("%Y-%m-%d")
    names = np.repeat([f"s{number}" for number in range(len(values))], len(dates))
    table = pd.DataFrame({"shop": names, "date": np.tile(dates, len(values)), "sales": values.ravel()})
    table.to_csv("shops.csv", index=False)


@pytest.mark.parametrize("share", [0.02, 0.05])
def test_a_jump_of_rare_demand_whose_median_stays_zero_is_caught(share: float) -> None:
    values = make_rare(share)
    # nothing was ever sold of the last one, and then something is
    values[-1] = 0.0
    write_rare(values[:, :300])
    run_after(300)
    values[-1, 300] = 20.0
    write_rare(values[:, :301])
    assert run_with(301, max_change="50%").gates[0].passed, "an ordinary night"
    write_rare(values[:-1, :302])
    assert run_with(302, max_change="50%").gates[0].passed, "another one"
    medians = pd.read_parquet(f"runs/{read_latest()}/quantiles.parquet").groupby("shop")["forecast"].max()
    assert medians["s7"] == 0
    values[7] *= 100
    write_rare(values[:-1])
    with pytest.raises(GateError, match=r"1 forecast differs from that of the last run .*: s7 \([\d,]+%\)"):
        run_with(303, max_change="50%")
    rejected = pd.read_csv(f"runs/{list_runs()[-1]}/rejected-forecasts.csv").groupby("shop")["forecast"].max()
    assert rejected["s7"] == 0, "its medians say nothing"


def test_a_run_of_an_older_version_without_means_is_compared_by_medians() -> None:
    values = make_rare(0.1)
    write_rare(values[:, :300])
    run_after(300)
    path = Path(f"runs/{read_latest()}/quantiles.parquet")
    pd.read_parquet(path).drop(columns=["forecast-mean", "forecast-largest-past"]).to_parquet(path)
    write_rare(values[:, :301])
    assert run_with(301, max_change="50%").gates[0].passed


def test_a_forecast_that_rises_from_nothing_is_said_so() -> None:
    write_values(np.zeros(60))
    run_after(60)
    write_values(np.concatenate([np.zeros(40), np.full(21, 5.0)]))
    with pytest.raises(GateError, match=r"1 forecast differs from that of the last run .*\(from zero\)"):
        run_with(61, max_change="50%")

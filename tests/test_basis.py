"""Past forecasts are only compared with values of the same kind: the same target, ids, step and reading options."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.errors import GateError, UsageError
from forecaster.nightly.basis import Basis
from forecaster.nightly.rules import Gates
from tests.conftest import Command
from tests.nightly import NIGHTLY, list_runs, make_days, run_after
from tests.test_run import read_record


def write_two(days: int) -> None:
    """Days with two columns that may be the target."""
    table = make_days(days)
    table["returns"] = table["sales"] * 100
    table.to_csv("shops.csv", index=False)


def run_of(days: int, target: str = "sales", **changes: Any) -> Any:
    reading = changes.pop("reading", ReadOptions(target=target, ids=("shop",)))
    return run_after(days, replace(NIGHTLY, reading=reading), **changes)


def test_runs_of_another_target_are_left_out_and_said(forecast: Command) -> None:
    for day in (60, 61):
        write_two(day)
        run_of(day)
    write_two(62)
    run_of(62, "returns")
    write_two(64)
    outcome = forecast("monitor", "shops.csv", "--target", "sales", "--id", "shop", "--json")
    assert outcome.code == 0, outcome.stderr
    found = json.loads(outcome.stdout)
    assert (found["runs"], found["values"]) == (2, 3 * 4)
    line = "left out 1 run, which forecast the target 'returns', not 'sales'"
    assert found["left_out"] == [line]
    assert f"  {line}\n" in outcome.stderr
    found = forecaster.monitor("shops.csv", reading=ReadOptions(target="returns", ids=("shop",)))
    assert (found.runs, found.values) == (1, 3 * 2)
    assert found.left_out == ("left out 2 runs, each of which forecast the target 'sales', not 'returns'",)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (ReadOptions(target="returns", ids=("shop",)), "the target 'sales', not 'returns'"),
        (ReadOptions(target="sales", ids=("shop",), fill=0), "without --fill 0"),
        (ReadOptions(target="sales", ids=("shop",), missing=("-1", "x")), "without --missing -1,x"),
        (ReadOptions(target="sales", ids=("shop",), frequency="W", aggregate="sum"), "steps 'daily', not 'weekly'"),
        (ReadOptions(target="sales", ids=("",), aggregate="sum", frequency="D"), "series by 'shop', not one series"),
        (ReadOptions(target="sales,returns", ids=("shop",)), "the target 'sales', not 'sales' and 'returns'"),
    ],
)
def test_where_all_runs_forecast_something_else_monitor_refuses(reading: ReadOptions, words: str) -> None:
    write_two(60)
    run_of(60)
    write_two(70)
    with pytest.raises(UsageError, match="no run there can be compared with these data") as raised:
        forecaster.monitor("shops.csv", reading=reading)
    assert words in str(raised.value)
    # and the next run compares with none of them, which it says
    record = run_after(70, replace(NIGHTLY, reading=reading))
    assert [one["code"] for one in record.warnings].count("not_compared") == 1
    assert (record.verdict, record.series["new"].count, record.series["missing"].count) == ("fine", 0, 0)
    events = Path(f"runs/{record.run}/log.jsonl").read_text()
    assert "left out 1 run, which forecast" in events


@pytest.mark.parametrize("gates", [Gates(max_change="50%"), Gates(max_missing_series="50%")], ids=["change", "missing"])
def test_a_gate_that_compares_is_not_met_where_the_last_run_forecast_something_else(gates: Gates) -> None:
    write_two(60)
    run_of(60)
    write_two(61)
    with pytest.raises(GateError, match="which forecast the target 'sales', not 'returns'"):
        run_of(61, "returns", gates=gates)
    record = read_record(list_runs()[-1])
    assert [(gate["passed"], gate["value"]) for gate in record["gates"]] == [(False, None)]
    assert run_of(61, "returns").exit_code == 0
    write_two(62)
    assert run_of(62, "returns", gates=gates).exit_code == 0


def test_what_a_model_remembers_and_what_decides_no_value_are_no_difference(forecast: Command) -> None:
    write_two(60)
    words = ("run", "shops.csv", "--horizon", "7", "--budget", "0.1s")
    outcome = forecast(*words, "--target", "sales", "--id", "shop", "--fill", "0", "--ended", "forecast")
    assert outcome.code == 0, outcome.stderr
    write_two(61)
    assert forecast(*words, "--level", "90").code == 0, "by what the model remembers"
    assert not [one for one in read_record(list_runs()[-1])["warnings"] if one["code"] == "not_compared"]


def test_a_run_that_does_not_say_what_it_forecast_is_left_out(forecast: Command) -> None:
    write_two(60)
    run = run_of(60).run
    run_of(60, is_forced=True)
    path = Path(f"runs/{run}/run.json")
    content = json.loads(path.read_text())
    del content["input"]["basis"]
    path.write_text(json.dumps(content))
    write_two(62)
    outcome = forecast("monitor", "shops.csv", "--target", "sales", "--id", "shop")
    assert "left out 1 run, which does not say what it forecast" in outcome.stderr


def test_numbered_steps_of_another_size_are_another_step() -> None:
    pd.DataFrame({"step": range(60), "y": range(60)}).to_csv("shops.csv", index=False)
    reading = ReadOptions(time="step")
    run_after(60, replace(NIGHTLY, reading=reading))
    pd.DataFrame({"step": range(0, 140, 2), "y": range(70)}).to_csv("shops.csv", index=False)
    with pytest.raises(UsageError, match="steps 'of 1', not 'of 2'"):
        forecaster.monitor("shops.csv", reading=reading)


def test_a_table_with_a_series_for_each_column_is_said_to_be_one() -> None:
    wide, long, single = Basis((), (), "day"), Basis(("sales",), ("shop",), "day"), Basis(("sales",), (), "day")
    assert wide.tell_apart(long) == "a series for each column, not the target 'sales'"
    assert long.tell_apart(wide) == "the target 'sales', not a series for each column"
    assert single.tell_apart(long) == "one series, not series by 'shop'"
    assert long.tell_apart(long) == ""

"""The gates of `forecast run`: each stops a bad night, names the worst, and leaves the last good forecast in place."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.errors import GateError
from forecaster.forecasting.end_options import EndOptions
from forecaster.nightly.rules import Gates
from tests.nightly import NIGHTLY, list_runs, make_days, run_after, write_days


def read_latest() -> str:
    return str(json.loads(Path("runs/latest.json").read_text())["run"])


def run_with(days: int, *, hours: float = 3, **gates: Any) -> Any:
    return run_after(days, hours=hours, gates=Gates(**gates))


def test_data_that_are_too_old() -> None:
    write_days(60)
    good = run_with(60, max_age="36h")
    with pytest.raises(GateError, match=r"the newest value is 51 h old \(2024-02-29\), older than --max-age 36h"):
        run_with(61, max_age="36h")
    assert read_latest() == good.run, "although nothing is new"
    record = json.loads(Path(f"runs/{list_runs()[-1]}/run.json").read_text())
    assert (record["status"], record["exit_code"]) == ("failed", 4)
    assert record["gates"][0]["passed"] is False
    write_days(61)
    assert run_with(61, max_age="36h").exit_code == 0


def test_the_message_says_whether_there_is_a_good_forecast() -> None:
    write_days(60)
    stays = r"older than --max-age 36h\. The last good forecast stays in place\.$"
    with pytest.raises(GateError, match=r"older than --max-age 36h\. There is no good forecast yet\.$"):
        run_with(61, max_age="36h")
    run_with(60, max_age="36h")
    with pytest.raises(GateError, match=stays):
        run_with(61, max_age="36h")
    # it may be there where it cannot be read
    for path in Path("runs").glob("*/run.json"):
        path.write_text("broken")
    with pytest.raises(GateError, match=stays):
        run_with(61, max_age="36h")


@pytest.mark.parametrize(("days", "shown"), [(64, "5.6 days"), (75, "16 days")])
def test_an_age_is_rounded_down(days: int, shown: str) -> None:
    write_days(60)
    with pytest.raises(GateError, match=f"the newest value is {shown} old"):
        run_with(days, hours=16, max_age="5d")


def test_the_age_is_that_of_the_local_clock() -> None:
    table = write_days(60)
    table["date"] = table["date"] + "T00:00:00+01:00"
    table.to_csv("shops.csv", index=False)
    # the newest value is of 2024-02-28 23:00 in UTC
    assert run_with(59, hours=23.9, max_age="25h").exit_code == 0
    with pytest.raises(GateError):
        run_after(59, hours=24.1, gates=Gates(max_age="25h"), is_forced=True)


def test_series_that_are_late_but_not_those_that_ended_before() -> None:
    table = write_days(60, series=5)
    table[~((table["shop"] == "s2") & (table["date"] > "2024-02-20"))].to_csv("shops.csv", index=False)
    # ended before the first run, but not long enough ago with this horizon
    with pytest.raises(GateError, match=r"1 of 5 series is older than --max-age 36h \(20.0%\).*s2 \(10 days\)"):
        run_after(60, gates=Gates(max_age="36h", max_late="1%"), horizon=14)
    assert run_with(60, max_age="36h", max_late="50%").exit_code == 0
    # a series that the last good run has left out as ended is no news
    table[~((table["shop"] == "s2") & (table["date"] > "2024-02-01"))].to_csv("shops.csv", index=False)
    assert run_with(60, max_age="36h", max_late="50%").series["ended"].series == ("s2",)
    assert run_with(60, max_age="36h", max_late="1%").exit_code == 0


@pytest.mark.parametrize("ends", [EndOptions(), EndOptions(ended="forecast"), EndOptions(origin="own")], ids=str)
def test_series_that_had_ended_before_the_first_run_are_never_late(ends: EndOptions) -> None:
    for days in (60, 61):
        table = write_days(days, series=9)
        table[~((table["shop"] == "s2") & (table["date"] > "2024-01-20"))].to_csv("shops.csv", index=False)
        record = run_after(days, ends=ends, gates=Gates(max_age="36h", max_late="1%"))
        assert record.series["ended"].series == ("s2",)
        assert record.gates[1].value == 0
    # one that stops now is late, and stays late although it has ended by then
    for days in (64, 90):
        table = write_days(days, series=9)
        is_over = (table["shop"] == "s2") & (table["date"] > "2024-01-20")
        is_over |= (table["shop"] == "s3") & (table["date"] > "2024-02-29")
        table[~is_over].to_csv("shops.csv", index=False)
        with pytest.raises(GateError, match=r"1 of 8 series is older than --max-age 36h .*: s3"):
            run_after(days, ends=ends, gates=Gates(max_age="36h", max_late="1%"))
    # until a run is let through
    assert run_after(90, ends=ends).series["ended"].series == ("s2", "s3")
    assert run_after(90, ends=ends, gates=Gates(max_age="36h", max_late="1%")).exit_code == 0


def test_a_series_that_ended_less_than_a_horizon_ago_is_late_in_the_first_run() -> None:
    table = write_days(60, series=5)
    table[~((table["shop"] == "s2") & (table["date"] > "2024-02-25"))].to_csv("shops.csv", index=False)
    with pytest.raises(GateError, match="1 of 5 series is older"):
        run_with(60, max_age="36h", max_late="1%")


def test_too_few_rows() -> None:
    write_days(60)
    assert run_with(60, min_rows=180).exit_code == 0
    with pytest.raises(GateError, match="180 rows with a value, fewer than --min-rows 181"):
        run_with(60, min_rows=181)


def test_rows_without_a_value_do_not_count() -> None:
    table = write_days(60)
    ahead = make_days(74)
    ahead["price"], ahead["sales"] = 1.0, np.nan
    table["price"] = 2.0
    pd.concat([table, ahead[ahead["date"] > "2024-02-29"]]).to_csv("shops.csv", index=False)
    reading = ReadOptions(known=("price",), target="sales", ids=("shop",))
    assert run_after(60, reading=reading, gates=Gates(min_rows=180)).exit_code == 0
    with pytest.raises(GateError, match="180 rows with a value"):
        run_after(60, reading=reading, gates=Gates(min_rows=181))


def test_rows_of_several_targets_count_once() -> None:
    table = write_days(60)
    table["returns"] = table["sales"] / 10
    table.loc[table["date"] > "2024-02-20", "returns"] = np.nan
    table.loc[table["date"] == "2024-01-10", ["sales", "returns"]] = np.nan
    table.to_csv("shops.csv", index=False)
    reading = ReadOptions(target="sales,returns", ids=("shop",))
    assert run_after(60, reading=reading, gates=Gates(min_rows=177)).exit_code == 0
    with pytest.raises(GateError, match="177 rows with a value"):
        run_after(60, reading=reading, gates=Gates(min_rows=178))
    wide = table.pivot(index="date", columns="shop", values="sales")
    wide.to_csv("shops.csv")
    assert run_after(60, reading=ReadOptions(wide=True), gates=Gates(min_rows=59), is_forced=True).exit_code == 0
    with pytest.raises(GateError, match="59 rows with a value"):
        run_after(60, gates=Gates(min_rows=60))


def test_series_that_are_gone() -> None:
    write_days(60)
    run_after(60)
    table = write_days(61)
    table[table["shop"] != "s1"].to_csv("shops.csv", index=False)
    with pytest.raises(GateError, match=r"1 series of the last run is gone \(33.3%\).*: s1"):
        run_with(61, max_missing_series="1%")
    assert run_with(61, max_missing_series="40%").exit_code == 0


def test_series_that_cannot_be_forecast() -> None:
    table = write_days(60)
    table = table.astype({"sales": str})
    table.loc[table["shop"] == "s1", "sales"] = ""
    table.to_csv("shops.csv", index=False)
    with pytest.raises(GateError, match=r"1 of 3 series cannot be forecast \(33.3%\).*: s1"):
        run_with(60, max_failed="1%")
    assert run_with(60, max_failed="40%").exit_code == 3


def test_a_cut_off_last_value_moves_the_forecast_too_far() -> None:
    write_days(60)
    good = run_after(60)
    write_days(61)
    assert run_with(61, max_change="50%").exit_code == 0, "an ordinary night"
    table = write_days(62)
    last = (table["shop"] == "s1") & (table["date"] >= "2024-02-25")
    table.loc[last, "sales"] = 0.0
    table.to_csv("shops.csv", index=False)
    with pytest.raises(
        GateError, match=r"1 forecast differs from that of the last run by more than --max-change 50%: s1 \(\d+%\)"
    ):
        run_with(62, max_change="50%")
    assert good.run in list_runs()
    rejected = Path(f"runs/{list_runs()[-1]}")
    assert (rejected / "rejected-forecasts.csv").exists()
    assert not (rejected / "forecasts.csv").exists(), "nobody takes it for a good one"
    assert read_latest() != rejected.name
    # the next night is compared with the last good run, not with the rejected one
    write_days(63)
    assert run_with(63, max_change="50%").exit_code == 0


def test_changes_are_measured_on_the_steps_that_both_runs_have() -> None:
    write_days(60)
    run_after(60)
    write_days(90)
    gates = run_with(90, max_change="1%").gates
    assert [(gate.gate, gate.passed, gate.value) for gate in gates] == [("max-change", True, None)], "none in common"


def test_where_the_last_run_has_no_step_in_common_an_earlier_one_is_compared_with() -> None:
    write_days(59)
    run_after(59)
    write_days(60)
    first = run_after(60)
    write_days(90)  # values of the future, which are gone in the next night
    assert run_with(60, max_change="50%").warnings[-1]["code"] == "not_compared"
    table = write_days(61)
    table.assign(sales=1000 * table["sales"]).to_csv("shops.csv", index=False)
    message = rf"3 forecasts differ from those of run {first.run} by more than --max-change 50%: s\d \(\d+,\d+%\)"
    with pytest.raises(GateError, match=message):
        run_with(61, max_change="50%")
    write_days(61)
    record = run_with(61, max_change="50%")
    assert record.gates[0].passed
    assert record.gates[0].value is not None
    warnings = {warning["code"]: warning["message"] for warning in record.warnings}
    assert warnings["compared_with_earlier"].endswith(f"compared with those of run {first.run}")
    write_days(62)
    assert "compared_with_earlier" not in str(run_with(62, max_change="50%").warnings)


def test_skill_that_is_too_low_or_cannot_be_measured() -> None:
    write_days(60)
    assert run_with(60, require_skill="-5").exit_code == 0
    with pytest.raises(GateError, match=r"windows is -?\d+\.\d%, --require-skill asks for 99%"):
        run_with(60, require_skill="0.99")
    write_days(4)
    with pytest.raises(GateError, match="cannot be measured"):
        run_with(4, require_skill="-500%")


def test_all_gates_that_fail_are_said_at_once() -> None:
    write_days(60)
    with pytest.raises(GateError, match=r"181.*rows|rows.*older") as raised:
        run_after(70, replace(NIGHTLY, gates=Gates(min_rows=181, max_age="36h")))
    assert "--min-rows" in str(raised.value)
    assert "--max-age" in str(raised.value)


@pytest.mark.parametrize("shops", [("s0",), ("s0", "s1", "s2")], ids=["one", "each"])
def test_values_of_the_future_do_not_make_old_data_new(shops: tuple[str, ...]) -> None:
    table = write_days(60)
    ahead = [table.iloc[[-1]].assign(date="2024-12-20", shop=shop) for shop in shops]
    table = pd.concat([table, *ahead])
    table.to_csv("shops.csv", index=False)
    with pytest.raises(GateError, match=r"the newest value is 31 days old \(2024-02-29\), older than --max-age 36h"):
        run_with(90, max_age="36h")
    table[table["shop"] == "s0"].drop(columns="shop").to_csv("shops.csv", index=False)
    with pytest.raises(GateError, match="older than --max-age"):
        run_with(90, max_age="36h")
    record = json.loads(Path(f"runs/{list_runs()[-1]}/run.json").read_text())
    assert record["input"]["cutoff"] == "2024-12-20"
    assert "data_from_the_future" in [warning["code"] for warning in record["warnings"]]


def test_a_series_with_a_value_of_the_future_is_late_like_any_other() -> None:
    table = write_days(60)
    table = table[(table["shop"] != "s1") | (table["date"] <= "2024-02-25")]
    pd.concat([table, table.iloc[[-1]].assign(date="2024-03-02", shop="s1")]).to_csv("shops.csv", index=False)
    with pytest.raises(GateError, match=r"1 of 3 series is older than .*: s1 \(5.1 days\)"):
        run_with(60, max_age="36h", max_late="1%")


def test_a_last_good_run_that_cannot_be_read_is_said() -> None:
    write_days(60)
    good = run_after(60)
    Path(f"runs/{good.run}/quantiles.parquet").write_bytes(b"xx")
    write_days(61)
    with pytest.raises(GateError, match="max-change compare with the last good run, which cannot be read"):
        run_with(61, max_change="1%", max_missing_series="0%")
    record = run_with(61)
    assert "not_compared" in [warning["code"] for warning in record.warnings]

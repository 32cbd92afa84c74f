"""`run.json` is what docs/run.schema.json says, after every way in which a run can end."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import forecaster
from forecaster.errors import DataError, GateError, InterruptedRunError
from forecaster.nightly import night
from forecaster.nightly.record import SCHEMA_VERSION
from forecaster.nightly.rules import Gates
from tests.nightly import NIGHTLY, list_runs, run_after, write_days

SCHEMA = json.loads((Path(__file__).resolve().parents[1] / "docs" / "run.schema.json").read_text())
ALL_GATES = Gates(
    max_age="36h",
    max_late="50%",
    require_skill="-9",
    max_failed="50%",
    min_rows=1,
    max_missing_series="50%",
    max_change="500%",
)


def check(run: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((Path("runs") / run / "run.json").read_text())
    jsonschema.validate(record, SCHEMA)
    return record


def test_the_schema_is_one_and_of_this_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_records_of_good_and_bad_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)
    record = run_after(60, replace(NIGHTLY, gates=ALL_GATES))
    assert repr(record) == f"<RunRecord: {record.run}, succeeded>"
    first = check(record.run)
    found = {gate["gate"]: (gate["passed"], gate["value"]) for gate in first["gates"]}
    assert found["max-change"] == found["max-missing-series"] == (True, None), "they need an earlier run"
    assert not [warning for warning in first["warnings"] if warning["code"] == "not_compared"]
    write_days(61)
    assert repr(forecaster.monitor("shops.csv")) == "<Monitoring: fine, 1 run, 3 values>"
    second = check(run_after(61, replace(NIGHTLY, gates=ALL_GATES)).run)
    assert {gate["gate"] for gate in second["gates"]} == set(
        SCHEMA["properties"]["gates"]["items"]["properties"]["gate"]["enum"]
    )
    with pytest.raises(GateError):
        run_after(61, gates=Gates(min_rows=10**6))
    assert check(list_runs()[-1])["status"] == "failed"
    Path("shops.csv").write_text("")
    with pytest.raises(DataError):
        run_after(62)
    assert check(list_runs()[-1])["input"] is None
    write_days(62)

    def stop(*_: Any, **__: Any) -> None:
        raise InterruptedRunError("stopped", signal_number=2)

    monkeypatch.setattr(night, "monitor_runs", stop)
    with pytest.raises(InterruptedRunError):
        run_after(62, gates=ALL_GATES)
    stopped = check(list_runs()[-1])
    assert stopped["exit_code"] == 130
    assert {one["reason"] for one in stopped["unchecked_gates"]} == {"the run was interrupted before"}


def split_gates(record: dict[str, Any]) -> tuple[set[str], set[str], dict[str, str]]:
    """Those that passed, those that failed, and why the others were not checked; each gate is in one of them."""
    jsonschema.validate(record, SCHEMA)
    passed, failed = ({one["gate"] for one in record["gates"] if one["passed"] is is_met} for is_met in (True, False))
    unchecked = {one["gate"]: one["reason"] for one in record["unchecked_gates"]}
    assert len(passed) + len(failed) + len(unchecked) == len(passed | failed | {*unchecked})
    return passed, failed, unchecked


NAMES = {name.replace("_", "-") for name in vars(ALL_GATES)}


def test_a_record_tells_gates_that_passed_failed_and_were_not_checked() -> None:
    write_days(60)
    every = replace(NIGHTLY, gates=ALL_GATES)
    assert split_gates(check(run_after(60, every).run)) == (NAMES, set(), {})
    assert set(ALL_GATES.limits) == NAMES
    # nothing new, of which the record is only shown
    record = run_after(60, every)
    passed, failed, unchecked = split_gates(json.loads(record.as_json()))
    assert (passed, failed, {*unchecked} | passed) == ({"min-rows", "max-age", "max-late"}, set(), NAMES)
    assert set(unchecked.values()) == {f"nothing is new since run {record.previous_run}, which met it"}
    # the first gates, and the last ones
    for gates, ends_at, left in (
        (replace(ALL_GATES, min_rows=10**6), {"min-rows"}, NAMES - {"min-rows", "max-age", "max-late"}),
        (replace(ALL_GATES, max_change="0%"), {"max-change"}, set()),
    ):
        write_days(61)
        with pytest.raises(GateError):
            run_after(61, every, gates=gates)
        _, failed, unchecked = split_gates(check(list_runs()[-1]))
        assert (failed, {*unchecked}) == (ends_at, left)
        assert set(unchecked.values()) <= {f"the run ended at --{name}" for name in ends_at}
    limits = {one["gate"]: one["limit"] for one in check(list_runs()[-2])["unchecked_gates"]}
    assert limits == {"max-missing-series": 0.5, "require-skill": -9.0, "max-failed": 0.5, "max-change": 5.0}
    Path("shops.csv").write_text("")
    with pytest.raises(DataError):
        run_after(62, gates=Gates(min_rows=1))
    assert split_gates(check(list_runs()[-1])) == (set(), set(), {"min-rows": "the run failed before"})


def test_a_bug_leaves_a_record_too(monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(night, "monitor_runs", fail)
    with pytest.raises(ZeroDivisionError):
        run_after(60)
    record = check(list_runs()[0])
    assert (record["status"], record["exit_code"]) == ("failed", 1)
    assert "ZeroDivisionError: division by zero" in record["message"]

"""`run.json` is what docs/run.schema.json says, after every way in which a run can end."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

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
    first = check(run_after(60, replace(NIGHTLY, gates=ALL_GATES)).run)
    found = {gate["gate"]: (gate["passed"], gate["value"]) for gate in first["gates"]}
    assert found["max-change"] == found["max-missing-series"] == (True, None), "they need an earlier run"
    assert not [warning for warning in first["warnings"] if warning["code"] == "not_compared"]
    write_days(61)
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
        run_after(62)
    assert check(list_runs()[-1])["exit_code"] == 130


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

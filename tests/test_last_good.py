"""What a run is compared with where `latest.json` is broken, missing, or names a run that cannot be read."""

import contextlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forecaster.errors import DataError, GateError
from forecaster.nightly.record import RunRecord
from forecaster.nightly.rules import Gates
from forecaster.nightly.runs import RunsFolder
from tests.conftest import Command
from tests.nightly import NIGHTLY, list_runs, run_after, write_days
from tests.test_run import read_latest, read_record

GUARDED = replace(NIGHTLY, gates=Gates(max_change="50%", max_missing_series="1%"))
LATEST = Path("runs/latest.json")


def write_other_unit(days: int) -> None:
    table = write_days(days)
    table["sales"] *= 1000
    table.to_csv("shops.csv", index=False)


@cache
def run_two_nights(folder: str) -> tuple[RunRecord, RunRecord]:
    """Two good nights in the `folder` for all tests."""
    found = []
    with contextlib.chdir(folder):
        for days in (60, 61):
            write_days(days)
            found.append(run_after(days))
    return found[0], found[1]


@pytest.fixture(scope="session")
def nights_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("nights"))


@pytest.fixture
def two_nights(nights_folder: str, tmp_path: Path) -> tuple[RunRecord, RunRecord]:
    """Two good nights in the folder of the test."""
    found = run_two_nights(nights_folder)
    shutil.copytree(nights_folder, tmp_path, dirs_exist_ok=True)
    return found


def break_latest(_: str) -> None:
    LATEST.write_text('{"run": ')


def change_latest(_: str) -> None:
    LATEST.write_text("{}")


def point_outside(_: str) -> None:
    LATEST.write_text(json.dumps({**json.loads(LATEST.read_text()), "forecasts": "../shops.csv"}))


def forget_forecasts(_: str) -> None:
    LATEST.write_text(json.dumps({**json.loads(LATEST.read_text()), "forecasts": None}))


def remove_latest(_: str) -> None:
    LATEST.unlink()


def remove_run(run: str) -> None:
    shutil.rmtree(f"runs/{run}")


def break_record(run: str) -> None:
    Path(f"runs/{run}/run.json").write_text("{")


def break_quantiles(run: str) -> None:
    Path(f"runs/{run}/quantiles.parquet").write_bytes(b"PAR1")


FAULTS: dict[str, tuple[Callable[[str], None], str, int]] = {
    "broken": (break_latest, "latest.json is broken", 1),
    "of another version": (change_latest, "latest.json is not one that this version writes", 1),
    "names a file outside of it": (point_outside, "latest.json is not one that this version writes", 1),
    "names no forecasts": (forget_forecasts, "latest.json is not one that this version writes", 1),
    "missing": (remove_latest, "latest.json is missing", 1),
    "names a run that is gone": (remove_run, "which is gone", 0),
    "names a run without a record": (break_record, "which cannot be read", 0),
    "names a run without quantiles": (break_quantiles, "cannot be read", 0),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_the_newest_good_run_that_can_be_read_is_what_gates_compare_with(
    two_nights: tuple[RunRecord, RunRecord], kind: str
) -> None:
    fault, words, place = FAULTS[kind]
    fault(two_nights[1].run)
    write_other_unit(62)
    with pytest.raises(GateError, match="3 forecasts differ"):
        run_after(62, GUARDED)
    bad = read_record(list_runs()[-1])
    assert bad["previous_run"] == two_nights[place].run
    (found,) = [one["message"] for one in bad["warnings"] if one["code"] == "last_run_not_found"]
    assert words in found
    assert two_nights[place].run in found
    # and the next success writes it again
    write_days(62)
    good = run_after(62, GUARDED)
    assert read_latest()["run"] == good.run
    assert run_after(62, GUARDED).status == "unchanged"


@pytest.mark.parametrize("kind", FAULTS)
def test_without_any_run_to_be_read_these_gates_are_not_met_and_the_remedy_works(kind: str) -> None:
    fault, words, _ = FAULTS[kind]
    write_days(60)
    only = run_after(60)
    fault(only.run)
    if Path(f"runs/{only.run}").exists():
        break_quantiles(only.run)
    write_days(61)
    with pytest.raises(
        GateError, match=r"compare with the last good run, which cannot be read .* Leave them out for one run"
    ):
        run_after(61, GUARDED)
    bad = read_record(list_runs()[-1])
    assert words in bad["message"]
    assert {gate["gate"]: gate["passed"] for gate in bad["gates"]} == {"max-change": False, "max-missing-series": False}
    assert run_after(61).status == "succeeded"
    assert run_after(61, GUARDED).status == "succeeded"


def test_the_same_data_are_run_again_where_latest_is_missing() -> None:
    write_days(60)
    run_after(60)
    LATEST.unlink()
    again = run_after(60)
    assert again.status == "succeeded"
    assert read_latest()["run"] == again.run


def cut(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


@pytest.mark.parametrize("name", ["forecasts.csv", "metrics.json"])
@pytest.mark.parametrize(
    "lose", [Path.unlink, lambda path: cut(path, 0), lambda path: cut(path, 90)], ids=["gone", "empty", "cut off"]
)
def test_the_same_data_are_run_again_where_a_file_of_the_last_run_is_lost(
    name: str, lose: Callable[[Path], Any]
) -> None:
    write_days(60)
    first = run_after(60)
    assert run_after(60).status == "unchanged"
    lose(Path(f"runs/{first.run}/{name}"))
    again = run_after(60)
    assert again.status == "succeeded"
    assert read_latest()["run"] == again.run
    assert Path(f"runs/{again.run}/{name}").stat().st_size


def test_a_last_run_of_an_earlier_version_has_no_sizes() -> None:
    write_days(60)
    run_after(60)
    latest = read_latest()
    assert latest.pop("sizes").keys() == {"forecasts", "metrics"}
    Path("runs/latest.json").write_text(json.dumps(latest))
    assert run_after(60).status == "unchanged"
    Path("runs/latest.json").write_text(json.dumps(latest | {"sizes": 3}))
    assert run_after(60).status == "succeeded"


def test_nights_that_failed_before_the_first_good_one_are_nothing_to_compare_with() -> None:
    Path("shops.csv").write_text("date,sales\n2024-01-01,lots\n2024-01-02,more\n")
    with pytest.raises(DataError):
        run_after(60)
    write_days(61)
    record = run_after(61, GUARDED)
    assert [(gate.gate, gate.passed, gate.value) for gate in record.gates] == [
        ("max-missing-series", True, None),
        ("max-change", True, None),
    ]
    assert record.warnings == []


def test_a_file_that_may_not_be_read_is_not_said_to_be_deleted(
    two_nights: tuple[RunRecord, RunRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_text = Path.read_text

    def refuse(self: Path, *words: str | None) -> str:
        if self.name == "latest.json" or two_nights[1].run in str(self):
            raise PermissionError(13, "Permission denied", str(self))
        return read_text(self, *words)

    write_days(62)
    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "read_text", refuse)
        found = run_after(62, GUARDED)
    assert found.previous_run == two_nights[0].run
    (warning,) = [one["message"] for one in found.warnings if one["code"] == "last_run_not_found"]
    assert "latest.json cannot be read (permission denied)" in warning
    assert "delete" not in warning.lower()


@pytest.mark.usefixtures("two_nights")
def test_monitor_reads_the_runs_that_are_there(forecast: Command) -> None:
    write_days(68)
    for fault in (break_latest, remove_latest):
        fault("")
        outcome = forecast("monitor", "shops.csv", "--json")
        assert outcome.code == 0, outcome.stderr
        assert json.loads(outcome.stdout)["runs"] == 2
    for run in list_runs():
        break_quantiles(run)
    outcome = forecast("monitor", "shops.csv")
    assert outcome.code == 66
    assert "no run there can be read: left out 2 runs, each of which cannot be read" in outcome.stderr
    shutil.rmtree("runs")
    Path("runs").mkdir()
    assert forecast("monitor", "shops.csv").code == 66


def test_the_run_that_latest_names_stays_whatever_lies_beside_it() -> None:
    write_days(60)
    good = run_after(60, keep=1)
    for name in ("20300101T000000Z-aaaaaaaa", "20300101T000001Z-aaaaaaaa"):
        shutil.copytree(f"runs/{good.run}", f"runs/{name}")
    folder = RunsFolder(Path("runs"))
    folder.prune(keep=1, good={run.run for run in folder.read_records() if run.is_good})
    assert list_runs() == [good.run, "20300101T000001Z-aaaaaaaa"]
    Path("shops.csv").write_text("")
    with pytest.raises(DataError):
        run_after(61, keep=1)
    assert good.run in list_runs()


def test_the_record_of_each_run_of_before_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (60, 61, 62):
        write_days(day)
        run_after(day)
    before, read, read_text = list_runs(), [], Path.read_text

    def count(path: Path, *rest: Any, **options: Any) -> str:
        if path.name == "run.json":
            read.append(path.parent.name)
        return read_text(path, *rest, **options)

    monkeypatch.setattr(Path, "read_text", count)
    run_after(63)
    assert read == before, "where nothing is new"
    read.clear()
    run_after(63, keep=2, is_forced=True)
    assert read == before

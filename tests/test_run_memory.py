"""`forecast run --max-memory`: what does not fit is refused before it is read, and the record says what was needed."""

import gzip
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

from forecaster import ReadOptions
from forecaster.errors import ConfigurationError
from forecaster.library.footprint import BASE
from forecaster.library.inputs import read_data
from forecaster.machine import count_usable_cpus
from forecaster.nightly.memory import (
    BYTES_PER_CELL,
    BYTES_PER_COLUMN,
    BYTES_PER_FORECAST,
    BYTES_PER_PARQUET_ROW,
    BYTES_PER_ROW,
    check_files,
    check_series,
)
from forecaster.nightly.record import MemoryRecord
from tests.conftest import Command
from tests.nightly import list_runs, make_days, run_after, write_days
from tests.test_run_record import SCHEMA

MB = 1_000_000


def read_record(run: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(Path(f"runs/{run}/run.json").read_text())
    jsonschema.validate(record, SCHEMA)
    return record


def test_a_run_within_the_limit_forecasts_the_same_and_its_record_says_the_limit(forecast: Command) -> None:
    write_days(60)
    words = ("run", "shops.csv", "--train", "never", "--horizon", "7")
    assert forecast(*words, "--runs", "without").code == 0
    assert forecast(*words, "--max-memory", "8GB").code == 0
    (run,) = list_runs()
    (other,) = list_runs("without")
    assert Path(f"runs/{run}/forecasts.csv").read_bytes() == Path(f"without/{other}/forecasts.csv").read_bytes()
    memory = read_record(run)["memory"]
    assert memory["limit_bytes"] == 8000 * MB
    assert BASE + BYTES_PER_ROW * 181 < memory["needed_bytes"] < BASE + 10 * MB, "180 rows and the names of the columns"
    assert 50 * MB < memory["peak_bytes"] < 8000 * MB
    # the same forecasts: nothing is new with another limit
    outcome = forecast(*words, "--max-memory", "7GB")
    assert outcome.code == 0
    assert "nothing is new" in outcome.stderr


def test_data_that_do_not_fit_are_refused_before_they_are_read(forecast: Command) -> None:
    write_days(60)
    assert forecast("run", "shops.csv", "--train", "never").code == 0
    before = Path("runs/latest.json").read_bytes()
    Path("shops.csv").write_text("not,even,a,table\n" * 50_000)
    outcome = forecast("run", "shops.csv", "--train", "never", "--max-memory", "251MB")
    assert outcome.code == 78
    assert "--max-memory: the run needs about 265 MB for these data, and the limit is 251 MB" in outcome.stderr
    assert "give --max-memory 300MB" in outcome.stderr
    assert "not,even" not in outcome.stderr
    assert Path("runs/latest.json").read_bytes() == before
    assert read_record(list_runs()[-1])["exit_code"] == 78
    # what was named is enough
    assert forecast("run", "shops.csv", "--train", "never", "--max-memory", "300MB").code == 65


@pytest.mark.parametrize("limit", [250_400_000, 251_000_000])
def test_a_need_just_above_the_limit_is_said_to_be_above_it(limit: int) -> None:
    Path("shops.csv").write_text("a,b,c\n" * ((limit - 250_000_000) // 165 + 1))
    with pytest.raises(ConfigurationError) as raised:
        check_files([Path("shops.csv")], limit=limit, trains=False)
    needed, allowed = re.findall(r"(\d+) MB", str(raised.value))[:2]
    assert int(needed) == int(allowed) + 1


def test_many_short_series_are_refused_before_anything_is_forecast(forecast: Command) -> None:
    table = make_days(12, series=1).loc[:, ["date", "sales"]]
    pd.concat([table.assign(shop=f"s{number}") for number in range(900)]).to_csv("shops.csv", index=False)
    words = ("run", "shops.csv", "--train", "never", "--horizon", "60")
    outcome = forecast(*words, "--max-memory", "255MB")
    assert outcome.code == 78
    named = re.search(r"give --max-memory (\d+MB)", outcome.stderr)  # the more cores, the more
    assert named is not None
    record = read_record(list_runs()[-1])
    assert record["input"]["series"] == 900, "the series are known"
    assert not {"score", "forecast"} & set(record["seconds"])
    assert forecast(*words, "--max-memory", named[1]).code == 0, "what was named is enough"


def test_a_series_counts_with_its_horizon_and_its_past() -> None:
    panel = {days: read_data(make_days(days, series=2)).panel for days in (60, 600)}
    needed = {
        (days, horizon): check_series(MemoryRecord(10**12, 0), one, horizon=horizon, trains=False).needed_bytes
        for days, one in panel.items()
        for horizon in (7, 60)
    }
    assert needed[60, 7] < needed[60, 60] < needed[600, 60]
    assert needed[60, 7] < needed[600, 7]
    # what reading took is needed in any case
    assert check_series(MemoryRecord(10**12, 10**11), panel[60], horizon=7, trains=False).needed_bytes == 10**11


def test_covariates_count_those_known_ahead_most_of_all() -> None:
    columns = tuple(f"x{number}" for number in range(8))

    def estimate(*, days: int = 1000, **reading: tuple[str, ...]) -> float:
        one = make_days(1000, series=1)
        dates = pd.date_range("1990-01-01", periods=days).strftime("%Y-%m-%d")
        longer = pd.DataFrame({"date": dates, "sales": np.resize(one["sales"], days)})
        table = pd.concat([longer.assign(shop=f"s{number}") for number in range(20 * 1000 // days)])
        for column in columns:
            table[column] = range(len(table))
        given = read_data(table, reading=ReadOptions(target="sales", **reading))  # type: ignore[arg-type]
        record = check_series(MemoryRecord(10**12, 0), given.look_ahead(28), horizon=28, trains=False)
        return record.needed_bytes / MB

    without = estimate()
    assert without + 20 < estimate(past=columns) < estimate(known=columns[:1]) < estimate(known=columns) - 20
    # on two cores, 8 columns known ahead, and holidays, were measured to take so much more, and not beyond any bound
    assert without + 100 < estimate(known=columns) < without + 50 * max(count_usable_cpus(), 2) + 40
    assert without + 100 < estimate(holidays=("DE",), calendar=("all",))
    # no more of a past counts than is read
    assert estimate(days=9000, known=columns) < estimate(days=3000, known=columns) + 40


def test_a_run_counts_its_holidays(forecast: Command) -> None:
    write_days(300)
    for words in ((), ("--holidays", "DE")):
        outcome = forecast("run", "shops.csv", "--train", "never", "--horizon", "7", "--max-memory", "8GB", *words)
        assert outcome.code == 0, outcome.stderr
    without, needed = (read_record(run)["memory"]["needed_bytes"] for run in list_runs())
    assert needed > without + 10 * MB


def test_a_run_that_may_train_needs_more(forecast: Command) -> None:
    write_days(60)
    outcome = forecast("run", "shops.csv", "--max-memory", "500MB")
    assert outcome.code == 78
    assert "--train never needs 603 MB less." in outcome.stderr
    assert forecast("run", "shops.csv", "--model", "base", "--max-memory", "500MB").code == 0


def test_a_run_that_took_more_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(60)
    assert not run_after(60, max_memory=8000 * MB).warnings
    monkeypatch.setattr("forecaster.nightly.journal.measure_peak", lambda memory: replace(memory, peak_bytes=9000 * MB))
    record = run_after(60, max_memory=8000 * MB, is_forced=True)
    assert next(one["message"] for one in record.warnings if one["code"] == "more_memory").endswith("of --max-memory")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process does not begin with the peak of another")
def test_the_peak_is_not_that_of_the_program_that_starts_the_run() -> None:
    run = (
        "from forecaster.nightly.memory import measure_peak; from forecaster.nightly.record import MemoryRecord;"
        "print(measure_peak(MemoryRecord(1, 1)).peak_bytes)"
    )
    starts = "import subprocess, sys; large = b'x' * 600_000_000; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    done = subprocess.run([sys.executable, "-c", starts, run], capture_output=True, text=True, check=True)
    assert 10 * MB < int(done.stdout) < 500 * MB


def test_series_that_are_long_enough_to_be_scored_take_as_much_once_more() -> None:
    write_days(60)
    panel = read_data("shops.csv").panel
    scored, short = (
        check_series(MemoryRecord(10**12, 0), panel, horizon=horizon, trains=False).needed_bytes for horizon in (59, 60)
    )
    each = len(panel) * BYTES_PER_FORECAST
    # a step more of the horizon is a step more of the window, too
    assert 59 * each < scored - short + each + 1000 * len(panel) < 62 * each


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_cells_are_counted_in_any_format_and_in_wide_tables(kind: str) -> None:
    table = make_days(60)
    path = Path(f"data.{kind}")
    writers: dict[str, Any] = {"csv": table.to_csv, "csv.gz": table.to_csv, "parquet": table.to_parquet}
    writers[kind](path, index=False)
    needed = check_files([path], limit=10**12, trains=False).needed_bytes
    each = BYTES_PER_PARQUET_ROW if kind == "parquet" else BYTES_PER_ROW
    assert abs(needed - BASE - each * 180) <= each
    wide = pd.DataFrame([range(300)] * 200)
    wide.to_csv("wide.csv", index=False)
    needed = check_files([Path("wide.csv")], limit=10**12, trains=False).needed_bytes
    assert needed == BASE + BYTES_PER_ROW * 201 + BYTES_PER_CELL * 201 * 297 + BYTES_PER_COLUMN * 297


def test_a_broken_archive_is_reported_when_it_is_read(forecast: Command) -> None:
    Path("shops.csv.gz").write_bytes(gzip.compress(make_days(60).to_csv(index=False).encode())[:-40])
    outcome = forecast("run", "shops.csv.gz", "--train", "never", "--max-memory", "2GB")
    assert outcome.code == 65
    assert "shops.csv.gz" in outcome.stderr


def test_an_excel_file_is_refused(forecast: Command) -> None:
    make_days(60).to_excel("shops.xlsx", index=False)
    outcome = forecast("run", "shops.xlsx", "--train", "never", "--max-memory", "2GB")
    assert outcome.code == 2
    assert "--max-memory: how much an Excel file needs" in outcome.stderr


def test_a_limit_counts_all_files() -> None:
    Path("a.csv").write_text("x,y,z\n" * 1000)
    Path("b.csv").write_text("x,y,z\n" * 1000)
    one, two = (
        check_files(files, limit=10**12, trains=False).needed_bytes - BASE
        for files in ([Path("a.csv")], [Path("a.csv"), Path("b.csv")])
    )
    assert two > 1.9 * one
    with pytest.raises(ConfigurationError, match="the limit is 250 MB"):
        check_files([Path("a.csv")], limit=250 * MB, trains=False)

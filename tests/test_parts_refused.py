"""What cannot be forecast in parts is refused with a remedy, and a run that fails leaves nothing behind."""

import errno
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import fastparquet
import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.data.files.content import Content
from forecaster.data.files.parquet import count_cells
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.columns import Columns
from forecaster.errors import BusyError, DataError
from forecaster.library.opening import open_base_model
from forecaster.scale import dividing, predicting
from forecaster.scale.engine import OUTSIDE, Engine
from forecaster.scale.joining import join_surveys
from forecaster.scale.roles import Roles
from forecaster.scale.survey import PartReader, survey_part
from tests.parts import make_table, write_table

ROLES = Roles(
    ReadOptions(ids=("item",)),
    Columns(("item",), "month", ("sales",), wide=False, ignored=()),
    ("item", "month", "sales"),
    ("item",),
    ("sales",),
    (),
    0,
)

pytestmark = pytest.mark.usefixtures("all_cores")


def refuse(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 65) -> str:
    """The message of a run that is refused, and leaves nothing behind."""
    before = sorted(path.name for path in Path().iterdir())
    assert run(["predict", *arguments]) == code
    assert sorted(path.name for path in Path().iterdir()) == before
    return capsys.readouterr().err


def test_closed_days_that_no_part_shows_alone_are_refused() -> None:
    reader = PartReader("data", ReadOptions(ids=("id",), time="day", target="y"))
    days = pd.date_range("2023-01-02", periods=60)
    opened = days[days.day_of_week < 6]
    surveys = []
    for number in range(6):
        random = np.random.default_rng(number)
        values = np.where(days.isin(opened[random.random(len(opened)) < 0.5]), 5.0, np.nan)
        part = reader.read(pd.DataFrame({"id": f"{number}", "day": days, "y": values}))
        surveys.append(survey_part(part, model=open_base_model(), seasons=()))
        surveys[-1].check_closed(reader.reading, name="data")
    whole = join_surveys(surveys, name="data")
    with pytest.raises(DataError, match="--freq D"):
        whole.check_closed(reader.reading, name="data")
    whole.check_closed(replace(reader.reading, frequency="D"), name="data")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.assign(item=table["item"].replace("007", "Total")), "--totals"),
        (lambda table: table.pivot(index="month", columns="item", values="sales").reset_index(), "series"),
        (lambda table: table[table["item"] == "000"][["month", "sales"]], "--id"),
    ],
)
def test_what_parts_cannot_tell_is_refused_with_a_remedy(
    change: Callable[[pd.DataFrame], pd.DataFrame],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(change(make_table()), Path("data.parquet"))
    assert said in refuse(capsys, "data.parquet", "--max-memory", "1GB")


def test_parts_with_other_steps_are_refused_and_a_named_step_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 8)
    # of which one has a value at every second month only, alone in its part
    write_table(make_table(series=14), Path("data.parquet"))
    message = refuse(capsys, "data.parquet", "--max-memory", "1GB")
    assert "monthly" in message
    assert "--freq" in message
    assert run(["predict", "data.parquet", "--max-memory", "1GB", "--freq", "MS", "-q"]) == 0


@pytest.mark.parametrize("flags", [("--aggregate", "sum", "--freq", "MS"), ("--wide",)])
def test_options_that_need_all_series_are_refused(
    flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))
    assert flags[0] in refuse(capsys, "data.parquet", "--max-memory", "1GB", *flags, code=2)


def test_a_time_before_all_series_is_refused_as_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))
    for words in ([], ["--max-memory", "1GB"]):
        message = refuse(capsys, "data.parquet", "--until", "2001-01-01", *words, code=2)
        assert "--until 2001-01-01: no series begins before it." in message


def test_broken_and_different_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    table = make_table()
    write_table(table[:600], Path("data/a.parquet"))
    whole = Path("data/a.parquet").read_bytes()
    Path("data/b.parquet").write_bytes(whole[: len(whole) // 2])
    assert "b.parquet: the Parquet file cannot be read (its end is" in refuse(capsys, "data", "--max-memory", "1GB")
    Path("data/b.parquet").write_text("no table")
    assert "b.parquet: the name ends in .parquet, but" in refuse(capsys, "data", "--max-memory", "1GB")
    write_table(table[600:].drop(columns="sales"), Path("data/b.parquet"))
    assert "b.parquet" in (message := refuse(capsys, "data", "--max-memory", "1GB"))
    assert "It has 'shop', 'item', 'month': rename one" in message
    write_table(table[600:].assign(Item="a"), Path("data/b.parquet"))
    assert "capitals" in refuse(capsys, "data", "--max-memory", "1GB")
    write_table(table[600:].assign(item=7), Path("data/b.parquet"))
    assert "its type is" in refuse(capsys, "data", "--max-memory", "1GB")


def test_errors_name_the_row_of_the_file_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = make_table()
    repeated = table["month"].shift().where(table.index == 321, table["month"])
    table = table.assign(month=repeated)
    for ending, row in ((".parquet", "series 007, row 321"), (".csv", "series 007, line 323")):
        write_table(table, Path(f"data{ending}"))
        message = refuse(capsys, f"data{ending}", "--id", "item", "--max-memory", "1GB")
        assert f"data{ending}, {row}" in message


def test_cells_that_are_no_plain_numbers_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table().assign(sales=lambda table: table["sales"].round(1).astype(str) + " €"), Path("data.csv"))
    assert "plain number" in refuse(capsys, "data.csv", "--target", "sales", "--max-memory", "1GB")
    # one cell with a mark is enough, far below the first rows
    for usual, last in (("1.234", "1.234"), ("27", "2.000")):
        table = make_table().assign(sales=usual)
        table.loc[table.index[-1], "sales"] = last
        write_table(table, Path("data.csv"))
        assert "--decimal" in refuse(capsys, "data.csv", "--target", "sales", "--max-memory", "1GB")


def test_a_folder_of_another_run_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))
    assert run(["predict", "data.parquet", "--max-memory", "1GB", "-q"]) == 0
    before = {path: path.read_bytes() for path in Path("forecasts").iterdir()}
    assert "not empty" in refuse(capsys, "data.parquet", "--max-memory", "1GB", code=2)
    assert {path: path.read_bytes() for path in Path("forecasts").iterdir()} == before
    assert "folder" in refuse(capsys, "data.parquet", "--max-memory", "1GB", "-o", "a.csv", code=2)
    # the parts of a forecast are no data, and are left out beside them
    Path("data.parquet").rename("forecasts/data.parquet")
    capsys.readouterr()
    assert run(["predict", "forecasts", "--max-memory", "1GB", "-o", "others"]) == 0
    assert "left out: forecasts/part-00001.parquet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (duckdb.OutOfMemoryException("failed to offload data block: no space for 1 GiB"), "no room to divide"),
        (
            duckdb.IOException('Could not write file ".forecast-1.parts/rows": No space left on device'),
            "no room to divide",
        ),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "error: forecasts: the disk is full, nothing was written"),
    ],
)
def test_a_full_disk_leaves_nothing(
    error: Exception, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))

    def fail(*_: object, **__: object) -> None:
        raise error

    if isinstance(error, OSError):
        monkeypatch.setattr(predicting, "make_writer", lambda *_, **__: fail)
    else:
        monkeypatch.setattr(Engine, "_write_parts", fail)
    message = refuse(capsys, "data.parquet", "--max-memory", "1GB", code=75)
    assert said in message
    assert "the disk is full" in message
    assert ".parts" not in message, "a folder that is gone when this is read"


def divide(*names: str, memory: int) -> int:
    """Divide Parquet files within so many bytes; how many rows the parts have."""
    with tempfile.TemporaryDirectory() as place:
        engine = Engine(Path(place), memory=memory, threads=2)
        try:
            assert engine._ask("SELECT current_setting('disable_parquet_prefetching')", []) == [(True,)]
            contents = [Content(name, Path(name)) for name in names]
            engine.divide(contents, roles=ROLES, parts=2, folder="parts")
            return sum(count_cells(path)[0] for paths in engine.list_parts("parts").values() for path in paths)
        finally:
            engine.close()


def test_rows_that_do_not_fit_at_once_are_named_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = pd.concat([make_table(series=1)] * 6000, ignore_index=True)
    table[:100].to_parquet("small.parquet")
    # one page of each column
    fastparquet.write("large.parquet", table, write_index=False)
    little = OUTSIDE + 8_000_000
    with pytest.raises(BusyError) as refused:
        divide("small.parquet", "large.parquet", memory=little)
    message = str(refused.value)
    assert message.startswith("large.parquet: 300,000 rows are one group of the Parquet file")
    named = re.search(r"Give --max-memory (\d+)MB, or write the file in smaller groups", message)
    assert named is not None
    assert divide("large.parquet", memory=int(named[1]) * 1_000_000) == 300_000, "what was named is enough"
    fastparquet.write("large.parquet", table, write_index=False, row_group_offsets=10_000)
    assert divide("large.parquet", memory=little) == 300_000


def test_groups_of_rows_that_several_threads_cannot_hold_are_read_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # with two threads, a million series in groups of 2.4 million rows did not fit 2 GB
    monkeypatch.chdir(tmp_path)
    fastparquet.write("data.parquet", pd.concat([make_table(series=1)] * 6000), write_index=False)
    contents = [Content("data.parquet", Path("data.parquet"))]
    threads = {}
    for memory in (300_000_000, 900_000_000):
        with tempfile.TemporaryDirectory() as place:
            engine = Engine(Path(place), memory=memory, threads=2)
            engine.divide(contents, roles=ROLES, parts=2, folder="parts")
            threads[memory] = engine._ask("SELECT current_setting('threads')", [])[0][0]
            engine.close()
    assert threads == {300_000_000: 1, 900_000_000: 2}


@pytest.mark.parametrize(
    ("package", "option", "extra"), [("duckdb", "--max-memory=1GB", "[scale]"), ("ray", "--engine=ray", "[ray]")]
)
def test_an_engine_that_is_not_installed_is_named(
    package: str,
    option: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)
    write_table(make_table(), Path("data.parquet"))
    assert extra in refuse(capsys, "data.parquet", option, code=78)


def test_a_signal_leaves_nothing_and_what_a_killed_run_left_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))
    with monkeypatch.context() as patched:
        patched.setattr(predicting, "_forecast_part", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        assert "SIGTERM" in refuse(capsys, "data.parquet", "--max-memory", "1GB", code=143)
    left = Path(".forecast-killed.parts")
    (left / "finished").mkdir(parents=True)
    (left / "lock").touch()
    assert run(["predict", "data.parquet", "--max-memory", "1GB", "-q"]) == 0
    assert sorted(path.name for path in Path().iterdir()) == ["data.parquet", "forecasts"]

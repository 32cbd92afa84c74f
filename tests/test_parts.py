"""A forecast in parts is that of one go, whatever the series are like; where parts cannot tell, it is refused."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from forecaster.library.opening import open_base_model
from forecaster.scale import predicting
from forecaster.scale.engine import Engine
from forecaster.scale.joining import join_surveys
from forecaster.scale.planning import PartSurveyor, plan_parts
from forecaster.scale.survey import PartReader, survey_part
from tests.parts import make_table, sort_forecasts, write_table

Forecasts = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]

pytestmark = pytest.mark.usefixtures("all_cores")


@pytest.fixture
def forecasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forecasts:
    """Forecasts of a table in one go and in parts, sorted by series and time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predicting, "_count_parts", lambda *_, **__: 5)

    def forecast(
        table: pd.DataFrame, *options: str, ending: str = ".parquet", keeps_index: bool = False
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        write_table(table, Path(f"data{ending}"), keeps_index=keeps_index)
        assert run(["predict", f"data{ending}", "-q", "-o", "whole.parquet", "--digits=full", *options]) == 0
        assert (
            run(["predict", f"data{ending}", "-q", "-o", "parts", "--max-memory=1GB", "--digits=full", *options]) == 0
        )
        files = sorted(Path("parts").iterdir())
        assert len(files) > 1
        both = pd.read_parquet("whole.parquet"), pd.concat([pd.read_parquet(file) for file in files])
        whole, parts = map(sort_forecasts, both)
        return whole, parts

    return forecast


def refuse(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 65) -> str:
    """The message of a run that is refused, and leaves nothing behind."""
    before = sorted(path.name for path in Path().iterdir())
    assert run(["predict", *arguments]) == code
    assert sorted(path.name for path in Path().iterdir()) == before
    return capsys.readouterr().err


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("options", [(), ("--horizon", "3", "--mean", "--origin", "own"), ("--until", "2022-06-01")])
def test_a_forecast_in_parts_is_that_of_one_go(forecasts: Forecasts, ending: str, options: tuple[str, ...]) -> None:
    table = make_table().sample(frac=1, random_state=0)
    whole, parts = forecasts(table, *options, ending=ending)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_series_that_end_apart_are_forecast_from_their_own_ends_in_parts_too(forecasts: Forecasts) -> None:
    table = make_table()
    ends = table.groupby("item")["month"].transform("max")
    number = table["item"].astype(int)
    months = table["month"].dt.to_period("M").astype("int64")
    table = table[months <= ends.dt.to_period("M").astype("int64") - number]
    whole, parts = forecasts(table)
    assert whole["month"].nunique() > 24
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_one_long_series_among_short_ones_decides_the_season_of_all(forecasts: Forecasts) -> None:
    days = pd.date_range("2022-01-01", periods=500)
    random = np.random.default_rng(0)
    tables = [
        pd.DataFrame({"id": f"{number:02d}", "day": days[-length:], "y": random.poisson(9, length)})
        for number, length in enumerate([500, *[60] * 20])
    ]
    whole, parts = forecasts(pd.concat(tables))
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_a_missing_row_has_its_meaning_up_to_the_last_time_of_all_parts(forecasts: Forecasts) -> None:
    random = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", periods=200)
    tables = []
    for number in range(20):
        sold = np.flatnonzero(random.random(200 - 3 * number) < 0.15)
        tables.append(pd.DataFrame({"id": f"{number:02d}", "day": days[sold], "y": random.poisson(3, len(sold)) + 1.0}))
    whole, parts = forecasts(pd.concat(tables), "--fill", "0", "--mean")
    assert whole["id"].nunique() == 20
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_ids_and_times_keep_their_types_in_parts(forecasts: Forecasts) -> None:
    table = make_table().assign(item=lambda table: table["item"].astype("int32"))
    table["month"] = table["month"].dt.tz_localize("Europe/Berlin")
    whole, parts = forecasts(table)
    assert str(whole["item"].dtype) == str(parts["item"].dtype) == "int32"
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("index", [None, ["item"], ["shop", "month"]])
def test_an_index_is_read_in_parts_as_in_one_go(forecasts: Forecasts, index: list[str] | None) -> None:
    table = make_table()
    # the rows that are left have an index without a name, which is no column
    table = table[table["item"] != "001"] if index is None else table.set_index(index)
    whole, parts = forecasts(table, keeps_index=True)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_several_files_are_divided_as_one(forecasts: Forecasts, tmp_path: Path) -> None:
    table = make_table()
    whole, _ = forecasts(table)
    for number, part in enumerate(np.array_split(np.random.default_rng(0).permutation(len(table)), 3)):
        write_table(table.iloc[part], tmp_path / f"part_{number}.parquet")
    names = [f"part_{number}.parquet" for number in range(3)]
    assert run(["predict", *names, "-q", "-o", "o", "--max-memory=1GB", "--digits=full"]) == 0
    parts = pd.concat([pd.read_parquet(file) for file in sorted(Path("o").iterdir())])
    pd.testing.assert_frame_equal(
        parts.sort_values(["item", "month"]).reset_index(drop=True), whole, rtol=1e-5, atol=1e-5
    )


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
    monkeypatch.setattr(predicting, "_count_parts", lambda *_, **__: 40)
    write_table(make_table(), Path("data.parquet"))
    message = refuse(capsys, "data.parquet", "--max-memory", "1GB")
    assert "monthly" in message
    assert "--freq" in message
    assert run(["predict", "data.parquet", "--max-memory", "1GB", "--freq", "MS", "-q"]) == 0


@pytest.mark.parametrize(
    "flags", [("--holidays", "US"), ("--known", "sales"), ("--aggregate", "sum", "--freq", "MS"), ("--wide",)]
)
def test_options_that_need_all_series_are_refused(
    flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))
    assert flags[0] in refuse(capsys, "data.parquet", "--max-memory", "1GB", *flags, code=2)


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
    write_table(make_table().assign(sales=1.234), Path("data.csv"))
    assert "--decimal" in refuse(capsys, "data.csv", "--max-memory", "1GB")


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


@pytest.mark.parametrize("place", ["engine", "output"])
def test_a_full_disk_leaves_nothing(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(make_table(), Path("data.parquet"))

    def fail(*_: object, **__: object) -> None:
        if place == "engine":
            raise duckdb.OutOfMemoryException("failed to offload data block: no space for 1 GiB")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if place == "engine":
        monkeypatch.setattr(Engine, "_write_parts", fail)
    else:
        monkeypatch.setattr(predicting, "_forecast_part", fail)
    assert "space" in refuse(capsys, "data.parquet", "--max-memory", "1GB", code=75)


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


def test_dask_maps_the_same_functions_over_its_partitions() -> None:
    dask = pytest.importorskip("dask", reason="Dask is not installed")
    frames = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    table = make_table(series=40)
    sales = frames.from_pandas(table, npartitions=3).shuffle("item", npartitions=3)
    surveyor = PartSurveyor.of(ReadOptions(ids=("item",), time="month", target="sales"), horizon=5)
    plan = plan_parts(lambda one: dask.compute(*map(dask.delayed(one), sales.to_delayed())), surveyor)
    meta = plan.forecaster(sales.get_partition(0).compute()).head(0)
    found = sales.map_partitions(plan.forecaster, meta=meta).compute()
    whole = open_base_model().predict(table, horizon=5, reading=surveyor.reader.reading)
    # numbers that are written are rounded
    pd.testing.assert_frame_equal(sort_forecasts(found), sort_forecasts(whole), atol=0.01, check_dtype=False)

"""A forecast in parts is that of one go, whatever the series are like; where parts cannot tell, it is refused."""

import errno
import os
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
from forecaster.library.model import open_base_model
from forecaster.scale import predicting
from forecaster.scale.engine import Engine
from forecaster.scale.survey import PartReader, join_surveys, survey_part

Forecasts = Callable[..., tuple[pd.DataFrame, pd.DataFrame]]

STEPS = 50


def make_table(*, seed: int = 0, series: int = 24, steps: int = STEPS) -> pd.DataFrame:
    """Monthly series of two key columns: not all begin or end together, and one has rows for every second month."""
    random = np.random.default_rng(seed)
    parts = []
    for number in range(series):
        months = pd.date_range("2019-01-01", periods=steps, freq="MS")
        level, season = random.lognormal(3, 1), 1 + 0.3 * np.sin(2 * np.pi * (np.arange(steps) + number) / 12)
        values = np.round(level * season * np.exp(0.1 * random.standard_normal(steps)), 1 + number % 2)
        table = pd.DataFrame({"shop": f"s{number % 4}", "item": f"{number:03d}", "month": months, "sales": values})
        if number % 5 == 1:
            table = table[number:]
        if number % 7 == 2:
            table = table[:-3]
        if number == 3:
            table = table[:-20]
        if number == 4:
            table = table[::2]
        if number == 6:
            table.loc[table.index[10:14], "sales"] = np.nan
        if number == 8:
            table["sales"] = 0.0
        if number == 9:
            table["sales"] = random.poisson(0.4, len(table)).astype(float)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def forecasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forecasts:
    """Forecasts of a table in one go and in parts, sorted by series and time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predicting, "_count_parts", lambda *_, **__: 5)

    def forecast(table: pd.DataFrame, *options: str, ending: str = ".parquet") -> tuple[pd.DataFrame, pd.DataFrame]:
        write(table, Path(f"data{ending}"))
        assert run(["predict", f"data{ending}", "-q", "-o", "whole.parquet", "--digits=full", *options]) == 0
        assert (
            run(["predict", f"data{ending}", "-q", "-o", "parts", "--max-memory=1GB", "--digits=full", *options]) == 0
        )
        files = sorted(Path("parts").iterdir())
        assert len(files) > 1
        both = pd.read_parquet("whole.parquet"), pd.concat([pd.read_parquet(file) for file in files])
        keys = [name for name in map(str, both[0]) if not name.startswith("forecast")]
        whole, parts = (frame.sort_values(keys).reset_index(drop=True) for frame in both)
        return whole, parts

    return forecast


def write(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False)


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


def test_ids_and_times_keep_their_types_in_parts(forecasts: Forecasts) -> None:
    table = make_table().assign(item=lambda table: table["item"].astype("int32"))
    table["month"] = table["month"].dt.tz_localize("Europe/Berlin")
    whole, parts = forecasts(table)
    assert str(whole["item"].dtype) == str(parts["item"].dtype) == "int32"
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5, atol=1e-5)


def test_several_files_are_divided_as_one(forecasts: Forecasts, tmp_path: Path) -> None:
    table = make_table()
    whole, _ = forecasts(table)
    for number, part in enumerate(np.array_split(np.random.default_rng(0).permutation(len(table)), 3)):
        write(table.iloc[part], tmp_path / f"part_{number}.parquet")
    names = [f"part_{number}.parquet" for number in range(3)]
    assert run(["predict", *names, "-q", "-o", "o", "--max-memory=1GB", "--digits=full"]) == 0
    parts = pd.concat([pd.read_parquet(file) for file in sorted(Path("o").iterdir())])
    pd.testing.assert_frame_equal(
        parts.sort_values(["item", "month"]).reset_index(drop=True), whole, rtol=1e-5, atol=1e-5
    )


def test_closed_days_that_no_part_shows_alone_are_refused() -> None:
    reader = PartReader("data", ReadOptions(ids=("id",), time="day", target="y"))
    days = pd.date_range("2023-01-02", periods=60)
    opened = days[days.dayofweek < 6]
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
    write(change(make_table()), Path("data.parquet"))
    assert said in refuse(capsys, "data.parquet", "--max-memory", "1GB")


def test_parts_with_other_steps_are_refused_and_a_named_step_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predicting, "_count_parts", lambda *_, **__: 40)
    write(make_table(), Path("data.parquet"))
    message = refuse(capsys, "data.parquet", "--max-memory", "1GB")
    assert "monthly" in message
    assert "--freq" in message
    assert run(["predict", "data.parquet", "--max-memory", "1GB", "--freq", "MS", "-q"]) == 0


@pytest.mark.parametrize(
    "flags", [("--fill", "0"), ("--known", "sales"), ("--aggregate", "sum", "--freq", "MS"), ("--wide",)]
)
def test_options_that_need_all_series_are_refused(
    flags: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(make_table(), Path("data.parquet"))
    assert flags[0] in refuse(capsys, "data.parquet", "--max-memory", "1GB", *flags, code=2)


def test_broken_and_different_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    table = make_table()
    write(table[:600], Path("data/a.parquet"))
    whole = Path("data/a.parquet").read_bytes()
    Path("data/b.parquet").write_bytes(whole[: len(whole) // 2])
    assert "b.parquet" in refuse(capsys, "data", "--max-memory", "1GB")
    write(table[600:].drop(columns="sales"), Path("data/b.parquet"))
    assert "b.parquet" in (message := refuse(capsys, "data", "--max-memory", "1GB"))
    assert "sales" in message
    write(table[600:].assign(item=7), Path("data/b.parquet"))
    assert "its type is" in refuse(capsys, "data", "--max-memory", "1GB")


def test_errors_name_the_row_of_the_file_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = make_table()
    repeated = table["month"].shift().where(table.index == 321, table["month"])
    table = table.assign(month=repeated)
    for ending, row in ((".parquet", "series 007, row 321"), (".csv", "series 007, line 323")):
        write(table, Path(f"data{ending}"))
        message = refuse(capsys, f"data{ending}", "--id", "item", "--max-memory", "1GB")
        assert f"data{ending}, {row}" in message


def test_cells_that_are_no_plain_numbers_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(make_table().assign(sales=lambda table: table["sales"].round(1).astype(str) + " €"), Path("data.csv"))
    assert "plain number" in refuse(capsys, "data.csv", "--target", "sales", "--max-memory", "1GB")
    write(make_table().assign(sales=1.234), Path("data.csv"))
    assert "--decimal" in refuse(capsys, "data.csv", "--max-memory", "1GB")


def test_a_folder_of_another_run_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(make_table(), Path("data.parquet"))
    assert run(["predict", "data.parquet", "--max-memory", "1GB", "-q"]) == 0
    before = {path: path.read_bytes() for path in Path("forecasts").iterdir()}
    assert "not empty" in refuse(capsys, "data.parquet", "--max-memory", "1GB", code=2)
    assert {path: path.read_bytes() for path in Path("forecasts").iterdir()} == before
    assert "folder" in refuse(capsys, "data.parquet", "--max-memory", "1GB", "-o", "a.csv", code=2)
    # the parts of a forecast are no data, and are left out beside them
    assert run(["predict", "forecasts", "data.parquet", "-q"]) == 2


@pytest.mark.parametrize("place", ["engine", "output"])
def test_a_full_disk_leaves_nothing(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(make_table(), Path("data.parquet"))

    def fail(*_: object, **__: object) -> None:
        if place == "engine":
            raise duckdb.OutOfMemoryException("failed to offload data block: no space for 1 GiB")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if place == "engine":
        monkeypatch.setattr(Engine, "_write_parts", fail)
    else:
        monkeypatch.setattr(predicting, "_forecast_part", fail)
    assert "space" in refuse(capsys, "data.parquet", "--max-memory", "1GB", code=75)

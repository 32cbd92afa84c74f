"""What a forecast in parts says of the series is what one in one go says."""

import errno
import re
from pathlib import Path

import pandas as pd
import pytest

from forecaster.cli.app import run
from forecaster.data.read_options import ReadOptions
from forecaster.errors import BusyError, ConfigurationError
from forecaster.forecasting import self_calibration
from forecaster.scale import dividing
from forecaster.scale.folder import open_work_folder
from forecaster.scale.roles import name_roles
from tests.parts import make_table, write_table

pytestmark = pytest.mark.usefixtures("all_cores")


@pytest.mark.parametrize("options", [["--mean"], ["--ended", "forecast"], ["--max", "60"]])
def test_all_that_is_said_of_one_go_is_said_of_parts(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 5)
    table = make_table()
    lone = table[table["item"] == "000"].head(1).assign(item="lone", month=pd.Timestamp("2023-02-01"))
    write_table(pd.concat([table, lone]), Path("data.parquet"))
    monkeypatch.setattr(self_calibration, "fit_mean_factor", lambda *_, **__: 0.997)
    said = []
    for output in (["-o", "whole.parquet", "--show", "0"], ["-o", "parts", "--max-memory", "1GB"]):
        assert run(["predict", "data.parquet", "--horizon", "6", *output, *options]) == 0
        lines = [line.split(": ")[0] for line in capsys.readouterr().err.splitlines() if "written to" not in line]
        # the first lines are on the input
        said.append([line for line in lines if not line.startswith((" ", "data.parquet"))])
    assert said[0] == said[1]
    words = {"--mean": "multiplied by 0.997", "--ended": "is forecast from its own end", "--max": "--max moved"}
    assert any(re.search(words[options[0]], line) for line in said[1])
    for word in ("small counts", "never change", "fewer than 3 values", "ended more than 6 steps before"):
        assert any(word in line for line in said[1]), word


def test_one_of_a_kind_is_said_in_the_singular_in_parts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 5)
    table = make_table()
    table = table[table["item"].isin(["000", "005", "007", "008", "010"])].reset_index(drop=True)
    table.loc[5, "sales"] = None
    write_table(table.drop(index=20), Path("data.parquet"))
    said = []
    for output in (["-o", "whole.parquet", "--show", "0"], ["-o", "parts", "--max-memory", "1GB"]):
        assert run(["predict", "data.parquet", *output]) == 0
        said.append(capsys.readouterr().err.splitlines())
    for line in (
        "  1 missing value, 1 missing row; what is missing is masked, not filled in",
        "1 series that never changes, forecast by its value: 008.",
    ):
        assert [line in lines for lines in said] == [True, True], said


def test_what_is_said_of_covariates_in_one_go_is_said_of_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dividing, "_count_parts", lambda *_, **__: 5)
    table = make_table()
    table["price"] = table["item"].astype(float)
    table["word"] = (table["month"].dt.month % 2).map({0: "Flyer", 1: "flyer"})
    later = make_table(steps=90).drop(columns="sales").assign(price=9.5, word="flyer")
    later = later[later["month"] > table["month"].max()]
    write_table(pd.concat([table, later]), Path("data.csv"))
    options = ["--known", "price,word", "--holidays", "US", "--calendar", "all"]
    said = []
    for output in (["-o", "whole.parquet", "--show", "0"], ["-o", "parts", "--max-memory", "1GB"]):
        assert run(["predict", "data.csv", "--horizon", "6", "--future-fill", "last", *output, *options]) == 0
        said.append(capsys.readouterr().err.splitlines())
    for begin in (
        "  word: 'Flyer' and 'flyer' differ only in capitals",
        "  explained by the holidays of US",
        "  explained by the calendar: ",
        "price never changes in the past, so its change on the steps to forecast has no effect: ",
    ):
        found = [[line for line in lines if line.startswith(begin)] for lines in said]
        assert [len(lines) for lines in found] == [1, 1], begin


def test_an_error_of_a_file_that_is_read_is_not_said_of_the_output(tmp_path: Path) -> None:
    def fail(error: OSError) -> None:
        with open_work_folder(tmp_path / "forecasts") as place:
            if error.filename is None:
                (place / "gone" / "part").write_text("")
            raise error

    with pytest.raises(ConfigurationError, match=r"^/data/sales.csv: cannot be used \(permission denied\)"):
        fail(PermissionError(errno.EACCES, "Permission denied", "/data/sales.csv"))
    with pytest.raises(BusyError, match="too many open files"):
        fail(OSError(errno.EMFILE, "Too many open files", "/data/sales.csv"))
    with pytest.raises(ConfigurationError, match="forecasts: cannot be written"):
        fail(OSError())
    assert not list(tmp_path.glob(".forecast-*"))


def test_spreadsheets_are_read_whole_and_their_option_says_nothing_of_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = make_table(series=3)
    table.to_excel("data.xlsx", sheet_name="sales", index=False)
    write_table(table, Path("data.csv"))
    parted = ["--sheet", "sales", "--max-memory", "1GB", "-q", "-o", "parts"]
    assert run(["predict", "data.xlsx", *parted]) == 2
    message = capsys.readouterr().err
    assert "--max-memory: data.xlsx is a spreadsheet, which is read whole" in message
    assert "all series at once" not in message
    assert run(["predict", "data.csv", *parted]) == 0


def test_rows_with_a_mark_for_their_time_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = make_table(series=2)[["item", "month", "sales"]].sort_values("month").astype({"month": str})
    table.loc[table.index[-4:], "month"] = "NA"
    write_table(table, Path("data.csv"))
    assert run(["predict", "data.csv", "--max-memory", "1GB"]) == 65
    assert "line 97: no timestamp." in capsys.readouterr().err


def test_times_with_a_type_of_arrow_are_told_from_marks() -> None:
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    times = pd.Series([*pd.date_range("2024-01-01", periods=4)] * 2).astype(pd.ArrowDtype(arrow.timestamp("ns")))
    table = pd.DataFrame({"time": times, "sales": [1.0, 2.0, 3.0, 4.0] * 2, "item": ["NA"] * 4 + ["b"] * 4})
    roles = name_roles(table, name="data", reading=ReadOptions())
    assert (roles.ids, roles.found.time) == (("item",), "time")

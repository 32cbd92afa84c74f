"""Errors for input that cannot be used: one line on stderr, one exit code, and nothing written."""

import errno
import gzip
import io
import json
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from tests.conftest import Command, Outcome, make_monthly

HEAD = "shop,date,sales\na,2024-01-01,1\na,2024-02-01,2\n"
MONTHS = "".join(f"a,{stamp:%Y-%m-%d},1\n" for stamp in pd.date_range("2019-01-01", periods=60, freq="MS"))
DAYS = "".join(f"s,{stamp:%Y-%m-%d},{stamp.day}\n" for stamp in pd.date_range("2024-01-01", periods=60))
LONG = HEAD + "".join(f"{number},2024-01-01,{number}\n" for number in range(40_000))


def list_files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(Path().rglob("*"))}


def refuse(forecast: Command, *words: str | Path, code: int, says: list[str], decides: bool = False) -> Outcome:
    """Check that a command fails with one error line (after those on what it read) and writes nothing."""
    before = list_files()
    outcome = forecast(*words)
    lines = outcome.stderr.splitlines()
    assert [line.startswith("error: ") for line in lines] == [False] * (len(lines) - 1) + [True], outcome.stderr
    assert decides or len(lines) == 1, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert [word for word in says if word not in lines[-1]] == [], lines[-1]
    assert (outcome.code, outcome.stdout) == (code, "")
    assert list_files() == before
    return outcome


BAD_TABLES: dict[str, tuple[str | bytes, str, list[str]]] = {
    "empty": ("", "", ["data.csv", "is empty", "needs a header line"]),
    "byte order mark only": (b"\xef\xbb\xbf", "", ["data.csv", "is empty"]),
    "byte order mark of utf-16 only": (b"\xff\xfe", "", ["data.csv", "is empty"]),
    "blank in utf-16": (" \n\n".encode("utf-16"), "", ["data.csv", "is empty"]),
    "far beyond any year": (
        "ds,y\n1703955600000000000,1\n1703959200000000000,2\n",
        "--date-format epoch-s",
        ["'ds': 1703955600000000000 is no date as a number of epoch-s", "--date-format"],
    ),
    "beyond any serial": ("ds,y\n45000,1\n9999999,2\n", "--date-format excel", ["'ds': 9999999 is no date"]),
    "infinite ids": ("id,ds,y\ninf,2024-01-01,1\ninf,2024-01-02,inf\n", "", ["line 3", "infinite"]),
    "blank": (" \n\n", "", ["data.csv", "is empty"]),
    "header only": ("shop,date,sales\n", "", ["data.csv", "only a header line", "Add at least"]),
    "rows of nothing": ("shop,date,sales\n,,\n,,\n", "", ["data.csv", "only a header line"]),
    "date above dates": (
        "2024-05-31,1\n2024-01-01,1\n2024-01-02,2\n",
        "",
        ["the first line holds values (2024-05-31 and 1)", "Add a header"],
    ),
    "numbers for a header": ("1,2\n3,4\n", "", ["the first line holds values (1)", "Add a header"]),
    "repeated header": ("date,y,y\n2024-01-01,1,2\n", "", ["two columns are named 'y'", "Rename"]),
    "binary": (b"\x01\x00\x02\x00" * 99, "", ["data.csv", "binary file", "Save the table as CSV"]),
    "parquet": (b"PAR1\x15\x04", "", ["data.csv", "the Parquet file cannot be read", "save it as CSV"]),
    "spreadsheet": (b"PK\x03\x04\x14\x00", "", ["a zip archive or spreadsheet", "Save it as CSV"]),
    "spreadsheet and encoding": (b"PK\x03\x04\x14", "--encoding latin-1", ["a zip archive or spreadsheet"]),
    "web page": ("<!DOCTYPE html>\n<p>Not found</p>\n", "", ["a web page", "Save it as CSV"]),
    "json": ('[{"date": "2024-01-01", "y": 1}]', "", ["JSON", "Save its table as CSV"]),
    "one endless line": ("x" * 200_000, "", ["data.csv", "not a table of text in columns"]),
    "torn gzip": (gzip.compress(HEAD.encode())[:-12], "", ["broken gzip file", "Compress it again"]),
    "gzip torn further down": (gzip.compress(LONG.encode())[:-99], "", ["broken gzip file", "Compress it again"]),
    "no known encoding": (f"{HEAD}l\x81n l\x90n,2024-03-01,1\n".encode("latin-1"), "", ["line 4", "not utf-8. Save"]),
    "latin-1 further down": (
        f"{LONG}Köln,2024-03-01,1\n".encode("latin-1"),
        "",
        ["line 40004", "not utf-8", "--encoding cp1252"],
    ),
    "half of the cells words": ("date,price\n2024-01-01,1\n2024-01-02,two\n", "", ["no numeric column"]),
    "words with digits": ("date,price\n2024-01-01,1 to 2\n2024-01-02,3\n", "", ["such as '1 to 2' are not numbers"]),
    "not utf-16": (HEAD, "--encoding utf-16", ["not utf-16", "name its encoding"]),
    "no time": ("shop,sales\na,1\na,2\n", "", ["no time column among shop, sales", "--time"]),
    "empty time": ("date,y\n,1\n,2\n", "", ["column 'date'", "line 2: no timestamp"]),
    "no timestamp": (f"{HEAD}a,,3\n", "", ["column 'date', line 4: no timestamp", "Fill in"]),
    "unreadable date": (f"{HEAD}a,soon,3\n", "", ["column 'date', line 4: 'soon'", "--date-format"]),
    "impossible date": (f"{HEAD}\na,2024-02-30,3\n", "", ["column 'date', line 5: '2024-02-30'", "Fix it"]),
    "some offsets": (
        "ds,y\n2024-01-01T00:00Z,1\n2024-01-01T01:00,2\n",
        "",
        ["'ds', line 3: 2024-01-01 01:00:00 has no UTC offset"],
    ),
    "ambiguous dates": (
        "ds,y\n03/04/2024,1\n04/04/2024,2\n",
        "",
        ["03/04/2024", "day/month", "--date-format %d/%m/%Y"],
    ),
    "no numbers": (
        "date,note\n2024-01-01,x\n2024-02-01,y\n",
        "",
        ["no numeric column other than", "'date'", "--target"],
    ),
    "events": ("date,kind\n2024-01-01,x\n2024-01-01,y\n", "", ["count them: --freq D --aggregate count"]),
    "no value in the only column": (
        "date,z\n2024-01-01,\n2024-02-01,\n",
        "",
        ["no numeric column other than the time column 'date'. No row has a value in z.", "--target"],
    ),
    "no values": ("date,y\n2024-01-01,\n2024-02-01,NA\n", "", ["no row holds a value", "--target"]),
    "text": (f"{HEAD}a,2024-03-01,lots\n", "--id shop", ["column 'sales', series a, line 4: 'lots' is not a number"]),
    "text in wide": ("date,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n2024-01-03,5,!\n", "", ["column 'b', line 4: '!'"]),
    "thousands": (f'{HEAD}a,2024-03-01,"1,234"\n', "", ["line 4: '1,234' is 1.234 or 1234", "--decimal . for 1234"]),
    "loose separator": (f"{HEAD}a,2024-03-01,1,234\n", "", ["line 4: more cells than the 3 columns", "quotation"]),
    "open quote": (f'{HEAD}"a,2024-03-01,1\n', "", ["line 4: a quotation mark opened there", "Close it"]),
    "beyond any number": (f"{HEAD}a,2024-03-01,1e999\n", "", ["'sales', line 4: ", "empty"]),
    "infinity": (f"{HEAD}a,2024-03-01,-inf\n", "--id shop", ["'sales', series a, line 4", "infinite", "empty"]),
    "infinity in wide": (
        "date,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n2024-01-03,5,inf\n",
        "",
        ["column 'b', line 4", "infinite"],
    ),
    "no series name": (f"{HEAD},2024-03-01,3\n", "--id shop", ["column 'shop', line 4", "no name", "Fill in"]),
    "repeated rows": (
        f"{HEAD}b,2024-01-01,3\na,2024-02-01,2\n",
        "--id shop",
        ["series a, line 5", "2024-02-01", "(line 3)", "1 row repeats", "--duplicates sum"],
    ),
    "series without id": (f"{HEAD}b,2024-01-01,3\n", "", ["line 4: 2024-01-01 is there already (line 2)", "--id"]),
    "no common step": (
        "date,y\n2024-01-01,1\n2024-01-03,2\n2024-01-09,2\n2024-02-11,2\n2024-02-13,2\n",
        "",
        ["line 5: 2024-02-11 does not fit", "25% of the steps agree", "--freq"],
    ),
    "gaps everywhere": (
        "date,y\n2024-01-01,1\n2024-01-02,2\n2024-01-04,2\n2024-01-07,2\n",
        "",
        ["line 4: 2024-01-04", "daily; 33% of the steps agree", "--freq"],
    ),
    "another step": ("date,y\n2024-01-01,1\n2024-01-02,2\n", "--freq W", ["line 3: 2024-01-02", "weekly", "--freq"]),
    "one row each": ("id,date,y\na,2024-01-01,1\nb,2024-01-01,1\n", "", ["one row only", "--freq"]),
    "year in far future": (
        f"{HEAD}{MONTHS}a,2204-05-01,1\n",
        "--id shop",
        ["line 64: 2204-05-01", "Fix it", "--freq"],
    ),
    "year 2924": (f"{HEAD}{MONTHS}a,2924-05-01,1\n", "--id shop", ["line 64: ", "2924-05-01", "Fix it"]),
    "year in far past": (f"{HEAD}a,1204-05-01,1\n{MONTHS}", "--id shop", ["line 4: ", "1204-05-01", "Fix it"]),
    "stray year": ("year,y\n1999,1\n2000,2\n2001,3\n2924,4\n", "", ["line 5: 2924", "Fix it"]),
    "stray number": ("step,y\n1,1\n2,2\n3,3\n99999,4\n", "--time step", ["line 5: 99999", "99,996 steps", "Fix it"]),
}


@pytest.mark.parametrize(("content", "flags", "says"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_bad_table_is_refused(forecast: Command, content: str | bytes, flags: str, says: list[str]) -> None:
    Path("data.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    refuse(forecast, "train", "data.csv", *flags.split(), code=65, says=["data.csv", *says])


def test_an_empty_stdin_is_refused(forecast: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO()))
    refuse(forecast, "train", "-", code=65, says=["stdin", "is empty"])


def test_a_bad_file_in_a_folder_is_named(forecast: Command) -> None:
    Path("parts").mkdir()
    Path("parts/1.csv").write_text(HEAD)
    Path("parts/2.csv").write_text("shop,day,sales\na,2024-03-01,1\n")
    refuse(forecast, "train", "parts", code=65, says=["parts/2.csv: no column 'date'", "the files before it"])


@pytest.mark.parametrize("data", ["sales.csv", "*.csv", "sales/2024"])
def test_data_that_is_not_there_is_not_found(forecast: Command, data: str) -> None:
    refuse(forecast, "train", data, code=66, says=[f"{data}: no such file", "Check the spelling"])


def test_a_folder_without_data_is_not_found(forecast: Command) -> None:
    Path("empty").mkdir()
    Path("empty/notes.txt").write_text("x")
    refuse(
        forecast,
        "train",
        "empty",
        code=66,
        says=["empty: the folder holds no .csv, .csv.gz, .parquet or .xlsx", "Name a file"],
    )


def test_a_model_that_is_not_there_is_not_found(forecast: Command, monthly_csv: Path) -> None:
    says = ["no trained model there", "forecast train DATA --model other", "--model"]
    refuse(forecast, "predict", monthly_csv, "--model", "other", code=66, says=says)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("[ONNXRuntimeError] : 6 : std::bad_alloc")])
def test_a_lack_of_memory_is_not_reported_as_a_bug(
    forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr("forecaster.model.session.onnxruntime.InferenceSession.run", fail)
    says = ["out of memory", "fewer steps"]
    refuse(forecast, "predict", monthly_csv, "--id", "shop", code=75, says=says, decides=True)


def test_steps_that_the_model_did_not_learn_are_refused(forecast: Command, trained: Path) -> None:
    Path("daily.csv").write_text(f"shop,date,sales\n{DAYS}")
    says = ["daily.csv: its steps are daily", "the model learned monthly ones", "Train a model"]
    refuse(forecast, "predict", "daily.csv", "--model", trained / "model", code=65, says=says, decides=True)


def test_a_file_that_may_not_be_used_is_named(
    forecast: Command, monthly_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "denied", "/data/private")

    monkeypatch.setattr("forecaster.model.session.onnxruntime.InferenceSession.run", fail)
    says = ["/data/private: permission denied", "Give this user access"]
    refuse(forecast, "predict", monthly_csv, "--id", "shop", code=78, says=says, decides=True)


def fail_with(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    forecast: Command, monthly_csv: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below_a_file: list[str | Path] = ["--output", monthly_csv / "x" / "forecasts.csv"]
    says = ["shops.csv/x/forecasts.csv: cannot be written (not a directory)", "--output"]
    refuse(forecast, "predict", monthly_csv, "--model", trained / "model", *below_a_file, code=78, says=says)
    refuse(forecast, "train", monthly_csv, "--model", monthly_csv, code=78, says=["cannot be written", "--model"])
    monkeypatch.setattr(tempfile, "TemporaryFile", fail_with(errno.EROFS))
    says = ["forecasts.csv: cannot be written (read-only file system)", "--output"]
    refuse(forecast, "predict", monthly_csv, "--model", trained / "model", code=78, says=says)


@pytest.mark.parametrize(
    ("number", "code", "says"),
    [
        (errno.ENOSPC, 75, ["the disk is full, nothing was written", "Free some space and run it again"]),
        (errno.EROFS, 78, ["cannot be written (read-only file system)", "--output"]),
    ],
    ids=["full", "read-only"],
)
def test_a_disk_error_leaves_the_old_forecasts(
    forecast: Command, trained: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int, says: list[str]
) -> None:
    Path("forecasts.csv").write_text("old")
    monkeypatch.setattr(tempfile, "mkstemp", fail_with(number))
    words: list[str | Path] = ["predict", trained / "shops.csv", "--model", trained / "model"]
    refuse(forecast, *words, code=code, says=["forecasts.csv: ", *says], decides=True)


def test_repeated_rows_are_forecast_with_a_rule_for_duplicates(forecast: Command, trained: Path) -> None:
    table = make_monthly()
    pd.concat([table, table.tail(2)]).to_csv("twice.csv", index=False)
    words: list[str | Path] = ["predict", "twice.csv", "--model", trained / "model"]
    refuse(forecast, *words, code=65, says=["twice.csv, series s3, line 290", "(line 288)", "2 rows repeat"])
    outcome = forecast(*words, "--duplicates", "mean")
    assert outcome.code == 0, outcome.stderr
    assert "2 repeated rows merged" in outcome.stderr
    pd.testing.assert_frame_equal(
        pd.read_csv("forecasts.csv"), forecast_table(forecast, trained / "shops.csv", trained)
    )


def forecast_table(forecast: Command, data: Path, trained: Path) -> pd.DataFrame:
    assert forecast("predict", data, "--model", trained / "model", "--output", "other.csv").code == 0
    return pd.read_csv("other.csv")


@pytest.mark.parametrize("with_empty", [True, False], ids=["one without values", "none without values"])
def test_unusual_series_do_not_prevent_forecasts_of_the_others(
    forecast: Command, trained: Path, with_empty: bool
) -> None:
    table = make_monthly()
    same = table[table["shop"] == "s0"].assign(shop="same", sales=7.0)
    single = table[table["shop"] == "s0"].tail(1).assign(shop="single", sales=9.0)
    empty = table[table["shop"] == "s0"].assign(shop="empty", sales=float("nan")) if with_empty else table.head(0)
    pd.concat([empty, same, table, single]).to_csv("odd.csv", index=False)
    outcome = forecast("predict", "odd.csv", "--model", trained / "model", "--json")
    assert outcome.code == (3 if with_empty else 0), outcome.stderr
    assert "1 series that never changes, forecast by its value: same" in outcome.stderr
    assert "1 series with fewer than 3 values, whose forecasts are not to be trusted: single" in outcome.stderr
    assert ("1 series without a value to forecast from: empty" in outcome.stderr) == with_empty
    summary = json.loads(outcome.stdout.splitlines()[-1])
    assert summary["constant"] == {"count": 1, "series": ["same"]}
    assert summary["short"] == {"count": 1, "series": ["single"]}
    assert summary["failed"] == {"count": int(with_empty), "series": ["empty"] * with_empty}
    written = pd.read_csv("forecasts.csv")
    constant, short = written[written["shop"] == "same"], written[written["shop"] == "single"]
    assert (constant["forecast"].tolist(), short["forecast"].tolist()) == ([7.0] * 6, [9.0] * 6)
    assert short["forecast-lo-80"].isna().all()
    others = written[~written["shop"].isin(["same", "single"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, forecast_table(forecast, trained / "shops.csv", trained), rtol=1e-4)

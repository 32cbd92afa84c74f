"""Numbers without times, one a line or all in one, are a series of numbered steps; what can be two lists is not."""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import forecaster
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_first_lines import predict, refuse_text

FILES = Path(__file__).parent / "files"
WHOLE = [112, 118, 132, 129, 121, 135, 148, 148, 136, 119]
DECIMALS = [1.5, 2.5, 3.5, 4.25, 3.5, 2.5, 1.5, 2.5, 3.5, 4.25]


def number(values: list[int] | list[float], *, name: str = "value", delimiter: str = ",") -> str:
    """The same series as a table with numbered steps."""
    rows = "".join(f"{step}{delimiter}{value}\n" for step, value in enumerate(values, 1))
    return f"step{delimiter}{name}\n{rows if delimiter == ',' else rows.replace('.', ',')}"


@pytest.mark.parametrize(
    "line",
    [
        ",".join(map(str, WHOLE)),
        ", ".join(map(str, WHOLE)),
        " ".join(map(str, WHOLE)),
        "  ".join(map(str, WHOLE)) + "  ",
        "\t".join(map(str, WHOLE)),
        ";".join(map(str, WHOLE)),
        " | ".join(map(str, WHOLE)),
        f"{WHOLE}",
        "\n# pasted\n" + " ".join(map(str, WHOLE[:4])) + ", " + " ".join(map(str, WHOLE[4:])) + "\n\n",
    ],
)
def test_numbers_in_one_line_are_a_series(forecast: Command, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(line.encode())))
    outcome = forecast("predict", "-", "--horizon", "3", "--season", "4", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "10 numbers in one line: steps 1 to 10 of one series" in outcome.stderr
    assert "no season unless --season names it" in outcome.stderr
    assert outcome.stdout == predict(forecast, number(WHOLE), "--time", "step", "--season", "4")
    assert [row.split(",")[0] for row in outcome.stdout.splitlines()] == ["step", "11", "12", "13"]


@pytest.mark.parametrize("separator", [" ", "; ", "\t", ";"])
@pytest.mark.parametrize("mark", [".", ","])
def test_decimals_in_one_line_are_read_with_their_mark(forecast: Command, separator: str, mark: str) -> None:
    line = separator.join(map(str, DECIMALS)).replace(".", mark)
    plain = number(DECIMALS, delimiter="," if mark == "." else ";")
    assert predict(forecast, line) == predict(forecast, plain, "--time", "step")


@pytest.mark.parametrize(
    ("line", "readings"),
    [
        ("1 234 567", "1 or 3 numbers"),
        ("1,234,567", "1 or 3 numbers"),
        ("100 200 300, 400 500 600", "2 or 6 numbers"),
        ("1,234, 5,678", "2 or 4 numbers"),
        ("1,5, 2,5, 3,5", "3 or 6 numbers"),
        ("1,5 2 3,5 4", "4 or 6 numbers"),
        ("1 234 2 345 987", "numbers with or without thousands"),
        ("1 234.5 2 345.5", "numbers with or without thousands"),
    ],
)
def test_a_line_with_two_readings_is_asked_for(forecast: Command, line: str, readings: str) -> None:
    refuse_text(forecast, line, says=[f"{line!r} can be {readings}. Put semicolons"])


def test_the_decimal_mark_decides_between_two_readings(forecast: Command) -> None:
    line = "1,5 2 3,5 4"
    comma = predict(forecast, number([1.5, 2, 3.5, 4], delimiter=";"), "--time", "step")
    assert predict(forecast, line, "--decimal", ",") == comma
    point = predict(forecast, number([1, 5, 2, 3, 5, 4]), "--time", "step")
    assert predict(forecast, line, "--decimal", ".") == point
    assert predict(forecast, "1;5;2;3;5;4") == point


@pytest.mark.parametrize("line", ["5", "5 6", "2019,2020,2021", "5 x 7", "date,y", "20240101 20240102 20240103"])
def test_a_line_that_is_no_series_is_refused(forecast: Command, line: str) -> None:
    refuse_text(forecast, line, says=["only a header line, no rows"])


def test_a_bad_number_in_a_line_is_counted_from_the_first(forecast: Command) -> None:
    refuse_text(forecast, "1,234 5,678 9,012", says=["column 'value', number 1: '1,234' is 1.234 or 1234"])


@pytest.mark.parametrize("name", ["", "sales\n", '"sales"\n', "# from the till\nsales\n", "Sales EUR\n"])
@pytest.mark.parametrize("mark", [".", ","])
def test_a_number_a_line_is_a_series(forecast: Command, name: str, mark: str) -> None:
    lines = "\n".join(map(str, [*DECIMALS, 7])).replace(".", mark)
    header = name.replace('"', "").strip().rpartition("\n")[2] or "value"
    plain = number([*DECIMALS, 7], name=header, delimiter="," if mark == "." else ";")
    assert predict(forecast, name + lines) == predict(forecast, plain, "--time", "step", "--target", header)


def test_what_a_column_of_numbers_is_taken_for_is_said(forecast: Command) -> None:
    Path("data.txt").write_text("5\n6\n7\n")
    stderr = forecast("predict", "data.txt", "--output", "-").stderr
    assert "one column of numbers: steps 1 to 3 of one series; numbered steps have no season" in stderr
    assert "no header: the first line (5) is the first value (or --header)" in stderr
    assert predict(forecast, "5\n6\n7\n8\n", "--header") == predict(
        forecast, number([6, 7, 8], name="y"), "--time", "step"
    )
    assert predict(forecast, "5\n6\n7\n", "--no-header") == predict(forecast, "5\n6\n7\n")


def test_a_pasted_column_with_thousands_is_read_as_a_column_is(forecast: Command) -> None:
    outcome = forecast("predict", FILES / "umsatz_eine_spalte.txt", "--horizon", "2", "--season", "6", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "'1 020,75' are read as 1020.75" in outcome.stderr
    assert outcome.stdout.splitlines()[0].startswith("step;forecast;")
    cells = (FILES / "umsatz_eine_spalte.txt").read_text().replace("\u00a0", "").splitlines()[1:]
    rows = "".join(f"{step};{cell}\n" for step, cell in enumerate(cells, 1))
    plain = predict(forecast, f"step;y\n{rows}", "--time", "step", "--season", "6", "--horizon", "2")
    assert outcome.stdout == plain


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$1,234.50\n$987.00\n$1,000.25\n", [1234.5, 987, 1000.25]),
        ("1.234,50 €\n987,00 €\n1.000,25 €\n", [1234.5, 987, 1000.25]),
        ("987\n1 234\n1 234 567\n", [987, 1234, 1234567]),
        ("Umsatz\n1 234\n1 345\n1 234\n", [1234, 1345, 1234]),
        ("5\nNA\n7\n8\n", [5, "", 7, 8]),
    ],
)
def test_a_column_of_written_numbers_is_read(forecast: Command, text: str, values: list[float]) -> None:
    found = predict(forecast, text, "--digits", "full").replace(",", ".").replace(";", ".")
    plain = predict(forecast, number(values, name="y"), "--time", "step", "--digits", "full")
    assert found == plain.replace(",", ".")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0\n5\n6\n7\n", ["the first line (0) can be a value or the name", "--no-header for a value"]),
        ("2024\n5\n6\n7\n", ["the first line (2024) can be a value or the name"]),
        ("1 234\n1 345\n1 456\n", ["'1 234' can be one number or several columns"]),
        ("1 234 567\n1 345 678\n", ["'1 234 567' can be one number or several columns"]),
        ("x\n1 234\n2 345\n3 456\n", ["'1 234' can be one number or several columns"]),
        ("17,5\n18,5\n", ["the first line holds values (17)"]),
        ("5\n\n6\n", ["line 2: an empty line between numbers", "Write NA"]),
        ("y\n5\n\n6\n", ["line 3: an empty line between numbers"]),
        ("y\n5\nlots\n6\n", ["column 'y', line 3: 'lots' is not a number"]),
        ("20240101\n20240102\n", ["no numeric column other than the time column"]),
        ("year\n2019\n2020\n2021\n", ["no numeric column other than the time column 'year'"]),
    ],
)
def test_a_column_that_is_unclear_is_refused(forecast: Command, text: str, says: list[str]) -> None:
    refuse_text(forecast, text, says=says)


def test_what_is_asked_for_can_be_answered(forecast: Command) -> None:
    rest = number([5, 6, 7], name="0")
    assert predict(forecast, "0\n5\n6\n7\n", "--header") == predict(forecast, rest, "--time", "step")
    whole = number([0, 5, 6, 7])
    assert predict(forecast, "0\n5\n6\n7\n", "--no-header") == predict(forecast, whole, "--time", "step")
    decimals = number([17.5, 18.5], delimiter=";")
    assert predict(forecast, "17,5\n18,5\n", "--decimal", ",") == predict(forecast, decimals, "--time", "step")
    assert predict(forecast, "value\n17,5\n18,5\n") == predict(forecast, decimals, "--time", "step")
    thousands = number([1234, 1345, 1456])
    assert predict(forecast, "value\n1 234\n1 345\n1 456\n") == predict(forecast, thousands, "--time", "step")
    named = predict(forecast, "step,x\n1,234\n2,345\n3,456\n", "--time", "step")
    assert predict(forecast, "1,234\n2,345\n3,456\n", "--no-header", "--time", "column 1") == named.replace(
        "step", "column 1"
    )


@pytest.mark.parametrize("kind", ["float64", "float32", "Int64", "double[pyarrow]"])
def test_a_frame_or_a_series_of_numbers_is_read_as_the_file(kind: str) -> None:
    values = pd.Series([*WHOLE[:5], None, *WHOLE[5:]], dtype=kind)
    values.to_csv("values.csv", index=False, header=["y"], na_rep="NA")
    said: list[str] = []
    expected = forecaster.predict("values.csv", horizon=3, on_remark=said.append)
    assert any("steps 1 to 11 of one series" in line for line in said)
    for data in (values, values.rename("y"), values.to_frame("y")):
        remarks: list[str] = []
        found = forecaster.predict(data, horizon=3, on_remark=remarks.append)
        pd.testing.assert_frame_equal(found, expected)
        assert remarks[1:] == said[1:]
    assert [*values.to_frame("y").columns] == ["y"]
    assert forecaster.predict(values.rename("step"), horizon=3)["number"].tolist() == found["step"].tolist()


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values[3:],  # numbered from 3
        lambda values: values.drop(4),
        lambda values: values.sample(frac=1, random_state=0),
        lambda values: values.to_frame("a").assign(b=values),
        lambda _: pd.Series(range(1980, 2020)),
        lambda _: pd.Series(pd.date_range("2024-01-28", periods=9).strftime("%Y%m%d").astype(float)),
    ],
    ids=["later rows", "a row is missing", "shuffled", "two columns", "years", "dates"],
)
def test_rows_of_a_frame_are_not_numbered_where_they_may_be_others(change: Callable[[Any], Any]) -> None:
    with pytest.raises(DataError, match="no time column among"):
        forecaster.predict(change(pd.Series(WHOLE)), horizon=3)


def test_infinity_in_a_column_of_a_frame_is_refused() -> None:
    with pytest.raises(DataError, match="row 1: the value is infinite"):
        forecaster.predict(pd.Series([1.0, float("inf"), 2.0]), horizon=3)

"""Numbers as people write them, through the whole of a forecast: read rightly, or refused with both readings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.number_style import is_doubtful
from forecaster.data.numbers.number_cells import parse_numbers
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import as_lists, read

FILES = Path(__file__).parent / "files"
TURNOVER: list[float] = [1235, 987, 1410, 1522, 875, 1301, 1644, 1190, 903, 1475, 1588, 932, 1350, 1702]
HALVES = [value + 0.5 for value in TURNOVER]
SIGNED = [value if row % 3 == 0 else -value for row, value in enumerate(TURNOVER)]
LATE = [row % 7 + 1 + 0.5 * (row >= 250) for row in range(300)]
GONE = [np.nan if row in (3, 8) else value for row, value in enumerate(TURNOVER)]

READ: dict[str, tuple[str, list[float], str]] = {
    "german_turnover_points.csv": ("", TURNOVER, "such as '1.235' are read as 1235 (--decimal . reads 1.235)"),
    "german_accountant.csv": ("", HALVES, "such as '€ 1.235,50' are read as 1235.5"),
    "german_turnover_beside_prices.csv": ("--target Umsatz", [1000 + v for v in TURNOVER], "'2.235' are read as 2235"),
    "french_spaces.csv": ("", HALVES, "are read as 1235.5"),
    "swiss_prices.csv": ("", TURNOVER, 'such as "CHF 1\'235.-" are read as 1235'),
    "indian_lakh.csv": ("", [1_200_000 + 1000.0 * (v // 100 % 100) + v % 1000 + 0.5 for v in TURNOVER], "12,12,235.50"),
    "american_dollars.csv": ("", HALVES, "such as '$1,235.50' are read as 1235.5"),
    "brazilian_reais.csv": ("", HALVES, "such as 'R$ 1.235,50' are read as 1235.5"),
    "per_cent.csv": ("", [value / 100 for value in TURNOVER], "such as '12,35 %' are read as 12.35, in per cent"),
    "accounting_brackets.csv": ("", SIGNED, "are read as"),
    "sap_trailing_minus.csv": ("", [np.copysign(abs(v) + 0.5, v) for v in SIGNED], "are read as"),
    "unicode_minus.csv": ("", [value / 100 for value in SIGNED], "such as '−9.87' are read as -9.87"),
    "missing_marks.csv": ("", [v / 10 for v in TURNOVER[:13]] + [np.nan] * 8 + [170.2, 99.5], "8 missing values"),
    "late_decimal_commas.csv": ("", LATE, "300 rows"),
    "sentinel_999.csv": ("--missing -999", GONE, "2 missing values"),
    "always_three_digits.csv": ("--decimal ,", [1000 + v for v in TURNOVER], "are read as 2235"),
}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_forecast_as_one_with_the_same_plain_numbers(forecast: Command, name: str) -> None:
    flags, values, says = READ[name]
    outcome = forecast("predict", FILES / name, *flags.split(), "--output", "written.json")
    assert (outcome.code, says in outcome.stderr) == (0, True), outcome.stderr
    start = "2023-01-15"
    days = pd.date_range(start, periods=len(values)).strftime("%Y-%m-%d")
    pd.DataFrame({"date": days, "y": values}).to_csv("plain.csv", index=False)
    assert forecast("predict", "plain.csv", "--output", "plain.json").code == 0
    written, plain = pd.read_json("written.json"), pd.read_json("plain.json")
    columns = [column for column in plain if str(column).startswith("forecast")]
    pd.testing.assert_frame_equal(written[columns], plain[columns])


@pytest.mark.parametrize("name", READ)
def test_a_frame_of_the_same_text_is_read_as_the_file(name: str) -> None:
    flags, values, _ = READ[name]
    first = (FILES / name).read_text().split("\n", 1)[0]
    frame = pd.read_csv(FILES / name, sep=";" if ";" in first else ",", dtype=str)
    words = dict(zip(flags.split()[::2], flags.split()[1::2], strict=True))
    missing = (words["--missing"],) if "--missing" in words else ()
    options = ReadOptions(target=words.get("--target"), missing=missing)
    options = replace(options, decimal=",") if "--decimal" in words else options
    plain = pd.DataFrame({frame.columns[0]: frame.iloc[:, 0], "y": values})
    pd.testing.assert_frame_equal(forecaster.predict(frame, reading=options), forecaster.predict(plain))


REFUSED = {
    "always_three_digits.csv": (
        "",
        "line 2: '2.235' is 2235 or 2.235, and the cells do not show which. "
        "Name the decimal mark: --decimal , for 2235, --decimal . for 2.235.",
    ),
    "two_decimal_marks.csv": ("", "'1234.5' has a decimal point, and '1235,5'"),
    "two_currencies.csv": ("", "line 9: '$ 1190' and '€ 1235' are of different units"),
    "american_dollars.csv": ("--decimal ,", "line 2: '$1,235.50' is not a number with --decimal ,"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_whose_numbers_have_two_readings_is_refused(forecast: Command, name: str) -> None:
    flags, says = REFUSED[name]
    outcome = forecast("predict", FILES / name, *flags.split())
    assert (outcome.code, says in outcome.stderr) == (65, True), outcome.stderr
    assert not Path("forecasts.csv").exists()


@pytest.mark.parametrize(("decimal", "first"), [(",", 2235.0), (".", 2.235)])
def test_the_flag_that_the_refusal_names_settles_it(decimal: str, first: float) -> None:
    assert as_lists(read((FILES / "always_three_digits.csv").read_text(), decimal=decimal)[0])[()][0] == first


CELLS: dict[str, tuple[float, float]] = {
    "1.235": (1.235, 1235),
    "1,235": (1235, 1.235),
    "0.235": (0.235, np.nan),
    "1.234.567": (np.nan, 1234567),
    "12,34,567": (1234567, np.nan),
    "1234,567": (np.nan, 1234.567),
    "1 234": (1234, 1234),
    "1\u00a0234,5": (np.nan, 1234.5),
    "1\u2009234.5": (1234.5, np.nan),
    "1’234.5": (1234.5, np.nan),
    "($5.5)": (-5.5, np.nan),
    "- 5 €": (-5, -5),
    "5-": (-5, -5),
    "1.235,-": (np.nan, 1235),
    "1e5": (1e5, 1e5),
    "1e400": (np.inf, np.inf),
    "0x10": (np.nan, np.nan),
    "1_000": (np.nan, np.nan),
    "１２": (np.nan, np.nan),
    "(5)-": (np.nan, np.nan),
    "--5": (np.nan, np.nan),
    "$5 €": (np.nan, np.nan),
    "1 23": (np.nan, np.nan),
    "2024-01-15": (np.nan, np.nan),
    "15.01.2023": (np.nan, np.nan),
    "12:30": (np.nan, np.nan),
}


@pytest.mark.parametrize("text", CELLS)
def test_a_cell_has_a_value_for_each_decimal_mark(text: str) -> None:
    values = parse_numbers([text]).values
    np.testing.assert_array_equal([values["."][0], values[","][0]], CELLS[text])


# delimiter, dates, cells, what the second cell is read as; None where it is refused
EVIDENCE: dict[str, tuple[str, bool, list[str], float | None]] = {
    "comma-separated": (",", False, ["1.235", "2.500", "3.125"], 2.5),
    "comma-separated, but 987 stands beside": (",", False, ["1.235", "2.500", "987"], None),
    "semicolons": (";", False, ["1.235", "2.500", "3.125"], None),
    "semicolons and German dates": (";", True, ["1.235", "2.500", "3.125"], None),
    "a decimal comma and German dates": (";", True, ["1,235", "2,500", "3,125"], 2.5),
    "a decimal comma and other dates": (";", False, ["1,235", "2,500", "3,125"], None),
    "quoted between commas, and German dates": (",", True, ['"1,235"', '"2,500"', '"3,125"'], None),
    "one cell with four decimals": (";", False, ["1.235", "2.500", "3.1250"], 2.5),
    "one cell below one": (";", False, ["1.235", "2.500", "0.125"], 2.5),
    "one cell with both marks": (";", False, ["1.235", "2.500", "1.125,5"], 2500),
    "whole thousands": (";", False, ["987", "2.000", "913"], 2000),
    "small whole numbers beside": (";", False, ["1", "2.500", "3"], None),
    "apostrophes beside": (";", True, ["1.235", "2.500", "1'250"], 2.5),
    "tabs": ("\t", False, ["1.235", "2.500", "3.125"], None),
    "whole numbers": (";", False, ["235", "2500", "125"], 2500),
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_the_decimal_mark_is_found_from_all_that_the_file_shows(name: str) -> None:
    delimiter, has_dotted_dates, cells, expected = EVIDENCE[name]
    days = pd.date_range("2024-01-15", periods=3).strftime("%d.%m.%Y" if has_dotted_dates else "%Y-%m-%d")
    text = "".join(f"{day}{delimiter}{cell}\n" for day, cell in zip(days, cells, strict=True))
    if expected is None:
        with pytest.raises(DataError, match=r"line \d: '.*' is .* or .*--decimal , for .*, --decimal \. for"):
            read(f"date{delimiter}y\n{text}")
    else:
        assert as_lists(read(f"date{delimiter}y\n{text}")[0])[()][1] == expected


def test_another_file_of_the_folder_shows_the_decimal_mark(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("date;y\n2024-01-01;1.235\n2024-01-02;2.500\n")
    (tmp_path / "2.csv").write_text("date;y\n2024-01-03;1.235,5\n2024-01-04;2.500\n")
    assert as_lists(read(tmp_path)[0])[()] == [1235, 2500, 1235.5, 2500]
    (tmp_path / "2.csv").write_text("date;y\n2024-01-03;1.25\n2024-01-04;2.500\n")
    assert as_lists(read(tmp_path)[0])[()] == [1.235, 2.5, 1.25, 2.5]


def test_files_with_decimal_marks_of_their_own_are_each_read_with_theirs(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("date;y\n2024-01-01;1,5\n2024-01-02;2,5\n")
    (tmp_path / "2.csv").write_text("date,y\n2024-01-03,3.5\n2024-01-04,4.5\n")
    assert as_lists(read(tmp_path)[0])[()] == [1.5, 2.5, 3.5, 4.5]


def test_thousands_far_below_the_first_rows_are_seen() -> None:
    days = pd.date_range("2015-01-01", periods=2000).strftime("%Y-%m-%d")
    cells = [str(100 + row % 800) for row in range(1990)] + ["2.000"] * 10
    text = "date;y\n" + "".join(f"{day};{cell}\n" for day, cell in zip(days, cells, strict=True))
    assert as_lists(read(text)[0])[()][-1] == 2000


def test_blank_lines_do_not_move_numbers_that_are_read_twice() -> None:
    panel, _ = read("\n\ndate;y\n2024-01-01;1.235\n;\n2024-01-02;987\n\n2024-01-03;2.500\n")
    assert as_lists(panel) == {(): [1235, 987, 2500]}


def test_columns_of_per_cent_are_no_target_beside_other_numbers() -> None:
    panel, summary = read("date,turnover,change\n2024-01-01,100,1 %\n2024-01-02,110,10 %\n")
    assert as_lists(panel) == {(): [100, 110]}
    assert summary.columns.ignored == ("change",)


def test_numbers_of_which_only_some_are_per_cent_are_refused() -> None:
    with pytest.raises(DataError, match=r"line 3: '12.5 %' and '0.125' are of different units"):
        read("date,y\n2024-01-01,12.5 %\n2024-01-02,0.125\n")


def test_marks_are_taken_for_missing_only_when_told() -> None:
    text = "date,y\n2024-01-01,5\n2024-01-02,-999\n2024-01-03,closed\n2024-01-04,7\n"
    panel, summary = read(text, missing=("-999", "closed"))
    np.testing.assert_array_equal(panel.values, [5, np.nan, np.nan, 7])
    assert summary.missing_values == 2
    with pytest.raises(DataError, match=r"'closed' is not a number.* --missing closed; "):
        read(text)


def test_numbers_too_near_to_zero_are_zero_and_that_is_said() -> None:
    panel, summary = read("date,y\n2024-01-01,5e-324\n2024-01-02,1\n2024-01-03,-1e-200\n")
    assert panel.values.tolist() == [0, 1, 0]
    assert summary.notes == ("2 values nearer to 0 than 1e-100 taken for 0",)


def test_a_frame_of_floats_does_not_settle_how_its_text_is_written() -> None:
    days = [f"2024-01-0{day}" for day in range(1, 5)]
    frame = pd.DataFrame({"ds": days, "y": ["1.235", "2.500", "3.125", "4.250"], "other": [0.5, 1.5, 2.5, 3.5]})
    with pytest.raises(DataError, match=r"'1\.235' is 1235 or 1\.235"):
        forecaster.predict(frame, reading=ReadOptions(target="y"))


def test_plain_numbers_are_doubtful_only_where_each_may_have_thousands() -> None:
    assert is_doubtful(np.array([1.235, 987, np.nan, 0]))
    assert is_doubtful(np.array([12.5]))  # it may have been written 12.500
    for certain in (0.5, 1234.5, 1.2345, -0.001):
        assert not is_doubtful(np.array([1.235, certain]))
    assert not is_doubtful(np.array([1000.0, 2000.0, 0.0]))
    with np.errstate(all="raise"):
        assert not is_doubtful(np.array([-1.7e308, np.inf, 1e300]))
    zeros = np.zeros(150_000)  # wherever the one stands that tells
    assert (is_doubtful(np.append(1.235, zeros)), is_doubtful(np.append(zeros, [1.235, 1000.5]))) == (True, False)


def write_cells(cells: list[str], *, path: str = "data.csv", first: str = "2024-01-01") -> None:
    """A daily table of the cells of one column, `energy`."""
    days = pd.date_range(first, periods=len(cells))
    rows = [f"{day:%Y-%m-%d};{cell}" for day, cell in zip(days, cells, strict=True)]
    Path(path).write_text("\n".join(["day;energy", *rows]))


@pytest.mark.parametrize("unit", [" kWh", "kWh", " °C", " m³/h", " Mio. €", "k", " Stück"])
@pytest.mark.parametrize("mark", [".", ","])
def test_a_unit_behind_all_numbers_is_said(forecast: Command, unit: str, mark: str) -> None:
    numbers = [10 + row % 7 + 0.25 for row in range(28)]
    write_cells([f"{number}".replace(".", mark) for number in numbers])
    plain = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    write_cells([f"{number}".replace(".", mark) + unit for number in numbers])
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert f"such as '10{mark}25{unit}' are read as 10.25, in {unit.strip()}\n" in outcome.stderr
    assert outcome.stdout == plain.stdout


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("0.9 MWh", "line 2: '10.5 kWh' and '0.9 MWh' are of different units"),
        ("9.5", "'10.5 kWh' is not a number. Write the same unit behind all numbers of the column, or behind none."),
        ("broken", "'10.5 kWh' is not a number. Write the same unit behind all numbers of the column, or behind none."),
    ],
)
@pytest.mark.parametrize("row", [1, 1500])
def test_numbers_with_other_units_are_refused(forecast: Command, cell: str, says: str, row: int) -> None:
    cells = [f"{10 + place % 7}.5 kWh" for place in range(1510)]
    write_cells([*cells[:row], cell, *cells[row:]])
    outcome = forecast("predict", "data.csv", "--target", "energy", "--output", "-")
    assert outcome.code == 65
    assert says.removeprefix("line 2: ") in outcome.stderr
    assert "--missing" not in outcome.stderr


def test_files_in_other_units_are_refused(forecast: Command) -> None:
    write_cells([f"{10 + row % 7}.5 kWh" for row in range(20)], path="a.csv")
    for unit, shown in ((" MWh", "10.5 MWh"), ("", "10.5"), (" €", "10.5 €")):
        write_cells([f"{10 + row % 7}.5{unit}" for row in range(20)], path="b.csv", first="2024-01-21")
        for names in (("a.csv", "b.csv"), ("b.csv", "a.csv")):
            outcome = forecast("predict", *names, "--target", "energy", "--output", "-")
            assert outcome.code == 65
            assert "are of different units" in outcome.stderr
            assert f"'{shown}'" in outcome.stderr


def test_sizes_of_products_stay_names(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=40)
    rows = [f"{day:%Y-%m-%d},{size} g,{size // 50 + day.day % 7}" for day in days for size in (250, 500)]
    Path("data.csv").write_text("\n".join(["day,size,sold", *rows]))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "target 'sold', series by 'size' (found" in outcome.stderr

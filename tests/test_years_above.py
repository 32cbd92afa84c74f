"""Years above the names of months or quarters, as in tables of spreadsheets, are read with them."""

from itertools import product
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from forecaster.data.layouts.years_above import join_years
from tests.conftest import Command
from tests.test_reading import read

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
VALUES = {"A": [*range(24)], "B": [7 * month % 24 for month in range(24)]}
ROWS = [[name, *map(str, values)] for name, values in VALUES.items()]
SPARSE = ["2021", *[""] * 11, "2022", *[""] * 11]
EACH = ["2021"] * 12 + ["2022"] * 12


def write(rows: list[list[str]], *, delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(row) for row in rows) + "\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("years", [SPARSE, EACH], ids=["once", "each"])
@pytest.mark.parametrize("is_name_above", [False, True])
@pytest.mark.parametrize("titles", [[], [["Sales report 2022"], [""]]], ids=["no title", "title"])
def test_months_get_the_years_above_them(
    delimiter: str, years: list[str], is_name_above: bool, titles: list[list[str]]
) -> None:
    names = ["Product", ""] if is_name_above else ["", "Product"]
    table = [*titles, [names[0], *years], [names[1], *MONTHS, *MONTHS], *ROWS]
    panel, summary = read(write(table, delimiter=delimiter))
    assert panel.calendar.name == "monthly"
    assert panel.ids == [("A",), ("B",)]
    assert panel.values.tolist() == [*VALUES["A"], *VALUES["B"]]
    assert panel.timestamps_of(0, back=24, ahead=0)[0] == pd.Timestamp("2021-01-01")
    assert "years stand above the names of the columns, and are read with them" in summary.notes
    assert sum("not read" in note for note in summary.notes) == (1 if titles else 0)


def test_an_excel_file_with_merged_years_is_read_as_its_text_is(forecast: Command) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Sales report"])
    sheet.append([None, 2021, *[None] * 11, 2022])
    sheet.append(["Product", *MONTHS, *MONTHS])
    for name, values in VALUES.items():
        sheet.append([name, *values])
    sheet.merge_cells("B2:M2")
    book.save("sales.xlsx")
    Path("sales.csv").write_text(write([["", *SPARSE], ["Product", *MONTHS, *MONTHS], *ROWS]))
    texts = [forecast("predict", name, "--output", "-").stdout for name in ("sales.xlsx", "sales.csv")]
    assert texts[0] == texts[1]
    assert texts[0].splitlines()[1].startswith("A,Jan 2023,")


def test_totals_of_years_and_a_delimiter_at_the_end_of_lines_are_left_out() -> None:
    names = ["Q1", "Q2", "Q3", "Q4", "Total"]
    rows = [["", "2021", "", "", "", "", "2022", "", "", "", "", ""], ["Region", *names, *names, ""]]
    rows += [
        [name, "1", "2", "3", "4", "10", str(number), "6", "7", "8", "26", ""] for name, number in (("N", 5), ("S", 6))
    ]
    panel, _ = read(write(rows))
    assert panel.calendar.name == "quarterly"
    assert panel.values.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 6, 6, 7, 8]


@pytest.mark.parametrize(
    ("above", "names"),
    [
        (["", "2021", "", "2022", ""], ["Product", "Jan", "Feb", "Mar", "Apr"]),  # each name is there once
        (["", "2021", "", "2022", ""], ["Product", "Sales", "Cost", "Sales", "Cost"]),
        (["", "Plan", "", "2022", ""], ["Product", "Jan", "Feb", "Jan", "Feb"]),
        (["", "2021", "", "2021", ""], ["Product", "Jan", "Feb", "Jan", "Feb"]),
        (["", "2021", "", "2200.5", ""], ["Product", "Jan", "Feb", "Jan", "Feb"]),
        (["2021", "", "2022", ""], ["Jan", "Feb", "Jan", "Feb"]),
        (["Sales", "2021", "", "2022", ""], ["Product", "Jan", "Feb", "Jan", "Feb"]),
        ([], []),
    ],
)
def test_other_lines_above_names_are_no_years(above: list[str], names: list[str]) -> None:
    assert join_years(above, names) is None


def test_years_may_stand_above_quarters_in_words() -> None:
    quarters = [f"{number}. Quartal" for number in range(1, 5)]
    joined = join_years(["Land", "2021", "", "", "", "2022", "", "", ""], ["", *quarters, *quarters])
    assert joined == ["Land", *(f"{quarter} {year}" for year, quarter in product((2021, 2022), quarters))]

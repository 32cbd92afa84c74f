"""Tables with a row for each year and a column for each month or quarter are read as rows of one month or quarter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
MONATE = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober"]
MONATE += ["November", "Dezember"]
MOIS = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
YEARS = range(2015, 2023)
WORDS = ["--horizon", "2", "--output", "-"]
IN_ORDER = [*range(12)]


def number(year: int, part: int, *, first: int = 0) -> int:
    """A value that is another one for nearly each cell."""
    return first + 20 + part * 5 % 12 + year % 7


def list_rows(*, parts: int = 12, empty: int = 0, first: int = 0) -> list[list[Any]]:
    """A row for each year, with so many empty cells in the last one."""
    rows: list[list[Any]] = [[year, *(number(year, part, first=first) for part in range(parts))] for year in YEARS]
    rows[-1][parts - empty + 1 :] = [""] * empty
    return rows


def write(header: Sequence[Any], rows: Sequence[Sequence[Any]], *, sep: str = ",", name: str = "data.csv") -> None:
    """A file of one line for each row."""
    Path(name).write_text("\n".join(sep.join(map(str, line)) for line in [header, *rows]) + "\n", encoding="utf-8")


def write_long(*, parts: int = 12, empty: int = 0, first: int = 0) -> None:
    """The file long.csv with the values of `list_rows` that are not empty, one in each line."""
    times = [
        f"{year}-{part:02d}" if parts == 12 else f"{year}Q{part}" for year in YEARS for part in range(1, parts + 1)
    ]
    values = [value for row in list_rows(parts=parts, first=first) for value in row[1:]]
    write(["timestamp", "value"], list(zip(times, values, strict=True))[: len(times) - empty], name="long.csv")


def as_long(panel: Panel) -> dict[tuple[str, ...], list[float]]:
    """The values of each series."""
    return {key: panel.values[panel.offsets[n] : panel.offsets[n + 1]].tolist() for n, key in enumerate(panel.ids)}


def says(notes: Sequence[str]) -> str:
    """The note on such tables."""
    return next((note for note in notes if note.startswith("one row per year")), "")


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (MONTHS, IN_ORDER),
        ([*map(str, range(1, 13))], IN_ORDER),
        ([f"M{month:02d}" for month in range(1, 13)], IN_ORDER),
        (MONATE, IN_ORDER),
        (MOIS, IN_ORDER),
        (MONTHS[::-1], IN_ORDER[::-1]),
        (sorted(MONTHS), [MONTHS.index(name) for name in sorted(MONTHS)]),
    ],
)
def test_forecasts_are_those_of_the_same_table_with_one_month_a_row(
    forecast: Command, names: list[str], order: list[int]
) -> None:
    rows = list_rows(empty=3)[::-1]  # the last year first
    write(["Year", *names], [[row[0], *(row[1 + place] for place in order)] for row in rows])
    write_long(empty=3)
    of_columns = forecast("predict", "data.csv", *WORDS)
    assert of_columns.code == 0, of_columns.stderr
    assert of_columns.stdout == forecast("predict", "long.csv", *WORDS).stdout
    assert [line[:7] for line in of_columns.stdout.splitlines()[1:]] == ["2022-10", "2022-11"], "no missing values"
    assert "one row per year with a column per month: read as monthly (--wide if" in of_columns.stderr
    outcome = forecast("predict", "data.csv", *WORDS, "--wide")
    assert outcome.code == 0, "the remedy works"
    assert "yearly" in outcome.stderr


@pytest.mark.parametrize("form", ["Q{}", "q{}", "Qtr{}", "{}. Quartal", "Trimestre {}"])
def test_quarters_are_read_alike(forecast: Command, form: str) -> None:
    write(["Jahr", *(form.format(part) for part in range(1, 5))], list_rows(parts=4, empty=1))
    write_long(parts=4, empty=1)
    of_columns = forecast("predict", "data.csv", *WORDS)
    assert of_columns.code == 0, of_columns.stderr
    assert of_columns.stdout == forecast("predict", "long.csv", *WORDS).stdout
    assert "one row per year with a column per quarter: read as quarterly" in of_columns.stderr
    assert "2022Q4" in of_columns.stdout


@pytest.mark.parametrize("name", ["", "Year", "year", "Año", "timestamp"])
def test_the_column_of_years_may_have_other_names_or_that_of_row_names_in_r(name: str) -> None:
    write([f'"{name}"', *MONTHS], list_rows())
    panel, summary = read_panel("data.csv")
    assert panel.calendar.name == "monthly"
    assert says(summary.notes)
    assert as_long(panel)[()] == [value for row in list_rows() for value in row[1:]]


def test_each_id_is_a_series(forecast: Command) -> None:
    rows = [[shop, *row] for place, shop in enumerate((7, 9)) for row in list_rows(first=50 * place, empty=2 * place)]
    write(["Shop", "Year", *MONTHS], rows)
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 0, outcome.stderr
    assert "2 series, monthly" in outcome.stderr
    assert "series by 'Shop' (found; --id names others)" in outcome.stderr
    lines = outcome.stdout.splitlines()
    assert lines[0].startswith("Shop,timestamp,forecast")
    assert [line[:9] for line in lines[1:]] == ["7,2023-01", "7,2023-02", "9,2022-11", "9,2022-12"]
    panel, _ = read_panel("data.csv")
    assert as_long(panel)["9",] == [value for row in list_rows(first=50) for value in row[1:]][:-2]
    summed = as_long(read_panel("data.csv", options=ReadOptions(duplicates="sum"))[0])
    assert summed[()][:2] == [2 * number(2015, part) + 50 for part in range(2)]
    outcome = forecast("predict", "data.csv", *WORDS, "--target", "Jan,Feb")
    assert outcome.code == 0, "the remedy works"
    assert "4 series" in outcome.stderr


def test_a_year_that_is_there_twice_is_an_error_that_names_both_lines(forecast: Command) -> None:
    write(["Year", *MONTHS], [*list_rows(), list_rows()[2]])
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "column 'Jan', line 10: 2017-01-01 is there already (column 'Jan', line 4)" in outcome.stderr
    rows = [[*row, "final"] for row in list_rows()]
    write(["Year", *MONTHS, "Status"], [*rows, [*rows[2][:-1], "preliminary"]])
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65, "a remark is no series"
    assert "line 10: 2017-01-01 is there already" in outcome.stderr


def test_a_year_that_is_absent_is_a_gap(forecast: Command) -> None:
    write(["Year", *MONTHS], [row for row in list_rows() if row[0] != 2018])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "12 missing rows" in outcome.stderr
    values = as_long(read_panel("data.csv")[0])[()]
    assert np.isnan(values[36:48]).all()
    assert values[48] == number(2019, 0)


def test_an_empty_cell_between_others_is_a_missing_value() -> None:
    rows = list_rows(empty=1)
    rows[-1][3] = ""
    write(["Year", *MONTHS], [*rows, [2023, *[""] * 12]])
    values = as_long(read_panel("data.csv")[0])[()]
    assert len(values) == 8 * 12 - 1
    assert np.flatnonzero(np.isnan(values)).tolist() == [7 * 12 + 2]


@pytest.mark.parametrize(
    ("name", "kind", "decimals"),
    [("Total", "sum", 0), ("Annual", "sum", 0), ("Year total", "sum", 0), ("Mean", "mean", 1), ("Jahr Ø", "mean", 0)],
)
def test_a_total_is_left_out_by_its_name_and_its_values(forecast: Command, name: str, kind: str, decimals: int) -> None:
    def total(row: list[Any]) -> str:
        return f"{sum(row[1:]) / (12 if kind == 'mean' else 1):.{decimals}f}"

    write(["Year", *MONTHS, name], [[*row, total(row)] for row in list_rows()])
    write_long()
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 0, outcome.stderr
    assert f"read as monthly; left out: {name!r}, their {kind} (" in outcome.stderr
    assert outcome.stdout == forecast("predict", "long.csv", *WORDS).stdout
    write(["Year", *MONTHS, name], [[*row, float(total(row)) + sum(row[1:]) // 40] for row in list_rows()])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65, "another number"
    assert f"{name!r} is neither a month, nor the sum or mean of all: leave it out" in outcome.stderr
    write(["Year", *MONTHS, "Visitors"], [[*row, total(row)] for row in list_rows()])
    assert forecast("predict", "data.csv", *WORDS).code == 65, "by its name, too"


def test_totals_of_the_months_so_far_are_those_of_the_rows_that_are_whole() -> None:
    rows = list_rows(empty=4)
    write(["Year", *MONTHS, "Total"], [[*row, sum(row[1:]) if row[-1] else 0] for row in rows])
    panel, summary = read_panel("data.csv")
    assert "'Total', their sum" in says(summary.notes)
    assert panel.lengths.tolist() == [8 * 12 - 4]


def test_rows_of_totals_and_notes_below_are_left_out(forecast: Command) -> None:
    sums = [sum(row[place] for row in list_rows()) for place in range(1, 13)]
    write(["Year", *MONTHS], [*list_rows(), ["Total", *sums], ["Source: a bank", *[""] * 12]])
    write_long()
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.stdout == forecast("predict", "long.csv", *WORDS).stdout
    assert "left out: 1 row with a total instead of a time" in outcome.stderr
    assert "left out: 1 line with a note below the table" in outcome.stderr


def test_a_number_beside_the_months_is_refused_unless_it_is_said_to_be_an_id(forecast: Command) -> None:
    write(["Year", "Rank", *MONTHS], [[row[0], row[0] % 2, *row[1:]] for row in list_rows()])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "'Rank' is neither a month" in outcome.stderr
    outcome = forecast("predict", "data.csv", *WORDS, "--id", "Rank")
    assert outcome.code == 0, "the remedy works"
    assert "2 series, monthly" in outcome.stderr


def test_a_column_that_counts_the_rows_is_no_series() -> None:
    write(["id", "Year", *MONTHS], [[place, *row] for place, row in enumerate(list_rows(), start=1)])
    panel, summary = read_panel("data.csv")
    assert panel.ids == [()]
    assert "left out: 'id', which counts the rows" in says(summary.notes)


def test_months_in_the_order_of_another_year_are_refused(forecast: Command) -> None:
    for names in (MONTHS[6:] + MONTHS[:6], (MONTHS[6:] + MONTHS[:6])[::-1]):
        write(["Year", *names], list_rows())
        outcome = forecast("predict", "data.csv", *WORDS)
        assert outcome.code == 65
        assert "as they begin with 'Jul', the years may, too" in outcome.stderr
    write(["Fiscal Year", *MONTHS], list_rows())
    assert forecast("predict", "data.csv", *WORDS).code == 65, "by the name of the years"


def test_a_table_without_one_of_the_months_is_refused(forecast: Command) -> None:
    write(["Year", *MONTHS[:11]], [row[:12] for row in list_rows()])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "there is none for month 12: add it, and leave its cells empty" in outcome.stderr
    write(["Year", *MONTHS], [[*row[:12], ""] for row in list_rows()])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 0, "the remedy works"
    assert "2022-12" in outcome.stdout
    write(["Year", *MONTHS, "January"], [[*row, row[1]] for row in list_rows()])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65, "one is there twice"
    assert "such tables are not read" in outcome.stderr


@pytest.mark.parametrize(
    ("cell", "where"),
    [
        ((-1, 0, "2022*"), "column 'Year', line 9: '2022*' cannot be read as a timestamp"),
        ((-1, 0, ""), "column 'Year', line 9: no timestamp. Fill in the cell or drop the line."),
        ((2, 6, "x"), "column 'Jun', line 4: 'x' is not a number"),
        ((2, 6, "1e200"), "column 'Jun', line 4: the value is 1e+200"),
    ],
)
def test_an_error_names_the_line_and_the_column_of_the_file(cell: tuple[int, int, str], where: str) -> None:
    rows = list_rows()
    row, place, text = cell
    rows[row][place] = text
    write(["Year", *MONTHS], rows)
    with pytest.raises(DataError) as caught:
        read_panel("data.csv")
    assert where in str(caught.value)


def test_decimal_commas_are_read_in_all_columns_and_in_the_total() -> None:
    def show(value: float) -> str:
        return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")

    rows = [[row[0], *(show(100.25 * value) for value in (*row[1:], sum(row[1:])))] for row in list_rows()]
    write(["Jahr", *MONTHS, "Summe"], rows, sep=";")
    panel, summary = read_panel("data.csv")
    assert "'Summe', their sum" in says(summary.notes)
    assert as_long(panel)[()] == [100.25 * value for row in list_rows() for value in row[1:]]


def test_options_name_the_columns_of_the_file_or_those_it_becomes() -> None:
    write(["Year", *MONTHS], list_rows())
    for options in (ReadOptions(time="Year"), ReadOptions(time="timestamp", target="value"), ReadOptions(wide=False)):
        assert read_panel("data.csv", options=options)[0].calendar.name == "monthly"
    for options in (ReadOptions(target="Jan"), ReadOptions(wide=True)):
        assert read_panel("data.csv", options=options)[0].calendar.name == "yearly"


def test_frames_and_sheets_are_read_alike_with_their_rows_in_messages(tmp_path: Path) -> None:
    frame = pd.DataFrame(list_rows(), columns=["Year", *MONTHS])
    expected = [value for row in list_rows() for value in row[1:]]
    for table in (frame, frame.set_index("Year"), frame.astype(float)):
        panel, summary = read_frame(table)
        assert says(summary.notes)
        assert (panel.calendar.name, as_long(panel)[()]) == ("monthly", expected)
        assert read_frame(table, options=ReadOptions(time="Year"))[0].calendar.name == "monthly"
    with pytest.raises(DataError, match="column 'Mar', row 2: the value is"):
        read_frame(frame.astype(float).replace({"Mar": {number(2017, 2): 1e200}}))
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Sales by month"])
    for line in [["Year", *MONTHS], *list_rows(empty=2)]:
        book.active.append([cell if cell != "" else None for cell in line])
    book.save(tmp_path / "book.xlsx")
    panel, summary = read_panel("book.xlsx")
    assert says(summary.notes)
    assert as_long(panel)[()] == expected[:-2]

"""Excel files: the sheet, the header and the types are found; formulas have the values that were saved with them."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from tests.conftest import Command, make_monthly, read_parquet
from tests.redirection import make_pipe
from tests.test_bad_input import refuse
from tests.test_frames import assert_same
from tests.test_parquet import make_table
from tests.test_several_inputs import read_output

WORDS = ["--id", "shop", "-o", "out.csv"]
Rows = Sequence[Any]
DAYS = [datetime(2024, 1, 1) + timedelta(days=number) for number in range(40)]


def write(path: str = "data.xlsx", **sheets: Rows) -> None:
    """Write sheets of rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def list_rows(table: pd.DataFrame) -> Rows:
    """The header and the rows of a table, as a spreadsheet holds them."""
    cells = table.astype(object).where(table.notna(), None)
    return [
        list(table),
        *([c.to_pydatetime() if isinstance(c, pd.Timestamp) else c for c in row] for row in cells.values),
    ]


def make_rows(*, length: int = 40) -> list[list[Any]]:
    return [["day", "sales"], *([day, number % 7 + 0.5] for number, day in enumerate(DAYS[:length]))]


def edit_sheet(pattern: str, new: str, *, path: str = "data.xlsx", member: str = "xl/worksheets/sheet1.xml") -> None:
    """Replace `pattern` in the text of one member of a workbook."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    text, count = re.subn(pattern, new, members[member].decode())
    assert count
    members[member] = text.encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, content in members.items():
            book.writestr(name, content)


@pytest.mark.parametrize(
    "kind", ["as it is", "numbers as ids", "leading zeros", "whole", "text", "marks", "nothing missing"]
)
def test_a_sheet_is_read_as_the_csv_of_the_same_table(kind: str) -> None:
    table = make_table()
    changes: dict[str, dict[str, Any]] = {
        "numbers as ids": {"shop": table.shop.map({"a": 7, "b": 10})},
        "leading zeros": {"shop": table.shop.map({"a": "007", "b": "7"})},
        "whole": {"sales": table.sales.round().astype("Int64")},
        "text": {"day": table.day.dt.strftime("%d.%m.%Y")},
        "marks": {"sales": table.sales.astype(object).where(table.sales.notna(), "n.v.")},
        "nothing missing": {"sales": table.sales.fillna(1.5)},
    }
    table = table.assign(**changes.get(kind, {}))
    table.to_csv("data.csv", index=False)
    write(Tabelle1=list_rows(table))
    options = ReadOptions(ids=("shop",), target="sales")
    assert_same(read_panel("data.xlsx", options=options), read_panel("data.csv", options=options))


def test_forecasts_of_a_sheet(forecast: Command) -> None:
    write(Daten=make_rows())
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "data.xlsx: 40 rows, 1 series, daily; time 'day', target 'sales'" in outcome.stderr
    assert "sheet" not in outcome.stderr
    assert read_output().splitlines()[1].startswith("2024-02-10,")
    assert forecast("predict", "data.xlsx", "-o", "out.parquet").code == 0
    assert read_parquet(Path("out.parquet")).day[0] == pd.Timestamp("2024-02-10")
    assert forecaster.predict("data.xlsx").day[0] == pd.Timestamp("2024-02-10")
    refuse(forecast, "predict", "data.xlsx", "-o", "data.xlsx", code=2, says=["its ending names no format"])
    Path("link.csv").symlink_to("data.xlsx")
    refuse(forecast, "predict", "data.xlsx", "-o", "link.csv", code=2, says=["would overwrite data.xlsx"])


def test_titles_above_and_blank_rows_and_columns(forecast: Command) -> None:
    table = [[None, *row[:1], None, *row[1:]] for row in make_rows()]
    table[20:20] = [[None], [None] * 4]
    rows: list[list[Any]] = [
        [],
        ["Sales of the shop", None],
        [None, "from", DAYS[0]],
        [None, None, None, None],
        *table,
        [],
        [None] * 9,
    ]
    write(Daten=rows)
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "40 rows, 1 series, daily" in outcome.stderr
    assert "  2 rows above the header not read: 'Sales of the shop'" in outcome.stderr.splitlines()
    rows[10][3] = "soon"
    write(Daten=rows)
    refuse(
        forecast, "predict", "data.xlsx", code=65, says=["data.xlsx, column 'sales', row 11: 'soon' is not a number"]
    )


def test_the_first_sheet_with_a_table_is_read(forecast: Command) -> None:
    notes = [["Author", "Anna"], ["Created", datetime(2024, 3, 1)], ["Remark", "as of today"]]
    other = [["day", "sales"], *([day, 1000.0] for day in DAYS)]
    write(Empty=[], Notes=notes, Old=other, Sales=make_rows(), More=other)
    book = openpyxl.load_workbook("data.xlsx")
    book["Old"].sheet_state = "hidden"
    book.save("data.xlsx")
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    note = "  sheet 'Sales' read; another is selected with --sheet: 'Empty', 'Notes', 'Old', 'More'"
    assert note in outcome.stderr.splitlines()
    assert ",1000.0" not in read_output()
    for title in ("More", "Old"):
        outcome = forecast("predict", "data.xlsx", "-o", "out.csv", "--sheet", title)
        assert (outcome.code, "--sheet" in outcome.stderr) == (0, False), outcome.stderr
        assert ",1000.0" in read_output()
    says = ["--sheet Sale: data.xlsx has no such sheet: there are Empty, Notes, Old, Sales, More."]
    refuse(forecast, "predict", "data.xlsx", "--sheet", "Sale", code=2, says=says)
    refuse(forecast, "predict", "data.xlsx", "--sheet", "Empty", code=65, says=["there is nothing in the sheet"])
    says = ["data.xlsx, sheet 'Notes': no row of names of columns above rows of values"]
    refuse(forecast, "predict", "data.xlsx", "--sheet", "Notes", code=65, says=says)


def test_a_model_remembers_the_sheet(forecast: Command) -> None:
    other = [["day", "sales"], *([day, 1000.0 + number % 2] for number, day in enumerate(DAYS))]
    write(Sales=make_rows(), More=other)
    words = ["--horizon", "3", "--steps", "5", "--from-scratch", "--hidden", "4", "--context", "14", "--season", "7"]
    assert forecast("train", "data.xlsx", "--sheet", "More", *words).code == 0
    assert forecast("predict", "-o", "out.csv").code == 0
    assert pd.read_csv("out.csv")["forecast"].min() > 900
    assert forecast("evaluate").code == 0
    assert forecast("inspect", "model", "--series", "the only series").code == 0
    assert forecast("check", "data.xlsx", "--sheet", "More").code == 0


def test_wide_tables_may_have_numbers_as_names() -> None:
    generator = np.random.default_rng(0)
    rows = [["day", 101, 102.0], *([day, *generator.normal(50, 5, 2).round(1).tolist()] for day in DAYS)]
    write(Wide=rows)
    panel, summary = read_panel("data.xlsx")
    assert (panel.ids, summary.columns.wide) == ([("101",), ("102",)], True)


def test_a_time_of_day_in_a_column_of_its_own(forecast: Command) -> None:
    hours = [DAYS[0] + timedelta(hours=number) for number in range(72)]
    rows: list[list[Any]] = [["Datum", "Uhrzeit", "kWh"]]
    rows += [[hour.replace(hour=0), time(hour.hour), number % 24 + 0.5] for number, hour in enumerate(hours)]
    write(Lastgang=rows)
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "time is joined from the columns 'Datum' and 'Uhrzeit'" in outcome.stderr
    assert read_output().splitlines()[1].startswith("2024-01-04 00:00:00,")


def test_a_row_of_totals_is_left_out_and_dates_stay_dates(forecast: Command) -> None:
    write(Daten=[*make_rows(), ["Summe", 140.0]])
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "left out: 1 row with a total" in outcome.stderr
    assert read_output().splitlines()[1].startswith("2024-02-10,")


def test_formulas_have_the_values_that_were_saved(forecast: Command) -> None:
    rows = make_rows()
    write(Daten=rows)
    assert forecast("predict", "data.xlsx", "-o", "out.csv").code == 0
    expected = read_output()
    write(Daten=[rows[0], *([row[0], f"=A{number}+1"] for number, row in enumerate(rows[1:], start=2))])
    says = ["data.xlsx, sheet 'Daten', cell B2: the formula has no value yet", "save it"]
    refuse(forecast, "predict", "data.xlsx", code=65, says=says)
    for number, row in enumerate(rows[1:], start=2):
        edit_sheet(f"<f>A{number}[+]1</f><v */>|<f>A{number}[+]1</f><v></v>", f"<f>A{number}+1</f><v>{row[1]}</v>")
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert read_output() == expected
    # a formula that gives no text leaves the cell without a value; one alone that was not computed is refused
    edit_sheet(r'<c r="B9"( s="\d+")?><f>A9[+]1</f><v>[\d.]+</v>', '<c r="B9" t="str"><f>A9+1</f><v></v>')
    outcome = forecast("predict", "data.xlsx", "-o", "out.csv")
    assert (outcome.code, "1 missing value" in outcome.stderr) == (0, True), outcome.stderr
    edit_sheet(r'<c r="B12"( s="\d+")?><f>A12[+]1</f><v>[\d.]+</v>', '<c r="B12"><f>A12+1</f>')
    refuse(forecast, "predict", "data.xlsx", code=65, says=["cell B12: the formula has no value yet"])


def test_zeros_of_formulas_that_were_never_computed_are_refused(forecast: Command) -> None:
    rows = make_rows()
    write(Daten=[rows[0], *([row[0], f"=A{number}+1"] for number, row in enumerate(rows[1:], start=2))])
    edit_sheet("<v */>|<v></v>", "<v>0</v>")  # as XlsxWriter does
    refuse(forecast, "predict", "data.xlsx", code=65, says=["cell B2: the formula has no value yet"])
    edit_sheet("fullCalcOnLoad=.1.", "", member="xl/workbook.xml")
    assert forecast("predict", "data.xlsx", "-o", "out.csv").code == 0


def test_several_workbooks_and_a_folder(forecast: Command) -> None:
    table = make_table()
    write(Daten=list_rows(table))
    Path("parts").mkdir()
    for number in range(2):
        write(f"parts/{number}.xlsx", Daten=list_rows(table.iloc[number * 39 : number * 39 + 39]))
    Path("parts/~$1.xlsx").write_bytes(b"\x05Anna")  # Excel has it open
    assert forecast("predict", "data.xlsx", *WORDS).code == 0
    expected = read_output()
    for names in (["parts"], ["parts/*"], ["parts/0.xlsx", "parts/1.xlsx"], ["parts", "-o", "parts/forecasts.csv"]):
        outcome = forecast("predict", names[0], *WORDS[:2], "-o", "out.csv", *names[1:])
        assert outcome.code == 0, outcome.stderr
    assert Path("parts/forecasts.csv").read_text() == expected
    assert forecast("predict", "parts", *WORDS).code == 0
    assert read_output() == expected
    table.to_csv("parts/2.csv", index=False)
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=["parts/0.xlsx is Excel and parts/2.csv is CSV"])
    with make_pipe(Path("data.xlsx").read_bytes()) as name:
        assert forecast("predict", name, *WORDS).code == 0
    assert read_output() == expected


def test_messages_name_the_row_of_the_sheet(forecast: Command) -> None:
    rows = make_rows()
    write(Daten=[["Title"], *rows, rows[3]])
    says = ["data.xlsx, row 43: 2024-01-03 is there already (row 5)"]
    refuse(forecast, "predict", "data.xlsx", code=65, says=says)
    write(Daten=[["day", "sales", "sales"], *(row * 2 for row in rows[1:])])
    refuse(forecast, "predict", "data.xlsx", code=65, says=["sheet 'Daten', row 1: two columns are named 'sales'"])
    write(Daten=rows[1:])
    refuse(forecast, "predict", "data.xlsx", code=65, says=["sheet 'Daten': no row of names of columns above"])
    write(Daten=[])
    refuse(forecast, "predict", "data.xlsx", code=65, says=["data.xlsx: there is nothing in any sheet"])
    write(Daten=rows[:1])
    refuse(forecast, "predict", "data.xlsx", code=65, says=["sheet 'Daten': no row of names of columns above"])


def test_other_spreadsheets_and_broken_ones_are_refused(forecast: Command) -> None:
    def pack(path: str, *members: str) -> None:
        with zipfile.ZipFile(path, "w") as book:
            for member in members:
                book.writestr(member, "<x/>")

    pack("data.ods", "mimetype", "content.xml")
    refuse(forecast, "predict", "data.ods", code=65, says=["data.ods: this is an OpenDocument", "as .xlsx or CSV"])
    pack("data.xlsb", "xl/workbook.bin")
    refuse(forecast, "predict", "data.xlsb", code=65, says=["an Excel file in binary form (.xlsb)", "as .xlsx or CSV"])
    Path("data.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(500))
    refuse(
        forecast,
        "predict",
        "data.xls",
        code=65,
        says=["data.xls: this is an old spreadsheet (.xls), or one with a password", "Save it as CSV"],
    )
    pack("data.zip", "data.csv")
    refuse(forecast, "predict", "data.zip", code=65, says=["a zip archive or spreadsheet"])
    write(Daten=make_rows())
    Path("torn.xlsx").write_bytes(Path("data.xlsx").read_bytes()[:3000])
    refuse(forecast, "predict", "torn.xlsx", code=65, says=["torn.xlsx: this is a zip archive or spreadsheet"])
    edit_sheet("</row>", "")
    refuse(
        forecast, "predict", "data.xlsx", code=65, says=["data.xlsx: the Excel file cannot be read", "save it again"]
    )
    pack("odd.xlsx", "xl/workbook.xml")
    refuse(forecast, "predict", "odd.xlsx", code=65, says=["odd.xlsx: the Excel file cannot be read"])


def test_without_openpyxl_it_is_said_how_to_install_it() -> None:
    write(Daten=make_rows())
    make_monthly(series=1)[["date", "sales"]].to_csv("data.csv", index=False)
    program = (
        "import sys; sys.modules['openpyxl'] = None; from forecaster.cli.app import run\n"
        "assert run(['predict', 'data.csv']) == 0; print('and', file=sys.stderr)\n"
        "sys.exit(run(['predict', 'data.xlsx']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 78, done.stderr
    of_csv, of_excel = done.stderr.split("\nand\n")
    assert "pip install 'forecast-lstm[excel]'" in of_excel
    assert "pip install 'forecast-lstm[excel]'" not in of_csv

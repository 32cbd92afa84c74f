"""`--skip-lines` says how many lines are above the header or the first row, where that is not found."""

from pathlib import Path

import openpyxl
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, UsageError
from tests.conftest import Command
from tests.test_reading import read

DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]
ROWS = "".join(f"{day},{10 + place % 7}\n" for place, day in enumerate(DAYS))
WORDS = ["--horizon", "2", "--output", "-"]
KEYS = "Title,Sales 5\nUnit,EUR\nSource,Till 3\n"


def test_the_remedy_for_rows_further_down_works(forecast: Command) -> None:
    rows = ROWS[:70]  # too few to be sure
    Path("data.csv").write_text(KEYS + rows)
    outcome = forecast("predict", "data.csv", *WORDS)
    said = "If the table begins further down, at '2024-01-01' or at names above it, say how many lines are above it"
    assert said in outcome.stderr
    assert "--skip-lines COUNT" in outcome.stderr
    assert forecast("check", "data.csv", "--skip-lines", "3").code == 0
    Path("data.csv").write_text(f"{KEYS}shop,day,sales\n" + "".join(f"a,{row}\n" for row in rows.splitlines()))
    assert said in forecast("predict", "data.csv", *WORDS).stderr
    outcome = forecast("predict", "data.csv", "--skip-lines", "3", *WORDS)
    assert (outcome.code, "target 'sales'" in outcome.stderr) == (0, True)


@pytest.mark.parametrize(
    ("text", "options", "target"),
    [
        (KEYS + ROWS, {"skip_lines": 0}, "Sales 5"),
        (KEYS + ROWS, {"skip_lines": 1}, "EUR"),
        (KEYS + ROWS, {"skip_lines": 3}, "value"),
        (KEYS + ROWS, {"skip_lines": 3, "header": False}, "value"),
        (f"Report,2024\n\nname,sales\n{ROWS}", {"skip_lines": 1}, "sales"),
        (f"Report,2024\n\nname,sales\n{ROWS}", {"skip_lines": 2}, "sales"),
        (f"Report,2024\nday,sales\n,EUR\n{ROWS}", {"skip_lines": 1}, "sales"),
        (
            KEYS + "".join(f"{year},{year % 7}\n" for year in range(1990, 2020)),
            {"skip_lines": 3, "header": False},
            "value",
        ),
    ],
)
def test_the_first_line_below_is_the_header_or_a_row(text: str, options: dict[str, int], target: str) -> None:
    panel, summary = read(text, **options)
    assert (summary.columns.targets, len(panel.values)) == ((target,), 30 if "1990," in text else 28)


def test_lines_of_a_plain_text_are_skipped() -> None:
    panel, _ = read("12.5\n900.5\n" + "".join(f"{place % 7}.25\n" for place in range(20)), skip_lines=2)
    assert (len(panel.values), panel.values[0]) == (20, 0.25)
    panel, _ = read("1 2 3\n" + ROWS.replace(",", "   "), skip_lines=1)
    assert (len(panel.values), panel.values[0]) == (28, 10)


def test_rows_of_a_sheet_are_skipped() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [("Company", "X 1"), ("Unit", "EUR"), ("day", "sales"), *((day, 10 + len(day)) for day in DAYS)]:
        sheet.append(row)
    book.save("data.xlsx")
    with pytest.raises(DataError, match="--skip-lines COUNT"):
        read_panel("data.xlsx")
    panel, summary = read_panel("data.xlsx", options=ReadOptions(skip_lines=2))
    assert (summary.columns.targets, len(panel.values)) == (("sales",), 28)
    with pytest.raises(DataError, match="no row of names"):
        read_panel("data.xlsx", options=ReadOptions(skip_lines=50))


def test_the_file_of_the_future_is_read_from_its_first_line() -> None:
    Path("future.csv").write_text("day,promo\n" + "".join(f"2024-02-{day:02d},1\n" for day in range(1, 5)))
    Path("data.csv").write_text("Report,1,2\nday,sales,promo\n" + "".join(f"{day},5,{len(day)}\n" for day in DAYS))
    options = ReadOptions(skip_lines=1, known=("promo",))
    Path("data.csv").write_text(Path("data.csv").read_text().replace("2024-01-28,5,10", "2024-01-28,6,0"))
    panel, _ = read_panel("data.csv", options=options, future="future.csv")
    assert panel.covariates is not None


@pytest.mark.parametrize("count", [-1, 31, 10**9])
def test_a_count_without_lines_below_is_refused(count: int) -> None:
    with pytest.raises(UsageError, match=f"--skip-lines {count}: "):
        read(KEYS + ROWS, skip_lines=count)


def test_the_first_line_below_has_the_names_or_none_has() -> None:
    keys = "Title,Sales,Sales\nCode,A1,B2\nUnit,EUR,EUR\n"
    rows = "".join(f"{row},{12 + place % 5}\n" for place, row in enumerate(ROWS.splitlines()))
    assert read(keys + rows)[1].columns.targets == ("A1", "B2")
    assert read(keys + rows, skip_lines=1)[1].columns.targets == ("A1", "B2")
    with pytest.raises(DataError, match="two columns are named 'Sales'"):
        read(keys + rows, skip_lines=0)


@pytest.mark.parametrize("line", ["", ",,", " ; ;\t"])
def test_lines_without_a_filled_cell_need_not_be_counted(line: str) -> None:
    lines = ["Report,1,2", line, line, "day,sales,promo", *(f"{day},{10 + len(day)},1" for day in DAYS)]
    text = "\n".join(lines)
    for count in (1, 2, 3):
        _, summary = read(text, skip_lines=count, target="sales")
        assert summary.columns.targets == ("sales",)

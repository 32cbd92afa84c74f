"""Names of groups above the names of the columns, as in pivot tables, are no header, and hide no column of numbers."""

from pathlib import Path

import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command


def write(*head: str, width: int, sep: str = ",") -> None:
    """A file of thirty days below the lines `head`."""
    days = ([f"2024-01-{day:02d}", *(str(10 * place + day % 7) for place in range(1, width))] for day in range(1, 31))
    Path("data.csv").write_text("\n".join([*head, *map(sep.join, days)]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("head", "series", "time"),
    [
        (("Sum of Sales,Column Labels,,", "Row Labels,North,South,West"), "North South West", "Row Labels"),
        (("Sum of Sales,Column Labels,", "Row Labels,North,South"), "North South", "Row Labels"),
        (("Sum of Sales,Column Labels,,", "Row Labels,Shop 1,Shop 2,Web"), "Shop 1|Shop 2|Web", "Row Labels"),
        (("Report,,,", "", "Sum of Sales,Labels,,", "Row Labels,North,South,West"), "North South West", "Row Labels"),
        (("Sum,Labels,,", ",North,,South", "Date,East,Web,Post"), "East Web Post", "Date"),
        (("Date,Sales,,", ",North,South,West"), "North South West", "timestamp"),
        ((",Sales,,", ",North,,South", "Date,East,Web,Post"), "East Web Post", "Date"),
    ],
)
@pytest.mark.parametrize("sep", [",", ";"])
def test_the_line_that_names_all_columns_is_the_header(
    forecast: Command, head: tuple[str, ...], series: str, time: str, sep: str
) -> None:
    names = series.split("|" if "|" in series else " ")
    write(*(line.replace(",", sep) for line in head), width=len(names) + 1, sep=sep)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    first, *lines = outcome.stdout.splitlines()
    assert first.split(sep)[:2] == ["series", time]
    assert [*dict.fromkeys(line.split(sep)[0] for line in lines)] == names
    assert "above the header not read" in outcome.stderr
    assert "has no name, and is not read" not in outcome.stderr


@pytest.mark.parametrize("first", ["Date", ""])
@pytest.mark.parametrize("groups", [",North,,South,", "Date,North,,South,", "Region,,North,,South"])
def test_names_that_are_there_in_each_group_are_refused(groups: str, first: str) -> None:
    write(groups, f"{first},Sales,Units,Sales,Units", width=5)
    with pytest.raises(DataError, match=r"data.csv: two columns are named 'Sales'. Rename one of them"):
        read_panel("data.csv")


@pytest.mark.parametrize(
    ("head", "targets"),
    [
        (("Date,Sales,", "(UTC),EUR,"), ("Sales",)),
        (("Date,Sales,", "(UTC),EUR,-"), ("Sales",)),
        (("Date,Sales,", "2023-12-31,n/a,12 kg"), ("Sales",)),
        ((",North,South", "day,EUR,pcs"), ("North", "South")),
        ((",a,b", "date,,"), ("a", "b")),
    ],
)
def test_lines_of_units_and_rows_are_no_names(head: tuple[str, ...], targets: tuple[str, ...]) -> None:
    write(*head, width=3)
    _, summary = read_panel("data.csv")
    assert summary.columns.targets == targets


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Shop,Year,Sales,\n" + "".join(f"a,{year},{year % 7},5\n" for year in range(2001, 2031)), ("Shop", "Sales")),
        ("Date,Sales,\nday,EUR,remark\n" + "".join(f"2024-01-{day},{day},fine\n" for day in range(10, 31)), ("Sales",)),
        ("Month,Sales,\nJan 2021,-,closed\n" + "".join(f"{m} 2021,5,3\n" for m in ("Feb", "Mar", "Apr")), ("Sales",)),
    ],
    ids=["numbers", "no numbers below", "a time"],
)
def test_a_first_line_of_names_stays_where_the_next_one_has_none(text: str, columns: tuple[str, ...]) -> None:
    Path("data.csv").write_text(text)
    table = read_panel("data.csv", options=ReadOptions(target="Sales", ids=columns[:-1]))[1]
    assert table.columns.targets == columns[-1:]
    assert table.columns.time == text.split(",", 1)[0] or columns[0] == "Shop"


@pytest.mark.parametrize(
    "times", [["31.12.2019", "31.12.2020", "31.12.2021", "31.12.2022"], ["2019", "2020", "2021", "2022"]]
)
def test_a_name_above_each_of_different_times_is_no_header(times: list[str]) -> None:
    rows = "".join(f"{area};1;2;3;{place}\n" for place, area in enumerate(["North", "South", "West"]))
    Path("data.csv").write_text(f";Key date;Key date;Key date;Key date\n;{';'.join(times)}\n{rows}")
    panel, summary = read_panel("data.csv")
    assert (panel.ids, len(panel.values)) == ([("North",), ("South",), ("West",)], 12)
    assert "1 line above the header not read: ';Key date;Key date;Key date;Key date'" in summary.notes
    # times of two groups are there twice
    Path("data.csv").write_text(f";Men;Men;Women;Women\n;{';'.join(2 * times[:2])}\n{rows}")
    with pytest.raises(DataError, match="two columns are named 'Men'"):
        read_panel("data.csv")

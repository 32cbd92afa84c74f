"""Columns that are empty in the first rows: their role is detected from all rows."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.test_reading import as_lists, read


def write_late(header: str, row: str, *, late: str) -> str:
    """1,200 daily rows, in the last 100 of which `*` stands for `late`."""
    days = pd.date_range("2015-01-01", periods=1200).strftime("%Y-%m-%d")
    lines = [f"{day},{row.replace('*', late if number >= 1100 else '')}" for number, day in enumerate(days)]
    return "\n".join([header, *lines]) + "\n"


def test_wide_columns_that_begin_late_are_used_and_those_without_numbers_are_not() -> None:
    text = write_late("date,old,new,self,none,note", "1,*,*,,*", late="7").replace(",,7\n", ",,7 days\n")
    panel, summary = read(text)
    assert as_lists(panel) == {("old",): [1.0] * 1200, ("new",): [7.0] * 100, ("self",): [7.0] * 100}
    found = summary.columns.describe()
    assert found.startswith("time 'date', wide: 3 series, one per column; not used: none, note (--known")


def test_the_only_column_of_numbers_may_begin_late() -> None:
    panel, summary = read(write_late("date,kwh,note", "*,", late="7"))
    assert as_lists(panel) == {(): [7.0] * 100}
    assert summary.columns.describe().startswith("time 'date', target 'kwh', one series; not used: note (--known")
    panel, _ = read(write_late("date,item,kwh", "a,*", late="7"), ids=("item",))
    assert as_lists(panel) == {("a",): [7.0] * 100}


def test_a_column_that_begins_in_a_later_file_is_used(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("date,old,new\n2024-01-01,1,\n2024-01-02,2,\n")
    (tmp_path / "2.csv").write_text("date,new,old\n2024-01-03,7,3\n")
    (tmp_path / "3.csv").write_text("date,old,new\n2024-01-04,4,8\n")
    assert as_lists(read(tmp_path)[0]) == {("old",): [1, 2, 3, 4], ("new",): [7, 8]}


def test_an_empty_column_may_be_absent_from_later_files(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("date,kwh,note\n2024-01-01,1,\n2024-01-02,2,\n")
    (tmp_path / "2.csv").write_text("date,kwh\n2024-01-03,3\n")
    assert as_lists(read(tmp_path)[0]) == {(): [1, 2, 3]}


def test_numbers_that_begin_late_ask_for_a_target_where_there_are_series() -> None:
    text = write_late("id,date,kwh,cost", "1,*", late="7").replace("\n", "\na,").removesuffix("a,")
    with pytest.raises(DataError, match=r"several columns hold numbers \(kwh, cost\). Name the one .* --target"):
        read(text)
    assert read(text, target="cost")[0].lengths.tolist() == [100]


def test_text_in_a_column_that_begins_late_is_reported_with_its_line() -> None:
    text = write_late("date,old,new", "1,*", late="7") + "2018-04-15,1,!\n"
    with pytest.raises(DataError, match=r"column 'new', line 1202: '!' is not a number"):
        read(text)


def test_a_file_without_numbers_anywhere_is_refused() -> None:
    for late in ("", "x"):
        with pytest.raises(DataError, match="no numeric column other than the time column 'date'"):
            read(write_late("date,kwh", "*", late=late))

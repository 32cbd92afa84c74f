"""All columns whose names are periods are read, also where these are not written alike, or the file is refused."""

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.test_period_columns import MONTHS, YEARS, as_long, numbers, write

ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FRENCH = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
OF_PRESS = ["Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."]
GERMAN = ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."]


def list_months(names: list[str]) -> list[str]:
    """The months of two years."""
    return [f"{name} {year}" for year in (2021, 2022) for name in names]


@pytest.mark.parametrize("names", [FRENCH, OF_PRESS, GERMAN])
def test_names_of_months_are_all_read_where_only_some_are_shortened(names: list[str]) -> None:
    write(["shop", *list_months(names)], ["a", *numbers(1, 24)], ["b", *numbers(9, 24)], sep=";")
    panel, summary = read_panel("data.csv")
    assert panel.calendar.name == "monthly"
    assert as_long(panel) == {("a",): numbers(1, 24), ("b",): numbers(9, 24)}
    assert not summary.columns.ignored


@pytest.mark.parametrize(
    ("periods", "others"),
    [
        ([*list_months(ENGLISH)[:20], "2022-09", "2022-10"], "2022-09, 2022-10 are"),
        ([name.replace("May 2021", "2021/05") for name in list_months(ENGLISH)], "2021/05 is"),
        ([*list_months(ENGLISH), "2022-12"], "2022-12 is"),
        ([*YEARS, "Jan 2013", "Feb 2013"], "Jan 2013, Feb 2013 are"),
    ],
)
def test_periods_of_two_forms_are_refused(periods: list[str], others: str) -> None:
    write(["shop", *periods], ["a", *numbers(1, len(periods))], ["b", *numbers(9, len(periods))])
    with pytest.raises(
        DataError, match=f"data.csv: the names of .* columns are times such as .*, but {others} of another"
    ):
        read_panel("data.csv")
    with pytest.raises(DataError, match=f"the frame: the names .*, but {others} of another form"):
        read_frame(pd.read_csv("data.csv"))


@pytest.mark.parametrize("sums", [["Q1 2023", "Q1 2024"], ["2023", "2024"], ["FY23", "FY24"], ["H1 2023", "H2 2023"]])
def test_columns_of_longer_periods_are_sums_and_not_read(sums: list[str]) -> None:
    header = [*MONTHS[:3], sums[0], *MONTHS[3:], sums[1]]
    values = numbers(1, 24)
    write(["shop", *header], ["a", *values[:3], 7, *values[3:], 8], ["b", *values[:3], 7, *values[3:], 8])
    panel, summary = read_panel("data.csv")
    assert as_long(panel) == {("a",): values, ("b",): values}
    assert summary.columns.ignored == tuple(sums)


def test_sums_that_begin_before_the_first_period_are_not_read() -> None:
    write(["shop", *MONTHS[1:3], "Q1 2023", *MONTHS[3:]], ["a", *numbers(1, 24)], ["b", *numbers(9, 24)])
    panel, summary = read_panel("data.csv")
    assert panel.lengths.tolist() == [23, 23]
    assert summary.columns.ignored == ("Q1 2023",)


def test_texts_below_a_name_like_a_time_are_no_period() -> None:
    write(["shop", *MONTHS, "Mar 2025"], ["a", *numbers(1, 24), "open"], ["b", *numbers(9, 24), "closed"])
    panel, _ = read_panel("data.csv")
    assert as_long(panel) == {("a",): numbers(1, 24), ("b",): numbers(9, 24)}

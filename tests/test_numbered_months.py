"""Names of months with their numbers, as 01-Jan, so that they sort, are months, and no days or years."""

import pandas as pd
import pytest

from forecaster.data.layouts.crossed_times import explain_no_times
from forecaster.data.names.date_names import names_month, number_months
from forecaster.errors import DataError
from tests.test_reading import read

ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ITALIAN = [
    *("Gennaio", "Febbraio", "Marzo", "Aprile", "Maggio", "Giugno"),
    *("Luglio", "Agosto", "Settembre", "Ottobre", "Novembre", "Dicembre"),
]
FORMS = [
    "{0:02d}-{1}",
    "{0:02d} - {1}",
    "{0}. {1}",
    "{0:02d}_{1}",
    "{0:02d}{1}",
    "{1}-{0:02d}",
    "{1} ({0})",
    "{0} {1}.",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("names", [ENGLISH, ITALIAN])
def test_months_with_their_numbers_are_joined_with_years(form: str, names: list[str]) -> None:
    months = [form.format(number, name) for number, name in enumerate(names, 1)]
    rows = "".join(
        f"{year},{month},{year % 7 * 10 + row}\n" for year in (2021, 2022) for row, month in enumerate(months)
    )
    panel, _ = read(f"Year,Month,Sales\n{rows}")
    assert (panel.calendar.name, len(panel), len(panel.values)) == ("monthly", 1, 24)
    assert str(panel.starts[0])[:7] == "2021-01"
    regions = "".join(f"{row},{region}\n" for row in rows.splitlines() for region in "NS")
    panel, _ = read(f"Year,Month,Sales,Region\n{regions}")
    assert (panel.calendar.name, len(panel)) == ("monthly", 2)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("column", ["Month", "Date"])
def test_months_with_their_numbers_alone_lack_a_year(form: str, column: str) -> None:
    rows = "".join(f"{form.format(number, name)},{number}\n" for number, name in enumerate(ENGLISH, 1))
    with pytest.raises(DataError, match=r"are months without their years\. Add a column 'year'"):
        read(f"{column},Sales\n{rows}")


def test_columns_called_by_months_with_their_numbers_are_those_of_years() -> None:
    names = ",".join(f"{number:02d}-{name}" for number, name in enumerate(ENGLISH, 1))
    rows = "".join(f"{year},{','.join(str(year + month) for month in range(12))}\n" for year in range(2019, 2023))
    panel, _ = read(f"Year,{names}\n{rows}")
    assert (panel.calendar.name, len(panel.values)) == ("monthly", 48)


def test_one_month_with_its_number_may_be_of_that_year() -> None:
    assert explain_no_times(pd.Series(["Jan-01"])) is None
    assert explain_no_times(pd.Series(["Jan."])) is not None
    assert explain_no_times(pd.Series(["Jan-01", "Feb-02"])) is not None


def test_other_numbers_beside_months_are_years_or_days() -> None:
    assert names_month("01-Jan")
    assert not names_month("02-Jan")
    assert not names_month("13-Jan")
    mixed = pd.Series(["01-Jan", "02-Jan", "02-Feb", "Mar", None], dtype=object)
    assert number_months(mixed).tolist()[3] == 3
    assert number_months(mixed).notna().sum() == 1
    assert number_months(mixed.iloc[[0, 2, 3]]).tolist() == [1, 2, 3]
    months = pd.date_range("2001-01-01", periods=48, freq="MS")
    panel, _ = read("Month,Sales\n" + "".join(f"{month:%b-%y},{month.month}\n" for month in months))
    assert (panel.calendar.name, len(panel.values)) == ("monthly", 48)
    # wide, with the first month of the year 1, the second of the year 2, …
    header = ",".join(f"{month:%b-%y}" for month in pd.date_range("2001-01-01", periods=144, freq="MS"))
    rows = "".join(f"{year},{','.join(str(value) for value in range(144))}\n" for year in (2001, 2002))
    with pytest.raises(DataError, match="the rows are times"):
        read(f"Year,{header}\n{rows}")

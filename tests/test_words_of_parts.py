"""Parts of times written with a word, and years and periods that look like months but are none."""

import pytest

from forecaster.errors import DataError
from tests.test_reading import read


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Kalenderwoche", "KW {:02d}"),
        ("KW", "{}. KW"),
        ("Week", "Week {}"),
        ("Calendar week", "CW {}"),
        ("Semaine", "S{:02d}"),  # S03 is a mean of the US Bureau of Labor Statistics elsewhere
        ("Week", "W{:02d}"),
        ("Week", "{}.0"),
    ],
)
def test_weeks_with_a_word_before_or_behind_are_weeks(name: str, form: str) -> None:
    weeks = [(year, week) for year in (2021, 2022) for week in range(1, 53)]
    rows = "".join(f"{form.format(week)};{year};{7 * week % 13}\n" for year, week in weeks)
    panel, _ = read(f"{name};Jahr;Tickets\n{rows}")
    assert (panel.calendar.name, len(panel), panel.values.tolist()) == (
        "weekly",
        1,
        [7 * week % 13 for _, week in weeks],
    )


@pytest.mark.parametrize("mark", "/-")
@pytest.mark.parametrize("first", [2004, 1996])
def test_seasons_in_two_digits_are_no_months(mark: str, first: int) -> None:
    rows = "".join(f"{year % 100:02d}{mark}{(year + 1) % 100:02d},{year}\n" for year in range(first, first + 8))
    with pytest.raises(DataError, match=r"are years that end in the next one. Write the first year alone"):
        read(f"Season,Goals\n{rows}")
    years = "".join(f"{year},{7 * year % 90}\n" for year in range(first, first + 8))
    assert read(f"Season,Goals\n{years}")[0].calendar.name == "yearly"  # as the error says
    months = "".join(f"{month:02d}{mark}{year:02d},{month}\n" for year in (4, 5) for month in range(1, 13))
    assert read(f"Month,Goals\n{months}")[0].calendar.name == "monthly"


@pytest.mark.parametrize("form", ["P{:02d}", "{}", "{:02d}"])
def test_thirteen_periods_are_no_months(form: str) -> None:
    rows = "".join(f"{year},{form.format(part)},{900 + part}\n" for year in range(2020, 2024) for part in range(1, 14))
    with pytest.raises(
        DataError, match=r"'Period' has the numbers 1 to 13: .*periods of four weeks, write the first day"
    ):
        read(f"Year,Period,Sales\n{rows}")
    rows = "".join(f"{year},{form.format(part)},{900 + part}\n" for year in range(2020, 2024) for part in range(1, 13))
    assert read(f"Year,Period,Sales\n{rows}")[0].calendar.name == "monthly"


def test_where_a_station_stands_is_not_forecast() -> None:
    rows = "".join(f"2024-01-{day:02d},40.77,-73.96,39.6,{10 + day % 5}\n" for day in range(1, 31))
    panel, summary = read(f"DATE,LATITUDE,LONGITUDE,ELEVATION,TMAX\n{rows}")
    assert (summary.columns.targets, len(panel)) == (("TMAX",), 1)
    beside = "".join(f"2024-01-{day:02d},40.77,-73.96,{10 + day % 5},{-3 + day % 4}\n" for day in range(1, 31))
    with pytest.raises(DataError, match=r"several columns hold numbers \(TMAX, TMIN\)"):
        read(f"DATE,LATITUDE,LONGITUDE,TMAX,TMIN\n{beside}")


def test_the_height_of_a_lake_is_forecast() -> None:
    rows = "".join(f"2024-01-{day:02d},{372 + day % 7 / 10}\n" for day in range(1, 31))
    assert read(f"date,elevation\n{rows}")[1].columns.targets == ("elevation",)
    beside = "".join(f"2024-01-{day:02d},{372 + day % 7 / 10},{day % 4}\n" for day in range(1, 31))
    with pytest.raises(DataError, match=r"several columns hold numbers \(elevation, inflow\)"):
        read(f"date,elevation,inflow\n{beside}", wide=False)


@pytest.mark.parametrize("name", ["School Year", "Fiscal Year", "Anno scolastico", "survey_year"])
def test_years_beside_another_word_are_the_time(name: str) -> None:
    years = range(2002, 2010)
    rows = "".join(f"{year},{7 * year % 90}\n" for year in years)
    panel, summary = read(f"{name},Pupils\n{rows}")
    assert (panel.calendar.name, summary.columns.time, len(panel.values)) == ("yearly", name, 8)
    both = "".join(f"{region},{year},{7 * year % 90}\n" for region in ("north", "south") for year in years)
    panel, summary = read(f"Region,{name},Pupils\n{both}")
    assert (panel.calendar.name, summary.columns.time, len(panel)) == ("yearly", name, 2)
    gaps = "".join(f"{year},{7 * year % 90}\n" for year in (1950, 1971, 1980, 2002))
    with pytest.raises(DataError, match="no time column"):
        read(f"{name},Pupils\n{gaps}")


def test_when_a_table_was_made_is_a_note_below_it() -> None:
    rows = "".join(f"2022-01-{day:02d},{7 * day % 90}\n" for day in range(1, 12))
    panel, summary = read(f"Datum,Umsatz\n{rows}erstellt am 01.04.2024,\n")
    assert len(panel.values) == 11
    assert any("left out: 1 line with a note below the table" in note for note in summary.notes), summary.notes


@pytest.mark.parametrize("row", ["2024-04-99,", "xx,77"])
def test_the_one_row_without_a_date_is_named(row: str) -> None:
    rows = "".join(f"2022-01-{day:02d},{7 * day % 90}\n" for day in range(1, 12))
    with pytest.raises(DataError, match=rf"column 'Datum', line 13: '{row.split(',')[0]}' cannot be read"):
        read(f"Datum,Umsatz\n{rows}{row}\n")
    numbers = "".join(f"{12300 + day},{7 * day % 90}\n" for day in range(1, 12))
    with pytest.raises(DataError, match="no time column"):
        read(f"Konto,Umsatz\n{numbers}xx,77\n")


MONTHS = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]


@pytest.mark.parametrize("kinds", [("",), ("GESM;männlich;", "GESW;weiblich;")])
def test_a_code_beside_the_name_of_the_month_is_no_series(kinds: tuple[str, ...]) -> None:
    rows = [
        f"{year};MONAT{number:02d};{month};{kind}{(7 * number + place) % 90 + year},5\n"
        for place, kind in enumerate(kinds)
        for year in range(2020, 2024)
        for number, month in enumerate(MONTHS, 1)
    ]
    more = "2_Code;2_Label;" if kinds[0] else ""
    panel, _ = read(f"Zeit;1_Code;1_Label;{more}Preis\n{''.join(rows)}")
    assert (panel.calendar.name, len(panel), len(panel.values)) == ("monthly", len(kinds), 48 * len(kinds))

"""Months and quarters beside years in words of many kinds; names that may be such are asked for."""

import shlex

import pandas as pd
import pytest

from forecaster.data.parts.part_cells import find_levels
from forecaster.errors import DataError
from tests.test_reading import read

MONTHS = {
    "MONAT{:02d}": "Monat",
    "Monat {}": "Monat",
    "month_{}": "Month",
    "Mes {}": "Mes",
    "{}月": "月",
    "{}월": "월",
    "Period {:02d}": "Period",
    "Per. {}": "Periode",
}
QUARTERS = (
    "I Trim|II Trim|III Trim|IV Trim",
    "Primer trimestre|Segundo trimestre|Tercer trimestre|Cuarto trimestre",
    "Primo trimestre|Secondo trimestre|Terzo trimestre|Quarto trimestre",
    "1st quarter|2nd quarter|3rd quarter|4th quarter",
    "Erstes Quartal|Zweites Quartal|Drittes Quartal|Viertes Quartal",
    "I. Quartal|II. Quartal|III. Quartal|IV. Quartal",
    "1º trimestre|2º trimestre|3º trimestre|4º trimestre",
    "I kwartał|II kwartał|III kwartał|IV kwartał",
    "Quarter I|Quarter II|Quarter III|Quarter IV",
)
CODES = [f"MONAT{month:02d}" for month in range(1, 13)]
LABELS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)


def write(parts: list[str], *, years: range = range(2010, 2022)) -> str:
    return "".join(
        f"{year},{part},{100 + (7 * year + 3 * row) % 40}\n" for year in years for row, part in enumerate(parts)
    )


@pytest.mark.parametrize(("form", "name"), MONTHS.items())
def test_months_in_words_are_joined_with_years(form: str, name: str) -> None:
    parts = [form.format(month) for month in range(1, 13)]
    panel, _ = read(f"Year,{name},Sales\n{write(parts)}")
    assert (panel.calendar.name, len(panel), len(panel.values)) == ("monthly", 1, 144)
    assert [str(start)[:7] for start in panel.starts] == ["2010-01"]
    assert panel.values[:3].tolist() == [100 + (7 * 2010 + 3 * row) % 40 for row in range(3)]


@pytest.mark.parametrize("form", ["MONAT{:02d}", "month_{}", "{}月"])
def test_months_in_words_say_what_they_are_under_any_name(form: str) -> None:
    panel, _ = read(f"Year,Abschnitt,Sales\n{write([form.format(month) for month in range(1, 13)])}")
    assert (panel.calendar.name, len(panel), len(panel.values)) == ("monthly", 1, 144)


@pytest.mark.parametrize("words", QUARTERS)
@pytest.mark.parametrize("name", ["Trimestre", "Abschnitt"])
def test_quarters_in_words_are_joined_with_years(words: str, name: str) -> None:
    panel, _ = read(f"Año,{name},Ventas\n{write(words.split('|'))}")
    assert (panel.calendar.name, len(panel), len(panel.values)) == ("quarterly", 1, 48)
    assert panel.values[:4].tolist() == [100 + (7 * 2010 + 3 * row) % 40 for row in range(4)]


@pytest.mark.parametrize(
    "words", ["I semestre|II semestre", "Primer semestre|Segundo semestre", "1. Halbjahr|2. Halbjahr"]
)
def test_half_years_in_words_are_joined_with_years(words: str) -> None:
    panel, summary = read(f"Año,Parte,Ventas\n{write(words.split('|'))}")
    assert (len(panel), len(panel.values)) == (1, 24)
    assert any("half-years are written as their first months" in note for note in summary.notes)


def test_codes_of_months_beside_their_names_under_general_names_are_joined() -> None:
    rows = "".join(
        f"CPI;JAHR;{year};DG;{code};{label};{95 + (year + row) % 9},5\n"
        for year in range(2016, 2024)
        for row, (code, label) in enumerate(zip(CODES, LABELS, strict=True))
    )
    header = "statistics_code;time_code;time;1_attribute_code;2_attribute_code;2_attribute_label;value"
    panel, summary = read(f"{header}\n{rows}")
    assert (panel.calendar.name, len(panel), len(panel.values)) == ("monthly", 1, 96)
    assert any("joined from the columns 'time'" in note for note in summary.notes)


def test_years_are_no_times_of_day_but_other_numbers_are() -> None:
    clocks, years = ["1915", "1945", "2000", "2015", "2030"], [*map(str, range(2016, 2024))]
    assert find_levels(pd.DataFrame({"time": clocks * 9}, dtype=str)) == {"time": "hour"}
    assert find_levels(pd.DataFrame({"time": years * 9}, dtype=str)) == {}


@pytest.mark.parametrize(
    ("names", "column", "flag"),
    [
        (["DJF", "JFM", "FMA", "MAM", "AMJ", "MJJ", "JJA", "JAS", "ASO", "SON", "OND", "NDJ"], "SEAS", "1 to 12"),
        (["Jan-Mar", "Apr-Jun", "Jul-Sep", "Oct-Dec"], "Part", "Q1 to Q4"),
        (["Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov"], "Part", "Q1 to Q4"),
        (["DJF", "MAM", "JJA", "SON"], "Part", "Q1 to Q4"),
        (["enero-marzo", "abril-junio", "julio-septiembre", "octubre-diciembre"], "Parte", "Q1 to Q4"),
        ([f"no. {name}" for name in LABELS], "Zeitraum", "1 to 12"),
    ],
)
def test_names_that_may_be_parts_of_years_are_asked_for(names: list[str], column: str, flag: str) -> None:
    text = f"Year,{column},Sales\n{write(names)}"
    part = "month" if len(names) == 12 else "quarter"
    with pytest.raises(DataError, match=rf"may be the {part}s of the years in 'Year'\. Write them as {flag}") as error:
        read(text)
    # both remedies work
    ids = shlex.split(str(error.value).rstrip(".").split("use --id ")[1])[0]
    assert len(read(text, ids=(ids,))[0]) == len(names)
    numbers = [str(number) if part == "month" else f"Q{number}" for number in range(1, len(names) + 1)]
    assert read(f"Year,{part},Sales\n{write(numbers)}")[0].calendar.name == f"{part}ly"


@pytest.mark.parametrize(
    ("names", "column"),
    [
        ([f"Shop {number}" for number in range(1, 13)], "Name"),
        ([f"North {number}" for number in range(1, 5)], "Region"),
        (["morning", "midday", "evening", "night"], "Shift"),
        (["Jan-Mar", "Apr-Jun", "others", "unknown"], "Part"),
        (["DJF", "JFM", "ABC", "XYZ"], "Team"),
        (["DJF", "MAM", "JJA"], "Season"),
        (["January", "shop", "April", "store"], "Name"),
        (["Jan Smit", "Mai Lin", "Juli Weber", "April Jones"], "Player"),
    ],
)
def test_other_names_beside_years_are_series(names: list[str], column: str) -> None:
    panel, summary = read(f"Year,{column},Sales\n{write(names)}")
    assert (panel.calendar.name, len(panel), summary.columns.ids) == ("yearly", len(names), (column,))


def test_names_beside_dates_are_series() -> None:
    rows = "".join(
        f"2024-01-{day:02d},{name},{day}\n" for day in range(1, 29) for name in ("Jan A", "Feb B", "Mai C", "Jun D")
    )
    assert len(read(f"date,team,value\n{rows}")[0]) == 4

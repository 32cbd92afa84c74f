"""Years beside months, quarters or half-years are one time, in any language and under any name."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command
from tests.time_forms import AHEAD, predict, refuse

YEARS = (2021, 2022, 2023)
NAMES = {
    "Jahr;Monat": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "Ano;Mês": "Jan Fev Mar Abr Mai Jun Jul Ago Set Out Nov Dez",
    "Año;Mes": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Année;Mois": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Anno;Mese": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Jaar;Maand": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "Rok;Miesiąc": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "År;Månad": "januari februari mars april maj juni juli augusti september oktober november december",
    "Calendar Year;Month Name": "January February March April May June July August September October November December",
    "a;b": "JANUAR FEBRUAR MÄRZ APRIL MAI JUNI JULI AUGUST SEPTEMBER OKTOBER NOVEMBER DEZEMBER",
}
NUMBERS = " ".join(map(str, range(1, 13)))
FORMS = {f"{header} in words": (header, words) for header, words in NAMES.items()}
FORMS |= {f"{header} in numbers": (header, NUMBERS) for header in NAMES if header != "a;b"}
FORMS |= {"of accounts": ("Year;Period", " ".join(f"P{month:02d}" for month in range(1, 13)))}


def write(
    header: str, times: Iterable[str], *, keys: Iterable[str] = ("",), first: int = 0, last: int | None = None
) -> str:
    """A row for each time and key; the values rise, so that a wrong order would show."""
    lines = [f"{key}{time};{10 + row + row % 5}" for key in keys for row, time in enumerate([*times][first:last])]
    Path("data.csv").write_text("\n".join([f"{header};Umsatz", *lines]) + "\n", encoding="utf-8")
    return "data.csv"


def spell(words: str) -> list[str]:
    """The times of three years, in the order of the calendar."""
    return [f"{year};{word}" for year in YEARS for word in words.split("|" if "|" in words else None)]


@pytest.mark.parametrize(("header", "words"), FORMS.values(), ids=FORMS)
def test_years_and_months_are_one_time(forecast: Command, header: str, words: str) -> None:
    times, ahead = spell(words), ["2024-01", "2024-02", "2024-03"]
    for order in (times, times[::-1]):
        assert predict(forecast, write(header, order)) == ahead
    note = forecast("predict", write(header, [*times[7:], *times[:7]]), "-o", "out.csv").stderr
    assert "time is joined from the columns {!r} and {!r}".format(*header.split(";")) in note
    frame = pd.read_csv("out.csv", sep=";")
    assert (len(frame), frame.columns[0]) == (12, "timestamp")
    assert frame["timestamp"].tolist()[:AHEAD] == ahead


@pytest.mark.parametrize("words", [NAMES["Jahr;Monat"], NUMBERS], ids=["words", "numbers"])
def test_months_stand_beside_series(forecast: Command, words: str) -> None:
    data = write("Filiale;Jahr;Monat", spell(words), keys=("Ulm;", "Bonn;"))
    forecast("predict", data, "--horizon", str(AHEAD), "-o", "out.csv")
    table = pd.read_csv("out.csv", sep=";")
    assert [*zip(table["Filiale"], table["timestamp"], strict=True)] == [
        (shop, month) for shop in ("Ulm", "Bonn") for month in ("2024-01", "2024-02", "2024-03")
    ]


PARTS = {
    "French quarters": ("Année;Trimestre", "T1|T2|T3|T4", ["2024Q1", "2024Q2", "2024Q3"]),
    "Spanish quarters": ("Año;Trimestre", "1|2|3|4", ["2024Q1", "2024Q2", "2024Q3"]),
    "German quarters": ("Jahr;Quartal", "1. Quartal|2. Quartal|3. Quartal|4. Quartal", ["2024Q1", "2024Q2", "2024Q3"]),
    "Roman quarters": ("Jahr;Quartal", "I|II|III|IV", ["2024Q1", "2024Q2", "2024Q3"]),
    "English quarters": ("Year;Quarter", "Qtr 1|Qtr 2|Qtr 3|Qtr 4", ["2024Q1", "2024Q2", "2024Q3"]),
    "quarters of no name": ("a;b", "Q1|Q2|Q3|Q4", ["2024Q1", "2024Q2", "2024Q3"]),
    "half-years": ("Year;Half", "H1|H2", ["2024-01", "2024-07", "2025-01"]),
    "German half-years": ("Jahr;Halbjahr", "1. Halbjahr|2. Halbjahr", ["2024-01", "2024-07", "2025-01"]),
}


@pytest.mark.parametrize(("header", "words", "ahead"), PARTS.values(), ids=PARTS)
def test_years_and_quarters_are_one_time(forecast: Command, header: str, words: str, ahead: list[str]) -> None:
    assert predict(forecast, write(header, spell(words))) == ahead


def test_numbers_of_no_name_are_months_where_a_year_is_not_whole(forecast: Command) -> None:
    assert predict(forecast, write("Jahr;x", spell(NUMBERS), first=2, last=30)) == ["2023-07", "2023-08", "2023-09"]


def test_numbers_of_no_name_may_be_series(forecast: Command) -> None:
    # twelve series of yearly values look the same as months where all years are whole
    assert "is there already" in refuse(forecast, write("Jahr;x", spell(NUMBERS)))
    # and other numbers are none
    assert "is there already" in refuse(forecast, write("Jahr;x", spell(NUMBERS.replace("7", "8")), last=30))


def test_teams_are_no_quarters(forecast: Command) -> None:
    outcome = forecast("predict", write("Jahr;Team", spell("T1|T2|T3|T4")), "--horizon", "1", "-o", "out.csv")
    assert "4 series, yearly; time 'Jahr', target 'Umsatz', series by 'Team'" in outcome.stderr


def test_months_are_not_offered_as_series(forecast: Command) -> None:
    for header, words in (("Geschäftsjahr;Monat", NAMES["Jahr;Monat"]), ("Exercice;Mois", NUMBERS)):
        data = write(header, spell(words))
        refuse(forecast, data)  # such a year may begin in any month
        year, month = header.split(";")
        message = refuse(forecast, data, "--time", year)
        assert "is there already" in message
        assert f"({month})" not in message
    times = [f"FY{time}" for time in spell(NAMES["Jahr;Monat"])]
    assert "(Monat)" not in refuse(forecast, write("Jahr;Monat", times), "--time", "Jahr")


def test_a_label_of_the_month_does_not_hide_it(forecast: Command) -> None:
    times = [f"{year};M{month:02d};{year} Jan" for year in YEARS for month in range(1, 13)]
    assert predict(forecast, write("Year;Period;Label", times)) == ["2024-01", "2024-02", "2024-03"]

"""The order of the rows shows with which season or month a year begins; where it does not, nothing is forecast."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command
from tests.test_words_of_parts import MONTHS as GERMAN_MONTHS
from tests.time_forms import predict, predict_and_say, refuse

YEARS = (2018, 2019, 2020, 2021, 2022, 2023)
SEASONS = {
    "English": "Year;Season spring Summer Autumn Winter",
    "American": "Year;Season Spring Summer Fall Winter",
    "winter first": "Year;Period Winter Spring Summer Fall",
    "German": "Jahr;Jahreszeit Frühling Sommer Herbst Winter",
    "French": "Année;Saison printemps été automne hiver",
    "Spanish": "Año;Estación PRIMAVERA VERANO OTOÑO INVIERNO",
    "Italian": "Anno;Stagione Primavera Estate Autunno Inverno",
    "Dutch": "Jaar;Seizoen lente zomer herfst winter",
}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FISCAL = [*MONTHS[6:], *MONTHS[:6]]


def list_times(words: list[str], *, years: tuple[int, ...] = YEARS) -> list[str]:
    return [f"{year};{word}" for year in years for word in words]


def write(header: str, times: list[str], *, shops: str = "") -> str:
    """A row for each time and shop; the values rise with the times, and have a season."""
    rows = [f"{time};{50 + row + 10 * (row % 4)}" for row, time in enumerate(times)]
    if shops:
        header, rows = f"Shop;{header}", [f"{shop};{row}" for shop in shops for row in rows]
    Path("data.csv").write_text("\n".join([f"{header};Value", *rows, ""]), encoding="utf-8")
    return "data.csv"


@pytest.mark.parametrize("words", SEASONS.values(), ids=SEASONS)
def test_years_and_seasons_are_one_quarterly_series(forecast: Command, words: str) -> None:
    header, *seasons = words.split()
    times = list_times(seasons)
    for kept in (times, times[::-1], times[2:], times[:-3]):
        ahead, said = predict_and_say(forecast, write(header, kept))
        last = max(kept, key=times.index)
        following = [f"{year}Q{quarter}" for year in (*YEARS, 2024) for quarter in range(1, 5)]
        assert ahead == following[times.index(last) + 1 :][:3]
        assert "1 series, quarterly" in said
        assert f"{seasons[0]} is Q1, and {seasons[-1]} Q4" in said


def test_seasons_stand_beside_shops_in_any_order_of_these(forecast: Command) -> None:
    times = list_times(["Spring", "Summer", "Fall", "Winter"])
    data = write("Year;Season", times, shops="AB")
    lines = Path(data).read_text(encoding="utf-8").splitlines()
    by_time = [lines[0], *(line for pair in zip(lines[1:25], lines[25:], strict=True) for line in pair), ""]
    for text in ("\n".join(lines), "\n".join(by_time)):
        Path(data).write_text(text, encoding="utf-8")
        forecast("predict", data, "--horizon", "2", "-o", "out.csv")
        table = pd.read_csv("out.csv", sep=";")
        assert [*zip(table["Shop"], table["timestamp"], strict=True)] == [
            (shop, time) for shop in "AB" for time in ("2024Q1", "2024Q2")
        ]


def test_the_values_of_seasons_stay_with_them(forecast: Command) -> None:
    rows = [f"{time};{100 if 'Winter' in time else 10}" for time in list_times(["Winter", "Spring", "Summer", "Fall"])]
    Path("data.csv").write_text("\n".join(["Year;Season;Value", *rows, ""]))
    forecast("predict", "data.csv", "--horizon", "4", "-o", "out.csv")
    table = pd.read_csv("out.csv", sep=";")
    assert table["timestamp"].iloc[int(table.iloc[:, 1].argmax())] == "2024Q1"


def test_seasons_in_no_order_are_asked_for(forecast: Command) -> None:
    seasons = ["Autumn", "Spring", "Summer", "Winter"]
    data = write("Year;Season", list_times(seasons))
    assert "does not show with which of them a 'Year' begins" in refuse(forecast, data)
    outcome = forecast("predict", data, "--id", "Season", "--horizon", "1", "-o", "out.csv")
    assert "4 series, yearly" in outcome.stderr, "one remedy"
    times = list_times([seasons[place] for place in (1, 2, 0, 3)])
    assert predict(forecast, write("Year;Season", times)) == ["2024Q1", "2024Q2", "2024Q3"], "another"


def test_some_seasons_only_are_asked_for(forecast: Command) -> None:
    data = write("Year;Season", list_times(["Summer", "Winter"]))
    assert "but not all four (Summer, Winter)" in refuse(forecast, data)
    assert forecast("predict", data, "--id", "Season", "-o", "out.csv").code == 0, "the remedy works"


def test_a_misspelt_season_is_refused_and_a_total_left_out(forecast: Command) -> None:
    times = list_times(["Spring", "Summer", "Fall", "Winter"])
    data = write("Year;Season", [*times[:-1], "2023;Wintr"])
    assert "'Wintr' is no season, as others are (Spring, Summer, Fall, Winter)" in refuse(forecast, data)
    write("Year;Season", list_times(["Spring", "Summer", "Fall", "Winter", "Total"]))
    outcome = forecast("predict", data, "--horizon", "1", "-o", "out.csv")
    assert (outcome.code, "1 series, quarterly" in outcome.stderr) == (0, True)


def test_collections_of_dates_are_series(forecast: Command) -> None:
    days = [f"2024-01-{day:02d};{season}" for day in range(1, 30) for season in ("Spring", "Summer", "Fall", "Winter")]
    outcome = forecast("predict", write("Date;Season", days), "--horizon", "1", "-o", "out.csv")
    assert "4 series, daily" in outcome.stderr


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Year;Month", FISCAL),
        ("Year;Month", [*map(str, range(4, 13)), "1", "2", "3"]),
        (
            "Jahr;Monat",
            [*GERMAN_MONTHS[9:], *GERMAN_MONTHS[:9]],
        ),
        ("Year;Quarter", ["Q3", "Q4", "Q1", "Q2"]),
    ],
)
def test_years_that_go_on_after_december_are_refused_with_both_readings(
    forecast: Command, header: str, words: list[str]
) -> None:
    times = list_times(words)
    year = header.split(";")[0]
    for order in (times, times[::-1], times[2:], times[: len(words) + 5]):
        message = refuse(forecast, write(header, order))
        assert f"{year!r} may be a fiscal year" in message
    assert f"'{words[0]}' of 2018 can be in 2018 or in 2017" in message
    first = min(words.index(word) for word in words if word in ("Jan", "1", "Januar", "Q1"))
    fixed = [f"{int(time[:4]) - (words.index(time[5:]) < first)}{time[4:]}" for time in times]
    assert len(predict(forecast, write(header, fixed))) == 3, "the remedy works"


def test_years_that_go_on_after_december_below_the_first_rows_are_refused(forecast: Command) -> None:
    shops = [chr(place) for place in range(0x4E00, 0x4E00 + 600)]
    rows = [f"{time};{shop};5" for time in list_times(FISCAL, years=(2022, 2023)) for shop in shops]
    Path("data.csv").write_text("\n".join(["Year;Month;Shop;Value", *rows, ""]), encoding="utf-8")
    assert "'Year' may be a fiscal year" in refuse(forecast, "data.csv")


def test_rows_in_no_order_are_read_by_the_calendar(forecast: Command) -> None:
    times = list_times(MONTHS)
    by_name = sorted(times)
    behind = [*times[20:], *times[:20]]
    by_month = sorted(times, key=lambda time: MONTHS.index(time[5:]))
    for order in (by_name, behind, by_month):
        assert predict(forecast, write("Year;Month", order)) == ["2024-01", "2024-02", "2024-03"]

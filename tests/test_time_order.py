"""Dates with several readings are read by the one that alone puts the rows of the file in order."""

import random
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

DAYS = [day for day in pd.date_range("2023-01-02", "2023-07-31") if day.day < 13 and day.day_of_week < 5]
"""Days with two readings at least, at no regular distance."""


def write(texts: list[str], *, key: str = "", name: str = "data.csv") -> None:
    header = "Datum;Filiale;Betrag" if key else "Datum;Betrag"
    rows = [f"{text}{';' if key else ''}{key};{10 + row % 7}" for row, text in enumerate(texts)]
    Path(name).write_text("\n".join([header, *rows]) + "\n")


@pytest.mark.parametrize("form", ["%d.%m.%y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%Y"])
@pytest.mark.parametrize("is_newest_first", [False, True])
def test_the_order_of_the_rows_shows_the_format(forecast: Command, form: str, is_newest_first: bool) -> None:
    days = [*DAYS, *(day + pd.DateOffset(years=1) for day in DAYS)]
    days = days[::-1] if is_newest_first else days
    write([day.strftime(form) for day in days])
    outcome = forecast("predict", "data.csv", "--freq", "D", "-o", "out.csv", "--horizon", "1")
    assert outcome.code == 0, outcome.stderr
    assert f"dates are read as {form}, which alone puts the rows in order (--date-format" in outcome.stderr
    ahead = max(days) + pd.Timedelta(days=1)
    assert pd.read_csv("out.csv", sep=";", dtype=str)["Datum"].tolist() == [ahead.strftime(form)]
    assert forecast("predict", "data.csv", "--freq", "D", "-o", "same.csv", "--date-format", form).code == 0


def test_each_series_and_each_file_is_in_order(forecast: Command) -> None:
    texts = [day.strftime("%d.%m.%y") for day in DAYS]
    write(texts, key="b", name="1.csv")
    write(texts, key="a", name="2.csv")
    header, *rows = Path("2.csv").read_text().splitlines()
    Path("2.csv").write_text("\n".join([header, *rows, *(row.replace("a", "c") for row in rows)]) + "\n")
    outcome = forecast("predict", "1.csv", "2.csv", "--freq", "D", "--id", "Filiale")
    assert outcome.code == 0, outcome.stderr
    assert "3 series" in outcome.stderr
    assert "dates are read as %d.%m.%y" in outcome.stderr


def test_no_order_or_one_of_texts_is_no_evidence(forecast: Command) -> None:
    texts = [day.strftime("%d.%m.%y") for day in DAYS]
    shuffled = random.Random(0).sample(texts, len(texts))
    one_off = [*texts[:20], texts[-1], *texts[20:-1]]
    few = texts[6:12]
    for kept in (sorted(texts), sorted(texts, reverse=True), shuffled, one_off, few):
        write(kept)
        outcome = forecast("predict", "data.csv", "--freq", "D")
        assert outcome.code == 65
        assert "Choose with --date-format %d.%m.%y or" in outcome.stderr


def test_years_of_two_centuries_are_refused(forecast: Command) -> None:
    write([day.strftime("%d.%m.60") for day in DAYS])
    outcome = forecast("predict", "data.csv", "--freq", "D")
    assert outcome.code == 65
    assert "can be 2060 or 1960" in outcome.stderr


def test_a_balance_with_decimals_is_not_named_as_an_id(forecast: Command) -> None:
    rows = [f"2024-01-{day:02d},{day}.5,{100 - day / 4},{day % 3}" for day in range(1, 29) for _ in "ab"]
    Path("data.csv").write_text("\n".join(["date,amount,balance,place", *rows]) + "\n")
    outcome = forecast("predict", "data.csv", "--target", "amount")
    assert outcome.code == 65
    assert "If another column (place) identifies the series" in outcome.stderr

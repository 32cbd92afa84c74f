"""Columns of whole numbers that name the series are found by their cells, whatever they are called."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command

DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=40)]
WORDS = ["--horizon", "2", "--output", "-"]


def make_rows(keys: tuple[tuple[int, ...], ...], *, seed: int = 0) -> list[str]:
    """A row of each day and key, with a whole number that now and then is the same."""
    values = np.random.default_rng(seed).integers(200, 260, len(DAYS) * len(keys))
    pairs = [(day, key) for day in DAYS for key in keys]
    return [f"{day},{','.join(map(str, key))},{value}" for (day, key), value in zip(pairs, values, strict=True)]


@pytest.mark.parametrize("name", ["Kostenstelle", "Konto", "Artikelnr.", "GL Account", "Compte", "Room"])
@pytest.mark.parametrize("order", ["by day", "by key", "shuffled"])
def test_a_number_that_names_the_series_is_found(forecast: Command, name: str, order: str) -> None:
    rows = make_rows(((4711,), (4712,), (4720,)))
    if order == "by key":
        rows.sort(key=lambda row: row.split(",")[1])
    elif order == "shuffled":
        rows = [rows[place] for place in np.random.default_rng(1).permutation(len(rows))]
    Path("data.csv").write_text("\n".join([f"date,{name},Betrag", *rows]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert f"target 'Betrag', series by '{name}' (found; --id names others)\n" in outcome.stderr
    given = forecast("predict", "data.csv", *WORDS, "--id", name)
    assert outcome.stdout == given.stdout
    # the remedies for rows that repeat a time do not sum up keys
    merged = forecast("predict", "data.csv", *WORDS, "--duplicates", "sum")
    assert f"target 'Betrag', one series; not used: {name} (" in merged.stderr


def test_two_numbers_that_name_the_series_are_found(forecast: Command) -> None:
    keys = tuple((centre, account) for centre in (10, 20, 70) for account in (4000, 4400))
    Path("data.csv").write_text("\n".join(["date,Kostenstelle,Konto,Betrag", *make_rows(keys)]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "series by 'Kostenstelle' and 'Konto' (found" in outcome.stderr
    assert outcome.stdout.count("\n") == 1 + 2 * 6


@pytest.mark.parametrize("words", [("K", "1", "2", "3"), ("PK", "K", "1", "2", "12"), ("101", "102", "B3")])
@pytest.mark.parametrize("order", ["by day", "shuffled"])
def test_numbers_and_words_that_name_the_series_are_found(
    forecast: Command, words: tuple[str, ...], order: str
) -> None:
    rows = [f"{day},{word},{200 + 7 * row % 23 + row}" for row, (day, word) in enumerate(product(DAYS, words))]
    if order == "shuffled":
        rows = [rows[place] for place in np.random.default_rng(1).permutation(len(rows))]
    Path("data.csv").write_text("\n".join(["date,Grade,Enrolled", *rows]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "target 'Enrolled', series by 'Grade' (found; --id names others)\n" in outcome.stderr
    assert outcome.stdout == forecast("predict", "data.csv", *WORDS, "--id", "Grade").stdout


def test_a_number_with_a_misspelt_cell_is_no_name_of_series(forecast: Command) -> None:
    counts = np.random.default_rng(2).integers(0, 4, 3 * len(DAYS)).astype(str)
    counts[17] = "x"
    rows = [f"{day},{key},{count}" for (day, key), count in zip(product(DAYS, "ab"), counts, strict=False)]
    Path("data.csv").write_text("\n".join(["date,shop,visits", *rows]))
    assert "column 'visits', line 19: 'x' is not a number" in forecast("predict", "data.csv").stderr


def test_a_text_that_names_the_series_comes_before_a_number_of_each(forecast: Command) -> None:
    prices = {"a": 300, "b": 500, "c": 400}
    rows = [f"{day},{prices[shop]},{shop},{step % 7}" for step, day in enumerate(DAYS) for shop in prices]
    Path("data.csv").write_text("\n".join(["date,cost,label,sales", *rows]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "series by 'label' (found; --id names others); not used: cost" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "keys"), [("Line", (1, 2, 3)), ("Std", tuple(range(1, 25))), ("SP", tuple(range(48)))]
)
def test_a_number_that_may_be_a_part_of_the_day_is_named(forecast: Command, name: str, keys: range) -> None:
    Path("data.csv").write_text("\n".join([f"date,{name},load", *make_rows(tuple((key,) for key in keys))]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert f"If another column ({name}) identifies the series, name it with --id" in outcome.stderr
    outcome = forecast("predict", "data.csv", *WORDS, "--id", name)
    assert outcome.stdout.count("\n") == 1 + 2 * len(keys)


def test_numbers_that_are_measured_are_no_keys(forecast: Command) -> None:
    values = np.random.default_rng(0).integers(1, 9, (len(DAYS) * 3, 2))
    rows = [f"{DAYS[place // 3]},{one},{other}" for place, (one, other) in enumerate(values)]
    Path("data.csv").write_text("\n".join(["date,visitors,orders", *rows]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "80 rows repeat a timestamp" in outcome.stderr or "160 rows repeat a timestamp" in outcome.stderr
    assert "(visitors" not in outcome.stderr


def test_a_number_that_names_the_series_of_a_frame_is_found() -> None:
    rows = [row.split(",") for row in make_rows(((4711,), (4712,), (4720,)))]
    frame = pd.DataFrame(rows, columns=["date", "Konto", "Betrag"]).astype({"Konto": int, "Betrag": float})
    assert len(forecaster.predict(frame, horizon=2)) == 6


@pytest.mark.parametrize("flags", [[], ["--id", "Name"], ["--id", "Konto"]])
def test_a_number_beside_its_name_is_not_forecast(forecast: Command, flags: list[str]) -> None:
    names = {"8400": "Erlöse 19 %", "4100": "Löhne", "4930": "Bürobedarf"}
    rows = [f"{day},{key},{names[key]},{value}" for day, key, value in _split_rows(names)]
    for order in (rows, sorted(rows, key=lambda row: row.split(",")[1]), rows[:-2]):
        Path("data.csv").write_text("\n".join(["date,Konto,Name,Saldo", *order]))
        outcome = forecast("predict", "data.csv", *WORDS, *flags)
        assert outcome.code == 0, outcome.stderr
        assert "3 series, daily; time 'date', target 'Saldo'" in outcome.stderr


def test_numbers_that_are_not_those_of_names_are_asked_for(forecast: Command) -> None:
    names = {"8400": "Erlöse", "4100": "Löhne", "4930": "Büro"}
    rows = [
        f"{day},{int(key) + (place == 50)},{names[key]},{value}"
        for place, (day, key, value) in enumerate(_split_rows(names))
    ]
    Path("data.csv").write_text("\n".join(["date,stock,Name,Saldo", *rows]))
    outcome = forecast("predict", "data.csv", *WORDS, "--id", "Name")
    assert outcome.code == 65
    assert "several columns hold numbers (stock, Saldo)" in outcome.stderr


def _split_rows(names: dict[str, str]) -> list[tuple[str, str, str]]:
    rows = [row.split(",") for row in make_rows(tuple((int(key),) for key in names))]
    return [(day, key, value) for day, key, value in rows]

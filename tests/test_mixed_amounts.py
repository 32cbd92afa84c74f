"""Amounts whose sign, currency or unit is in another column are asked for, and not forecast as one series."""

import random
import shlex
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from tests.conftest import Command

DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=60)]
WORDS = ["--horizon", "2", "--freq", "D", "--output", "-"]


def write(header: str, make: Callable[[int], str], *, seed: int | None = None) -> None:
    """A table of DAYS with the other cells of each row, in a random order where there is a seed."""
    rows = [f"{day},{make(step)}" for step, day in enumerate(DAYS)]
    if seed is not None:
        random.Random(seed).shuffle(rows)
    Path("data.csv").write_text("\n".join([header, *rows]))


@pytest.mark.parametrize(
    ("name", "one", "other", "says"),
    [
        ("D/C", "D", "C", "which numbers in 'Amount' are debits and which credits"),
        ("Soll/Haben", "S", "H", "which numbers in 'Amount' are debits and which credits"),
        ("Type", "Dr.", "Cr.", "which numbers in 'Amount' are debits and which credits"),
        ("Af Bij", "Af", "Bij", "which numbers in 'Amount' are debits and which credits"),
        ("Currency", "USD", "EUR", "the numbers are in several currencies (column 'Currency': USD, EUR)"),
        ("kind", "EUR", "JPY", "the numbers are in several currencies (column 'kind': EUR, JPY)"),
        ("Währung", "Euro", "Dollar", "the numbers are in several currencies (column 'Währung': Euro, Dollar)"),
        ("Unit", "kWh", "MWh", "the numbers are in several units (column 'Unit': kWh, MWh)"),
    ],
)
@pytest.mark.parametrize("seed", [None, 1])
def test_what_the_amounts_are_is_asked_for(
    forecast: Command, name: str, one: str, other: str, says: str, seed: int | None
) -> None:
    write(f"Date,Amount,{name}", lambda step: f"{100 + step % 7}.5,{one if step % 3 else other}", seed=seed)
    for command in (["predict", "data.csv", *WORDS], ["predict", "data.csv", *WORDS, "--duplicates", "sum"]):
        outcome = forecast(*command)
        assert outcome.code == 65
        assert outcome.stdout == ""
        assert says in outcome.stderr or says.replace(f"{one}, {other}", f"{other}, {one}") in outcome.stderr
    assert forecast("check", "data.csv").code == 65
    remedy = f"--id {shlex.quote(name)}"
    assert f"use {remedy}; " in outcome.stderr
    assert "use --id ''." in outcome.stderr
    both = forecast("predict", "data.csv", *WORDS, *shlex.split(remedy))
    assert both.stdout.count("\n") == 1 + 2 * 2, both.stderr
    alone = forecast("predict", "data.csv", *WORDS, "--id", "")
    assert alone.stdout.count("\n") == 1 + 2, alone.stderr


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("D/C", lambda step: f"{'-' if step % 3 else ''}{100 + step % 7},{'D' if step % 3 else 'C'}"),
        ("D/C", lambda step: f"{100 + step % 7},C"),
        ("Currency", lambda step: f"{100 + step % 7},EUR"),
        ("Currency", lambda step: f"{100 + step % 7},"),
        ("Valutadatum", lambda step: f"{100 + step % 7},{1 + step // 2 % 28:02d}.04.24"),
        ("grade", lambda step: f"{100 + step % 7},{'ABCD'[step % 4]}"),
    ],
)
def test_amounts_that_are_clear_are_forecast(forecast: Command, name: str, make: Callable[[int], str]) -> None:
    write(f"Date,Amount,{name}", make)
    outcome = forecast("predict", "data.csv", *WORDS)
    assert (outcome.code, outcome.stdout.count("\n")) == (0, 3), outcome.stderr


def test_a_currency_of_each_series_is_none_of_the_ids(forecast: Command) -> None:
    shops = (("a", "EUR"), ("b", "USD"), ("c", "EUR"))
    rows = [f"{day},{shop},{unit},{9 + step % 7}" for step, day in enumerate(DAYS) for shop, unit in shops]
    Path("data.csv").write_text("\n".join(["Date,shop,Currency,Amount", *rows]))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "series by 'shop' (found" in outcome.stderr
    assert outcome.code == 0
    # a shop that changes it
    text = Path("data.csv").read_text()
    Path("data.csv").write_text(text.replace(f"{DAYS[-1]},a,EUR", f"{DAYS[-1]},a,USD"))
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "several currencies (column 'Currency': EUR, USD)" in outcome.stderr
    assert "use --id shop,Currency; if they belong together as they are, use --id shop." in outcome.stderr
    assert forecast("predict", "data.csv", *WORDS, "--id", "shop").code == 0
    assert forecast("predict", "data.csv", *WORDS, "--id", "shop,Currency").code == 0


def test_several_columns_of_amounts_are_named_in_the_remedy(forecast: Command) -> None:
    write("Date,Currency,Gross,Net", lambda step: f"{'EUR' if step % 2 else 'JPY'},{100 + step % 7},{90 + step % 7}")
    words = ["predict", "data.csv", "--horizon", "2", "--output", "-", "--freq", "W-SUN", "--aggregate", "sum"]
    outcome = forecast(*words)
    assert "use --id Currency --target Gross,Net; " in outcome.stderr
    assert forecast(*words, "--id", "Currency", "--target", "Gross,Net").stdout.count("\n") == 1 + 4 * 2


def test_a_frame_is_asked_for_as_a_file_is() -> None:
    frame = pd.DataFrame({"date": pd.to_datetime(DAYS), "sales": range(60), "cur": ["EUR", "USD"] * 30})
    with pytest.raises(DataError, match="several currencies"):
        forecaster.predict(frame, horizon=2)
    assert len(forecaster.predict(frame, horizon=2, reading=ReadOptions(ids=("cur",), frequency="D"))) == 4

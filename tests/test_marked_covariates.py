"""Columns that mark some rows with 1, x or another word and leave all others blank, through the whole of `predict`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

KNOWN = ("--target", "sales", "--known", "promo", "--horizon", HORIZON)
NOTE = "or blank, and a blank one is read as no"
Table = pd.DataFrame


def split(table: Table) -> tuple[Table, Table]:
    return table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")


def mark(table: Table, word: Any) -> Table:
    """The table with `word` where there is a promotion, and blank cells elsewhere."""
    return table.assign(promo=table["promo"].map({1: word}))


def predict(forecast: Command, data: Table, future: Table, *words: str) -> tuple[str, str]:
    data.to_csv("data.csv", index=False)
    future.to_csv("future.csv", index=False)
    outcome = forecast("predict", "data.csv", *KNOWN, "--future", "future.csv", "-o", "-", *words)
    assert outcome.code == 0, outcome.stderr
    return outcome.stdout, outcome.stderr


@pytest.mark.parametrize("word", [1, "x", "yes", "promo", "1,0"])
def test_blank_is_no_where_all_others_have_one_value(forecast: Command, word: Any) -> None:
    data, future = split(make_shop())
    expected, said = predict(forecast, data, future)
    assert NOTE not in said
    found, said = predict(forecast, mark(data, word), mark(future, word))
    assert found == expected
    assert said.count(NOTE) == 1
    # in capitals here and there
    capital = word.upper() if isinstance(word, str) else word
    mixed = mark(data, word)
    mixed["promo"] = mixed["promo"].where(mixed.index % 2 == 0, mark(data, capital)["promo"])
    assert predict(forecast, mixed, mark(future, capital))[0] == expected
    # the future may say yes and no instead
    for yes, no in ((1, 0), ("yes", "no")):
        if word in ("x", "promo", "yes") or isinstance(yes, int):
            other = future.assign(promo=future["promo"].map({1: yes, 0: no}))
            assert predict(forecast, mark(data, word), other)[0] == expected
    marked = mark(make_shop(), word)
    frame = forecaster.predict(
        split(marked)[0],
        horizon=HORIZON,
        future=split(marked)[1],
        reading=ReadOptions(target="sales", known=("promo",)),
    )
    np.testing.assert_allclose(
        frame["forecast"], [float(line.split(",")[1]) for line in expected.splitlines()[1:]], rtol=1e-3
    )
    below = pd.concat([data, future])
    mark(below, word).to_csv("data.csv", index=False)
    assert forecast("predict", "data.csv", *KNOWN, "-o", "-").stdout == expected


@pytest.mark.parametrize("word", [1, "x"])
def test_a_future_that_nobody_has_filled_in_is_asked_for(forecast: Command, word: Any) -> None:
    data, future = split(make_shop())
    expected, _ = predict(forecast, data, future.assign(promo=0))
    mark(data, word).to_csv("data.csv", index=False)
    Path("future.csv").unlink()
    words = ("predict", "data.csv", *KNOWN, "-o", "out.csv")
    assert (
        forecast("template", "data.csv", *KNOWN, "-o", "future.csv").stderr.count("14 cells of promo to fill in") == 1
    )
    refused = forecast(*words, "--future", "future.csv")
    assert refused.code == 65
    assert "those of the future are all blank, as if nobody had filled them in: write 0 in them" in refused.stderr
    assert "14 values of what is known ahead are missing" in refused.stderr
    assert not Path("out.csv").exists()
    # steps without a row, and a file without the column, are missing as ever
    assert forecast(*words).code == 65
    future.drop(columns="promo").assign(other=1).to_csv("future.csv", index=False)
    assert forecast(*words, "--future", "future.csv").code == 65
    # both remedies work
    assert predict(forecast, mark(data, word), future.assign(promo=0))[0] == expected
    assert predict(forecast, mark(data, word), future.assign(promo=None), "--future-fill", "zero")[0] == expected


def test_check_finds_columns_of_marks(forecast: Command) -> None:
    mark(split(make_shop())[0], "x").to_csv("data.csv", index=False)
    outcome = forecast("check", "data.csv", "--target", "sales", "--known", "promo")
    assert "N404" in outcome.stderr
    assert "'promo'" in outcome.stderr
    assert "N404" in forecast("check", "data.csv", "--target", "sales", "--past", "promo").stderr


@pytest.mark.parametrize("kind", ["numbers", "one price", "few blanks", "zeros", "two words"])
def test_missing_values_stay_missing(forecast: Command, kind: str) -> None:
    table = make_shop()
    generator = np.random.default_rng(0)
    is_there = generator.random(len(table)) < (0.97 if kind == "few blanks" else 0.4)
    usual = {"one price": 2.49, "few blanks": 1, "zeros": 0, "two words": "x"}
    table["promo"] = table["promo"].map({0: "tv", 1: "flyer"}) if kind == "two words" else table["promo"]
    values = usual[kind] if kind in ("one price", "few blanks", "zeros") else table["promo"]
    table["promo"] = pd.Series(values, index=table.index, dtype=object).where(is_there, None)
    data, future = split(table)
    future["promo"] = table["promo"].dropna().iloc[0]
    _, said = predict(forecast, data, future)
    assert NOTE not in said
    data.to_csv("data.csv", index=False)
    assert "N404" not in forecast("check", "data.csv", "--target", "sales", "--known", "promo").stderr


@pytest.mark.parametrize("missing", ["NA", "-", "null", "n.a.", "-999"])
@pytest.mark.parametrize("word", [1, "x", "yes"])
def test_a_word_for_a_missing_value_is_no_blank(forecast: Command, word: Any, missing: str) -> None:
    table = make_shop()
    marked = table.assign(promo=table["promo"].map({1: word}).astype(object))
    marked["promo"] = marked["promo"].where(marked["promo"].notna(), missing)
    # all of them, or only the first ones
    first = mark(table, word)["promo"].astype(object).where(table.index > 20, marked["promo"])
    for promo in (marked["promo"], first):
        data, future = split(table.assign(promo=promo))
        future["promo"] = word
        assert NOTE not in predict(forecast, data, future, "--missing=-999")[1]
        assert NOTE not in predict(forecast, data.sample(frac=1, random_state=0), future, "--missing=-999")[1]


@pytest.mark.parametrize("word", [1, "x"])
@pytest.mark.parametrize("side", ["start", "end"])
@pytest.mark.parametrize("order", [1, -1])
def test_one_block_of_blanks_is_missing(forecast: Command, *, word: Any, side: str, order: int) -> None:
    data, future = split(make_shop())
    is_blank = np.arange(len(data)) < 60 if side == "start" else np.arange(len(data)) >= len(data) - 60
    data["promo"] = pd.Series(word, index=data.index, dtype=object).where(~is_blank, None)
    other = data.assign(shop="b")
    assert NOTE not in predict(forecast, data[::order], future.assign(promo=word))[1]
    # in each of two series, which together take turns
    both = pd.concat([data.assign(shop="a"), other]).iloc[::order]
    later = pd.concat([future.assign(shop="a", promo=word), future.assign(shop="b", promo=word)])
    assert NOTE not in predict(forecast, both, later)[1]
    # a mark within the blanks is enough
    data.loc[data.index[30 if side == "start" else -30], "promo"] = word
    assert NOTE in predict(forecast, data[::order], future.assign(promo=word))[1]


@pytest.mark.parametrize(("word", "is_mark"), [("DE", False), ("flyer", False), ("Promo", True), ("✓", True)])
def test_a_word_that_says_what_is_no_mark(forecast: Command, *, word: str, is_mark: bool) -> None:
    table = make_shop()
    table["promo"] = pd.Series(word, index=table.index).where(np.random.default_rng(0).random(len(table)) < 0.8)
    data, future = split(table)
    assert (NOTE in predict(forecast, data, future.assign(promo=word))[1]) == is_mark


BLANKS = "of its cells are empty and count as missing, not as"


@pytest.mark.parametrize(
    ("values", "none"),
    [((5, 10), "0"), (("flyer", "tv"), "none"), (("yes", "no"), "no"), (("flyer", "flyer"), "none")],
)
def test_blanks_that_count_as_missing_and_may_mean_none_are_said(
    forecast: Command, values: tuple[Any, Any], none: str
) -> None:
    table = make_shop()
    kinds = pd.Series(values).loc[[*range(2)] * len(table)].to_numpy()[: len(table)]
    written = table.assign(promo=pd.Series(kinds.astype(object)).where(table["promo"] > 0))
    data, future = split(written)
    future["promo"] = values[0]
    said = predict(forecast, data, future)[1]
    share = written["promo"].iloc[:-HORIZON].isna().mean()
    assert f"  promo: {share:.0%} {BLANKS} {none} (write {none} in all that mean it)\n" in said
    # where it is written there is nothing to say, nor of a few gaps, or those of a time without records
    whole = data.assign(promo=data["promo"].where(data["promo"].notna(), values[0]))
    few, early = (whole.astype({"promo": object}).copy() for _ in range(2))
    few.loc[few.index[::4], "promo"] = early.loc[early.index[:150], "promo"] = None
    for other in (whole, few, early):
        assert BLANKS not in predict(forecast, other, future)[1]


def test_categories_that_differ_in_capitals_or_blanks_only_are_said(forecast: Command) -> None:
    table = make_shop()
    kinds = table["promo"].map({0: "none", 1: "Flyer"})
    data, future = split(table.assign(promo=kinds))
    assert "differ only" not in predict(forecast, data, future)[1]
    mixed = data.assign(promo=data["promo"].where(data.index % 3 > 0, data["promo"].str.lower()))
    said = predict(forecast, mixed, future)[1]
    line = "'Flyer' and 'flyer' differ only in capitals or blanks, and count as different categories (write them alike)"
    assert f"  promo: {line}\n" in said
    shops = [data.assign(shop=f"s{number}", region=("N 1", "n1", "S")[number]) for number in range(3)]
    pd.concat(shops).to_csv("shops.csv", index=False)
    words = ("--target", "sales", "--id", "shop", "--known", "promo", "--static", "region", "--future-fill", "last")
    said = forecast("predict", "shops.csv", *words, "--horizon", 3, "-o", "-").stderr
    assert "  region: 'N 1' and 'n1' differ only in capitals" in said

"""Covariates that cannot be used: one sentence, an exit code, and nothing written; and what is only said."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.errors import DataError, UsageError
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

Table = pd.DataFrame
KNOWN = ("--known", "promo", "--target", "sales")


def write_parts(table: Table) -> tuple[Table, Table]:
    """Write the past to shop.csv; the past, and the future without sales."""
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales").reset_index(drop=True)
    past.to_csv("shop.csv", index=False)
    return past, future


def refuse(forecast: Command, *words: str | int, code: int = 65) -> str:
    """What is said where nothing is forecast."""
    outcome = forecast("predict", "shop.csv", "--horizon", HORIZON, *map(str, words))
    assert outcome.code == code, outcome.stderr
    assert outcome.stderr.count("error:") == 1
    assert not Path("forecasts.csv").exists()
    return outcome.stderr.split("error: ")[1].strip()


BAD_FUTURES: dict[str, tuple[Callable[[Table], Table], str]] = {
    "a hole": (
        lambda future: future.drop(index=3),
        "1 value of what is known ahead is missing on the 14 steps to forecast: 2024-07-22, promo.",
    ),
    "an empty cell": (
        lambda future: future.assign(promo=future["promo"].where(future.index != 3)),
        "1 value of what is known ahead is missing on the 14 steps to forecast: 2024-07-22, promo.",
    ),
    "a step twice with different values": (
        lambda future: pd.concat([future, future.iloc[[3]].assign(promo=1 - future["promo"][3])]),
        "2024-07-22 is there twice, with different values of 'promo'",
    ),
    "text where it was numbers": (
        lambda future: future.assign(promo="maybe"),
        "future.csv, column 'promo', line 2: 'maybe' is not a number, as other cells of this column are.",
    ),
    "a number without end": (
        lambda future: future.assign(promo="inf"),
        "future.csv, column 'promo', line 2: ",
    ),
    "other steps": (
        lambda future: future.assign(date=future["date"] + " 12:00"),
        "future.csv, line 2: ",
    ),
    "steps between the steps": (
        lambda future: future.assign(date=future["date"].str[:8] + "99"),
        "future.csv, column 'date', line 2: '2024-07-99' cannot be read as a timestamp like the others.",
    ),
    "rows of the past": (
        lambda future: pd.concat([pd.DataFrame({"date": ["2024-07-18"], "promo": [1]}), future]),
        "2024-07-18: --future has another value of 'promo' than the data",
    ),
    "a column that is missing": (
        lambda future: future[["date"]],
        "future.csv: no column 'promo', which the data have. It has 'date': rename one, or add it.",
    ),
    "no time": (
        lambda future: future[["promo"]],
        "future.csv: no column 'date', which the data have. It has ",
    ),
    "a column with another name": (
        lambda future: future.rename(columns={"promo": "Promos"}),
        "future.csv: no column 'promo', which the data have. Rename 'Promos', which it has, or add it.",
    ),
    "a column twice": (
        lambda future: (
            future.set_axis(["date", "promo"], axis=1)
            .join(future[["promo"]].set_axis(["Promo"], axis=1))
            .set_axis(["date", "promo", "promo"], axis=1)
        ),
        "future.csv: two columns are named 'promo'. Rename one of them.",
    ),
    "no rows": (lambda future: future.head(0), "future.csv: "),
}


@pytest.mark.parametrize("kind", BAD_FUTURES)
def test_a_future_that_does_not_fit(forecast: Command, kind: str) -> None:
    change, said = BAD_FUTURES[kind]
    _, future = write_parts(make_shop())
    change(future).to_csv("future.csv", index=False)
    assert said in refuse(forecast, *KNOWN, "--future", "future.csv")


def test_a_series_that_the_data_do_not_have(forecast: Command) -> None:
    table = pd.concat([make_shop(seed=seed).assign(store=f"s{seed}") for seed in range(2)])
    is_future = table["date"] > "2024-07-18"
    table[~is_future].to_csv("shop.csv", index=False)
    words = (*KNOWN, "--id", "store", "--future", "future.csv")
    future = table[is_future].drop(columns="sales")
    pd.concat([future, future.assign(store="new")]).to_csv("future.csv", index=False)
    said = refuse(forecast, *words)
    assert "future.csv, series new, line 30: the data have no such series." in said
    future.assign(store=future["store"] + "  ").to_csv("future.csv", index=False)
    said = refuse(forecast, *words)
    assert "the data have no such series but for 's0', which differs in blanks or capitals" in said
    future[future["store"] == "s0"].to_csv("future.csv", index=False)
    assert "s1, 2024-07-19, promo; s1, 2024-07-20, promo" in refuse(forecast, *words)


@pytest.mark.parametrize("place", ["a file", "rows below"])
def test_a_category_that_the_past_has_not(forecast: Command, place: str) -> None:
    table = make_shop()
    table["weather"] = np.random.default_rng(0).choice(["sun", "rain", "fog"], len(table))
    table.loc[table.index[-1], "weather"] = "storm"
    past, future = write_parts(table)
    future.to_csv("future.csv", index=False)
    words = ["--known", "weather", "--target", "sales"]
    if place == "a file":
        said = refuse(forecast, *words, "--future", "future.csv")
        assert said.startswith("future.csv, column 'weather', line 15: 'storm' is only in the future")
    else:
        pd.concat([past, future]).to_csv("shop.csv", index=False)
        assert "'storm' is only in the future" in refuse(forecast, *words)
    # after --until it has no effect, which is said
    table.to_csv("shop.csv", index=False)
    outcome = forecast("predict", "shop.csv", *words, "--horizon", HORIZON, "--until", "2024-07-18")
    assert (outcome.code, "weather=storm never changes in the past" in outcome.stderr) == (0, True)


def test_what_never_changed_has_no_effect_and_what_lies_far_out_is_limited(forecast: Command) -> None:
    table = make_shop()
    for column, values, said in (
        ("promo", np.where(np.arange(len(table)) < 200, 0, 1), "promo never changes in the past"),
        (
            "promo",
            np.where(np.arange(len(table)) < 200, table["promo"], 9),
            "promo goes far beyond the range of its past",
        ),
    ):
        _, future = write_parts(table.assign(**{column: values}))
        future.to_csv("future.csv", index=False)
        outcome = forecast("predict", "shop.csv", *KNOWN, "--horizon", HORIZON, "--future", "future.csv")
        assert (outcome.code, said in outcome.stderr) == (0, True), outcome.stderr
    write_parts(table)
    usual = forecast("predict", "shop.csv", *KNOWN, "--horizon", HORIZON, "--future-fill", "last")
    assert usual.code == 0
    assert "in the past" not in usual.stderr
    assert "beyond" not in usual.stderr


def test_times_with_and_without_an_offset(forecast: Command) -> None:
    times = pd.date_range("2024-05-01", periods=500 + HORIZON, freq="h")
    table = make_shop(days=500).assign(date=times.strftime("%Y-%m-%dT%H:%M:%S"))
    past, future = write_parts(table)
    future.to_csv("future.csv", index=False)
    past.assign(date=past["date"] + "+02:00").to_csv("shop.csv", index=False)
    said = refuse(forecast, *KNOWN, "--future", "future.csv")
    assert "future.csv, line 2: 2024-05-21 20:00:00 has no UTC offset, as the times of the data have." in said
    past.to_csv("shop.csv", index=False)
    future.assign(date=future["date"] + "+02:00").to_csv("future.csv", index=False)
    said = refuse(forecast, *KNOWN, "--future", "future.csv")
    assert "future.csv, column 'date': the times have a UTC offset, those of the data have none." in said


def test_options_that_do_not_go_together(forecast: Command) -> None:
    _, future = write_parts(make_shop())
    future.to_csv("future.csv", index=False)
    for words, said in (
        (("--known", "promo", "--past", "promo"), "--known and --past both name the column 'promo'."),
        (("--known", "promo,promo"), "--known names the column 'promo' twice."),
        (("--known", "date"), "--known date: shop.csv has no other column of times"),
        (("--known", "sales", "--target", "sales"), "--known and --target both name the column 'sales'."),
        (("--known", "price"), "--known price: shop.csv has no such column"),
        (("--future", "future.csv"), "--future: no column is known ahead. Name those that are with --known"),
        (("--past", "promo", "--future", "future.csv"), "--future: no column is known ahead."),
    ):
        assert said in refuse(forecast, *words, code=2), words
    assert "no.csv" in refuse(forecast, *KNOWN, "--future", "no.csv", code=66)
    outcome = forecast("predict", "shop.csv", *KNOWN, "--future", "future.csv", "--output", "future.csv")
    assert (outcome.code, "would overwrite future.csv, which is read" in outcome.stderr) == (2, True)


def test_data_and_future_cannot_both_be_stdin(forecast: Command) -> None:
    outcome = forecast("predict", "-", *KNOWN, "--future", "-")
    assert (outcome.code, "DATA and --future are both stdin" in outcome.stderr) == (2, True), outcome.stderr
    assert not Path("forecasts.csv").exists()


def test_a_rule_that_is_none() -> None:
    table = make_shop()
    reading = forecaster.ReadOptions(known=("promo",), target="sales")
    with pytest.raises(UsageError, match="future_fill 'next': not one of last, seasonal, mean, zero"):
        forecaster.predict(table.iloc[:-HORIZON], horizon=3, reading=reading, future_fill="next")  # type: ignore[arg-type]


def test_cells_of_the_data_that_are_no_covariate(forecast: Command) -> None:
    table = make_shop()
    for values, said in (
        (
            ["x"] * 5 + ["1"] * 209,
            "shop.csv, column 'promo', line 2: 'x' is not a number, as other cells of this column",
        ),
        ([f"c{number}" for number in range(214)], "shop.csv, column 'promo': 200 categories, more than 20."),
        (
            ["2,49", "2.49", "1,999"] + ["2.5"] * 211,
            "shop.csv, column 'promo', line 4: '1,999' may have a decimal comma or a decimal point",
        ),
        (["1e200"] + ["0"] * 213, "shop.csv, column 'promo', line 2: the value is too large to compute with."),
    ):
        write_parts(table.assign(promo=values))
        assert said in refuse(forecast, *KNOWN), values[0]


def test_frames_that_do_not_fit() -> None:
    table = make_shop()
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")
    reading = forecaster.ReadOptions(known=("promo",))
    for frame, said in (
        (future[["date"]], "the future frame: no column 'promo'"),
        (future.assign(date=past["date"].tail(HORIZON).to_numpy()), "another value of 'promo' than the data"),
        (future.assign(promo="x"), "the future frame, column 'promo', row 0: 'x' is not a number"),
        (future.iloc[1:], "2024-07-19, promo"),
        (future.head(0), "promo"),
    ):
        with pytest.raises(DataError, match=said.replace("(", r"\(")):
            forecaster.predict(past, horizon=HORIZON, reading=reading, future=frame)


def test_very_many_columns(forecast: Command) -> None:
    table = make_shop(days=300)
    noise = np.random.default_rng(0).normal(size=(len(table), 500)).round(3)
    names = [f"x{number}" for number in range(500)]
    table = pd.concat([table, pd.DataFrame(noise, columns=names)], axis=1)
    table.assign(sales=table["sales"].where(table.index < 300)).to_csv("shop.csv", index=False)
    outcome = forecast(
        "predict", "shop.csv", "--known", f"promo,{','.join(names)}", "--target", "sales", "--horizon", HORIZON
    )
    assert outcome.code == 0, outcome.stderr
    found, promo = pd.read_csv("forecasts.csv")["forecast"], table["promo"].tail(HORIZON).to_numpy() == 1
    assert np.isfinite(found).all()
    assert found[promo].mean() > found[~promo].mean()


def test_numbers_in_the_future_of_words_are_said_to_be_wrong_there(forecast: Command) -> None:
    table = make_shop()
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")
    past.assign(promo=np.where(past["promo"] > 0, "flyer", "tv")).to_csv("shop.csv", index=False)
    future.to_csv("future.csv", index=False)
    said = refuse(forecast, *KNOWN, "--future", "future.csv")
    assert "future.csv, column 'promo', line 2: '0' is a number, and the data have words" in said
    assert "('flyer', 'tv')" in said
    # a word among numbers of the data is wrong where it stands
    past.assign(promo=past["promo"].astype(str).where(past.index != 7, "tv")).to_csv("shop.csv", index=False)
    assert "shop.csv, column 'promo', line 9: 'tv' is not a number" in refuse(
        forecast, *KNOWN, "--future", "future.csv"
    )


def test_a_column_without_a_value_in_the_past_is_said_to_have_none(forecast: Command) -> None:
    table = make_shop().assign(price=np.nan)
    table.iloc[:-HORIZON].to_csv("shop.csv", index=False)
    table.iloc[-HORIZON:].drop(columns="sales").assign(price=2.5).to_csv("future.csv", index=False)
    words = ("--known", "promo,price", "--target", "sales", "--future", "future.csv")
    outcome = forecast("predict", "shop.csv", "--horizon", HORIZON, *words)
    assert outcome.code == 0, outcome.stderr
    assert "price has no value in the past, so what it is on the steps to forecast has no effect" in outcome.stderr
    assert "never changes" not in outcome.stderr


def test_a_column_for_the_past_without_any_value_is_said_to_tell_nothing(forecast: Command) -> None:
    table = make_shop().assign(visitors=np.nan, staff=3.0)
    table.iloc[:-HORIZON].to_csv("shop.csv", index=False)
    outcome = forecast("predict", "shop.csv", "--target", "sales", "--past", "visitors,staff")
    assert outcome.code == 0, outcome.stderr
    assert "visitors has no value, so nothing is learned from it: leave it out of --past." in outcome.stderr
    assert "staff has no value" not in outcome.stderr

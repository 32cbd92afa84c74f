"""A future without a column of the series holds for all of them, unless the data say that they differ."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

SHOPS = ("A", "B", "C")
KNOWN = ("--known", "promo", "--target", "sales", "--horizon", HORIZON)


def make_shops() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The past of three shops in two regions, and the future of their promotions, which are on the same days."""
    table = make_shop()
    generator = np.random.default_rng(1)
    shops = [
        table.assign(shop=shop, region="north" if shop == "A" else "south", sales=table["sales"] + 20 * number)
        for number, shop in enumerate(SHOPS)
    ]
    for shop in shops:
        shop["sales"] += generator.normal(0, 1, len(shop)).round(1)
    days = table["date"].iloc[-HORIZON:]
    past = pd.concat(shops, ignore_index=True)
    return past[~past["date"].isin(days)], table.iloc[-HORIZON:][["date", "promo"]]


def repeat(future: pd.DataFrame, names: tuple[str, ...] = SHOPS) -> pd.DataFrame:
    return pd.concat([future.assign(shop=name) for name in names])


def predict(forecast: Command, *words: str, future: pd.DataFrame, suffix: str = "csv") -> tuple[pd.DataFrame, str]:
    name = f"future.{suffix}"
    if suffix == "csv":
        future.to_csv(name, index=False)
    elif suffix == "parquet":
        future.to_parquet(name)
    else:
        future.to_excel(name, index=False)
    outcome = forecast("predict", "data.csv", *KNOWN, *words, "--future", name, "--digits", "full")
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv("forecasts.csv"), " ".join(outcome.stderr.split())


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_its_rows_hold_for_every_series_which_is_said(forecast: Command, suffix: str) -> None:
    past, future = make_shops()
    past.drop(columns="region").to_csv("data.csv", index=False)
    each, said = predict(forecast, "--id", "shop", future=repeat(future))
    assert "hold for every" not in said
    shared, said = predict(forecast, "--id", "shop", future=future, suffix=suffix)
    assert f"future.{suffix}: no column 'shop', so its rows hold for every series" in said
    pd.testing.assert_frame_equal(shared, each)
    other, _ = predict(forecast, "--id", "shop", future=future.assign(promo=0))
    assert not np.allclose(other["forecast"], each["forecast"], rtol=0.01)


def test_series_have_the_rows_of_their_region(forecast: Command) -> None:
    past, future = make_shops()
    past.loc[past["region"] == "south", "promo"] = 1 - past["promo"]
    past.to_csv("data.csv", index=False)
    north, south = repeat(future, ("A",)), repeat(future.assign(promo=1 - future["promo"]), ("B", "C"))
    whole = pd.concat([north.assign(region="north"), south.assign(region="south")])
    ids = ("--id", "shop", "--id", "region")
    each, _ = predict(forecast, *ids, future=whole)
    of_regions = whole.drop(columns="shop").drop_duplicates()
    shared, said = predict(forecast, *ids, future=of_regions)
    assert "no column 'shop', so its rows hold for every series with its 'region'" in said
    pd.testing.assert_frame_equal(shared, each)
    # one that no series has is an error, as it is where each has rows of its own
    of_regions.replace({"region": {"south": "soth"}}).to_csv("future.csv", index=False)
    outcome = forecast("predict", "data.csv", *KNOWN, *ids, "--future", "future.csv")
    assert outcome.code == 65
    assert "future.csv, line 16: no series of the data has 'soth' as 'region'" in outcome.stderr


@pytest.mark.parametrize("other", [1, "", None])
def test_where_series_differ_each_needs_rows_of_its_own(forecast: Command, other: int | str | None) -> None:
    past, future = make_shops()
    past = past.drop(columns="region").astype({"promo": object})
    if other is None:  # a blank means no, and no shop has a 0
        past["promo"] = past["promo"].where(past["promo"] == 1)
    place = 30 if other == 1 else int(np.flatnonzero((past["date"] > "2024-01-30") & (past["promo"] == 1))[0])
    day = past["date"].iloc[place]
    past.loc[(past["shop"] == "B") & (past["date"] == day), "promo"] = other
    past.to_csv("data.csv", index=False)
    future.to_csv("future.csv", index=False)
    outcome = forecast("predict", "data.csv", *KNOWN, "--id", "shop", "--future", "future.csv")
    assert outcome.code == 65
    said = " ".join(outcome.stderr.split())
    assert f"and there 'promo' differs between series at the same time (first at {day})" in said
    assert "'forecast template' writes them" in said
    assert not Path("forecasts.csv").exists()


@pytest.mark.parametrize("other", ["written", "later"])
def test_where_times_are_not_the_same_nothing_can_be_compared(forecast: Command, other: str) -> None:
    past, future = make_shops()
    past = past.drop(columns="region")
    is_other = past["shop"] == "B"
    # its promotions are on other days, which the same days written otherwise, or other days, do not show
    past["promo"] = past["promo"].where(~is_other, 1 - past["promo"])
    if other == "written":
        past["date"] = past["date"].where(~is_other, past["date"] + " 00:00")
    else:
        half = past["date"].iloc[len(past) // 6]
        past = past[(past["date"] > half) == is_other]
    past.to_csv("data.csv", index=False)
    future.to_csv("future.csv", index=False)
    outcome = forecast("predict", "data.csv", *KNOWN, "--id", "shop", "--future", "future.csv")
    assert outcome.code == 65
    said = " ".join(outcome.stderr.split())
    assert "series B has no time in common with the others, so that nothing shows" in said
    assert "'forecast template' writes them" in said


def test_a_column_of_a_similar_name_is_no_future_for_all(forecast: Command) -> None:
    past, future = make_shops()
    past.drop(columns="region").to_csv("data.csv", index=False)
    repeat(future).rename(columns={"shop": "Shop "}).to_csv("future.csv", index=False)
    outcome = forecast("predict", "data.csv", *KNOWN, "--id", "shop", "--future", "future.csv")
    assert outcome.code == 65
    assert "no column 'shop', which the data have. Rename" in " ".join(outcome.stderr.split())


def test_frames_do_the_same() -> None:
    past, future = make_shops()
    past = past.drop(columns="region")
    reading, said = forecaster.ReadOptions(target="sales", ids=("shop",), known=("promo",)), list[str]()
    each, shared = (
        forecaster.predict(past, horizon=HORIZON, reading=reading, future=frame, on_remark=said.append)
        for frame in (repeat(future), future)
    )
    pd.testing.assert_frame_equal(shared, each)
    assert sum("hold for every series" in line for line in said) == 1

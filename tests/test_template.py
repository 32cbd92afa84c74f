"""`forecast template`: exactly the rows that a forecast needs, written as the data are, ready to be filled in."""

from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import forecaster
from forecaster import ReadOptions
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

KNOWN = ["--known", "promo"]


def write_past(table: pd.DataFrame, path: str = "shop.csv") -> pd.DataFrame:
    """Write all but the last HORIZON days; return these, without sales."""
    table.iloc[:-HORIZON].to_csv(path, index=False)
    return table.iloc[-HORIZON:].drop(columns="sales").reset_index(drop=True)


def test_a_template_that_is_filled_in_gives_the_forecast_of_rows_below_the_data(forecast: Command) -> None:
    table = make_shop()
    future = write_past(table)
    outcome = forecast("template", "shop.csv", *KNOWN, "--horizon", HORIZON)
    assert outcome.code == 0, outcome.stderr
    assert "14 rows written to future.csv, 14 cells of promo to fill in" in outcome.stderr
    template = pd.read_csv("future.csv")
    assert template["date"].tolist() == future["date"].tolist()
    assert template["promo"].isna().all()
    # as it is, it lacks what the forecast needs
    words = ["predict", "shop.csv", *KNOWN, "--horizon", HORIZON, "--quiet"]
    empty = forecast(*words, "--future", "future.csv")
    assert (empty.code, Path("forecasts.csv").exists()) == (65, False)
    assert "14 values of what is known ahead are missing" in empty.stderr
    template.assign(promo=future["promo"]).to_csv("future.csv", index=False)
    assert forecast(*words, "--future", "future.csv").code == 0
    with_file = Path("forecasts.csv").read_bytes()
    pd.concat([table.iloc[:-HORIZON], future]).to_csv("shop.csv", index=False)
    assert forecast(*words).code == 0
    assert Path("forecasts.csv").read_bytes() == with_file


def test_a_future_that_is_filled_in_in_part_is_completed(forecast: Command) -> None:
    future = write_past(make_shop())
    future["promo"] = [1, 0] * (HORIZON // 2)
    future.assign(promo=future["promo"].where(future.index % 3 > 0)).iloc[2:].to_csv("part.csv", index=False)
    words = ["shop.csv", *KNOWN, "--horizon", HORIZON, "--future", "part.csv"]
    refused = forecast("predict", *words).stderr
    assert "6 values of what is known ahead are missing" in refused
    assert "'forecast template' writes all that are needed, with what FILE has" in refused
    outcome = forecast("template", *words, "--output", "rest.csv")
    assert "14 rows written to rest.csv, 6 cells of promo to fill in" in outcome.stderr
    rest = pd.read_csv("rest.csv")
    assert rest["promo"].isna().tolist() == [number < 2 or number % 3 == 0 for number in range(HORIZON)]
    assert rest["date"].tolist() == future["date"].tolist()
    filled = rest["promo"].notna()
    assert rest["promo"][filled].tolist() == future["promo"][filled].tolist()
    whole = rest.assign(promo=rest["promo"].fillna(future["promo"]))
    whole.to_csv("whole.csv", index=False)
    assert forecast("predict", *words[:-1], "whole.csv").code == 0
    past, given = pd.read_csv("shop.csv"), pd.read_csv("part.csv")
    assert_frame_equal(
        forecaster.template(past, horizon=HORIZON, reading=ReadOptions(known=("promo",)), future=given).astype(
            rest.dtypes
        ),
        rest,
    )
    assert forecast("template", *words, "--output", "part.csv").code == 2


def test_cells_are_written_as_the_data_write_them_and_filled_in_where_they_are_known(forecast: Command) -> None:
    table = make_shop()
    table["date"] = pd.to_datetime(table["date"]).dt.strftime("%d.%m.%Y")
    table["open"] = ["Ja", "Nein", "Ja", "Ja"] * 53 + ["Ja", "Nein"]
    table["weather"] = ["sun", "rain", "fog", "sun"] * 53 + ["fog", "rain"]
    table["price"] = table["promo"].map({0: 2.5, 1: 1.25})
    table.loc[table.index[-HORIZON:], "sales"] = None
    table.loc[table.index[-7:], ["open", "weather", "price"]] = None
    table.to_csv("shop.csv", sep=";", decimal=",", index=False)
    known = ["--known", "price,open", "--known", "weather", "--target", "sales", "--horizon", "14"]
    outcome = forecast("template", "shop.csv", *known, "--output", "-", "--quiet")
    assert outcome.code == 0, outcome.stderr
    lines = outcome.stdout.splitlines()
    assert lines[0] == "date;price;open;weather"
    wanted = table.iloc[-HORIZON:-7]
    rows = [
        f"{date};{str(price).replace('.', ',')};{is_open};{weather}"
        for date, price, is_open, weather in zip(
            wanted["date"], wanted["price"], wanted["open"], wanted["weather"], strict=True
        )
    ]
    assert lines[1:8] == rows
    assert lines[8:] == [f"{date};;;" for date in table["date"].iloc[-7:]]
    # what was empty is filled in, and everything is read again
    filled = [line if line[-3:] != ";;;" else f"{line[:-3]};1,25;Nein;rain" for line in lines]
    Path("future.csv").write_text("\n".join(filled))
    done = forecast("predict", "shop.csv", *known, "--future", "future.csv", "--quiet")
    assert done.code == 0, done.stderr


def test_series_that_end_apart_have_the_rows_that_each_of_them_needs(forecast: Command) -> None:
    table = pd.concat([make_shop(seed=seed).assign(store=f"s{seed}") for seed in range(4)])
    is_late = (table["store"] == "s3") & (table["date"] > "2024-07-14")
    table[(table["date"] <= "2024-07-18") & ~is_late].to_csv("shop.csv", index=False)
    words = ["shop.csv", "--id", "store", *KNOWN, "--horizon", "5"]
    assert forecast("template", *words, "--quiet").code == 0
    template = pd.read_csv("future.csv")
    days = template.groupby("store")["date"].agg(list).to_dict()
    common = [f"2024-07-{day}" for day in range(19, 24)]
    assert days["s0"] == days["s1"] == days["s2"] == common
    # over its gap, then for the same steps
    assert days["s3"] == ["2024-07-15", "2024-07-16", "2024-07-17", "2024-07-18", *common]
    template.assign(promo=0).to_csv("future.csv", index=False)
    assert forecast("predict", *words, "--future", "future.csv", "--quiet").code == 0
    # one that has ended is not forecast, and needs nothing
    assert forecast("template", *words, "--horizon", "3", "--output", "three.csv", "--quiet").code == 0
    assert set(pd.read_csv("three.csv")["store"]) == {"s0", "s1", "s2"}
    own = forecast("template", *words, "--origin", "own", "--output", "-", "--quiet")
    assert pd.read_csv(StringIO(own.stdout)).groupby("store").size().to_dict() == dict.fromkeys(days, 5)


@pytest.mark.parametrize("form", ["wide", "two targets"])
def test_series_that_share_their_covariates_share_a_row(forecast: Command, form: str) -> None:
    table = make_shop()
    table["returns"] = table["sales"].shift(1, fill_value=100)
    table.iloc[:-HORIZON].to_csv("shop.csv", index=False)
    words = ["shop.csv", *KNOWN, "--horizon", "5", "--quiet"]
    words += ["--wide"] if form == "wide" else ["--target", "sales,returns"]
    assert forecast("template", *words).code == 0
    template = pd.read_csv("future.csv")
    assert [*template] == ["date", "promo"]
    assert len(template) == 5
    template.assign(promo=[0, 1, 0, 1, 0]).to_csv("future.csv", index=False)
    assert forecast("predict", *words, "--future", "future.csv").code == 0
    assert len(pd.read_csv("forecasts.csv")) == 10


def test_a_frame_gives_a_frame_of_the_same_types() -> None:
    table = make_shop()
    table["date"] = pd.to_datetime(table["date"])
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:]
    reading = forecaster.ReadOptions(known=("promo",))
    template = forecaster.template(past, horizon=HORIZON, reading=reading)
    assert template["date"].tolist() == future["date"].tolist()
    assert template["date"].dtype == table["date"].dtype
    assert template["promo"].isna().all()
    template["promo"] = future["promo"].to_numpy()
    found = forecaster.predict(past, horizon=HORIZON, reading=reading, future=template)
    below = forecaster.predict(table.assign(sales=table["sales"].where(table.index < 200)), reading=reading, horizon=14)
    pd.testing.assert_frame_equal(found, below)


DAYS, HOURS = pd.date_range("2023-12-01", periods=60), pd.date_range("2024-01-29", periods=220, freq="h")
MONTHS, WEEKS = pd.date_range("2020-01-01", periods=48, freq="MS"), pd.date_range("2020-01-06", periods=80, freq="7D")


@pytest.mark.parametrize(
    "parts",
    [
        {"Year": MONTHS.year, "Month": MONTHS.month},
        {"Year": DAYS.year, "Month": DAYS.month, "Day": DAYS.day},
        {"Year": DAYS.year, "DOY": DAYS.day_of_year},
        {"Year": WEEKS.isocalendar()["year"].to_numpy(), "Week": WEEKS.isocalendar()["week"].to_numpy()},
        {"Datum": HOURS.strftime("%d.%m.%Y"), "Uhrzeit": HOURS.strftime("%H:%M")},
        {"Date": HOURS.strftime("%m/%d/%Y"), "Time": HOURS.strftime("%I:%M %p")},
        {"Date": HOURS.strftime("%Y-%m-%d"), "HE": HOURS.hour + 1},
    ],
    ids=lambda parts: " ".join(parts),
)
def test_a_time_in_several_columns_is_written_in_these(forecast: Command, parts: dict[str, Any]) -> None:
    table = pd.DataFrame(parts).assign(promo=lambda rows: rows.index % 3, sales=lambda rows: 9 + rows.index % 7)
    future = table.iloc[-6:].drop(columns="sales").reset_index(drop=True)
    table.iloc[:-6].to_csv("parts.csv", index=False)
    words = ["parts.csv", *KNOWN, "--target", "sales", "--horizon", "6"]
    assert forecast("template", *words).code == 0
    template = pd.read_csv("future.csv")
    pd.testing.assert_frame_equal(template[[*parts]], future[[*parts]], check_dtype=False)
    template.assign(promo=future["promo"]).to_csv("future.csv", index=False)
    filled = forecast("predict", *words, "--future", "future.csv", "--output", "-")
    table.assign(sales=table["sales"].where(table.index < len(table) - 6)).to_csv("parts.csv", index=False)
    assert filled.code == 0, filled.stderr
    assert filled.stdout == forecast("predict", *words, "--output", "-").stdout
    # a frame, too
    reading = forecaster.ReadOptions(known=("promo",), target="sales")
    found = forecaster.template(table.iloc[:-6], horizon=6, reading=reading)
    frame = forecaster.predict(table.iloc[:-6], horizon=6, reading=reading, future=found.assign(promo=future["promo"]))
    written = pd.read_csv(StringIO(filled.stdout))["forecast"].tolist()
    assert frame["forecast"].tolist() == pytest.approx(written, abs=0.006)


def test_what_has_no_template_is_explained(forecast: Command) -> None:
    write_past(make_shop())
    none = forecast("template", "shop.csv")
    assert (none.code, "No column is known ahead. Name those that are with --known" in none.stderr) == (2, True)
    assert not Path("future.csv").exists()


def test_a_file_that_was_filled_in_is_never_overwritten(forecast: Command) -> None:
    write_past(make_shop())
    assert forecast("template", "shop.csv", *KNOWN).code == 0
    Path("future.csv").write_text("date,promo\n2024-07-19,1\n")
    again = forecast("template", "shop.csv", *KNOWN)
    assert (again.code, "future.csv exists already" in again.stderr) == (2, True)
    assert Path("future.csv").read_text() == "date,promo\n2024-07-19,1\n"


def test_a_file_that_could_not_be_given_back_is_not_written(forecast: Command) -> None:
    write_past(make_shop())
    for name in ("future.json", "future.xlsx"):
        outcome = forecast("template", "shop.csv", "--target", "sales", "--known", "promo", "--output", name)
        assert (outcome.code, "ends in .csv" in outcome.stderr) == (2, True)
        assert not Path(name).exists()

"""Which columns of numbers are forecast, which are named as not used, and where the choice is the user's."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError, UsageError
from tests.conftest import Command
from tests.test_reading import as_lists, read

FILES = Path(__file__).parent / "files"
DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=20)]


def make_table(**columns: list[Any]) -> str:
    """A daily table with the given columns, whose cells are repeated to its length."""
    rows = ([day, *(cells[row % len(cells)] for cells in columns.values())] for row, day in enumerate(DAYS))
    return "\n".join(",".join(map(str, row)) for row in [["date", *columns], *rows]) + "\n"


@pytest.mark.parametrize(
    ("name", "target", "unused"),
    [
        ("stock_prices.csv", "Close", "Open, High, Low, Adj Close, Volume"),
        ("close_last_in_dollars.csv", "Close/Last", "Volume, Open, High, Low"),
        ("yahoo_history.csv", "Close*", "Open, High, Low, Adj Close**, Volume"),
        ("shop_with_promotions.csv", "tickets", "Unnamed: 0, promo, holiday, weekday"),
    ],
)
def test_the_obvious_target_is_forecast_and_the_others_are_named(
    forecast: Command, name: str, target: str, unused: str
) -> None:
    outcome = forecast("predict", FILES / name, "--horizon", "2", "--output", "-")
    assert f"target '{target}', one series; not used: {unused} (--known or --past uses them)\n" in outcome.stderr
    chosen = forecast("predict", FILES / name, "--horizon", "2", "--output", "-", "--target", target)
    assert (outcome.code, outcome.stdout) == (0, chosen.stdout)
    panel, summary = read_frame(pd.read_csv(FILES / name))
    assert (panel.ids, summary.columns.targets) == ([()], (target,))


TABLES: dict[str, tuple[dict[str, list[Any]], tuple[str, ...], bool]] = {
    "close among prices": ({"Open": [1, 2], "High": [2, 3], "Close": [2, 2], "Volume": [9e6, 8e6]}, ("Close",), False),
    "a closing price of another name": ({"Price": [2, 3], "Open": [1, 2], "Vol.": [9e6, 8e6]}, ("Price",), False),
    "German": ({"Filiale": [7], "Menge": [3, 5], "Preis": [1, 2]}, ("Menge",), False),
    "a unit after the name": ({"Umsatz (EUR)": [300, 500], "Kunden": [10, 20]}, ("Umsatz (EUR)",), False),
    "flags": ({"kwh": [3, 5, 4], "is_closed": [0, 1], "working": [1, 0, 1]}, ("kwh",), False),
    "a constant": ({"kwh": [3, 5, 4], "tariff": [7]}, ("kwh",), False),
    "a key": ({"plz": [80331], "kwh": [3, 5, 4]}, ("kwh",), False),
    "index": ({"idx": list(range(20)), "kwh": [3, 5, 4]}, ("kwh",), False),
    "an id that counts rows": ({"id": list(range(1, 21)), "kwh": [3, 5, 4]}, ("kwh",), False),
    "a day of the month": ({"births": [905, 813, 950], "day_of_month": [*range(1, 21)]}, ("births",), False),
    "an hour of the day": ({"births": [905, 813, 950], "hour of day": [7, 8, 9, 10]}, ("births",), False),
    "fractions in a column of that name": ({"a": [9, 8, 5], "dom": [7.5, 8.1, 9]}, ("a", "dom"), True),
    "word of a name": (
        {"Store": [1], "Weekly_Sales": [3, 5], "CPI": [9, 8], "Holiday_Flag": [0, 1]}, ("Weekly_Sales",), False
    ),
    "one kind": ({"store_1": [3, 5], "store_2": [4e4, 5e4], "holiday": [0, 1]}, ("store_1", "store_2"), True),
    "series of other names": ({"Berlin": [3, 5], "Hamburg": [40, 50]}, ("Berlin", "Hamburg"), True),
    "a series of few sales": ({"milk": [3, 5], "salt": [0, 1], "bread": [4, 2]}, ("milk", "salt", "bread"), True),
    "only flags": ({"left": [0, 1], "right": [1, 1, 0]}, ("left", "right"), True),
    "an index of prices": ({"index": [100, 103, 101], "rent": [90, 95]}, ("index", "rent"), True),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "targets", "wide"), TABLES.values(), ids=TABLES)
def test_targets_are_chosen_by_name_and_cells(
    columns: dict[str, list[Any]], targets: tuple[str, ...], wide: bool
) -> None:
    _, summary = read(make_table(**columns))
    found = summary.columns
    assert (found.targets, found.wide, found.ids) == (targets, wide, ())
    assert set(found.ignored) == set(columns) - set(targets)


UNCLEAR: dict[str, dict[str, list[Any]]] = {
    "two usual targets": {"Umsatz": [300, 500], "Menge": [3, 5]},
    "scales": {"price": [1.5, 2.5], "population": [3e6, 4e6]},
    "volume and price": {"volume": [30, 40], "cost": [3, 4]},
    "beside a key": {"store": [1], "kwh": [3, 5], "cost": [4, 6]},
}


@pytest.mark.parametrize("columns", UNCLEAR.values(), ids=UNCLEAR)
def test_columns_that_are_not_alike_are_asked_for(forecast: Command, columns: dict[str, list[Any]]) -> None:
    text = make_table(**columns)
    plausible = ",".join(list(columns)[-2:])
    with pytest.raises(DataError, match=f"several columns hold numbers .*--target {plausible}; if .* use --wide"):
        read(text)
    first = plausible.split(",")[0]
    for flags, series in ((["--target", plausible], 2), (["--target", first], 1), (["--wide"], len(columns))):
        outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-", *flags)
        assert outcome.code == 0, outcome.stderr
        assert outcome.stdout.count("\n") == 1 + 2 * series


def test_several_targets_are_forecast_each_on_its_own(forecast: Command) -> None:
    rows = [f"{shop},{day},{row % 7 + 3},{row % 5 + 1}\n" for shop in "ab" for row, day in enumerate(DAYS)]
    Path("data.csv").write_text("".join(["shop,date,units,price\n", *rows]))
    words = ["predict", "data.csv", "--id", "shop", "--horizon", "2", "--output", "-"]
    outcome = forecast(*words, "--target", "units,price")
    assert "40 rows, 4 series, daily; time 'date', targets 'units', 'price', series by 'shop'" in outcome.stderr
    table = list(csv.reader(outcome.stdout.splitlines()))
    assert table[0][:4] == ["shop", "target", "date", "forecast"]
    for target in ("units", "price"):
        one = list(csv.reader(forecast(*words, "--target", target).stdout.splitlines()))
        assert [[row[0], *row[2:]] for row in table if row[1] == target] == one[1:]


def test_targets_and_ids_may_be_separated_by_commas() -> None:
    text = "region,sku,date,a,b\nn,1,2024-01-01,1,2\ns,1,2024-01-01,3,4\nn,1,2024-01-02,5,6\n"
    panel, _ = read(text, ids=("region, sku",), target="a,b")
    assert panel.id_columns == ("region", "sku", "target")
    assert panel.ids == [("n", "1", "a"), ("s", "1", "a"), ("n", "1", "b"), ("s", "1", "b")]
    assert list(as_lists(panel).values()) == [[1, 5], [3], [2, 6], [4]]
    frame = pd.DataFrame({"date": DAYS[:3], "a": [1, 2, 3], "b": [4, 5, 6]})
    assert as_lists(read_frame(frame, options=ReadOptions(target="a,b"))[0]) == {("a",): [1, 2, 3], ("b",): [4, 5, 6]}


def test_a_column_whose_name_has_a_comma_is_found_by_its_name() -> None:
    panel, _ = read('date,"a,b",a,b\n2024-01-01,1,2,3\n2024-01-02,2,3,4\n', target="a,b")
    assert as_lists(panel) == {(): [1, 2]}


def test_names_in_a_list_are_checked() -> None:
    with pytest.raises(UsageError, match=r"--target c: data\.csv has no such column"):
        read("date,a,b\n2024-01-01,1,2\n2024-01-02,1,2\n", target="a,c")
    with pytest.raises(UsageError, match="--target names the column 'a' twice"):
        read("date,a,b\n2024-01-01,1,2\n2024-01-02,1,2\n", target="a,a")
    with pytest.raises(DataError, match=r"have a column 'target'\. Rename"):
        read("date,a,b,target\n2024-01-01,1,2,3\n2024-01-02,1,2,3\n", target="a,b")


def test_an_index_is_no_series_of_a_wide_table() -> None:
    panel, summary = read(make_table(n=list(range(20)), a=[3, 5], b=[4, 6]), wide=True)
    assert (panel.ids, summary.columns.ignored) == ([("a",), ("b",)], ("n",))


@pytest.mark.parametrize(
    ("other", "cells"),
    [
        ("Actual", [97, 112, 131, 88]),
        ("Ist", [9000, 11200, 13100]),
        ("units", [3, 5, 4]),
        ("Visitors", [97, 112, 131, 88]),
    ],
)
def test_a_target_that_may_be_a_plan_is_asked_for(forecast: Command, other: str, cells: list[Any]) -> None:
    plan = [100 + step for step in range(20)]
    Path("data.csv").write_text(make_table(Target=plan, **{other: cells}))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert "'Target' may be the column to forecast, or a plan beside what was measured" in outcome.stderr
    assert f"--target {other} or --target Target." in outcome.stderr
    assert forecast("check", "data.csv").code == 65
    for column in (other, "Target"):
        outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-", "--target", column)
        assert f"target '{column}', one series" in outcome.stderr


@pytest.mark.parametrize(
    ("other", "cells"),
    [("promo", [0, 1]), ("temp", [0.1, 7.5]), ("store_id", [101, 102]), ("Target_low", [90, 97]), ("constant", [100])],
)
def test_a_target_beside_what_explains_it_is_forecast(forecast: Command, other: str, cells: list[Any]) -> None:
    Path("data.csv").write_text(make_table(**{other: cells, "target": [97, 112, 131, 88]}))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-", "--id", "")
    assert f"target 'target', one series; not used: {other} (" in outcome.stderr


RISING = [4711 + 3 * step for step in range(20)]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        *((name, RISING) for name in ("Vch No.", "Belegnr.", "N° facture", "Nº NF", "Rechnungsnummer", "RECORD")),
        ("Document entry no.", RISING[::-1]),
        # several lines of a receipt, numbers of two books, and a number that began anew
        ("Belegnr.", [4711 + step // 3 for step in range(20)]),
        ("Belegnr.", [step + 1000 * (step % 2) for step in range(20)]),
        ("RECORD", [*range(100, 119), 0]),
    ],
)
def test_numbers_of_receipts_and_records_are_not_forecast(forecast: Command, name: str, numbers: list[int]) -> None:
    Path("data.csv").write_text(make_table(**{name: numbers, "Credit": [970, 1120, 1310, 880]}))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert f"target 'Credit', one series; not used: {name} (" in outcome.stderr
    assert "W3" not in outcome.stderr


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("N° clients", [5, 9, 4, 7]), ("Besucher Nr", [1.5, 2.5]), ("Vouchers", RISING)],
)
def test_counts_are_not_taken_for_receipts(forecast: Command, name: str, numbers: list[int]) -> None:
    Path("data.csv").write_text(make_table(**{name: numbers, "Credit": [970, 1120, 1310, 880]}))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "not used" not in outcome.stderr
    alone = make_table(**{"Vch No.": RISING})
    Path("data.csv").write_text(alone)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "target 'Vch No.', one series" in outcome.stderr


@pytest.mark.parametrize("header", ["USAGE,COST", "COST,USAGE", "USAGE (kWh),COST ($)", "Verbrauch;Kosten"])
def test_consumption_is_the_target_and_its_cost_is_named(forecast: Command, header: str) -> None:
    mark = ";" if ";" in header else ","
    names = header.split(mark)
    rows = [
        f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}{mark}{day % 7 + 3}{mark}{day % 7 * 2 + 9}" for day in range(84)
    ]
    Path("usage.csv").write_text("\n".join([f"date{mark}{header}", *rows, ""]))
    outcome = forecast("predict", "usage.csv", "--horizon", "1", "-o", "out.csv")
    usage, cost = sorted(names, key=lambda name: name.casefold()[0] in "ck")
    assert f"target {usage!r}, one series; not used: {cost} (" in outcome.stderr


@pytest.mark.parametrize(
    ("header", "sign"), [("kWh,Cost", ""), ("therms,Price per unit", ""), ("gas,tarif", ""), ("energy,amount", "$")]
)
def test_a_quantity_and_its_cost_are_no_series_of_a_wide_table(forecast: Command, header: str, sign: str) -> None:
    rows = [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d},{day % 7 + 3},{sign}{day % 7 * 2 + 9}" for day in range(84)]
    Path("usage.csv").write_text("\n".join([f"date,{header}", *rows, ""]))
    outcome = forecast("predict", "usage.csv")
    assert (outcome.code, "several columns hold numbers" in outcome.stderr) == (65, True), outcome.stderr
    assert forecast("predict", "usage.csv", "--wide", "-o", "out.csv").code == 0, "one remedy"
    assert forecast("predict", "usage.csv", "--target", header.split(",")[0], "-o", "out.csv").code == 0, "another"


def test_prices_of_several_things_are_series(forecast: Command) -> None:
    rows = [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d},{day % 7 + 3},{day % 7 * 2 + 9}" for day in range(84)]
    Path("prices.csv").write_text("\n".join(["date,price north,price south", *rows, ""]))
    assert "2 series" in forecast("predict", "prices.csv", "--horizon", "1", "-o", "out.csv").stderr


def test_coordinates_of_series_are_not_forecast_and_what_changes_is() -> None:
    rows = [
        (name, step, 3 + step * 7 % 5, *place)
        for name, place in {"AF3": (-16, 31), "C3": (-20, 5)}.items()
        for step in range(20)
    ]
    table = pd.DataFrame(rows, columns=["Electrode", "Time", "Ampl", "X", "Y"])
    for shown in (
        table,
        table[table["Electrode"] == "C3"].drop(columns="Electrode"),
        table.sample(frac=1, random_state=1),
    ):
        _, summary = read(shown.to_csv(index=False))
        assert summary.columns.targets == ("Ampl",)
    _, summary = read(table.assign(Y=table["Ampl"] * 2).to_csv(index=False))
    assert summary.columns.targets == ("Y",)
    _, summary = read(table.drop(columns="X").to_csv(index=False))
    assert summary.columns.targets == ("Y",)
    _, summary = read(table.drop(columns="Ampl").to_csv(index=False))
    assert summary.columns.targets == ("Y",)


def test_a_count_beside_what_is_measured_is_not_taken_without_a_question(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d")
    for close in ("close", "Umsatz"):
        table = pd.DataFrame({"date": days, close: np.arange(40) * 10.5 + 30000, "count": np.arange(40) % 7 + 500})
        table.to_csv("market.csv", index=False)
        outcome = forecast("predict", "market.csv")
        assert outcome.code == 65
        assert f"several columns hold numbers ({close}, count)" in outcome.stderr
    table.rename(columns={"Umsatz": "note"}).to_csv("market.csv", index=False)
    assert "target 'count'" in forecast("predict", "market.csv").stderr


@pytest.mark.parametrize("measure", ["amount", "Unit Price", "Betrag"])
def test_a_count_beside_money_is_asked_for(measure: str) -> None:
    table: dict[str, list[Any]] = {"count": [20, 19, 23], measure: [210.5, 190.25, 205.75]}
    with pytest.raises(DataError, match=rf"several columns hold numbers \(count, {measure}\)\. Name the one"):
        read(make_table(**table))
    for target in table:
        assert read(make_table(**table), target=target)[1].columns.targets == (target,)
    for other in ("temperature", "humidity"):
        table = {"count": [20, 19, 23], other: [7.5, 8.25]}
        assert read(make_table(**table))[1].columns.targets == ("count",)
    # a name that is usual for what is forecast, and not for what is counted beside it
    table = {"quantity": [20, 19, 23], measure: [7.5, 8.25]}
    assert read(make_table(**table))[1].columns.targets == ("quantity",)


@pytest.mark.parametrize("names", [("load", "temp"), ("kwh", "Temp (C)"), ("bikes", "humidity"), ("a", "b", "Regen")])
def test_the_weather_beside_what_it_explains_is_asked_for(names: tuple[str, ...]) -> None:
    table: dict[str, list[Any]] = {name: [20 + place, 19.5, 23] for place, name in enumerate(names)}
    with pytest.raises(DataError, match=r"several columns hold numbers \(.*\)\. Name the one"):
        read(make_table(**table))
    for alike in (("temp", "humidity"), ("wind", "rain"), ("wind", "solar", "gas")):
        table = {name: [7.5 + place, 8.25, 9] for place, name in enumerate(alike)}
        assert read(make_table(**table))[1].columns.targets == alike

"""Messages on times that repeat: which columns may tell the series apart, and which cannot."""

import json
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.test_key_columns import DAYS, make_table, write


@pytest.mark.parametrize("blank", [("region",), ("region", "shop")])
def test_names_in_the_first_row_of_each_group_only_are_refused_with_what_to_do(
    forecast: Command, blank: tuple[str, ...]
) -> None:
    keys = [(region, shop) for region in ("N", "S") for shop in ("a", "b")]
    table = make_table("month,region,shop,units", keys, times=[f"2024-{month:02d}" for month in range(1, 13)])
    table = table.sort_values(["region", "shop", "month"], ignore_index=True)
    write(table)
    assert "4 series" in forecast("predict", "data.csv").stderr, "the remedy works"
    sizes = {"region": 24, "shop": 12}
    write(table.assign(**{column: table[column].where(table.index % sizes[column] == 0, "") for column in blank}))
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    named = " and ".join(map(repr, blank))
    assert f"the names in {named} stand only in the first row of each group" in outcome.stderr


def test_names_that_some_groups_do_not_have_are_to_be_written(forecast: Command) -> None:
    keys = [("A", "a"), ("A", "b"), ("N", ""), ("S", "")]
    table = make_table("date,country,state,units", keys, times=DAYS)
    table = table.sort_values(["date", "country", "state"], ignore_index=True)
    write(table)
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "'state' would tell the series apart, but is empty where there is no such name" in outcome.stderr
    assert "such as that of 'country', and use --id country,state." in outcome.stderr
    write(table.assign(state=table["state"].where(table["state"] != "", table["country"])))
    assert "4 series" in forecast("predict", "data.csv", "--id", "country,state").stderr, "the remedy works"
    write(table.assign(capital=table["country"].map({"A": "x", "N": "x", "S": "y"})))
    assert "use --id country,state." in forecast("predict", "data.csv").stderr, "no more than is needed"


def test_remarks_in_a_few_rows_are_no_names_of_groups(forecast: Command) -> None:
    table = make_table("date,kind,sales", [("a",), ("b",)], times=DAYS).rename(columns={"kind": "remark"})
    write(table.assign(remark=table["remark"].where(table.index.isin([0, 7]), "")))
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "rows repeat a timestamp" in outcome.stderr


def test_columns_with_one_value_are_not_named_as_those_that_may_identify_the_series(forecast: Command) -> None:
    rows = "".join(f"2024-01-{day:02d},{day},DE,7,{day % 3}\n" for day in range(1, 29) for _ in "ab")
    Path("data.csv").write_text(f"date,sales,country,flag,price\n{rows}")
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "If another column (price) identifies the series" in outcome.stderr
    assert "If another column (price) identifies the series" in forecast("check", "data.csv", "--json").stdout


def write_shops(first: str, second: str, *, blank: str = "") -> None:
    """data.csv: two shops with these names, written as they are given."""
    rows = [f"{blank}{name},{blank}{day},{number % 7}" for name in (first, second) for number, day in enumerate(DAYS)]
    Path("data.csv").write_text("\n".join(["shop,day,sales", *rows]) + "\n")


@pytest.mark.parametrize("words", [[], ["--id", "shop"]], ids=["found", "given"])
def test_names_that_differ_in_blanks_in_front_are_named_and_not_to_be_merged(
    forecast: Command, words: list[str]
) -> None:
    write_shops(" north", "north")
    outcome = forecast("predict", "data.csv", *words)
    assert outcome.code == 65
    assert "' north' and 'north' are one name, as blanks in front of a cell are not part of it unless" in outcome.stderr
    assert "Put names of different series in quotes" in outcome.stderr
    assert "--duplicates" not in outcome.stderr
    write_shops('" north"', "north")
    assert "2 series" in forecast("predict", "data.csv", *words).stderr, "the remedy works"
    assert forecast("predict", "data.csv", *words, "-o", "out.json", "--horizon", 1).code == 0
    assert [row["shop"] for row in json.loads(Path("out.json").read_text())] == [" north", "north"]


def test_blanks_in_front_of_all_names_explain_no_rows_that_repeat(forecast: Command) -> None:
    write_shops("north", "north", blank=" ")
    outcome = forecast("predict", "data.csv", "--id", "shop")
    assert "to merge such rows use --duplicates" in outcome.stderr
    assert "blanks" not in outcome.stderr

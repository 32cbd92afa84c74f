"""Columns that are to explain the values, and have another role: one sentence, and nothing written."""

import pytest

from tests.conftest import Command
from tests.shops import HORIZON, make_shop
from tests.test_covariate_errors import refuse, write_parts


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--known", "sales"),
            "--known: shop.csv has no numbers but in sales, and nothing is left to forecast. Leave it",
        ),
        (
            ("--past", "sales", "--known", "price"),
            "has no numbers but in price, sales, and nothing is left to forecast. Leave the one to forecast out of "
            "--known or --past.",
        ),
    ],
)
def test_where_all_numbers_are_to_explain_there_is_nothing_to_forecast(
    forecast: Command, words: tuple[str, ...], said: str
) -> None:
    table = make_shop()[["date", "sales"]]
    (table if "price" not in words else table.assign(price=2.5)).iloc[:-HORIZON].to_csv("shop.csv", index=False)
    assert said in refuse(forecast, *words, code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--known", "promo,date"),
            "--known date: shop.csv has no other column of times, and it cannot explain the values",
        ),
        (("--known", "promo", "--past", "date"), "--past date: shop.csv has no other column of times"),
        (("--known", "promo,price,promo"), "--known names the column 'promo' twice. Name it once."),
    ],
)
def test_columns_that_have_another_role_are_named(forecast: Command, words: tuple[str, ...], said: str) -> None:
    write_parts(make_shop().assign(price=2.5))
    assert said in refuse(forecast, *words, "--target", "sales", code=2)

"""Columns with the name of a receipt hold its numbers or counts, which their cells must show."""

import re
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

NAMES_OF_RECEIPTS = ["Receipt", "Invoice", "order", "TRANSACTION", "Ticket", "Factura", "Bon", "Quittung"]


def write_with_receipts(name: str, numbers: list[int], *, column: str = "Amount") -> None:
    """Days with a column that may number receipts, and another one."""
    days = pd.date_range("2024-01-01", periods=len(numbers))
    Path("data.csv").write_text(
        f"Date,{name},{column}\n"
        + "".join(f"{day:%Y-%m-%d},{number},{20 + day.day % 7}\n" for day, number in zip(days, numbers, strict=True))
    )


@pytest.mark.parametrize("name", NAMES_OF_RECEIPTS)
@pytest.mark.parametrize("step", [3, -3])
def test_numbers_in_a_column_called_receipt_are_not_forecast(forecast: Command, name: str, step: int) -> None:
    numbers = [5000 + step * day + day * day % 2 for day in range(40)]
    write_with_receipts(name, numbers)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert f"target 'Amount', one series; not used: {name} (" in outcome.stderr
    write_with_receipts(name, numbers[:20])  # they may be counts that rise
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert f"several columns hold numbers ({name}, Amount). Name the one to forecast with --target" in outcome.stderr


def test_several_columns_beside_numbers_of_receipts_are_asked_about(forecast: Command) -> None:
    write_with_receipts("Receipt", [5000 + 3 * day for day in range(40)], column="North,South")
    text = Path("data.csv").read_text()
    Path("data.csv").write_text(re.sub(",([0-9]+)$", r",\1,\1", text, flags=re.MULTILINE))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "several columns hold numbers (North, South)" in outcome.stderr


def test_counts_in_a_column_called_order_are_not_taken_for_receipts(forecast: Command) -> None:
    never_the_same = [5000 + day * 37 % 41 for day in range(40)]
    write_with_receipts("Order", never_the_same)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "several columns hold numbers (Order, Amount)" in outcome.stderr
    write_with_receipts("Order", [20 + day % 5 for day in range(40)])
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "wide: 2 series" in outcome.stderr
    write_with_receipts("Order", [5000 + 3 * day for day in range(40)], column="Comment")
    Path("data.csv").write_text(re.sub(",[0-9]+$", ",ok", Path("data.csv").read_text(), flags=re.MULTILINE))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "target 'Order', one series" in outcome.stderr

"""Cells that nearly all files have are read at once, with a decimal comma as with a decimal point."""

import re

import numpy as np
import pytest

from forecaster.data.numbers import number_cells
from forecaster.data.numbers.number_cells import parse_numbers

CELLS = {
    "2,49": (np.nan, 2.49),
    "-0,5": (np.nan, -0.5),
    "12,": (np.nan, 12.0),
    "007,5": (np.nan, 7.5),
    "0,123": (np.nan, 0.123),
    "1000,250": (np.nan, 1000.25),
    "1,235": (1235.0, 1.235),
    "-999,999": (-999999.0, -999.999),
    "1.235": (1.235, 1235.0),
    "2.49": (2.49, np.nan),
    "17": (17.0, 17.0),
}
"""What each is with a decimal point, and with a decimal comma."""


def test_usual_cells_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_cells, "split_cell", lambda cell: pytest.fail(f"{cell} was"))
    found = parse_numbers(CELLS)
    for mark, wanted in zip(".,", np.array([*CELLS.values()]).T, strict=True):
        np.testing.assert_array_equal(found.values[mark], wanted)


def test_they_are_what_they_are_when_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    cells = [*CELLS, *("".join(generator.choice([*"0123456789.,-"], generator.integers(1, 9))) for _ in range(20_000))]
    usual = parse_numbers(cells)
    for name in ("USUAL", "USUAL_COMMA"):
        monkeypatch.setattr(number_cells, name, re.compile("never"))
    general = parse_numbers(cells)
    for mark in ".,":
        np.testing.assert_array_equal(usual.values[mark], general.values[mark])


def test_usual_cells_are_read_as_those_with_a_sign_in_front() -> None:
    wholes = ["0", "00", "1", "7", "07", "12", "123", "0123", "1234", "9" * 400]
    fractions = ["", ".", ".0", ".5", ".23", ".234", ".000", ".2345", ".234567"]
    cells = [sign + whole + fraction for sign in ("", "-") for whole in wholes for fraction in fractions]
    usual = parse_numbers(cells)
    general = parse_numbers([cell if cell[0] == "-" else f"+{cell}" for cell in cells])
    turned = parse_numbers([f"({cell[1:]})" if cell[0] == "-" else cell for cell in cells])
    for mark in ".,":
        np.testing.assert_array_equal(usual.values[mark], general.values[mark])
        np.testing.assert_array_equal(usual.values[mark], turned.values[mark])
    assert usual.values[","][cells.index("-123.234")] == -123234

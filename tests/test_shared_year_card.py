"""The card of what series share at the same time of each year: what is broken, or of another calendar, is refused."""

from dataclasses import replace
from typing import Any

import pytest

from forecaster.data.calendar import Calendar
from forecaster.data.open_week import DAY, WEEK
from forecaster.encoding.shared_year import SharedYear, count_steps_of_week
from forecaster.model.shared_year_card import SharedYearCard


@pytest.mark.parametrize(
    "changed",
    [
        {"begin": "soon"},
        {"begin": "2023-01-02T00:00:00+01:00"},
        {"values": []},
        {"values": [6.0]},
        {"values": [float("nan")]},
        {"week": 0},
        {"week": 8},
        {"share": 1.5},
    ],
)
def test_a_broken_card_is_refused(changed: dict[str, Any]) -> None:
    card = SharedYearCard("2023-01-02", [1.0], 7, 0.5, 0.1, 0.01, 4, 8)
    with pytest.raises(ValueError, match="shared_year"):
        replace(card, **changed)


def test_a_card_of_another_calendar_is_refused() -> None:
    card = SharedYearCard("2023-01-02", [1.0], 7, 0.5, 0.1, 0.01, 4, 8)
    with pytest.raises(ValueError, match="week"):
        SharedYear.from_card(card, calendar=Calendar("business_day", 1))


@pytest.mark.parametrize(
    ("calendar", "steps"),
    [
        (Calendar("microsecond", DAY), 7),
        (Calendar("microsecond", WEEK), 1),
        (Calendar("business_day", 1), 5),
        (Calendar("microsecond", DAY, open_runs=(0, 6)), 6),
        (Calendar("microsecond", 2 * DAY), None),
        (Calendar("microsecond", DAY // 24), None),
        (Calendar("month", 1), None),
        (Calendar("integer", 1), None),
    ],
)
def test_steps_of_a_week(calendar: Calendar, steps: int | None) -> None:
    assert count_steps_of_week(calendar) == steps

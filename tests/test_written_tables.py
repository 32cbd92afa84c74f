"""What was written is what is read, or it is refused: files over all forms of numbers, times, calendars and mess.

`make fuzz` reads thousands of files, other ones each time; the tests read the same few hundred each time.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from forecaster.data.panel import Panel
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, UsageError
from tests.fuzzing import many
from tests.written_numbers import NUMBER_FORMS
from tests.written_tables import AHEAD, PLAIN, TableStyle, Written, draw_style, write_table
from tests.written_times import CALENDARS, list_forms

MOST_REFUSED = {False: 0.01, True: 0.7}
"""Share of the files that may be refused, by whether they can be read in two ways."""


def read_written(style: TableStyle) -> tuple[str, bool]:
    """Whether a file is "read" or "refused", and whether it has two readings. AssertionError where it is misread."""
    written = write_table(style)
    Path(written.name).write_bytes(written.content)
    try:
        panel, summary = read_panel(written.name, options=written.options)
    except (DataError, UsageError):
        return "refused", bool(written.doubts)
    finally:
        Path(written.name).unlink()
    difference = find_difference(style, written, panel)
    # where numbers have two readings, the other one may be taken, but not without a word on how to have this one
    is_said = "numbers" in written.doubts and any("--decimal" in note for note in summary.notes)
    assert not difference or (is_said and difference.startswith("values")), f"{difference}; {summary.notes}"
    return "read", bool(written.doubts)


def find_difference(style: TableStyle, written: Written, panel: Panel) -> str:
    """What was read otherwise than it was written, "" for nothing."""
    if set(panel.ids) != set(written.series):
        return f"series {panel.ids}"
    differs = ""
    for number, key in enumerate(panel.ids):
        first, values = written.series[key]
        found = panel.values[panel.offsets[number] : panel.offsets[number + 1]]
        times = written.times[first : first + len(values) + AHEAD].to_numpy().astype("datetime64[us]")
        if style.form.offset and CALENDARS[style.calendar].group == "minute":  # steps shorter than a day lie in UTC
            times = times - np.timedelta64(style.form.offset, "m")
        steps = panel.calendar.advance(panel.starts[number : number + 1], np.arange(len(times)))
        if not (steps == times).all():
            return f"times {steps[:3]} of {key}, not {times[:3]} ({panel.calendar.name})"
        if len(found) != len(values) or not np.allclose(found, values, rtol=1e-9, atol=0, equal_nan=True):
            differs = differs or f"values {found[:8]} of {key}, not {values[:8]}"
    return differs


def test_what_was_written_is_what_is_read_or_it_is_refused() -> None:
    outcomes: Counter[tuple[str, bool]] = Counter()

    @many
    @given(draw_style())
    def check(style: TableStyle) -> None:
        outcomes[read_written(style)] += 1

    check()
    for has_doubts, most in MOST_REFUSED.items():
        refused, read = outcomes["refused", has_doubts], outcomes["read", has_doubts]
        assert refused <= most * (refused + read), f"{refused} files refused, {read} read"


@pytest.mark.parametrize("begins", ["first", pytest.param("others", marks=pytest.mark.slow)])
@pytest.mark.parametrize("calendar", CALENDARS)
def test_each_form_of_time_is_read_on_each_calendar_that_it_can_write(calendar: str, begins: str) -> None:
    steps = CALENDARS[calendar]
    for name, form in list_forms(steps.group).items():
        firsts = steps.firsts[:1] if begins == "first" else steps.firsts[1:] if form.others else ()
        for first in firsts:
            column = "week" if name == "%G%V" else "date"
            style = replace(PLAIN, calendar=calendar, time_form=name, first=first, time_name=column)
            outcome, has_doubts = read_written(style)
            assert outcome == "read" or has_doubts, style


@pytest.mark.parametrize("name", NUMBER_FORMS)
def test_each_form_of_number_is_read_with_each_number_of_decimals(name: str) -> None:
    for decimals in range(5):
        for size in (40.0, 3e5):
            style = replace(PLAIN, number_form=name, decimals=decimals, size=size, is_signed=True, delimiter=";")
            outcome, has_doubts = read_written(style)
            assert outcome == "read" or has_doubts, style

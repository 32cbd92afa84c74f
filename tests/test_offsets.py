"""Timestamps with UTC offsets over clock changes: forecasts that are appended to their history continue it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.data.times.dates import format_times
from forecaster.errors import DataError
from tests.conftest import Command

HISTORY, HORIZON = 30, 6
CHANGES = {
    "America/Havana": datetime(2023, 3, 12),
    "Africa/Cairo": datetime(2024, 4, 26),
    "America/Asuncion": datetime(2023, 10, 1),
    "Europe/Berlin": datetime(2024, 10, 27),
    "Australia/Lord_Howe": datetime(2024, 4, 7),
    (WITHOUT_CHANGE := "Asia/Kathmandu"): datetime(2024, 1, 1),
}
"""A day on which the clock changes, at midnight in the first three; and one of a clock that is never changed."""
STYLES: dict[str, Callable[[datetime], str]] = {
    "offset with a colon": lambda moment: moment.isoformat(),
    "offset without": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S %z}",
    "slashes": lambda moment: f"{moment:%Y/%m/%d %H:%M%z}",
    "Z": lambda moment: f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
}


def list_moments(start: datetime, frequency: str, *, zone: str, first: int) -> list[datetime]:
    """The steps from `first` on as local times; where the clock skips one, the time that it shows at that moment."""
    steps = range(first, first + HISTORY + HORIZON)
    local = ZoneInfo(zone)
    if frequency == "hourly":
        begun = start.replace(tzinfo=local).astimezone(UTC)
        return [(begun + timedelta(hours=step)).astimezone(local) for step in steps]
    if frequency == "monthly":
        months = [start.year * 12 + start.month - 1 + step for step in steps]
        days = [start.replace(year=month // 12, month=month % 12 + 1) for month in months]
    else:
        days = [start + timedelta(days=(7 if frequency == "weekly" else 1) * step) for step in steps]
    return [day.replace(tzinfo=local).astimezone(UTC).astimezone(local) for day in days]


def write(texts: list[str], *, name: str = "history.csv", header: str = "when,load") -> str:
    Path(name).write_text("\n".join([header, *(f"{text},{5 + step % 7}" for step, text in enumerate(texts))]) + "\n")
    return name


def read(texts: list[str], **options: str | None) -> tuple[Panel, ReadSummary]:
    return read_panel(write(texts), options=ReadOptions(time="when", **options))  # type: ignore[arg-type]


def continue_history(panel: Panel) -> list[str]:
    times = panel.timestamps_of(0, back=0, ahead=HORIZON)
    texts: list[str] = format_times(
        times, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock
    ).tolist()
    return texts


OF_EACH_KIND = ("America/Havana", "Europe/Berlin", "Asia/Kathmandu")

# times in UTC without a named zone do not show when the local day begins
WAYS = [(style, is_named) for style in STYLES for is_named in (True, False) if is_named or style != "Z"]
# how an offset is written has nothing to do with when it changes: all ways over hours with a change at midnight and
# over days with one of half an hour, and one way over each change; weeks and months over three of them
CASES = [
    (frequency, zone, style, is_named)
    for frequency in ("hourly", "daily", "weekly", "monthly")
    for zone in CHANGES
    for style, is_named in WAYS
    if (frequency, zone) in (("hourly", "America/Havana"), ("daily", "Australia/Lord_Howe"))
    or (style == "offset with a colon" and (frequency in ("hourly", "daily") or zone in OF_EACH_KIND))
]


@pytest.mark.parametrize(("frequency", "zone", "style", "is_named"), CASES)
def test_forecasts_continue_the_history_that_they_are_appended_to(
    zone: str, frequency: str, style: str, is_named: bool
) -> None:
    # the change falls on the first row, where only the named zone reveals it, within the history, on its last row
    # and on the first forecast
    firsts = [*([0] if is_named else []), -HISTORY // 2, 1 - HISTORY, -HISTORY]
    for first in firsts[-1:] if zone == WITHOUT_CHANGE else firsts:
        moments = list_moments(CHANGES[zone], frequency, zone=zone, first=first)
        texts = [STYLES[style](moment) for moment in moments]
        timezone = zone if is_named else None
        history, _ = read(texts[:HISTORY], timezone=timezone)
        panel, summary = read(texts[:HISTORY] + continue_history(history), timezone=timezone)
        assert (panel.calendar.name, summary.missing_rows, summary.merged_rows) == (frequency, 0, 0)
        assert panel.lengths.tolist() == [HISTORY + HORIZON]
        # forecasts of a history with one offset keep it, even if the clock changes later
        if is_named or (frequency == "hourly" and moments[0].utcoffset() != moments[HISTORY - 1].utcoffset()):
            again, _ = read(texts, timezone=timezone)
            assert panel.starts == again.starts
            assert (panel.calendar, panel.lengths.tolist()) == (again.calendar, again.lengths.tolist())


@pytest.mark.parametrize(
    ("frequency", "remark"),
    [
        ("hourly", "several UTC offsets: forecasts are written in UTC, or in the zone named with --timezone"),
        (
            "daily",
            "several UTC offsets: forecasts are written without one; name the zone with --timezone to include it",
        ),
    ],
)
def test_the_note_on_several_offsets_is_true(forecast: Command, frequency: str, remark: str) -> None:
    moments = list_moments(CHANGES["Europe/Berlin"], frequency, zone="Europe/Berlin", first=-20)
    history = write([moment.isoformat() for moment in moments])
    words = ["predict", history, "--time", "when", "--horizon", "2", "--output", "-"]
    outcome = forecast(*words)
    assert remark in outcome.stderr
    times = [line.split(",")[0] for line in outcome.stdout.splitlines()[1:]]
    following = moments[-1].astimezone(UTC) + timedelta(hours=1)
    expected = {
        "hourly": [following.isoformat(), (following + timedelta(hours=1)).isoformat()],
        "daily": ["2024-11-12T00:00:00", "2024-11-13T00:00:00"],
    }
    assert times == expected[frequency]
    named = forecast(*words, "--timezone", "Europe/Berlin")
    assert "offset" not in named.stderr
    assert all("+01:00," in line for line in named.stdout.splitlines()[1:])


def test_a_day_without_midnight_is_written_as_the_moment_that_it_begins(forecast: Command) -> None:
    moments = list_moments(CHANGES["America/Havana"], "daily", zone="America/Havana", first=-HISTORY)
    history = write([moment.isoformat() for moment in moments[:HISTORY]])
    outcome = forecast(
        "predict", history, "--time", "when", "--horizon", "2", "--output", "-", "--timezone", "America/Havana"
    )
    times = [line.split(",")[0] for line in outcome.stdout.splitlines()[1:]]
    assert times == ["2023-03-12T00:00:00-05:00", "2023-03-13T00:00:00-04:00"]
    assert [datetime.fromisoformat(time) for time in times] == moments[HISTORY : HISTORY + 2]


def test_a_local_day_is_the_written_one_even_if_its_offset_is_wrong_that_year() -> None:
    texts = ["2024-03-09T00:00-05:00", "2024-03-10T00:00-05:00", "2024-03-11T00:00-05:00", "2024-03-12T00:00-04:00"]
    panel, _ = read(texts, timezone="America/Havana")
    assert (panel.calendar.name, panel.lengths.tolist()) == ("daily", [4])


def test_days_with_and_without_an_offset_are_one_series() -> None:
    texts = ["2024-03-31T00:00-10:00", "2024-04-01T00:00", "2024-04-02T00:00+02:00", "2024-04-03"]
    panel, _ = read(texts)
    assert (panel.calendar.name, panel.values.tolist()) == ("daily", [5, 6, 7, 8])
    with pytest.raises(DataError, match="2024-04-01 is there already"):
        read([*texts[:2], "2024-04-01T00:00+02:00"])


@pytest.mark.parametrize("frequency", [None, "h"])
def test_hours_are_refused_where_some_have_no_offset(frequency: str | None) -> None:
    texts = [f"2024-01-01T{hour:02d}:00Z" for hour in range(9)] + ["2024-01-01T10:00", "2024-01-01T09:00"]
    with pytest.raises(
        DataError, match=r"column 'when', line 11: 2024-01-01 10:00:00 has no UTC offset, as other rows"
    ):
        read(texts, frequency=frequency)


def test_a_clock_that_is_set_back_skips_nothing() -> None:
    texts = ["2024-11-01T00:00-04:00", "2024-11-02T00:00-04:00", "2024-11-03T00:00-04:00", "2024-11-03T23:00-05:00"]
    with pytest.raises(DataError, match="line 5: 2024-11-03 23:00:00 does not fit"):
        read(texts)


def test_days_of_another_zone_are_refused_with_a_remedy_that_works() -> None:
    texts = [f"2024-03-{day}T00:00Z" for day in range(10, 31)] + ["2024-03-31T00:00Z", "2024-04-01T00:00Z"]
    with pytest.raises(DataError, match=r"line 24: 2024-04-01 02:00:00 does not fit .* leave --timezone out"):
        read(texts, timezone="Europe/Berlin")
    np.testing.assert_array_equal(read(texts)[0].lengths, [len(texts)])
